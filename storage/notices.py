"""Notices (通知): composed, begun, paused, stopped by staff. Who gets one, and how far it has come.

A notice goes to whoever asked for its kind, of their building or of all; an urgent one also to whoever is known to live
there, unless they have stopped that kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from knowledge import reach
from knowledge.subscribing import rules
from storage import belonging, staff
from storage.staff import MayNot
from storage.tables import chats, notice_recipients, notices, outbox, residents, subscriptions
from storage.transaction import Tx
from storage.within import lives_in

TOPIC = "notices"
LONGEST_TITLE, LONGEST_TEXT = 60, 1500
OVER = ("sent", "stopped")


class Unfit(Exception):
    """A notice cannot be kept so: ``code`` names the words that say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What a notice says. ``buildings`` None: all. ``starts_at``: of a planned cut (PR-12)."""

    topic: str
    title: str
    text: str
    buildings: tuple[str, ...] | None = None
    urgent: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def columns(self) -> dict[str, Any]:
        if self.topic not in rules().topics:
            raise Unfit("no_topic")
        if not self.title.strip() or not self.text.strip():
            raise Unfit("empty")
        if len(self.title) > LONGEST_TITLE or len(self.text) > LONGEST_TEXT:
            raise Unfit("too_long")
        if self.ends_at is not None and (self.starts_at is None or self.ends_at <= self.starts_at):
            raise Unfit("no_span")
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return found | {"buildings": list(self.buildings) if self.buildings else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it is kept."""

    id: int
    topic: str
    title: str
    text: str
    community_id: int | None
    buildings: list[str] | None
    urgent: bool
    starts_at: datetime | None
    ends_at: datetime | None
    item_id: int | None
    state: str
    revision: int
    created_at: datetime
    created_by: int | None
    begun_at: datetime | None
    looked_up_to: int
    all_known: bool
    ended_at: datetime | None
    report: dict[str, int] | None

    def short_notice(self, now: datetime) -> bool:
        """A planned cut of which people are told later than they should be (PR-12)."""
        told = self.begun_at or now
        return self.starts_at is not None and self.starts_at - told < rules().outage_notice


COLUMNS = tuple(notices.c[name] for name in Notice.__dataclass_fields__)


def get(tx: Tx, notice_id: int) -> Notice | None:
    row = tx.first(select(*COLUMNS).where(notices.c.id == notice_id))
    return Notice(**row) if row else None


def listed(tx: Tx, *where: ColumnElement[bool], limit: int = 50) -> list[Notice]:
    """The newest first; those that tell of a disclosure too."""
    return [Notice(**row) for row in tx.all(select(*COLUMNS).where(*where).order_by(notices.c.id.desc()).limit(limit))]


def lately(tx: Tx, *, topics: Sequence[str], building: str | None, since: datetime, limit: int = 5) -> list[Notice]:
    """What was sent since then of these kinds, to everybody or to this building; the newest first."""
    sent = notices.c.state.in_(("sending", "paused", "sent")) & notices.c.item_id.is_(None)
    query = select(*COLUMNS).where(sent, notices.c.topic.in_(list(topics)), notices.c.begun_at >= since)
    rows = [Notice(**row) for row in tx.all(query.order_by(notices.c.id.desc()))]
    return [one for one in rows if one.buildings is None or building is None or building in one.buildings][:limit]


# --- staff ------------------------------------------------------------------------------------------------------------
def _sender(tx: Tx, staff_id: int) -> None:
    if not reach.shipped().may(staff.actor(tx, staff_id).role, "notice", "act"):
        raise MayNot


def draft(tx: Tx, composed: Composed, *, staff_id: int, community_id: int | None = None) -> int:
    """A notice nobody gets yet, of the community they chose. NotThere for one that is not theirs."""
    _sender(tx, staff_id)
    columns = composed.columns()
    columns["community_id"] = belonging.whose(tx, staff_id, community_id, composed.buildings or ())
    notice_id = tx.insert(notices, created_at=tx.now, created_by=staff_id, **columns)
    staff.note(tx, staff_id, "notice_draft", str(notice_id))
    tx.wake("desk")
    return notice_id


def edit(tx: Tx, notice_id: int, composed: Composed, *, revision: int, staff_id: int) -> bool:
    """Change a draft; False when it is none any more, or somebody changed it meanwhile."""
    _sender(tx, staff_id)
    whose: int | None = tx.scalar(select(notices.c.community_id).where(notices.c.id == notice_id))
    belonging.whose(tx, staff_id, whose, composed.buildings or ())
    return _change(tx, notice_id, revision, ("draft",), staff_id, "edit", **composed.columns())


