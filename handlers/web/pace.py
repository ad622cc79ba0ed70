"""How often an open page may be asked in a minute: by one address, and altogether. Nothing else is kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Pace:
    """How many may be asked in a minute, of one address and altogether."""

    one: int = 20
    all: int = 240
    asked: dict[str, deque[datetime]] = field(default_factory=dict)

    def allows(self, host: str, now: datetime) -> bool:
        for name, most in (("", self.all), (host, self.one)):
            recent = self.asked.setdefault(name, deque())
            while recent and now - recent[0] >= MINUTE:
                recent.popleft()
            if len(recent) >= most:
                return False
        self.asked[""].append(now)
        self.asked[host].append(now)
        self._forget()
        return True

    def _forget(self) -> None:
        """Addresses that asked nothing for a minute are not kept."""
        newest = self.asked[""][-1]
        for host in [host for host, recent in self.asked.items() if host and newest - recent[-1] >= MINUTE]:
            del self.asked[host]
