"""The office's own days and terms: announcements as they are written, years that arrive, whose promise holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import own_terms
from knowledge.calendar import CHINA, OFFICE, OfficeCalendar, announced_until
from knowledge.deadlines import TERMS, Span, Terms
from knowledge.office_days import Unreadable, announced, as_it_was, counted_anew, overrides
from knowledge.own_terms import Change

UNKNOWN = announced_until() + 1
"""A year nobody has announced yet, whichever that is when this runs."""
SPRING = f"""
{UNKNOWN}-02-05~{UNKNOWN}-02-11 休 春节
{UNKNOWN}-01-31 班
{UNKNOWN}-02-14 上班 补春节
"""
NOW = datetime(2026, 11, 23, 10, tzinfo=CHINA)
QUICK = Terms(Span(clock_minutes=60), Span(working_days=2))


def there(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(UNKNOWN, month, day, hour, tzinfo=CHINA)


def entered() -> OfficeCalendar:
    days = {one.day: one.is_open for one in announced(SPRING, UNKNOWN)}
    return OfficeCalendar(overrides=overrides([UNKNOWN], days))


def test_an_announcement_is_read_as_it_is_written() -> None:
    found = announced(SPRING, UNKNOWN)
    assert [(one.day.month, one.day.day, one.is_open) for one in found] == [
        (1, 31, True), *((2, day, False) for day in range(5, 12)), (2, 14, True),
    ]  # fmt: skip
    assert (found[1].name, found[-1].name) == ("春节", "补春节")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("明天 休", "no date"),
        (f"{UNKNOWN}-02-30 休", "no such day"),
        (f"{UNKNOWN}-02-11~{UNKNOWN}-02-05 休", "backwards"),
        (f"{UNKNOWN - 1}-02-05 休", "another year"),
        (f"{UNKNOWN}-02-05 也许", "neither"),
        (f"{UNKNOWN}-01-01~{UNKNOWN}-12-31 休", "too long"),
        (f"{UNKNOWN}-01-31 休", "the same day both ways"),
    ],
)
def test_a_line_that_is_no_day_is_named(line: str, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        announced(f"{UNKNOWN}-01-31 班\n{line}", UNKNOWN)
    assert refused.value.line == 2, why


def test_a_year_entered_whole_is_provisional_no_more() -> None:
    assert OFFICE.is_provisional(date(UNKNOWN, 2, 8))
    office = entered()
    assert not office.is_provisional(date(UNKNOWN, 7, 1))
    assert [office.is_working_day(date(UNKNOWN, 2, day)) for day in (5, 14)] == [False, True]


def test_what_was_promised_before_the_year_was_known_keeps_its_working_days() -> None:
    start = there(2, 3)
    before = OFFICE.add_working_days(start, 5)
    after = entered().add_working_days(start, 5)
    assert before.provisional
    assert not after.provisional
    then = as_it_was(entered(), UNKNOWN, {})
    assert counted_anew(before.due_at, since=start, then=then, now=entered()) == after.due_at > before.due_at


@given(st.integers(0, 360 * 24), st.integers(1, 30))
def test_counting_anew_gives_as_much_open_time(hour: int, days: int) -> None:
    start = datetime(UNKNOWN - 1, 12, 20, tzinfo=UTC) + timedelta(hours=hour)
    promised = OFFICE.add_working_days(start, days)
    year = promised.due_at.astimezone(CHINA).year
    if not promised.provisional or year != UNKNOWN:
        return
    then = as_it_was(entered(), UNKNOWN, {})
    moved = counted_anew(promised.due_at, since=start, then=then, now=entered())
    assert entered().open_between(start, moved) == then.open_between(start, promised.due_at)
    assert counted_anew(promised.due_at, since=start, then=then, now=then) == promised.due_at


def test_opening_hours_change_from_a_day_on() -> None:
    short = ((time(10), time(12)),)
    office = OfficeCalendar(changed={date(2026, 11, 25): short})
    assert office.add_working_days(NOW, 1).due_at == datetime(2026, 11, 24, 18, tzinfo=CHINA)
    assert office.add_working_days(NOW, 2).due_at == datetime(2026, 11, 25, 12, tzinfo=CHINA)
    assert not office.is_open(datetime(2026, 11, 25, 15, tzinfo=CHINA))
    assert Span(office_days=1).after(datetime(2026, 11, 25, 9, tzinfo=CHINA), office, "").due_at == datetime(
        2026, 11, 25, 12, tzinfo=CHINA
    )
    with pytest.raises(ValueError, match="office hours"):
        OfficeCalendar(changed={date(2026, 11, 25): ((time(12), time(10)),)})


def test_whose_terms_hold() -> None:
    def holds(*changes: Change, category: str = "repair", at: datetime = NOW) -> tuple[Terms, str]:
        return own_terms.standing(changes, "service_request", category, "P2", at)

    everything = Change(None, None, "P2", QUICK, NOW)
    repairs = Change("service_request", "repair", "P2", Terms(Span(office_days=2), Span(working_days=9)), NOW)
    assert holds() == (TERMS["P2"], "WO-SLA")
    assert holds(everything) == (QUICK, "own_all")
    assert holds(everything, repairs) == (repairs.terms, "own")
    assert holds(everything, category="safety")[1] == "catalogue", "the catalogue knows this kind better"
    assert holds(everything, at=NOW - timedelta(seconds=1)) == (TERMS["P2"], "WO-SLA"), "what was promised stays"
    again = Change("service_request", "repair", "P2", None, NOW + timedelta(days=1))
    assert holds(repairs, again, at=NOW + timedelta(days=2)) == (TERMS["P2"], "WO-SLA")
    assert len(own_terms.table([everything], NOW)) == 4 * len(list(own_terms.kinds()))
    promised = own_terms.promised([repairs], "service_request", "repair", "P2", NOW)
    assert promised.close.rule == "own repair P2 9 working days"
