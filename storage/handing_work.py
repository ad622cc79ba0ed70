"""What a colleague who leaves had in hand, given to whom an admin chooses for each kind; whatever cannot be given there -
the chosen one may not see it, or would have to step aside - goes back to the line, and is counted as that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from sqlalchemy import or_, select

from knowledge import periods
from storage import giving, households, households_of, mediation_cases, mediation_desk, mediation_life, staff
from storage.desk_acts import Done
from storage.households import Wrong
from storage.leaving import theirs
from storage.mediation_cases import Case
from storage.staff import Member
from storage.tables import care_notes, duty_people, duty_weeks, mediations, tickets
from storage.transaction import Tx

KINDS = ("tickets", "cases", "care", "households", "duty")
"""Of everything else (conversations, alarms, call-backs, appointments) the next who is free takes one."""
LEAVES = "离岗 / leaves"
Given = Mapping[str, int]


def hand(
    tx: Tx, staff_id: int, to: Mapping[str, int], *, by: int, shut_out: Callable[[], object]
) -> tuple[Given, Given]:
    """Give ``to`` by kind; how much was given and how much went back. ``shut_out`` ends their time here, in between: a
    mediator is named anew only once there is none. LookupError for a colleague who is none."""
    chosen = {kind: _colleague(tx, to[kind], but=staff_id) for kind in KINDS if kind in to}
    mine = [
        case.id
        for case in mediation_cases.cases(tx, mediations.c.mediator_id == staff_id, mediations.c.ended_at.is_(None))
    ]
    given: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for kind, work in (
        ("tickets", _tickets),
        ("care", _care),
        ("households", _households),
        ("duty", _duty),
    ):
        if kind in chosen:
            done, back = work(tx, staff_id, chosen[kind], by)
            given[kind], left[kind] = done, back
    if "duty" not in chosen:
        left["duty"] = _end_shifts(tx, staff_id)
    shut_out()
    if "cases" in chosen:
        named = [_name(tx, case_id, chosen["cases"], by) for case_id in mine]
        given["cases"], left["cases"] = sum(named), len(named) - sum(named)
    staff.note(tx, by, "hand_over_work", str(staff_id), given=dict(+given), back=dict(+left), to=dict(to))
    return dict(+given), dict(+left)


def _colleague(tx: Tx, staff_id: int, *, but: int) -> Member:
    member = staff.get(tx, staff_id)
    if member is None or member.disabled_at is not None or not member.may_act or member.guest or staff_id == but:
        raise LookupError(f"no colleague {staff_id}")
    return member


def _tickets(tx: Tx, staff_id: int, colleague: Member, by: int) -> tuple[int, int]:
    query = select(tickets.c.id, tickets.c.revision).where(theirs(staff_id)).order_by(tickets.c.id)
    done = [
        isinstance(giving.give(tx, ticket_id, staff_id=by, to=colleague.id, revision=revision), Done)
        for ticket_id, revision in tx.tuples(query)
    ]
    return sum(done), len(done) - sum(done)


def _care(tx: Tx, staff_id: int, colleague: Member, _by: int) -> tuple[int, int]:
    open_ones = (care_notes.c.named_to == staff_id) & care_notes.c.closed_at.is_(None)
    return tx.changed(care_notes.update().where(open_ones).values(named_to=colleague.id)), 0


def _households(tx: Tx, staff_id: int, colleague: Member, by: int) -> tuple[int, int]:
    """All of them, or none where the other may not look after any."""
    mine = households_of.of(tx, staff_id)
    if not mine:
        return 0, 0
    try:
        return households.hand_over_all(tx, of=staff_id, to=colleague.id, reason=LEAVES, staff_id=by), 0
    except Wrong:
        return 0, mine


def _duty(tx: Tx, staff_id: int, colleague: Member, by: int) -> tuple[int, int]:
    """Their shifts of the week from today on; where the other is not on that community's roster a gap is left."""
    given = back = 0
    for row in _shifts(tx, staff_id):
        person = duty_people.c.community_id.is_not_distinct_from(row["community_id"])
        there = (duty_people.c.staff_id == colleague.id, duty_people.c.removed_at.is_(None), person)
        other = tx.scalar(select(duty_people.c.id).where(*there).limit(1))
        if other is None:
            back += 1
            continue
        same = {name: row[name] for name in ("community_id", "post", "weekday", "begins", "ends")}
        today = periods.day_of(tx.now).isoformat()
        tx.insert(duty_weeks, **same, person_id=other, since=today, made_at=tx.now, made_by=by)
        given += 1
    _end_shifts(tx, staff_id)
    return given, back


def _shifts(tx: Tx, staff_id: int) -> list[Mapping[str, object]]:
    today = periods.day_of(tx.now).isoformat()
    mine = duty_weeks.c.person_id.in_(select(duty_people.c.id).where(duty_people.c.staff_id == staff_id))
    running = or_(duty_weeks.c.until.is_(None), duty_weeks.c.until > today)
    return [dict(row) for row in tx.all(select(duty_weeks).where(mine, running))]


def count_shifts(tx: Tx, staff_id: int) -> int:
    return len(_shifts(tx, staff_id))


def _end_shifts(tx: Tx, staff_id: int) -> int:
    ids = [row["id"] for row in _shifts(tx, staff_id)]
    today = periods.day_of(tx.now).isoformat()
    return tx.changed(duty_weeks.update().where(duty_weeks.c.id.in_(ids)).values(until=today))


def _name(tx: Tx, case_id: int, colleague: Member, by: int) -> bool:
    """True where they mediate it now."""
    case: Case | None = mediation_cases.get(tx, case_id)
    admin = staff.get(tx, by)
    if case is None or admin is None or mediation_desk.conflicts(tx, case, colleague):
        return False
    who = mediation_desk.footing(tx, case, admin).who
    mediation_life.name(tx, case, mediator_id=colleague.id, staff_id=by, who=who, revision=case.revision)
    found = mediation_cases.get(tx, case_id)
    return found is not None and found.mediator_id == colleague.id
