"""What a running service knows by heart and the database may change: looked at anew within a second of every commit."""

from __future__ import annotations

from abc import abstractmethod

from bot.stepping import Stepping


class Living(Stepping):
    POLL = 30.0

    async def step(self) -> bool:
        await self.catch_up()
        return False

    @abstractmethod
    async def catch_up(self) -> object:
        """Take in what has changed since the last time."""
