"""Sends what waits in the outbox: per chat in order, paced, patient, and never silently given up.

What is promised: at least once for what may repeat; at most once for what may not, the doubtful ones listed. A letter
that cannot be delivered lies among the dead letters, where people see it and can send it again. One chat that is slow,
closed or asked for patience holds up no other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.nursery import Nursery
from knowledge.group import shipped
from storage import outbox, parcels, sending
from storage.engine import Storage
from storage.parcels import Ahead, Parcel
from storage.transaction import Tx

log = structlog.get_logger()
AT_ONCE = 16
POLL = 1.0
SHORTEST_WAIT = 0.02
RECOVER_EVERY = timedelta(seconds=30)
TRIES, MANY_TRIES = 12, 700
"""About a quarter of an hour for a letter Telegram chokes on; about a day while Telegram cannot be reached at all."""
LONGEST_DELIVERY = 120.0
"""Seconds; shorter than a row's lease."""
LONGEST_WAIT = 120.0
MANY = 3
"""So many people's chats asking for patience at the same time mean that Telegram asks the whole bot; a group has a limit of
its own, and three that are full at once say nothing about anybody else."""


@dataclass(frozen=True, slots=True)
class Brought:
    """The channel's ids of what stands in the chat now, and how many messages of its pace that took."""

    there: Sequence[int]
    calls: int = 1


Deliver = Callable[[Parcel], Awaitable[Brought]]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a bot may speak: about a message a second to one person, 20 a minute to a group, 30 a second over all.

    ``in_a_row``: two or three messages in a row are tolerated; so far may a person's chat be ahead of its pace, a group by
    ``lead`` and for an ``alarm`` (knowledge.group).
    """

    private: timedelta = timedelta(seconds=1.05)
    in_a_row: timedelta = timedelta(seconds=2.2)
    group: timedelta = field(default_factory=lambda: shipped().budget.spacing)
    lead: timedelta = field(default_factory=lambda: shipped().budget.lead)
    alarm: timedelta = field(default_factory=lambda: shipped().budget.alarm_lead)
    overall: float = 1 / 25

    @property
    def ahead(self) -> Ahead:
        return Ahead(self.in_a_row, self.lead, self.alarm, self.group)

    def of(self, remote: int, calls: int) -> timedelta:
        """What so many messages take of a chat's pace."""
        return calls * self.group if remote < 0 else self.private


STEADY = Pace()


