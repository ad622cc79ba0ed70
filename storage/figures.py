"""The figures of a period, as far as a reader is responsible: sums of matters, never of people.

Who is responsible for everything reads the daily and monthly sums, whatever number of tickets there are. Who is held to
places or subjects, or asks for one place, reads the figures of those tickets; confidential matters are in neither's
breakdowns, and in the second's sums not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from knowledge.figures import Counts, part
from knowledge.life import State
from knowledge.periods import Period, week_of
from storage.stepping_aside import open_to
from storage.tables import answers, buildings, communities, figure_days, redirects, ticket_figures, tickets
from storage.transaction import Tx
from storage.within import building_within, chat_within, figures_within, passed_figures_within, unlimited

FACES = ("building", "matter", "unit")


@dataclass(frozen=True, slots=True)
class Narrow:
    """One place, where the reader asks for one: a community, or a building by its name."""

    community_id: int | None = None
    building: str = ""

    def __bool__(self) -> bool:
        return self.community_id is not None or bool(self.building)


EVERYWHERE = Narrow()


@dataclass(frozen=True, slots=True)
class Figures:
    """``whole``: of everything the office has, so that confidential matters are in the total."""

    whole: bool
    total: Counts
    weeks: Mapping[str, Counts]
    faces: Mapping[str, Mapping[str, Counts]]
    spots: Mapping[str, int]


def read(tx: Tx, period: Period, *, staff_id: int, narrow: Narrow = EVERYWHERE) -> Figures:
    """What was counted in a period, as far as this member may know."""
    whole = not narrow and sees_all(tx, staff_id)
    if whole:
        return _of_all(tx, period)
    came = _came(tx, staff_id, narrow)
    return _of_some(tx, period, came, _done(staff_id, narrow, came))


def sees_all(tx: Tx, staff_id: int) -> bool:
    return bool(tx.scalar(select(unlimited(staff_id))))


# --- of everything: from the sums -------------------------------------------------------------------------------------
def _of_all(tx: Tx, period: Period) -> Figures:
    found: dict[str, dict[str, Counter[str]]] = {face: {} for face in (*FACES, "all", "spot")}
    for row in tx.all(select(figure_days).where(figure_days.c.span.in_(period.spans()))):
        found[row["face"]].setdefault(row["value"], Counter()).update(row["counts"])
    every_day = (figure_days.c.face == "all") & figure_days.c.span.in_(period.day_keys())
    days = {row["span"]: row["counts"] for row in tx.all(select(figure_days).where(every_day))}
    spots = {spot: counts["received"] for spot, counts in found["spot"].items()}
    total = found["all"].get("", Counter())
    return Figures(True, total, by_week(days, period), {face: found[face] for face in FACES}, spots)


def by_week(days: Mapping[str, Counts], period: Period) -> Mapping[str, Counts]:
    """Days added up by their Monday; a week nothing happened in is there, too."""
    found: dict[str, Counter[str]] = {}
    for day in period.day_keys():
        monday = week_of(date.fromisoformat(day)).first.isoformat()
        found.setdefault(monday, Counter()).update(days.get(day, {}))
    return found


# --- of some places or subjects: from the tickets' figures -------------------------------------------------------------
@dataclass(slots=True)
class Gathered:
    """What the tickets of a scope add up to, as it is gathered."""

    total: Counter[str] = field(default_factory=Counter)
    days: dict[str, Counter[str]] = field(default_factory=dict)
    faces: dict[str, dict[str, Counter[str]]] = field(default_factory=lambda: {face: {} for face in FACES})
    spots: Counter[str] = field(default_factory=Counter)

    def take(self, row: Any, period: Period) -> None:
        """``came`` and ``done``: whether this scope received it, and whether it is the one that does it."""
        values = {"building": row["building"], "matter": f"{row['route']}/{row['category']}", "unit": row["unit"]}
        for day, whole in row["counts"].items():
            if day not in period:
                continue
            counts = part(whole, came=bool(row["came"]), done=bool(row["done"]))
            self.total.update(counts)
            self.days.setdefault(day, Counter()).update(counts)
            for face, value in values.items():
                self.faces[face].setdefault(value, Counter()).update(counts)
            if row["spot"] and "received" in counts:
                self.spots[row["spot"]] += 1


def _of_some(tx: Tx, period: Period, came: ColumnElement[bool], done: ColumnElement[bool]) -> Figures:
    first, last = period.first.isoformat(), period.last.isoformat()
    within = (ticket_figures.c.last_day >= first, ticket_figures.c.first_day <= last)
    gathered = Gathered()
    query = select(ticket_figures, came.label("came"), done.label("done")).where(or_(came, done))
    for row in tx.all(query.where(*within, ticket_figures.c.shielded == 0)):
        gathered.take(row, period)
    weeks = by_week(gathered.days, period)
    return Figures(False, gathered.total, weeks, gathered.faces, gathered.spots)


def _came(tx: Tx, staff_id: int, narrow: Narrow) -> ColumnElement[bool]:
    return and_(figures_within(staff_id), place_of(tx, ticket_figures.c.building, narrow))


def _done(staff_id: int, narrow: Narrow, came: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of what came to them what they kept, and what they took over from a neighbour; a building keeps its own."""
    if narrow.building:
        return came
    to = ticket_figures.c.passed_to
    asked = true() if narrow.community_id is None else to == narrow.community_id
    return or_(and_(to.is_(None), came), and_(to.is_not(None), passed_figures_within(staff_id), asked))


