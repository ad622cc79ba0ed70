"""Changing the roster: who can be called, the week, who is away, who stands in, who takes a duty over.

Nothing is deleted: a shift that ends has an end, a change that is taken back says when. Each step is in the audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import RowMapping, or_, select

from knowledge.calendar import CHINA
from knowledge.duty import Post, shipped
from storage import duty, staff
from storage.access import NotThere, member_for
from storage.duty import Person, Plan, Town
from storage.staff import MayNot
from storage.tables import duty_changes, duty_people, duty_weeks
from storage.tables import staff as staff_table
from storage.transaction import Tx

AWAY = ("holiday", "illness")
STANDS = ("swap", "taken", "handed")
LONGEST = timedelta(days=366)
LONGEST_NAME = 40
Trouble = Literal["no_person", "not_fit", "bad_time", "same", "over"]
"""Why a step was not taken: nobody there, their role may not, times that cannot be, it is so already, it is over."""


def of_town(tx: Tx, staff_id: int, town: Town, act: str = "see") -> Plan:
    """The gate: the plan of a community that concerns this colleague. MayNot, NotThere."""
    member_for(tx, staff_id, "duty", act)
    if town not in {known for known, _ in duty.towns(tx, staff_id)}:
        raise NotThere
    return duty.plan(tx, town)


def candidates(tx: Tx, plan: Plan) -> list[tuple[int, str]]:
    """Colleagues who can be added."""
    known = {one.staff_id for one in plan.people.values() if not one.out}
    roles = set().union(*(rule.holders for rule in shipped().posts.values()))
    query = select(staff_table.c.id, staff_table.c.name)
    fit = query.where(staff_table.c.role.in_(roles), duty.of_the_house())
    return [(row[0], row[1]) for row in tx.tuples(fit.order_by(staff_table.c.id)) if row[0] not in known]


def add_person(
    tx: Tx, town: Town, *, by: int, colleague: int | None = None, name: str = "", phone: str = ""
) -> Trouble | None:
    """A colleague, or somebody outside with a name and a number."""
    plan = of_town(tx, by, town, "plan")
    if colleague is not None and colleague not in dict(candidates(tx, plan)):
        return "no_person"
    if colleague is None and not (name and phone):
        return "no_person"
    _add(tx, town, by=by, staff_id=colleague, name=None if colleague else name[:LONGEST_NAME], phone=phone or None)
    staff.note(tx, by, "duty_person", colleague=colleague)
    return None


def _add(
    tx: Tx, town: Town, *, by: int, staff_id: int | None, name: str | None = None, phone: str | None = None
) -> int:
    values = {"staff_id": staff_id, "name": name, "phone": phone}
    tx.wake("desk")
    return tx.insert(duty_people, community_id=town, added_at=tx.now, added_by=by, **values)


def set_phone(tx: Tx, town: Town, person_id: int, *, by: int, phone: str) -> Trouble | None:
    """Their own number, or anybody's by who plans."""
    if not _may_settle(tx, town, person_id, by=by):
        return "no_person"
    tx.execute(duty_people.update().where(duty_people.c.id == person_id).values(phone=phone or None))
    staff.note(tx, by, "duty_phone", str(person_id))
    return None


def _may_settle(tx: Tx, town: Town, person_id: int, *, by: int) -> bool:
    """What is about oneself, or about anybody where one plans (MayNot); False where there is nobody of that number."""
    person = of_town(tx, by, town, "act").people.get(person_id)
    if person is None or person.out:
        return False
    if person.staff_id != by:
        of_town(tx, by, town, "plan")
    return True


def remove_person(tx: Tx, town: Town, person_id: int, *, by: int) -> Trouble | None:
    """They are not called any more; what they leave open is a gap that is shown."""
    if person_id not in of_town(tx, by, town, "plan").people:
        return "no_person"
    here = (duty_people.c.id == person_id) & duty_people.c.removed_at.is_(None)
    if not tx.changed(duty_people.update().where(here).values(removed_at=tx.now)):
        return "over"
    staff.note(tx, by, "duty_person_out", str(person_id))
    tx.wake("desk")
    return None


def add_shifts(
    tx: Tx,
    town: Town,
    *,
    by: int,
    post: Post,
    person_id: int,
    days: Sequence[int],
    begins: time,
    ends: time,
    since: date,
) -> Trouble | None:
    """Every week on these days, from a day on; what stands there already is not written twice."""
    plan = of_town(tx, by, town, "plan")
    if trouble := _cannot(plan, person_id, post):
        return trouble
    values = {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}", "person_id": person_id, "post": post.value}
    known = {
        row["weekday"]
        for row in tx.all(
            select(duty_weeks).where(duty.here(duty_weeks.c.community_id, town), duty_weeks.c.until.is_(None))
        )
        if all(row[name] == value for name, value in values.items())
    }
    fresh = [day for day in sorted(set(days)) if day not in known]
    for day in fresh:
        more = {"since": since.isoformat(), "made_at": tx.now, "made_by": by}
        tx.insert(duty_weeks, community_id=town, weekday=day, **values, **more)
    if not fresh:
        return "same"
    staff.note(tx, by, "duty_shift", str(person_id), post=post.value, days=fresh)
    tx.wake("desk")
    return None


