"""The loop of whatever works in the background: one step after another, and a wait for being woken when there is none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from storage.engine import Storage


class Stepping(ABC):
    """``TOPICS``: what is woken when there may be something to do; ``POLL``: seconds after which it looks though nothing
    was."""

    TOPICS: ClassVar[tuple[str, ...]]
    POLL: ClassVar[float]

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._stopping = False

    async def run(self) -> None:
        """Until ``stop``; the step in hand is finished first."""
        waiter = self._storage.signals.waiter(*self.TOPICS)
        try:
            while not self._stopping:
                if await self.step():
                    await self.breathe()
                else:
                    await waiter.wait(await self.patience())
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake(self.TOPICS)

    @abstractmethod
    async def step(self) -> bool:
        """Do one thing; False when there is nothing to do now."""

    async def breathe(self) -> None:  # noqa: B027 - most have no need to
        """Between two steps."""

    async def patience(self) -> float:
        """How long to wait for the next, in seconds."""
        return self.POLL
