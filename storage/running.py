"""What the processes say of themselves, and what waits: the facts knowledge.running judges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from knowledge.running import FORGOTTEN, Facts, Process, Queue
from storage import backup_runs, dead_letters, facts, inbox, outbox
from storage.tables import chats, processes
from storage.tables import inbox as incoming
from storage.tables import outbox as outgoing
from storage.transaction import Tx
from storage.within import chat_within

KEEP = FORGOTTEN * 7
_NAMES = ("owner", "version", "started_at", "seen_at", "ticked_at", "free", "total", "database")


def beat(tx: Tx, process: Process) -> None:
    """A process says that it is alive; lines of long ago go."""
    values = {name: getattr(process, name) for name in _NAMES} | {"seen_at": tx.now}
    if not tx.changed(processes.update().where(processes.c.owner == process.owner).values(values)):
        tx.execute(processes.insert().values(values))
    tx.execute(processes.delete().where(processes.c.seen_at < tx.now - KEEP))


def stopped(tx: Tx, owner: str) -> None:
    """It ends as it should: nobody need wonder where it is."""
    tx.execute(processes.delete().where(processes.c.owner == owner))


def processes_of(tx: Tx, *, since: timedelta = FORGOTTEN) -> list[Process]:
    query = select(*(processes.c[name] for name in _NAMES)).where(processes.c.seen_at > tx.now - since)
    return [Process(**row) for row in tx.all(query.order_by(processes.c.started_at))]


def look(tx: Tx, *, staff_id: int) -> Facts:
    """Queues of the residents of this member's places; the machine is everybody's."""
    came, went = [chat_within(incoming.c.chat_id, staff_id)], [chat_within(outgoing.c.chat_id, staff_id)]
    depth = inbox.depth(tx, *came) | dead_letters.depth(tx, *went)
    telegram = facts.get(tx, facts.TELEGRAM_STATE)
    return Facts(
        processes=processes_of(tx),
        queues=[*_coming(tx, came), *_going(tx, went)],
        parked=depth["parked"],
        dead=depth["dead"],
        doubtful=depth["doubtful"],
        telegram=telegram,
        telegram_at=facts.said_at(tx, facts.TELEGRAM_STATE) if telegram else None,
        texts=bool(facts.get(tx, facts.TEXTS)),
        verified_at=backup_runs.verified_at(tx),
        since=backup_runs.began_at(tx),
    )


def _coming(tx: Tx, where: Sequence[ColumnElement[bool]]) -> list[Queue]:
    query = select(incoming.c.channel, func.count(), func.min(incoming.c.received_at))
    waiting = query.where(incoming.c.state == "pending", *where).group_by(incoming.c.channel)
    return [Queue(channel, "in", count, oldest) for channel, count, oldest in tx.tuples(waiting)]


def _going(tx: Tx, where: Sequence[ColumnElement[bool]]) -> list[Queue]:
    query = select(chats.c.channel, func.count(), func.min(outgoing.c.created_at))
    query = query.join(chats, chats.c.id == outgoing.c.chat_id).where(outgoing.c.state.in_(outbox.WAITING), *where)
    return [
        Queue(channel, "out", count, oldest) for channel, count, oldest in tx.tuples(query.group_by(chats.c.channel))
    ]
