"""To whom a notice goes: whoever asked for its kind, or the people of a group; and who will not get it, and why.

An urgent one also goes to whoever is known to live there. Whoever stopped the kind gets none of it, whatever they belong
to; whoever left or blocked the bot cannot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, Text, and_, case, cast, exists, func, or_, select

from knowledge.broadcasts import ANSWERED, rules
from knowledge.quiet import USUAL, kept
from storage import asked_before, audience_bodies, belonging
from storage.tables import (
    chats,
    incident_tickets,
    incidents,
    occasion_entries,
    occasions,
    quiet_hours,
    residents,
    subscriptions,
    tickets,
    volunteers,
)
from storage.tickets import OPEN
from storage.transaction import Tx
from storage.within import lives_in

if TYPE_CHECKING:
    from storage.notices import Notice

GETS = "gets"
OFFERED, OLDEST_EVENT = 30, timedelta(days=30)
"""Of an event whose people can still be written to."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a notice would reach now: how many by channel, how many not and why, how many only when their night is over.

    Why not: ``not_asked`` (no subscription), ``declined`` (this kind stopped), ``blocked``, ``left``, ``phone`` (only),
    ``twice`` (told in another chat of theirs), ``no_chat`` (of the group, but without a chat that is known)."""

    channels: Mapping[str, int]
    why_not: Mapping[str, int]
    later: int
    later_until: datetime | None

    @property
    def gets(self) -> int:
        return sum(self.channels.values())


# --- conditions on chats ----------------------------------------------------------------------------------------------
def gets(notice: Notice) -> ColumnElement[bool]:
    """Of the chats, those that are to get it."""
    private = chats.c.kind == "private"
    if notice.audience is not None:
        return and_(private, _belongs(notice), ~declined(notice))
    if not notice.urgent:
        return and_(private, _subscribed(notice))
    return and_(private, or_(_subscribed(notice), and_(_lives_there(notice), ~declined(notice))))


def declined(notice: Notice) -> ColumnElement[bool]:
    """They stopped this kind."""
    mine = (subscriptions.c.chat_id == chats.c.id) & (subscriptions.c.topic == notice.topic)
    wants = exists(select(subscriptions.c.id).where(mine, subscriptions.c.stopped_at.is_(None)))
    return exists(select(subscriptions.c.id).where(mine, subscriptions.c.stopped_at.is_not(None))) & ~wants


def _subscribed(notice: Notice) -> ColumnElement[bool]:
    mine = (subscriptions.c.chat_id == chats.c.id) & (subscriptions.c.topic == notice.topic)
    here: list[ColumnElement[bool]] = [mine, subscriptions.c.stopped_at.is_(None)]
    if notice.buildings is not None:
        here.append(subscriptions.c.building.in_(["", *notice.buildings]))
    if notice.community_id is not None:
        meant = func.coalesce(func.nullif(subscriptions.c.building, ""), _home())
        here.append(lives_in(meant, notice.community_id))
    return exists(select(subscriptions.c.id).where(*here))


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


# --- groups -----------------------------------------------------------------------------------------------------------
def _belongs(notice: Notice) -> ColumnElement[bool]:
    """One of the group; of the community, and of the buildings, where the group itself does not say who it is."""
    if notice.audience == ANSWERED:
        lately = notice.created_at - rules().asked_within
        return and_(asked_before.answered_otherwise(notice.audience_id or 0, since=lately), _lives_there(notice))
    if notice.audience in audience_bodies.KINDS:
        return audience_bodies.belongs(notice)
    member = GROUPS[notice.audience or ""](notice.audience_id)
    if notice.audience_id is not None:
        return member
    return and_(member, _lives_there(notice))


_VOLUNTEERS = exists(select(volunteers.c.id).where(volunteers.c.chat_id == chats.c.id, volunteers.c.state == "active"))
_WATCH = exists(
    select(volunteers.c.id).where(
        volunteers.c.chat_id == chats.c.id,
        volunteers.c.state == "active",
        cast(volunteers.c.categories, Text).contains('"building_watch"'),
    )
)
_OPEN_TICKETS = exists(select(tickets.c.id).where(tickets.c.chat_id == chats.c.id, tickets.c.state.in_(OPEN)))


def _joined(occasion_id: int | None) -> ColumnElement[bool]:
    of_it = (occasion_entries.c.occasion_id == occasion_id) & occasion_entries.c.state.in_(("joined", "waiting"))
    return exists(select(occasion_entries.c.id).where(occasion_entries.c.chat_id == chats.c.id, of_it))


def _affected(incident_id: int | None) -> ColumnElement[bool]:
    inside = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.state == "in")
    query = select(tickets.c.id).join(incident_tickets, incident_tickets.c.ticket_id == tickets.c.id)
    return exists(query.where(inside, tickets.c.chat_id == chats.c.id, tickets.c.state.in_(OPEN)))


GROUPS: Mapping[str, Callable[[int | None], ColumnElement[bool]]] = {
    "volunteers": lambda _: _VOLUNTEERS,
    "watch": lambda _: _WATCH,
    "open_tickets": lambda _: _OPEN_TICKETS,
    "joined": _joined,
    "affected": _affected,
}
"""Each of ``knowledge.broadcasts`` that the form offers, given which event or incident it is of."""


# --- counted ----------------------------------------------------------------------------------------------------------
REACHABLE = asked_before.reached(chats)


def count(tx: Tx, notice: Notice) -> int:
    """How many would get it now; those who blocked the bot or left are not among them."""
    all_chats = int(tx.scalar(select(func.count()).select_from(chats).where(gets(notice), REACHABLE)))
    return all_chats - len(spare(tx, notice))


def spare(tx: Tx, notice: Notice, among: Sequence[int] | None = None) -> set[int]:
    """Chats that do not get it because their resident gets it in the one they used last. ``among``: chats to look at."""
    whose = chats.c.resident_id
    mine = select(whose, chats.c.id).where(gets(notice), REACHABLE, whose.is_not(None))
    if among is not None:
        mine = mine.where(whose.in_(select(whose).where(chats.c.id.in_(among)).correlate(None)))
    several = mine.with_only_columns(whose).group_by(whose).having(func.count() > 1).correlate(None)
    newest = asked_before.last_said(chats).desc()
    rows = tx.tuples(mine.where(whose.in_(several)).order_by(whose, newest, chats.c.id.desc()))
    told: dict[int, int] = {}
    return {chat_id for resident, chat_id in rows if told.setdefault(resident, chat_id) != chat_id}


def reach(tx: Tx, notice: Notice) -> Reach:
    """Everybody it is meant for, once."""
    meant = _belongs(notice) if notice.audience else or_(_lives_there(notice), _subscribed(notice))
    how = case(
        (chats.c.kind == "phone", "phone"),
        (chats.c.left_at.is_not(None), "left"),
        (chats.c.blocked_at.is_not(None), "blocked"),
        (chats.c.id.in_(spare(tx, notice)), "twice"),
        (gets(notice), GETS),
        (declined(notice), "declined"),
        else_="not_asked",
    )
    query = select(chats.c.channel, how, quiet_hours.c.begins, quiet_hours.c.ends, func.count())
    query = query.select_from(chats.outerjoin(quiet_hours, quiet_hours.c.chat_id == chats.c.id))
    people = query.where(meant, chats.c.kind.in_(("private", "phone")))
    rows = tx.tuples(people.group_by(chats.c.channel, how, quiet_hours.c.begins, quiet_hours.c.ends))
    channels: Counter[str] = Counter()
    why_not: Counter[str] = Counter()
    later: Counter[datetime] = Counter()
    for channel, name, begins, ends, number in rows:
        (channels if name == GETS else why_not)[channel if name == GETS else name] += number
        over = (kept(begins, ends) if begins is not None else USUAL).over_at(tx.now)
        if name == GETS and over > tx.now and not notice.urgent:
            later[over] += number
    if notice.audience in audience_bodies.KINDS and (unknown := audience_bodies.without_chat(tx, notice)):
        why_not["no_chat"] = unknown
    return Reach(dict(channels), dict(why_not), later.total(), min(later, default=None))


# --- to choose from ---------------------------------------------------------------------------------------------------
def choices(tx: Tx, staff_id: int) -> dict[str, list[tuple[int, str]]]:
    """The events and incidents a member may write about, the newest first: by what they are, number and title."""
    lately = occasions.c.state.in_(("open", "over")) & (occasions.c.starts_at > tx.now - OLDEST_EVENT)
    open_ones = incidents.c.state == "open"
    return {
        "occasion": _titles(tx, occasions, lately & belonging.occasions_of(staff_id)),
        "incident": _titles(tx, incidents, open_ones & belonging.incidents_of(staff_id)),
    }


def _titles(tx: Tx, table: Table, which: ColumnElement[bool]) -> list[tuple[int, str]]:
    query = select(table.c.id, table.c.title).where(which).order_by(table.c.id.desc()).limit(OFFERED)
    return [(int(key), str(name)) for key, name in tx.tuples(query)]


def title(tx: Tx, notice: Notice) -> str:
    """Which event or incident its people are of; "" where that is not asked."""
    group = rules().audiences.get(notice.audience or "")
    table = {"occasion": occasions, "incident": incidents}.get(group.of if group else "")
    found = table is not None and tx.scalar(select(table.c.title).where(table.c.id == notice.audience_id))
    return str(found or "")
