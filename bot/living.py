"""What a running service knows by heart and the database may change: looked at anew within a second of every commit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from storage.engine import Storage

POLL = 30.0
"""Seconds between two looks when nobody says that something has changed."""


class Living(ABC):
    """``TOPICS``: what is woken when there may be something new."""

    TOPICS: ClassVar[tuple[str, ...]]

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._stopping = False

    async def run(self) -> None:
        """Work until ``stop``."""
        waiter = self._storage.signals.waiter(*self.TOPICS)
        try:
            while not self._stopping:
                await self.catch_up()
                await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake(self.TOPICS)

    @abstractmethod
    async def catch_up(self) -> object:
        """Take in what has changed since the last time."""
