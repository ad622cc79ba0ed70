"""Working time: what we promise is kept in working days, whatever the holiday calendar does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import (
    OFFICE,
    OfficeCalendar,
    add_working_days,
    add_working_hours,
    is_open,
    next_opening,
)
from knowledge.deadlines import TERMS, Span, Terms, promise

CHINA = ZoneInfo("Asia/Shanghai")
_FIRST, _LAST = datetime(2026, 1, 1), datetime(2026, 11, 30)  # noqa: DTZ001 – hypothesis adds the zone
MOMENTS = st.datetimes(_FIRST, _LAST, timezones=st.just(UTC))


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)  # type: ignore[arg-type,misc]  # year to minute


def test_a_friday_evening_promise_of_one_day_is_monday_evening() -> None:
    assert add_working_days(china(2026, 11, 20, 19, 0), 1).due_at == china(2026, 11, 23, 18, 0)


def test_national_day_week_is_left_out_and_the_make_up_saturday_counts() -> None:
    """2026: 1 to 7 October are free, Saturday the 10th is worked."""
    assert add_working_days(china(2026, 9, 30, 10, 0), 3).due_at == china(2026, 10, 10, 18, 0)
    assert OFFICE.is_working_day(date(2026, 10, 10))
    assert not OFFICE.is_working_day(date(2026, 10, 5))


def test_a_year_not_announced_counts_weekdays_and_says_so() -> None:
    promised = add_working_days(china(2026, 12, 31, 10, 0), 1)
    assert promised.due_at == china(2027, 1, 1, 18, 0)
    assert promised.provisional
    assert not add_working_days(china(2026, 11, 23, 10, 0), 5).provisional


def test_an_admins_own_day_beats_the_calendar_and_is_certain() -> None:
    office = OfficeCalendar(overrides={date(2027, 1, 1): False})
    promised = office.add_working_days(china(2026, 12, 31, 10, 0), 1)
    assert promised.due_at == china(2027, 1, 4, 18, 0)
    assert promised.provisional  # the 4th is still a guess
    assert (
        not OfficeCalendar(overrides={date(2027, 1, 1): True})
        .add_working_days(china(2026, 12, 31, 10, 0), 1)
        .provisional
    )


def test_lunch_and_the_night_do_not_count() -> None:
    assert add_working_hours(china(2026, 11, 23, 11, 30), 1).due_at == china(2026, 11, 23, 14, 30)
    assert add_working_hours(china(2026, 11, 23, 17, 30), 1).due_at == china(2026, 11, 24, 9, 30)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [((8, 59), False), ((9, 0), True), ((12, 0), False), ((13, 59), False), ((14, 0), True), ((18, 0), False)],
)
def test_the_desk_opens_and_closes_to_the_minute(moment: tuple[int, int], opened: bool) -> None:
    assert is_open(china(2026, 11, 23, *moment)) is opened


def test_the_next_opening() -> None:
    assert next_opening(china(2026, 11, 23, 12, 30)) == china(2026, 11, 23, 14, 0)
    assert next_opening(china(2026, 11, 20, 18, 0)) == china(2026, 11, 23, 9, 0)
    assert next_opening(china(2026, 11, 23, 10, 0)) == china(2026, 11, 23, 10, 0)


def test_other_hours_are_only_a_setting() -> None:
    round_the_clock = OfficeCalendar(hours=((time(8), time(20)),))
    assert round_the_clock.is_open(china(2026, 11, 23, 12, 30))
    assert round_the_clock.day_length() == timedelta(hours=12)


@pytest.mark.parametrize("hours", [(), ((time(12), time(9)),), ((time(9), time(12)), (time(11), time(18)))])
def test_hours_that_make_no_sense_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        OfficeCalendar(hours=hours)


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        is_open(datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001 – the mistake under test


@given(MOMENTS, st.integers(1, 30))
def test_a_deadline_is_a_closing_time_of_a_working_day_after_today(now: datetime, days: int) -> None:
    due = add_working_days(now, days).due_at.astimezone(CHINA)
    assert due.time() == time(18)
    assert OFFICE.is_working_day(due.date())
    assert due.date() > now.astimezone(CHINA).date()


@given(MOMENTS, st.integers(1, 20))
def test_one_day_more_is_never_earlier(now: datetime, days: int) -> None:
    assert add_working_days(now, days).due_at < add_working_days(now, days + 1).due_at


@given(MOMENTS, st.floats(0.1, 60), st.floats(0.1, 60))
def test_working_hours_add_up(now: datetime, first: float, second: float) -> None:
    once = add_working_hours(now, first + second).due_at
    twice = add_working_hours(add_working_hours(now, first).due_at, second).due_at
    assert abs(once - twice) < timedelta(seconds=1)


@given(MOMENTS)
def test_the_office_is_open_at_its_next_opening(now: datetime) -> None:
    assert is_open(next_opening(now))


def test_danger_is_taken_over_in_five_minutes_by_night_too() -> None:
    night = china(2026, 11, 21, 3, 0)
    promised = promise(None, "P0", night)
    assert promised.first_contact.due_at == night + timedelta(minutes=5)
    assert promised.first_contact.rule == "WO-SLA P0 5 minutes"


def test_a_burst_pipe_is_answered_in_half_an_hour_and_reported_within_a_day() -> None:
    night = china(2026, 11, 21, 3, 0)
    promised = promise("repair", "P1", night)
    assert promised.first_contact.due_at == night + timedelta(minutes=30)
    assert promised.close.due_at == night + timedelta(hours=24)


def test_help_is_in_touch_within_a_working_day_and_closed_in_five() -> None:
    promised = promise("repair", "P2", china(2026, 11, 23, 10, 0))
    assert promised.first_contact.due_at == china(2026, 11, 24, 10, 0)
    assert promised.close.due_at == china(2026, 11, 30, 18, 0)


def test_nobody_is_promised_a_call_on_a_closed_sunday() -> None:
    assert promise("repair", "P2", china(2026, 11, 21, 10, 0)).first_contact.due_at == china(2026, 11, 23, 18, 0)


def test_a_community_may_promise_more() -> None:
    own = {"safety": {"P2": Terms(Span(clock_minutes=60), Span(working_days=1))}}
    promised = promise("safety", "P2", china(2026, 11, 23, 10, 0), terms=own)
    assert promised.close.due_at == china(2026, 11, 24, 18, 0)
    assert promised.close.rule == "catalogue P2 1 working day"
    assert promise("repair", "P2", china(2026, 11, 23, 10, 0), terms=own).close.rule.startswith("WO-SLA")


def test_spans_in_plain_words() -> None:
    assert TERMS["P0"].first_contact.words() == "5 分钟"
    assert TERMS["P1"].close.words() == "24 小时"
    assert TERMS["P2"].close.words() == "5 个工作日"
    assert TERMS["P2"].close.words("en") == "5 working days"


@pytest.mark.parametrize("parts", [{}, {"clock_minutes": 5, "working_days": 1}, {"working_days": -1}])
def test_a_span_is_exactly_one_length(parts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a span is one positive number"):
        Span(**parts)
