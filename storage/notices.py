"""Notices (通知): composed, looked at by a colleague where many are written to, begun, paused, stopped by staff.

Who gets one is told by ``audiences``, how far it has come by ``notice_report``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from knowledge import broadcasts, reach
from knowledge.subscribing import rules
from storage import access, audiences, belonging, notice_report, staff
from storage.access import NotThere
from storage.tables import notices
from storage.tables import staff as staff_table
from storage.transaction import Tx

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
    """What a notice says, and to whom. ``buildings`` None: all. ``audience`` None: whoever subscribed to the topic;
    ``audience_id``: which event or incident. ``starts_at``: of a planned cut (PR-12)."""

    topic: str
    title: str
    text: str
    title_en: str | None = None
    text_en: str | None = None
    audience: str | None = None
    audience_id: int | None = None
    buildings: tuple[str, ...] | None = None
    urgent: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def columns(self) -> dict[str, Any]:
        if self.topic not in rules().topics:
            raise Unfit("no_topic")
        if not self.title.strip() or not self.text.strip():
            raise Unfit("empty")
        titles, texts = (self.title, self.title_en or ""), (self.text, self.text_en or "")
        if max(map(len, titles)) > LONGEST_TITLE or max(map(len, texts)) > LONGEST_TEXT:
            raise Unfit("too_long")
        if bool(self.title_en) is not bool(self.text_en):
            raise Unfit("half_english")
        self._for_whom()
        if self.ends_at is not None and (self.starts_at is None or self.ends_at <= self.starts_at):
            raise Unfit("no_span")
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return found | {"buildings": list(self.buildings) if self.buildings else None}

    def _for_whom(self) -> None:
        if self.audience in (None, broadcasts.ANSWERED):
            return
        group = broadcasts.rules().audiences.get(self.audience or "")
        if group is None or bool(group.of) is not (self.audience_id is not None):
            raise Unfit("no_audience")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it is kept."""

    id: int
    topic: str
    title: str
    text: str
    title_en: str | None
    text_en: str | None
    audience: str | None
    audience_id: int | None
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
    asked_at: datetime | None
    asked_by: int | None
    sent_back: str | None
    why_urgent: str | None
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
    sent &= notices.c.audience.is_(None)
    query = select(*COLUMNS).where(sent, notices.c.topic.in_(list(topics)), notices.c.begun_at >= since)
    rows = [Notice(**row) for row in tx.all(query.order_by(notices.c.id.desc()))]
    return [one for one in rows if one.buildings is None or building is None or building in one.buildings][:limit]


# --- staff ------------------------------------------------------------------------------------------------------------
def _sender(tx: Tx, staff_id: int) -> None:
    access.member_for(tx, staff_id, "notice", "act")


def sender_of_answers(tx: Tx, staff_id: int) -> None:
    """What an answer is, and that it changed, is said by whoever may publish it."""
    access.member_for(tx, staff_id, "faq", "publish")


def draft(tx: Tx, composed: Composed, *, staff_id: int, community_id: int | None = None) -> int:
    """A notice nobody gets yet, of the community they chose. NotThere for one that is not theirs."""
    _sender(tx, staff_id)
    columns = composed.columns()
    _of_theirs(tx, composed, staff_id)
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
    _of_theirs(tx, composed, staff_id)
    return _change(tx, notice_id, revision, ("draft",), staff_id, "edit", **composed.columns())


def _of_theirs(tx: Tx, composed: Composed, staff_id: int) -> None:
    """NotThere for an event or an incident that is not theirs."""
    group = broadcasts.rules().audiences.get(composed.audience or "")
    if group is None or not group.of:
        return
    if not belonging.all_reached(tx, [(group.of, composed.audience_id or 0)], staff_id=staff_id):
        raise NotThere


