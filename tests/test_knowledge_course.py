"""The days of a mediation: thirty for the court, and those of performance."""

from __future__ import annotations

from datetime import UTC, date, datetime

from knowledge import course
from knowledge.calendar import CHINA, OfficeCalendar


def here(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=CHINA).astimezone(UTC)  # type: ignore[arg-type, misc]


def test_court_day_twenty_and_thirty_are_counted_from_the_day_after() -> None:
    found = course.court(date(2026, 11, 2))
    assert found.remind_at == here(2026, 11, 22, 9)
    assert found.last_day == found.go_by == date(2026, 12, 2)
    assert found.over_at == here(2026, 12, 3)
    assert not found.provisional


def test_a_last_day_nobody_works_means_going_earlier() -> None:
    found = course.court(date(2026, 9, 2))  # the thirtieth day lies in the national holiday
    assert found.last_day == date(2026, 10, 2)
    assert found.go_by == date(2026, 9, 30)
    assert found.last_call_at == here(2026, 9, 30, 9)


def test_days_of_a_year_nobody_has_announced_say_so() -> None:
    assert course.court(date(2030, 5, 10)).provisional


def test_each_duty_is_asked_after_the_working_day_after_its_own_day() -> None:
    due = [date(2026, 12, 4), date(2026, 12, 7), None]
    friday, monday, lasting = course.visits(due, date(2026, 11, 26))
    assert friday == [here(2026, 12, 7, 9)]  # a Friday: on Monday
    assert monday == [here(2026, 12, 8, 9)]
    assert lasting == [here(2026, 12, 3, 9), here(2026, 12, 28, 9)]  # the thirtieth day is a Saturday


def test_what_was_done_before_it_took_effect_is_asked_after_all_the_same() -> None:
    assert course.visits([date(2026, 11, 20)], date(2026, 11, 26)) == [[here(2026, 11, 27, 9)]]


def test_an_office_that_is_shut_moves_the_question_on() -> None:
    shut = OfficeCalendar(overrides={date(2026, 12, 3): False})
    assert course.ask_again(here(2026, 11, 26, 15), office=shut) == here(2026, 12, 4, 9)