def place_of(tx: Tx, building: ColumnElement[Any], narrow: Narrow) -> ColumnElement[bool]:
    """True of what is in the one place that is asked for; what names no known building is the office's own."""
    if narrow.building:
        return building == narrow.building
    if narrow.community_id is None:
        return true()
    known = tx.tuples(select(buildings.c.name, buildings.c.community_id).order_by(buildings.c.id))
    own = tx.scalar(select(func.min(communities.c.id)))
    of_own = {name for name, community in known if community == own}
    names = {
        name for name, community in known if community == narrow.community_id and _meant(name, community, own, of_own)
    }
    if narrow.community_id != own:
        return building.in_(names)
    return or_(building.in_(names), building.is_(None), building.not_in({name for name, _ in known}))


def _meant(name: str, community: int, own: int, of_own: set[str]) -> bool:
    """A name two communities share means the office's own."""
    return community == own or name not in of_own


@dataclass(frozen=True, slots=True)
class Places:
    """What a reader may ask for by itself."""

    communities: Mapping[int, str]
    buildings: Sequence[str]


def places(tx: Tx, staff_id: int) -> Places:
    query = select(buildings.c.name, communities.c.id, communities.c.name)
    query = query.join(communities, communities.c.id == buildings.c.community_id)
    found = tx.tuples(query.where(building_within(buildings.c.id, staff_id)).order_by(communities.c.id, buildings.c.id))
    return Places({id: name for _, id, name in found}, list(dict.fromkeys(name for name, _, _ in found)))


# --- as it is now, and what is no ticket --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Now:
    """Open at this moment, as this reader's queue shows it."""

    open: int
    overdue: int
    waiting: int
    verdict: int
    climbed: int


def now(tx: Tx, *, staff_id: int, narrow: Narrow = EVERYWHERE) -> Now:
    awaited = tickets.c.state == State.CALLING_BACK.value
    ours = and_(~awaited, tickets.c.waiting_resident.is_(False))
    columns = (
        func.count(),
        _how_many(and_(ours, tickets.c.next_due <= tx.now)),
        _how_many(and_(~awaited, tickets.c.waiting_resident.is_(True))),
        _how_many(awaited),
        _how_many(tickets.c.level > 0),
    )
    here = place_of(tx, tickets.c.building, narrow)
    if narrow.community_id is not None:
        taken = tickets.c.community_id
        here = or_(taken == narrow.community_id, and_(taken.is_(None), here))
    query = select(*columns).select_from(tickets).where(tickets.c.next_due.is_not(None), open_to(staff_id), here)
    if narrow:  # where a confidential one is, is told to nobody who asks for a place
        query = query.where(tickets.c.confidential.is_(False))
    return Now(*(int(number or 0) for number in tx.tuples(query)[0]))


def _how_many(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))


@dataclass(frozen=True, slots=True)
class Redirected:
    """What was asked here and belongs elsewhere (WO-06)."""

    route: str
    category: str | None
    count: int


def redirected(tx: Tx, period: Period, *, staff_id: int) -> Sequence[Redirected]:
    """By residents of this member's places; the most frequent first."""
    columns = (redirects.c.route, redirects.c.category)
    during = (redirects.c.at >= period.begins, redirects.c.at < period.ends)
    query = select(*columns, func.count()).where(*during, chat_within(redirects.c.chat_id, staff_id))
    return [Redirected(*row) for row in tx.tuples(query.group_by(*columns).order_by(func.count().desc(), *columns))]


def answered(tx: Tx, period: Period) -> int:
    """Questions of policy the bot answered, of the whole office."""
    during = (answers.c.given_at >= period.begins, answers.c.given_at < period.ends, answers.c.entry.is_not(None))
    return int(tx.scalar(select(func.count()).select_from(answers).where(*during)))


def left_open(tx: Tx, period: Period, open_now: int) -> int:
    """How many of the whole were open as the period ended: those that are now, less what came, and with what went since."""
    since = (figure_days.c.face == "all") & (figure_days.c.span > period.last.isoformat())
    days = tx.all(select(figure_days.c.counts).where(since, func.length(figure_days.c.span) == len("2026-11-23")))
    moved = Counter[str]()
    for row in days:
        moved.update(row["counts"])
    return max(0, open_now - moved["received"] + moved["over"])


def all_open(tx: Tx) -> int:
    """Open at this moment, of the whole office, whoever asks."""
    return int(tx.scalar(select(func.count()).select_from(tickets).where(tickets.c.next_due.is_not(None))))