def begin(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    """Send it, from now on; False when that was done before. Once begun it says what it says."""
    _sender(tx, staff_id)
    values = {"state": "sending", "begun_at": tx.now, "begun_by": staff_id}
    return _change(tx, notice_id, revision, ("draft",), staff_id, "send", **values)


def pause(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    _sender(tx, staff_id)
    return _change(tx, notice_id, revision, ("sending",), staff_id, "pause", state="paused")


def go_on(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    _sender(tx, staff_id)
    return _change(tx, notice_id, revision, ("paused",), staff_id, "go_on", state="sending")


def stop(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    """Nobody more gets it; a draft is put away. What has gone out has gone out, and is counted."""
    _sender(tx, staff_id)
    values = {"state": "stopped", "ended_at": tx.now, "report": report(tx, notice_id)}
    return _change(tx, notice_id, revision, ("draft", "sending", "paused"), staff_id, "stop", **values)


def _change(
    tx: Tx, notice_id: int, revision: int, states: Sequence[str], staff_id: int, action: str, **values: Any
) -> bool:
    mine = (notices.c.id == notice_id) & (notices.c.revision == revision) & notices.c.state.in_(states)
    if not tx.changed(notices.update().where(mine).values(**values, revision=revision + 1)):
        return False
    staff.note(tx, staff_id, f"notice_{action}", str(notice_id))
    tx.wake(TOPIC)
    tx.wake("desk")
    return True


def tell_of(tx: Tx, item_id: int, title: str, *, building: str | None, community_id: int | None, corrects: bool) -> int:
    """A new disclosure, to whoever wants to hear of such."""
    said = {"topic": "disclosure", "title": title, "text": "corrected" if corrects else "published"}
    where = {"buildings": [building] if building else None, "community_id": community_id}
    tx.wake(TOPIC)
    return tx.insert(notices, item_id=item_id, **where, state="sending", created_at=tx.now, begun_at=tx.now, **said)


# --- to whom ----------------------------------------------------------------------------------------------------------
def gets(notice: Notice) -> ColumnElement[bool]:
    """Of the chats, those that are to get it."""
    mine = (subscriptions.c.chat_id == chats.c.id) & (subscriptions.c.topic == notice.topic)
    here: list[ColumnElement[bool]] = [mine, subscriptions.c.stopped_at.is_(None)]
    if notice.buildings is not None:
        here.append(subscriptions.c.building.in_(["", *notice.buildings]))
    if notice.community_id is not None:
        meant = func.coalesce(func.nullif(subscriptions.c.building, ""), _home())
        here.append(lives_in(meant, notice.community_id))
    subscribed = exists(select(subscriptions.c.id).where(*here))
    private = chats.c.kind == "private"
    if not notice.urgent:
        return and_(private, subscribed)
    declined = exists(select(subscriptions.c.id).where(mine, subscriptions.c.stopped_at.is_not(None)))
    return and_(private, or_(subscribed, and_(_lives_there(notice), ~declined)))


def _lives_there(notice: Notice) -> ColumnElement[bool]:
    """As far as is known: their home, or the poster that led here. For all buildings: everybody."""
    if notice.buildings is None:
        return chats.c.id > 0 if notice.community_id is None else lives_in(_home(), notice.community_id)
    home = select(residents.c.id).where(residents.c.id == chats.c.resident_id)
    lives = exists(home.where(residents.c.building.in_(notice.buildings)))
    nowhere = ~exists(home.where(residents.c.building.is_not(None)))
    return or_(lives, and_(nowhere, chats.c.building.in_(notice.buildings)))


def _home() -> ColumnElement[Any]:
    """A chat's building: where its resident lives, or of the poster that led here."""
    lives = select(residents.c.building).where(residents.c.id == chats.c.resident_id).correlate(chats)
    return func.coalesce(lives.scalar_subquery(), chats.c.building)


def count_recipients(tx: Tx, notice: Notice) -> int:
    """How many would get it now; those who blocked the bot or left are not among them."""
    reachable = chats.c.blocked_at.is_(None) & chats.c.left_at.is_(None)
    return int(tx.scalar(select(func.count()).select_from(chats).where(gets(notice), reachable)))


def report(tx: Tx, notice_id: int) -> dict[str, int]:
    """How many in each state; of those it was said to how many letters are ``lost``, ``doubtful`` or on their way."""
    mine = notice_recipients.c.notice_id == notice_id
    by_state = select(notice_recipients.c.state, func.count()).where(mine).group_by(notice_recipients.c.state)
    counted: Counter[str] = Counter(dict(tx.tuples(by_state)))
    letters = (
        select(outbox.c.state, func.count())
        .join(notice_recipients, notice_recipients.c.message_id == outbox.c.message_id)
        .where(mine, outbox.c.operation == "send", outbox.c.state != "sent")
        .group_by(outbox.c.state)
    )
    names = {"dead": "lost", "doubtful": "doubtful", "pending": "on_the_way", "sending": "on_the_way"}
    for state, number in tx.tuples(letters):
        counted[names[state]] += number
    return dict(counted)
