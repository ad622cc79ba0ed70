"""The duty as the desk sees it: around every page who is on call, on its own page the two weeks ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import RowMapping, select

from knowledge.calendar import CHINA
from knowledge.duty import Post, Watch, shipped
from storage import alarm_calls, desk_alarms, duty, duty_handovers, duty_plan
from storage.alarm_calls import Call
from storage.desk_alarms import Alarm
from storage.duty import OnCall, Person, Plan, Town
from storage.duty_handovers import Handover
from storage.staff import Member
from storage.tables import alarms
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Here:
    """One community in the frame."""

    town: Town
    name: str
    posts: list[OnCall]
    mine: list[OnCall]
    """the posts this reader is on now"""
    gaps: int


@dataclass(frozen=True, slots=True)
class Around:
    """What every page says of the duty: who is on call where, what waits for this reader's answer, what calls them."""

    here: list[Here]
    offers: int
    called: frozenset[int]

    @property
    def gaps(self) -> int:
        return sum(one.gaps for one in self.here)

    @property
    def on(self) -> bool:
        """This reader is on call somewhere."""
        return any(one.mine for one in self.here)


def around(tx: Tx, staff_id: int) -> Around:
    found = [_here(plan, staff_id, tx.now) for plan in duty.plans(tx, staff_id)]
    return Around(found, duty_handovers.for_me(tx, staff_id), frozenset(alarm_calls.mine(tx, staff_id)))


def _here(plan: Plan, staff_id: int, now: datetime) -> Here:
    posts = plan.now(now)
    mine = [one for one in posts if any(person.staff_id == staff_id for person in one.people)]
    return Here(plan.town, plan.name, posts, mine, len(plan.gaps(now)))


@dataclass(frozen=True, slots=True)
class Line:
    """One stretch of a day at a post; nobody: who is missing."""

    starts: datetime
    ends: datetime
    people: tuple[Person, ...]
    missing: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    posts: dict[Post, list[Line]]

    @property
    def empty(self) -> bool:
        """Somebody is missing on this day."""
        return any(not line.people for lines in self.posts.values() for line in lines)


@dataclass(frozen=True, slots=True)
class Board:
    """One community's page."""

    plan: Plan
    now: list[OnCall]
    gaps: list[Watch]
    days: list[Day]
    changes: list[RowMapping]
    handovers: list[Handover]
    unreached: list[Call]
    slow: list[Alarm]
    calls: dict[int, list[Call]]
    """of the slow ones, by alarm"""


def board(tx: Tx, member: Member, town: Town) -> Board:
    """MayNot, NotThere: this community's duty is none of theirs."""
    plan = duty_plan.of_town(tx, member.id, town)
    open_ids = [alarm.id for alarm in desk_alarms.open_alarms(tx, member=member)]
    slow = _slow(tx, member)
    calls: dict[int, list[Call]] = {}
    for call in alarm_calls.of(tx, [alarm.id for alarm in slow]):
        calls.setdefault(call.alarm_id, []).append(call)
    return Board(
        plan=plan,
        now=plan.now(tx.now),
        gaps=plan.gaps(tx.now),
        days=_days(plan, tx.now),
        changes=list(duty_plan.changes(tx, town)),
        handovers=duty_handovers.waiting(tx, town),
        unreached=alarm_calls.unreached(tx, open_ids),
        slow=slow,
        calls=calls,
    )


def _slow(tx: Tx, member: Member) -> list[Alarm]:
    """Alarms of the last month that nobody took in time, or at all; the newest first."""
    lately = alarms.c.raised_at > tx.now - alarm_calls.SLOW_FOR
    patience = shipped().slow_after
    rows = tx.all(select(alarms.c.id, alarms.c.raised_at, alarms.c.taken_at, alarms.c.ended_at).where(lately))
    late = [row["id"] for row in rows if (row["taken_at"] or row["ended_at"] or tx.now) - row["raised_at"] > patience]
    found = (desk_alarms.alarm(tx, id, member=member) for id in sorted(late, reverse=True))
    return [alarm for alarm in found if alarm is not None]


def _days(plan: Plan, now: datetime) -> list[Day]:
    """From today on, each day from midnight to midnight."""
    today, count = now.astimezone(CHINA).date(), shipped().look_ahead.days
    return [_day(plan, today + timedelta(days=number)) for number in range(count)]


def _day(plan: Plan, day: date) -> Day:
    starts = datetime.combine(day, time(0), CHINA)
    ends = starts + timedelta(days=1)
    posts = {post: [_line(plan, watch) for watch in plan.roster.watches(post, starts, ends)] for post in Post}
    return Day(day, posts)


def _line(plan: Plan, watch: Watch) -> Line:
    return Line(watch.starts, watch.ends, plan.named(watch.people), plan.named(watch.missing))
