"""The one owner of every detached task: nothing runs that nobody waits for, and nothing fails unheard.

``asyncio.create_task`` anywhere else in this room is banned by lint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()
RESTART_AFTER = 1.0


class Nursery:
    """Short tasks that must be waited for, and long-lived ones that are started again when they fail."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run a short task; its failure is logged."""
        self._keep(asyncio.create_task(self._watched(work, name), name=name))

    def keep_running(self, work: Callable[[], Awaitable[None]], *, name: str) -> asyncio.Task[None]:
        """Run a long-lived task; when it fails it is logged and begun again."""
        return self._keep(asyncio.create_task(self._supervised(work, name), name=name))

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watched(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except Exception:
            log.exception("task failed", task=name)

    async def _supervised(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        while not self._closing:
            try:
                await work()
                return
            except Exception:
                log.exception("restarting", task=name)
                await asyncio.sleep(RESTART_AFTER)

    async def drain(self, tasks: set[asyncio.Task[None]] | None = None) -> None:
        """Wait until every task (or the named ones) has ended."""
        self._closing = True
        await asyncio.gather(*(tasks or self._tasks), return_exceptions=True)

    async def cancel(self) -> None:
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
