"""Intake: every update is a row before anybody acknowledges it, and is done exactly once.

The promise rests on two things: an update's key is unique within its channel, so the same update twice is one row; and a
row is marked done in the same transaction as everything its handling changed, only if it still was pending.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, JSON, ColumnElement, Text, any_, bindparam, exists, func, or_, select
from sqlalchemy.sql.dml import ReturningUpdate

from knowledge.private_data import without_secrets
from storage import blobs, messages
from storage.chats import find_or_open
from storage.hot import Hot, insert_new
from storage.tables import chats, deliveries, inbox
from storage.transaction import Tx

TOPIC = "inbox"
LEASE = timedelta(seconds=60)
ROWS_AT_ONCE = 20
RETRIES = 3
CHANNELS = ("telegram", "web", "phone")


class AlreadyDone(Exception):
    """The row was finished by somebody else; whatever was about to be committed must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One update as a channel brings it.

    ``key`` is unique within the channel; ``words`` and ``attachments`` are what people will see of it (None: it is no
    message, but a press, an edit, or something only the machinery cares about); ``remote_message`` the channel's own id,
    ``answers`` that of what it replies to.
    """

    channel: str
    key: str
    remote: int
    payload: str
    kind: str = "private"
    words: str | None = None
    attachments: Sequence[dict[str, object]] = ()
    remote_message: int | None = None
    answers: int | None = None
    sender: str = "resident"


@dataclass(frozen=True, slots=True)
class Row:
    """A waiting update."""

    id: int
    channel: str
    chat_id: int
    message_id: int | None
    payload: str
    received_at: datetime
    attempts: int


def take_in(tx: Tx, arrivals: Sequence[Arrival]) -> list[int | None]:
    """Store updates in their order; for each the id of its message, old or new (None where it is no message)."""
    kept = [_take_one(tx, arrival) for arrival in arrivals]
    tx.wake(TOPIC)
    return kept


def _take_one(tx: Tx, arrival: Arrival) -> int | None:
    chat_id = find_or_open(tx, channel=arrival.channel, remote=arrival.remote, kind=arrival.kind)
    inserted = _INSERT.scalar(
        tx,
        channel=arrival.channel,
        update_key=arrival.key,
        chat_id=chat_id,
        payload=arrival.payload,
        received_at=tx.now,
    )
    if inserted is None:
        return _message_of(tx, arrival)
    if arrival.words is None:
        return None
    message_id = messages.record(
        tx,
        chat_id=chat_id,
        sender=arrival.sender,
        text=without_secrets(arrival.words),
        attachments=[_kept(tx, chat_id, part) for part in arrival.attachments],
        client_key=arrival.key,
        reply_to_id=messages.ours(tx, chat_id, arrival.answers) if arrival.answers is not None else None,
    )
    _LINK.changed(tx, row=inserted, message=message_id)
    if arrival.remote_message is not None:
        _DELIVERED.scalar(tx, chat_id=chat_id, message_id=message_id, remote=arrival.remote_message)
    return message_id


def _kept(tx: Tx, chat_id: int, part: dict[str, Any]) -> dict[str, object]:
    """An attachment that is still with its channel gets a place of its own, to be filled when it has been fetched."""
    if "remote_file" not in part:
        return part
    blob_id = blobs.want(tx, chat_id=chat_id, **{name: value for name, value in part.items() if name != "seconds"})
    return {name: value for name, value in part.items() if name != "remote_file"} | {"blob": blob_id}


def _message_of(tx: Tx, arrival: Arrival) -> int | None:
    kept: int | None = tx.scalar(
        select(inbox.c.message_id).where(inbox.c.channel == arrival.channel, inbox.c.update_key == arrival.key)
    )
    return kept


def claim(tx: Tx, *, owner: str, limit: int, channels: Sequence[str] = CHANNELS) -> list[int]:
    """Chats of these channels with waiting updates that nobody works on, now leased to ``owner``."""
    leased = {"owner": owner, "until": tx.now + LEASE}
    return sorted(row[0] for row in _CLAIM.all(tx, **leased, now=tx.now, limit=limit, channels=list(channels)))


def _claiming(named: ColumnElement[bool]) -> ReturningUpdate[tuple[int]]:
    """Only a chat's oldest update can be waiting for its next try; while it does, so do those behind it."""
    waiting = select(inbox.c.chat_id).where(inbox.c.state == "pending")
    ready = (
        select(chats.c.id)
        .where(
            chats.c.id.in_(waiting),
            chats.c.id.not_in(waiting.where(inbox.c.next_at > bindparam("now"))),
            or_(chats.c.lease_until.is_(None), chats.c.lease_until < bindparam("now")),
            named,
        )
        .order_by(chats.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte("ready")  # never run twice, so never more than the limit is locked
    )
    changed = chats.update().values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
    return changed.where(chats.c.id.in_(select(ready.c.id))).returning(chats.c.id)


def waiting_rows(tx: Tx, chat_id: int) -> list[Row]:
    """The chat's waiting updates, oldest first; none while the oldest must wait for its next try."""
    found = _WAITING.all(tx, chat=chat_id)
    first_at = found[0][-1] if found else None
    return [] if first_at is not None and first_at > tx.now else [Row(*row[:-1]) for row in found]


def release(tx: Tx, *, chat_id: int, owner: str) -> None:
    """Give the chat back; whatever arrived meanwhile can be claimed at once."""
    _RELEASE.changed(tx, chat=chat_id, owner=owner)
    if _MORE.scalar(tx, chat=chat_id):
        tx.wake(TOPIC)


def release_all(tx: Tx, *, owner: str) -> None:
    """At start and stop: what this process held, others may take."""
    tx.execute(chats.update().where(chats.c.lease_owner == owner).values(lease_owner=None, lease_until=None))
    tx.wake(TOPIC)


def renew(tx: Tx, *, owner: str) -> None:
    tx.execute(chats.update().where(chats.c.lease_owner == owner).values(lease_until=tx.now + LEASE))


def mark_done(tx: Tx, row_id: int) -> None:
    """The row is finished; raises AlreadyDone if it was not pending any more."""
    if _DONE.changed(tx, row=row_id, now=tx.now) != 1:
        raise AlreadyDone(f"inbox row {row_id} is not pending")


def failed(tx: Tx, row_id: int, *, error: str) -> bool:
    """Handling failed: try again a little later; after the last try park it. True when parked."""
    attempts = int(tx.scalar(select(inbox.c.attempts).where(inbox.c.id == row_id))) + 1
    if attempts >= RETRIES:
        park(tx, row_id, error=error)
        return True
    later = tx.now + timedelta(seconds=2**attempts)
    values = {"attempts": attempts, "error": error, "next_at": later}
    tx.execute(inbox.update().where(inbox.c.id == row_id, inbox.c.state == "pending").values(values))
    return False


def park(tx: Tx, row_id: int, *, error: str) -> None:
    """Put an update where staff see it; it never blocks the ones behind it."""
    values = {"state": "parked", "error": error, "finished_at": tx.now}
    if tx.changed(inbox.update().where(inbox.c.id == row_id, inbox.c.state == "pending").values(values)):
        tx.wake("desk")


def parked(tx: Tx, *where: ColumnElement[bool], limit: int = 100) -> list[dict[str, object]]:
    """Parked updates for staff, newest first: id, channel, chat, when, why - not what was said."""
    columns = (inbox.c.id, inbox.c.channel, inbox.c.chat_id, inbox.c.message_id, inbox.c.received_at, inbox.c.error)
    query = select(*columns).where(inbox.c.state == "parked", *where).order_by(inbox.c.id.desc()).limit(limit)
    return [dict(row) for row in tx.all(query)]


def retry_parked(tx: Tx, row_id: int) -> bool:
    """Offer a parked update to the handlers once more."""
    values = {"state": "pending", "attempts": 0, "next_at": None, "error": None, "finished_at": None}
    moved = tx.changed(inbox.update().where(inbox.c.id == row_id, inbox.c.state == "parked").values(values))
    tx.wake(TOPIC)
    return bool(moved)


def set_aside(tx: Tx, row_id: int) -> bool:
    """A parked update nothing more is tried with; it counts as dealt with."""
    parked = (inbox.c.id == row_id) & (inbox.c.state == "parked")
    moved = tx.changed(inbox.update().where(parked).values(state="done", finished_at=tx.now))
    tx.wake("desk")
    return bool(moved)


def depth(tx: Tx, *where: ColumnElement[bool]) -> dict[str, int]:
    """How many updates wait, and how many are parked."""
    counted = select(inbox.c.state, func.count()).where(inbox.c.state != "done", *where).group_by(inbox.c.state)
    found: dict[str, int] = dict(tx.tuples(counted))
    return {"pending": found.get("pending", 0), "parked": found.get("parked", 0)}


def forget_payload(tx: Tx, row_id: int) -> None:
    """Empty one raw payload at once: there is something in it that must not be kept (EM-01)."""
    tx.execute(inbox.update().where(inbox.c.id == row_id).values(payload=None))


_INSERT = insert_new(inbox, ("channel", "update_key"), ("channel", "update_key", "chat_id", "payload", "received_at"))
_DELIVERED = insert_new(deliveries, ("chat_id", "remote"), ("chat_id", "message_id", "remote"))
_LINK = Hot(inbox.update().where(inbox.c.id == bindparam("row")).values(message_id=bindparam("message")))
_CLAIM = Hot(
    _claiming(
        chats.c.channel.in_(select(func.json_each(bindparam("channels", type_=JSON)).table_valued("value").c.value))
    ),
    postgresql=_claiming(chats.c.channel == any_(bindparam("channels", type_=ARRAY(Text)))),
)
_RELEASE = Hot(
    chats.update()
    .where(chats.c.id == bindparam("chat"), chats.c.lease_owner == bindparam("owner"))
    .values(lease_owner=None, lease_until=None)
)
_DONE = Hot(
    inbox.update()
    .where(inbox.c.id == bindparam("row"), inbox.c.state == "pending")
    .values(state="done", finished_at=bindparam("now"))
)
_WAITING = Hot(
    select(
        inbox.c.id,
        inbox.c.channel,
        inbox.c.chat_id,
        inbox.c.message_id,
        inbox.c.payload,
        inbox.c.received_at,
        inbox.c.attempts,
        inbox.c.next_at,
    )
    .where(inbox.c.chat_id == bindparam("chat"), inbox.c.state == "pending")
    .order_by(inbox.c.id)
    .limit(ROWS_AT_ONCE)
)
_MORE = Hot(
    select(exists().where(inbox.c.chat_id == bindparam("chat"), inbox.c.state == "pending", inbox.c.next_at.is_(None)))
)
