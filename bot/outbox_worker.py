"""Sends what waits in the outbox: per chat in order, paced, patient, and never silently given up.

What is promised: at least once for what may repeat; at most once for what may not, the doubtful ones listed. A letter
that cannot be delivered lies among the dead letters, where people see it and can send it again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from bot.nursery import Nursery
from storage import outbox
from storage.engine import Storage
from storage.outbox import Parcel
from storage.tables import chats
from storage.transaction import Tx

log = structlog.get_logger()
AT_ONCE = 16
POLL = 1.0
TRIES = 8
PRIVATE_PAUSE = timedelta(seconds=1.05)
"""About one message a second to one person, 20 a minute to a group, 30 a second over all (Bot API)."""
GROUP_PAUSE = timedelta(seconds=3.1)
OVERALL_PAUSE = 1 / 25
LONGEST_WAIT = 600.0
Deliver = Callable[[Parcel], Awaitable[list[int]]]
Sleep = Callable[[float], Awaitable[None]]


class Failure(Exception):
    """A delivery that did not happen, or may not have.

    ``kind``: ``wait`` (``after`` seconds, nobody's fault), ``later`` (surely not delivered; try again), ``doubtful``
    (nobody knows), ``dead`` (never will be), ``blocked`` (the chat is closed to us), ``moved`` (the chat is now ``to``).
    """

    def __init__(self, kind: str, words: str, *, after: float = 0.0, to: int | None = None) -> None:
        super().__init__(words)
        self.kind, self.words, self.after, self.to = kind, words, after, to


class OutboxWorker:
    def __init__(
        self,
        storage: Storage,
        deliver: Deliver,
        nursery: Nursery,
        *,
        channel: str,
        owner: str,
        sleep: Sleep = asyncio.sleep,
        pauses: tuple[timedelta, timedelta] = (PRIVATE_PAUSE, GROUP_PAUSE),
    ) -> None:
        self._storage = storage
        self._deliver = deliver
        self._nursery = nursery
        self._channel = channel
        self._owner = owner
        self._sleep = sleep
        self._private, self._group = pauses
        self._stopping = False
        self._quiet_until = 0.0

    async def run(self) -> None:
        """Send until ``stop``; what is in hand is finished first."""
        whose = None if self._storage.dialect == "sqlite" else self._owner
        await self._storage.run(outbox.recover, owner=whose)
        waiter = self._storage.signals.waiter(outbox.TOPIC)
        try:
            while not self._stopping:
                if not await self.send_some():
                    await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([outbox.TOPIC])

    async def send_some(self) -> int:
        """Send what may go out now; how many parcels were taken in hand."""
        await self._hush()
        parcels = await self._storage.run(outbox.claim, owner=self._owner, channel=self._channel, limit=AT_ONCE)
        sending = []
        for parcel in parcels:
            sending.append(asyncio.create_task(self._send(parcel)))
            await self._sleep(OVERALL_PAUSE)
        await asyncio.gather(*sending)
        return len(parcels)

    async def _hush(self) -> None:
        """Wait out a patience the whole bot was asked for."""
        wait = self._quiet_until - asyncio.get_running_loop().time()
        if wait > 0:
            await self._sleep(wait)

    async def _send(self, parcel: Parcel) -> None:
        try:
            remote = await self._deliver(parcel)
        except Failure as failure:
            await self._failed(parcel, failure)
        except Exception:
            log.exception("delivery failed", outbox=parcel.id)
            await self._failed(parcel, Failure("later", "unexpected"))
        else:
            pause = self._private if parcel.remote > 0 else self._group
            await self._storage.run(outbox.sent, parcel, remote_messages=remote, pause=pause)

    async def _failed(self, parcel: Parcel, failure: Failure) -> None:
        log.warning("not delivered", outbox=parcel.id, kind=failure.kind, error=failure.words)
        if failure.kind == "wait":
            await self._asked_to_wait(parcel, failure)
        elif failure.kind == "moved" and failure.to is not None:
            await self._storage.run(_chat_moved, parcel, to=failure.to)
        elif failure.kind == "blocked":
            await self._storage.run(_chat_blocked, parcel, error=failure.words)
        elif failure.kind == "dead" or parcel.attempts + 1 >= TRIES:
            await self._storage.run(outbox.bury, parcel, error=failure.words)
        elif failure.kind == "doubtful" and not parcel.repeatable:
            await self._storage.run(outbox.bury, parcel, error=failure.words, state="doubtful")
        else:
            delay = timedelta(seconds=min(LONGEST_WAIT, 2**parcel.attempts) * random.uniform(0.8, 1.2))
            await self._storage.run(outbox.postpone, parcel, delay=delay, error=failure.words)

    async def _asked_to_wait(self, parcel: Parcel, failure: Failure) -> None:
        """``retry_after`` is obeyed, and is no try of the message's own."""
        self._quiet_until = asyncio.get_running_loop().time() + min(failure.after, 5.0)
        delay = timedelta(seconds=failure.after + 0.5)
        await self._storage.run(outbox.postpone, parcel, delay=delay, error=failure.words, count=False)


def _chat_blocked(tx: Tx, parcel: Parcel, *, error: str) -> None:
    outbox.blocked(tx, parcel.chat_id, at=tx.now)
    outbox.bury(tx, parcel, error=error)


def _chat_moved(tx: Tx, parcel: Parcel, *, to: int) -> None:
    """A group became a supergroup: the same chat of ours, under its new id."""
    tx.execute(chats.update().where(chats.c.id == parcel.chat_id).values(remote=to))
    outbox.postpone(tx, parcel, delay=timedelta(0), error="moved", count=False)