def begin(tx: Tx, notice_id: int, *, revision: int, staff_id: int, why: str = "") -> bool:
    """Send it, from now on; False when that was done before. Once begun it says what it says.

    To very many it waits for a colleague who reads it; an urgent one does not, once ``why`` says why.
    """
    _sender(tx, staff_id)
    notice = get(tx, notice_id)
    if notice is None or notice.state != "draft":
        return False
    if notice.audience == broadcasts.ANSWERED:
        sender_of_answers(tx, staff_id)
    many = broadcasts.rules().needs_second_eyes(audiences.count(tx, notice), urgent=notice.urgent, why=why)
    if many and notice.urgent and why:
        raise Unfit("why_urgent")
    if many:
        asked: dict[str, Any] = {"state": "asked", "asked_at": tx.now, "asked_by": staff_id, "sent_back": None}
        return _change(tx, notice_id, revision, ("draft",), staff_id, "ask", **asked)
    values: dict[str, Any] = {"state": "sending", "begun_at": tx.now, "begun_by": staff_id}
    if notice.urgent and why:
        values["why_urgent"] = why
    return _change(tx, notice_id, revision, ("draft",), staff_id, "send", **values)


def check(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    """The second pair of eyes has read it: it goes. Unfit for whoever asked for them."""
    _second(tx, notice_id, staff_id)
    values = {"state": "sending", "begun_at": tx.now, "begun_by": staff_id}
    return _change(tx, notice_id, revision, ("asked",), staff_id, "check", **values)


def send_back(tx: Tx, notice_id: int, *, revision: int, staff_id: int, why: str) -> bool:
    """It is a draft again; ``why`` stands above it. Whoever asked may take it back themselves."""
    _sender(tx, staff_id)
    if not why.strip():
        raise Unfit("no_why")
    return _change(tx, notice_id, revision, ("asked",), staff_id, "back", state="draft", sent_back=why.strip())


def _second(tx: Tx, notice_id: int, staff_id: int) -> None:
    _sender(tx, staff_id)
    if tx.scalar(select(notices.c.asked_by).where(notices.c.id == notice_id)) == staff_id:
        raise Unfit("own_eyes")


def others_who_may(tx: Tx, staff_id: int) -> int:
    """How many colleagues could be the second pair of eyes."""
    roles = [role for role in reach.STAFF_ROLES if reach.shipped().may(role, "notice", "act")]
    them = staff_table.c.role.in_(roles) & staff_table.c.disabled_at.is_(None) & (staff_table.c.id != staff_id)
    return int(tx.scalar(select(func.count()).select_from(staff_table).where(them)))


def count_asked(tx: Tx, staff_id: int) -> int:
    """How many wait for this colleague to read them."""
    wait = (notices.c.state == "asked") & (notices.c.asked_by != staff_id) & belonging.notices_of(staff_id)
    return int(tx.scalar(select(func.count()).select_from(notices).where(wait)))


def pause(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    _sender(tx, staff_id)
    return _change(tx, notice_id, revision, ("sending",), staff_id, "pause", state="paused")


def go_on(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    _sender(tx, staff_id)
    return _change(tx, notice_id, revision, ("paused",), staff_id, "go_on", state="sending")


def stop(tx: Tx, notice_id: int, *, revision: int, staff_id: int) -> bool:
    """Nobody more gets it; a draft is put away. What has gone out has gone out, and is counted."""
    _sender(tx, staff_id)
    values = {"state": "stopped", "ended_at": tx.now, "report": notice_report.counted(tx, notice_id)}
    return _change(tx, notice_id, revision, ("draft", "asked", "sending", "paused"), staff_id, "stop", **values)


def _change(
    tx: Tx,
    notice_id: int,
    revision: int,
    states: Sequence[str],
    staff_id: int,
    action: str,
    **values: Any,
) -> bool:
    mine = (notices.c.id == notice_id) & (notices.c.revision == revision) & notices.c.state.in_(states)
    if not tx.changed(notices.update().where(mine).values(**values, revision=revision + 1)):
        return False
    said = {name: values[name] for name in ("sent_back", "why_urgent") if values.get(name)}
    staff.note(tx, staff_id, f"notice_{action}", str(notice_id), **said)
    tx.wake(TOPIC)
    tx.wake("desk")
    return True


def tell_of(tx: Tx, item_id: int, title: str, *, building: str | None, community_id: int | None, corrects: bool) -> int:
    """A new disclosure, to whoever wants to hear of such."""
    said = {"topic": "disclosure", "title": title, "text": "corrected" if corrects else "published"}
    where = {"buildings": [building] if building else None, "community_id": community_id}
    tx.wake(TOPIC)
    return tx.insert(notices, item_id=item_id, **where, state="sending", created_at=tx.now, begun_at=tx.now, **said)
