"""The open event streams of this process: what ends them, and the notices only those looking now shall see."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from storage import messages
from storage.signals import Signals

CLOSING = "web:closing"
NOTICES_KEPT = 8


@dataclass(eq=False, slots=True)
class Stream:
    """One browser that listens to one chat."""

    chat_id: int
    notices: deque[str] = field(default_factory=lambda: deque(maxlen=NOTICES_KEPT))


class Streams:
    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._open: set[Stream] = set()
        self.closing = False

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def open(self, chat_id: int) -> Iterator[Stream]:
        stream = Stream(chat_id)
        self._open.add(stream)
        try:
            yield stream
        finally:
            self._open.discard(stream)

    def notice(self, chat_id: int, text: str) -> None:
        """Show a short text once to whoever has the chat open: what a Telegram toast is there. Not kept anywhere."""
        listeners = [stream for stream in self._open if stream.chat_id == chat_id]
        for stream in listeners:
            stream.notices.append(text)
        if listeners:
            self._signals.wake([messages.topic(chat_id)])

    def close(self) -> None:
        """The service stops: every stream ends now, and browsers come back by themselves."""
        self.closing = True
        self._signals.wake([CLOSING])
