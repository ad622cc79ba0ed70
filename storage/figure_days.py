"""The sums the figures are read from: by day and by month, of everything and by building, matter, unit and spot.

Each line a ticket's history gets marks the ticket as not counted yet; ``settle`` counts such tickets anew and adds what is
different to the sums. So the sums are always those of a plain recount of what has been settled, and cost a page the same
however many tickets there are. They can be made anew at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, func, select, tuple_

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.figures import count
from storage import facts
from storage.figure_facts import Known, known
from storage.offices import Offices
from storage.tables import figure_days, ticket_events, ticket_figures
from storage.tables.tickets import UNTALLIED
from storage.transaction import Tx

AT_ONCE = 500
"""Lines of history a unit takes: some tens of milliseconds."""
SETTLED = "figures_settled"
Key = tuple[str, str, str]
Sums = dict[Key, Counter[str]]


def settle(tx: Tx, *, limit: int = AT_ONCE) -> int:
    """Count what has changed since the last time; how many lines of history were looked at."""
    due = select(ticket_events.c.id, ticket_events.c.ticket_id).where(UNTALLIED)
    facts.put(tx, SETTLED, True)  # one at a time: whoever comes second waits here, and counts what is left
    found = tx.tuples(due.order_by(ticket_events.c.id).limit(limit))
    if found:
        recount(tx, sorted({int(ticket_id) for _, ticket_id in found}))
        done = ticket_events.update().where(ticket_events.c.id == bindparam("event")).values(tallied=True)
        tx.execute(done, [{"event": event_id} for event_id, _ in found])
    return len(found)


def due(_: Tx) -> ColumnElement[bool]:
    """True where something is not counted yet; a condition on ``ticket_events``."""
    return and_(ticket_events.c.id > 0, UNTALLIED)


def unsettled(tx: Tx) -> int:
    """Lines of history that are not counted yet; ``AT_ONCE`` * 20 where there are more."""
    some = select(ticket_events.c.id).where(UNTALLIED).limit(AT_ONCE * 20).subquery()
    return int(tx.scalar(select(func.count()).select_from(some)))


def recount(tx: Tx, ticket_ids: Sequence[int]) -> None:
    """Take out what these tickets counted as, and add what they count as now."""
    then = {int(row["ticket_id"]): row for row in tx.all(_of(ticket_ids))}
    offices, now = Offices(tx), dict[int, dict[str, Any]]()
    for ticket_id, found in known(tx, ticket_ids).items():
        has, came_to = offices.community(*found.place), offices.community(None, found.place[1])
        passed = {"passed_to": has if has != came_to else None}
        now[ticket_id] = figures_of(found, offices.of(has)) | passed
    changed = [ticket_id for ticket_id in now if not _same(then.get(ticket_id), now[ticket_id])]
    sums: Sums = {}
    for ticket_id in changed:
        add(sums, then.get(ticket_id), -1)
        add(sums, now[ticket_id], 1)
    tx.execute(ticket_figures.delete().where(ticket_figures.c.ticket_id.in_(changed)))
    if changed:
        tx.execute(ticket_figures.insert(), [{"ticket_id": ticket_id, **now[ticket_id]} for ticket_id in changed])
    _write(tx, sums)


def begin_again(tx: Tx) -> None:
    """Forget the sums and mark every ticket as not counted; they fill again as ``settle`` goes through them."""
    facts.put(tx, SETTLED, True)
    tx.execute(figure_days.delete())
    tx.execute(ticket_figures.delete())
    newest = select(func.max(ticket_events.c.id)).group_by(ticket_events.c.ticket_id)
    tx.execute(ticket_events.update().where(ticket_events.c.id.in_(newest)).values(tallied=False))


def figures_of(found: Known, office: OfficeCalendar = OFFICE) -> dict[str, Any]:
    """A ticket's row: where and as what it is counted, its working time by the calendar as it is kept now."""
    by_day = {day: dict(counts) for day, counts in sorted(count(found.facts, office).items())}
    return {
        "building": found.building,
        "route": found.route,
        "category": found.category,
        "unit": found.unit,
        "spot": found.spot,
        "shielded": int(found.facts.shielded),
        "first_day": min(by_day),
        "last_day": max(by_day),
        "counts": by_day,
    }


def _of(ticket_ids: Sequence[int]) -> Any:
    return select(ticket_figures).where(ticket_figures.c.ticket_id.in_(ticket_ids))


def _same(then: RowMapping | None, now: Mapping[str, Any]) -> bool:
    return then is not None and all(then[name] == value for name, value in now.items())


def add(sums: Sums, row: Mapping[str, Any] | RowMapping | None, times: int) -> None:
    """What a ticket counts as, so many times; -1 takes it out again."""
    if row is None:
        return
    for face, value in faces(row):
        for day, counts in row["counts"].items():
            seen = _of_a_spot(counts) if face == "spot" else counts
            for span in (day, day[:7]):
                total = sums.setdefault((span, face, value), Counter())
                for measure, number in seen.items():
                    total[measure] += times * number


def _of_a_spot(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Of a spot only what was reported counts."""
    return {name: counts[name] for name in ("received",) if name in counts}


def faces(row: Mapping[str, Any] | RowMapping) -> Iterator[tuple[str, str]]:
    """In which sums a ticket stands."""
    yield "all", ""
    if not row["shielded"]:
        yield "building", row["building"]
        yield "matter", f"{row['route']}/{row['category']}"
        yield "unit", row["unit"]
        if row["spot"]:
            yield "spot", row["spot"]


def _write(tx: Tx, sums: Sums) -> None:
    """Add what is different; a sum of nothing is no row."""
    keys = sorted(key for key, counts in sums.items() if any(counts.values()))
    for some in _portions(keys):
        place = tuple_(figure_days.c.span, figure_days.c.face, figure_days.c.value)
        held = {(row["span"], row["face"], row["value"]): row["counts"] for row in tx.all(_at(place, some))}
        fresh = {key: _sum(held.get(key, {}), sums[key]) for key in some}
        tx.execute(figure_days.delete().where(place.in_(some)))
        rows = [
            {"span": span, "face": face, "value": value, "counts": counts}
            for (span, face, value), counts in fresh.items()
            if counts
        ]
        if rows:
            tx.execute(figure_days.insert(), rows)


def _at(place: Any, keys: Sequence[Key]) -> Any:
    return select(figure_days).where(place.in_(keys))


def _sum(held: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    total = Counter(held)
    for measure, number in more.items():
        total[measure] += number
    return {measure: number for measure, number in sorted(total.items()) if number}


def _portions(keys: Sequence[Key], size: int = 200) -> Iterable[Sequence[Key]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