class Failure(Exception):
    """A delivery that did not happen, or may not have.

    ``kind``: ``wait`` (``after`` seconds, nobody's fault), ``later`` (surely not delivered; try again), ``doubtful``
    (nobody knows), ``dead`` (never will be), ``dropped`` (need not be any more), ``blocked`` (the chat is closed to
    us), ``moved`` (the chat is now ``to``).
    ``tries``: how many are worth it. ``there``: the channel's ids of those parts that stand in the chat all the same;
    ``calls``: what it took of the chat's pace.
    """

    def __init__(
        self,
        kind: str,
        words: str,
        *,
        tries: int = TRIES,
        after: float = 0.0,
        to: int | None = None,
        there: Sequence[int] = (),
        calls: int = 0,
    ) -> None:
        super().__init__(words)
        self.kind, self.words, self.tries = kind, words, tries
        self.after, self.to, self.there, self.calls = after, to, tuple(there), calls


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
        pace: Pace = STEADY,
    ) -> None:
        self._storage = storage
        self._deliver = deliver
        self._nursery = nursery
        self._channel = channel
        self._owner = owner
        self._sleep = sleep
        self._pace = pace
        self._stopping = False
        self._in_hand = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._recovered: datetime | None = None
        self._patience: dict[int, datetime] = {}

    async def run(self) -> None:
        """Send until ``stop``; what is in hand is finished first."""
        waiter = self._storage.signals.waiter(outbox.TOPIC)
        try:
            while not self._stopping:
                await self._recover()
                if not await self._begin_some():
                    await waiter.wait(await self._until_due())
        finally:
            waiter.close()
            await self._idle.wait()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([outbox.TOPIC])

    async def send_some(self) -> int:
        """Send what may go out now, and wait for it; how many parcels were taken in hand (tests, tools)."""
        begun = await self._begin_some()
        await self._idle.wait()
        return begun

    async def _recover(self) -> None:
        """Take back what a process that died was sending."""
        now = self._storage.clock()
        if self._recovered is None or now - self._recovered >= RECOVER_EVERY:
            self._recovered = now
            await self._storage.run(sending.recover)

    async def _begin_some(self) -> int:
        await self._hush()
        free = AT_ONCE - self._in_hand
        if free <= 0:
            return 0
        claim = self._storage.run(
            parcels.claim, owner=self._owner, channel=self._channel, limit=free, ahead=self._pace.ahead
        )
        claimed = await claim
        for parcel in claimed:
            self._in_hand += 1
            self._idle.clear()
            self._nursery.start(self._send(parcel), name=f"{self._channel} delivery")
            await self._sleep(self._pace.overall)
        return len(claimed)

    async def _hush(self) -> None:
        """Wait while the whole bot is asked for patience."""
        now = self._storage.clock()
        self._patience = {chat: until for chat, until in self._patience.items() if until > now}
        if len(self._patience) >= MANY:
            await self._sleep((min(self._patience.values()) - now).total_seconds())

    async def _until_due(self) -> float:
        """Seconds until something may go out, as far as is known now."""
        if self._in_hand >= AT_ONCE:
            return POLL
        due = await self._storage.read(parcels.next_due, channel=self._channel, ahead=self._pace.ahead)
        wait = (due - self._storage.clock()).total_seconds() if due else POLL
        return min(POLL, max(SHORTEST_WAIT, wait))

    async def _send(self, parcel: Parcel) -> None:
        try:
            await self._attempt(parcel)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()
            self._storage.signals.wake([outbox.TOPIC])

    async def _attempt(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(LONGEST_DELIVERY):
                brought = await self._deliver(parcel)
        except Failure as failure:
            await self._failed(parcel, failure)
        except TimeoutError:
            await self._failed(parcel, Failure("doubtful", "took too long"))
        except Exception:
            log.exception("delivery failed", outbox=parcel.id)
            await self._failed(parcel, Failure("later", "unexpected"))
        else:
            pause = self._pace.of(parcel.remote, brought.calls)
            await self._storage.run(sending.sent, parcel, remote_messages=brought.there, pause=pause)

    async def _failed(self, parcel: Parcel, failure: Failure) -> None:
        log.warning("not delivered", outbox=parcel.id, kind=failure.kind, error=failure.words)
        if failure.kind == "wait" and parcel.remote > 0:
            self._patience[parcel.chat_id] = self._storage.clock() + timedelta(seconds=failure.after)
        await self._storage.run(settle, parcel, failure, pace=self._pace)


def settle(tx: Tx, parcel: Parcel, failure: Failure, *, pace: Pace = STEADY) -> None:
    """What becomes of a parcel that was not delivered, or not whole."""
    sending.arrived(tx, parcel, remote_messages=failure.there)
    if failure.calls and parcel.remote < 0:
        sending.take(tx, parcel.chat_id, pace.of(parcel.remote, failure.calls))
    if failure.kind == "wait":
        _wait(tx, parcel, failure, pace.in_a_row if parcel.remote > 0 else max(pace.lead, pace.alarm))
    elif failure.kind == "moved" and failure.to is not None:
        sending.moved(tx, parcel.chat_id, to=failure.to)
        sending.postpone(tx, parcel, delay=timedelta(0), error="moved")
    elif failure.kind == "blocked" and parcel.staff:
        sending.blocked(tx, parcel.chat_id, at=tx.now)  # it waits with everything else until we are let in again
        sending.postpone(tx, parcel, delay=timedelta(0), error=failure.words, count=False)
    elif failure.kind == "blocked":
        sending.blocked(tx, parcel.chat_id, at=tx.now)
        sending.bury(tx, parcel, error=failure.words)
    elif failure.kind == "doubtful" and not parcel.repeatable:
        sending.bury(tx, parcel, error=failure.words, state="doubtful")
    elif failure.kind == "dropped":
        sending.bury(tx, parcel, error=failure.words, state="dropped")
    elif failure.kind == "dead" or parcel.attempts + 1 >= failure.tries:
        sending.bury(tx, parcel, error=failure.words)
    else:
        sending.postpone(tx, parcel, delay=_backoff(parcel.attempts), error=failure.words)


def _wait(tx: Tx, parcel: Parcel, failure: Failure, lead: timedelta) -> None:
    """``retry_after`` is obeyed by the whole chat, and is no try of the message's own."""
    until = tx.now + timedelta(seconds=failure.after + 0.5)
    sending.hush(tx, parcel.chat_id, until=until + lead)
    sending.postpone(tx, parcel, delay=timedelta(0), error=failure.words, count=False)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=min(LONGEST_WAIT, 2.0 ** min(attempts, 20)) * random.uniform(0.8, 1.2))
