"""What we promise: when somebody is in touch and when a matter is closed (WO-SLA).

Minutes and hours marked `clock` run day and night; working days follow the office calendar. Clocks run from the
resident's message and survive hand-offs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from knowledge.calendar import OFFICE, OfficeCalendar, Promise


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: exactly one of clock minutes, office minutes or days (open hours), or working days."""

    clock_minutes: int = 0
    office_days: int = 0
    working_days: int = 0
    office_minutes: int = 0

    def __post_init__(self) -> None:
        parts = (self.clock_minutes, self.office_days, self.working_days, self.office_minutes)
        given = [part for part in parts if part]
        if len(given) != 1 or given[0] < 0:
            raise ValueError("a span is one positive number of minutes, office days or working days")

    def after(self, start: datetime, office: OfficeCalendar, rule: str) -> Promise:
        """The promise this span makes, counted from `start` (aware)."""
        if self.clock_minutes:
            return office.add_hours(start, self.clock_minutes / 60, rule=rule)
        if self.office_days or self.office_minutes:
            hours = office.day_length(start).total_seconds() / 3600 * self.office_days + self.office_minutes / 60
            return office.add_working_hours(start, hours, rule=rule)
        return office.add_working_days(start, self.working_days, rule=rule)

    def kept(self) -> dict[str, int]:
        """As storage keeps it; `Span(**kept)` is the same again."""
        found = {
            "clock_minutes": self.clock_minutes,
            "office_days": self.office_days,
            "working_days": self.working_days,
            "office_minutes": self.office_minutes,
        }
        return {name: value for name, value in found.items() if value}

    def words(self, language: str = "zh") -> str:
        """The span in plain words: '30 分钟', '24 小时', '5 个工作日'."""
        zh = language.startswith("zh")
        if self.working_days or self.office_days:
            days = self.working_days or self.office_days
            return f"{days} 个工作日" if zh else f"{days} working day{'s' * (days > 1)}"
        if self.office_minutes:
            return f"{self.office_minutes} 分钟办公时间" if zh else f"{self.office_minutes} office minutes"
        hours, minutes = divmod(self.clock_minutes, 60)
        if minutes:
            return f"{self.clock_minutes} 分钟" if zh else f"{self.clock_minutes} minutes"
        return f"{hours} 小时" if zh else f"{hours} hours"


@dataclass(frozen=True, slots=True)
class Terms:
    """The two spans of one urgency: first contact and closing."""

    first_contact: Span
    close: Span


#: WO-SLA. P0 danger, P1 water/power/gas gone or water coming in, P2 help and complaints, P3 questions and ideas. A
#: day's first contact is an office day: 24 hours on working days, and never promised for a closed weekend.
TERMS: Mapping[str, Terms] = MappingProxyType({
    "P0": Terms(Span(clock_minutes=5), Span(clock_minutes=24 * 60)),
    "P1": Terms(Span(clock_minutes=30), Span(clock_minutes=24 * 60)),
    "P2": Terms(Span(office_days=1), Span(working_days=5)),
    "P3": Terms(Span(office_days=1), Span(working_days=5)),
})  # fmt: skip
REDO = Span(working_days=3)
COMPLEX = Span(working_days=15)
SEND_BACK = Span(working_days=2)
EXTENSION_AT_MOST = Span(working_days=10)
EXTENSIONS = 1
"""How often one promise may be put off; a redo is a new promise."""


@dataclass(frozen=True, slots=True)
class Promises:
    """Both promises of a ticket."""

    first_contact: Promise
    close: Promise


def promise(
    category: str | None,
    urgency: str,
    opened_at: datetime,
    *,
    office: OfficeCalendar = OFFICE,
    terms: Mapping[str, Mapping[str, Terms]] | None = None,
) -> Promises:
    """What is promised for a matter of `category` at `urgency` (P0–P3) opened at `opened_at` (aware).

    `terms` are a community's own spans by category and urgency; WO-SLA holds where it says nothing. KeyError for an
    unknown urgency.
    """
    own = (terms or {}).get(category or "", {})
    source = "catalogue" if urgency in own else "WO-SLA"
    return made(own.get(urgency) or TERMS[urgency], f"{source} {urgency}", opened_at, office)


def made(terms: Terms, rule: str, opened_at: datetime, office: OfficeCalendar = OFFICE) -> Promises:
    """The promises of these terms, each with the rule that produced it."""
    contact, close = terms.first_contact, terms.close
    return Promises(
        contact.after(opened_at, office, f"{rule} {contact.words('en')}"),
        close.after(opened_at, office, f"{rule} {close.words('en')}"),
    )


ON_THE_CLOCK = ("P0", "P1")
"""Urgencies whose promises run day and night."""


def after_waiting(
    due_at: datetime, *, since: datetime, now: datetime, urgency: str, office: OfficeCalendar = OFFICE
) -> datetime:
    """The promise once the resident has answered: the time they were waited for is not counted as ours.

    Nothing is given back of a promise that had passed before the question was asked.
    """
    if due_at <= since or now <= since:
        return due_at
    if urgency in ON_THE_CLOCK:
        return due_at + (now - since)
    left = office.open_between(since, due_at)
    return max(due_at, office.add_working_hours(now, left.total_seconds() / 3600).due_at) if left else due_at


def extension(
    due_at: datetime, until: date, *, now: datetime, taken: int = 0, office: OfficeCalendar = OFFICE
) -> Promise | str:
    """A later promise (WO-13), or why not: ``again`` after one was ``taken``, ``late`` once the old one has passed,
    ``not_later`` than it, ``too_far`` (more than ``EXTENSION_AT_MOST`` later), ``closed`` on a day nobody works."""
    if taken >= EXTENSIONS:
        return "again"
    if now >= due_at:
        return "late"
    closing = office.closing(until)
    if closing is None:
        return "closed"
    if closing <= due_at:
        return "not_later"
    if closing > EXTENSION_AT_MOST.after(due_at, office, "").due_at:
        return "too_far"
    return Promise(closing, "WO-13 extended", office.is_provisional(until))
