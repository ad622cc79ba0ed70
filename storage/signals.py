"""Wake-ups after a commit: a waiter sleeps until something it cares about has been committed, or a slow poll is due.

A signal carries no data; whoever is woken reads the database. Missing one therefore costs time, never a message.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

EVERYTHING = "*"


class Waiter:
    """Sleeps until one of its topics is woken. A wake between two waits is remembered."""

    def __init__(self, signals: Signals, topics: Iterable[str]) -> None:
        self._signals = signals
        self._topics = tuple(topics)
        self._event = asyncio.Event()
        for topic in self._topics:
            signals.waiters[topic].add(self)

    async def wait(self, timeout: float) -> bool:
        """True when woken, False when ``timeout`` seconds went by first."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True

    def wake(self) -> None:
        self._event.set()

    def close(self) -> None:
        for topic in self._topics:
            waiters = self._signals.waiters[topic]
            waiters.discard(self)
            if not waiters:
                del self._signals.waiters[topic]


class Signals:
    """Topics and who waits for them; used on the event loop only."""

    def __init__(self) -> None:
        self.waiters: defaultdict[str, set[Waiter]] = defaultdict(set)

    def waiter(self, *topics: str) -> Waiter:
        return Waiter(self, topics)

    def wake(self, topics: Iterable[str]) -> None:
        for topic in topics:
            chosen = list(self.waiters) if topic == EVERYTHING else [topic] if topic in self.waiters else []
            for name in chosen:
                for waiter in self.waiters[name]:
                    waiter.wake()