def end_shift(tx: Tx, town: Town, shift_id: int, *, by: int, until: date) -> Trouble | None:
    """No shift begins on this day or later."""
    of_town(tx, by, town, "plan")
    mine = (duty_weeks.c.id == shift_id) & duty.here(duty_weeks.c.community_id, town)
    row = tx.first(select(duty_weeks).where(mine))
    if row is None or (row["until"] is not None and row["until"] <= until.isoformat()):
        return "over"
    tx.execute(duty_weeks.update().where(mine).values(until=max(until.isoformat(), row["since"])))
    staff.note(tx, by, "duty_shift_end", str(shift_id), until=until.isoformat())
    tx.wake("desk")
    return None


def shifts(tx: Tx, town: Town) -> Sequence[RowMapping]:
    """The lines of the week that hold now or will, by post, day and hour."""
    today = tx.now.astimezone(CHINA).date().isoformat()
    current = or_(duty_weeks.c.until.is_(None), duty_weeks.c.until > today)
    query = select(duty_weeks).where(duty.here(duty_weeks.c.community_id, town), current)
    return tx.all(query.order_by(duty_weeks.c.weekday, duty_weeks.c.begins, duty_weeks.c.id))


def changes(tx: Tx, town: Town) -> Sequence[RowMapping]:
    """What differs from the week, now or later, the earliest first."""
    query = select(duty_changes).where(duty.standing(tx, town))
    return tx.all(query.order_by(duty_changes.c.starts, duty_changes.c.id))


def away(
    tx: Tx, town: Town, *, by: int, person_id: int, kind: str, starts: datetime, ends: datetime, note: str = ""
) -> Trouble | None:
    """A holiday or an illness: oneself, or anybody by who plans."""
    if not _may_settle(tx, town, person_id, by=by):
        return "no_person"
    return _change(tx, town, by=by, kind=kind, post=None, person_id=person_id, starts=starts, ends=ends, note=note)


def stand_in(
    tx: Tx, town: Town, *, by: int, post: Post, person_id: int, starts: datetime, ends: datetime, note: str = ""
) -> Trouble | None:
    """A swap: this person instead of whom the week names."""
    plan = of_town(tx, by, town, "plan")
    trouble = _cannot(plan, person_id, post)
    given = {"post": post, "person_id": person_id, "starts": starts, "ends": ends, "note": note}
    return trouble or _change(tx, town, by=by, kind="swap", **given)  # type: ignore[arg-type]


def take_over(tx: Tx, town: Town, *, by: int, post: Post, until: datetime) -> Trouble | None:
    """ "I take tonight's duty": from now on they are called, until then. Whoever is not on the list yet is put there."""
    plan = of_town(tx, by, town, "act")
    person = plan.of_staff(by)
    if person is None:
        me = staff.get(tx, by)
        if me is None or by not in dict(candidates(tx, plan)) or me.role not in shipped().posts[post].holders:
            return "not_fit"
        person_id = _add(tx, town, by=by, staff_id=by)
    elif not person.may_hold(post):
        return "not_fit"
    elif plan.on(post, tx.now) == (person,) and plan.roster.until(post, tx.now) >= until:
        return "same"
    else:
        person_id = person.id
    return _change(tx, town, by=by, kind="taken", post=post, person_id=person_id, starts=tx.now, ends=until)


def cancel(tx: Tx, town: Town, change_id: int, *, by: int) -> Trouble | None:
    """Taken back: one's own, or anybody's by who plans."""
    plan = of_town(tx, by, town, "act")
    mine = (duty_changes.c.id == change_id) & duty.standing(tx, town)
    row = tx.first(select(duty_changes).where(mine))
    if row is None:
        return "over"
    if plan.people[row["person_id"]].staff_id != by:
        of_town(tx, by, town, "plan")
    tx.execute(duty_changes.update().where(mine).values(cancelled_at=tx.now))
    staff.note(tx, by, "duty_change_back", str(change_id))
    tx.wake("desk")
    return None


def hand(tx: Tx, town: Town, *, by: int, post: Post, person_id: int, until: datetime) -> Trouble | None:
    """The next has accepted a duty that was handed over."""
    given = {"post": post, "person_id": person_id, "starts": tx.now, "ends": until}
    return _change(tx, town, by=by, kind="handed", **given)  # type: ignore[arg-type]


def _cannot(plan: Plan, person_id: int, post: Post) -> Trouble | None:
    person: Person | None = plan.people.get(person_id)
    if person is None or person.out:
        return "no_person"
    return None if person.may_hold(post) else "not_fit"


def _change(
    tx: Tx,
    town: Town,
    *,
    by: int,
    kind: str,
    post: Post | None,
    person_id: int,
    starts: datetime,
    ends: datetime,
    note: str = "",
) -> Trouble | None:
    if kind not in (*AWAY, *STANDS) or (post is None) != (kind in AWAY):
        raise MayNot
    if not (starts < ends and tx.now < ends and ends - starts <= LONGEST):
        return "bad_time"
    values = {
        "kind": kind,
        "post": post.value if post else None,
        "person_id": person_id,
        "starts": starts,
        "ends": ends,
    }
    known = select(duty_changes.c.id).where(duty.standing(tx, town))
    same = [duty_changes.c[name].is_not_distinct_from(value) for name, value in values.items()]
    if tx.scalar(known.where(*same)) is not None:
        return "same"
    made = {"note": note or None, "made_at": tx.now, "made_by": by}
    change_id = tx.insert(duty_changes, community_id=town, **values, **made)
    staff.note(tx, by, "duty_change", str(change_id), kind=kind, post=values["post"], person=person_id)
    tx.wake("desk")
    return None
