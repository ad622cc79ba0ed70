"""What a ticket counts as, and what is read from counts: rates with what they leave out, spans, lines of too few."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import figures, periods
from knowledge.breakdowns import Row, rows, seasonal, without_few
from knowledge.datafiles import DataError
from knowledge.figure_rules import load, rules
from knowledge.figures import Facts, Said, count, rate
from knowledge.periods import Period

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLOSED = MONDAY + timedelta(days=2)


def facts(**changed: Any) -> Facts:
    given: dict[str, Any] = {
        "source": "web",
        "route": "service_request",
        "opened_at": MONDAY,
        "contact_due": MONDAY + timedelta(hours=1),
    } | changed
    return Facts(**given)


def over(**changed: Any) -> Facts:
    return facts(**{"contact_at": MONDAY, "closed_at": CLOSED, "ended": "not_confirmed"} | changed)


def counted(found: Facts) -> Counter[str]:
    return figures.added(*count(found).values())


SOLVED, NOT_SOLVED = Said(CLOSED, 0, "solved"), Said(CLOSED, 0, "not_solved")


@pytest.mark.parametrize(
    ("found", "measure"),
    [
        (facts(contact_at=MONDAY + timedelta(minutes=59)), "response.in_time"),
        (facts(contact_at=MONDAY + timedelta(minutes=61)), "response.late"),
        (facts(contact_missed=True), "response.late"),
        (facts(contact_missed=True, ended="withdrawn", closed_at=CLOSED), "response.late"),
        (facts(), "response.pending"),
        (facts(ended="withdrawn", closed_at=CLOSED), "response.withdrawn"),
        (facts(needs_reply=False), "response.no_reply_wanted"),
        (facts(in_mediation=True, shielded=True), "response.mediation"),
        (over(verdict=SOLVED, ended="solved"), "solved.yes"),
        (facts(verdict=NOT_SOLVED, redos=1), "solved.no"),
        (over(calls_in_vain=True), "solved.not_reached"),
        (over(needs_call_back=False), "solved.waived"),
        (over(), "solved.no_word"),
        (over(ended="transferred"), "solved.transferred"),
        (over(verdict=SOLVED, rating=Said(CLOSED, 0, "fair")), "satisfied.yes"),
        (over(verdict=SOLVED, rating=Said(CLOSED, 0, "angry")), "satisfied.no"),
        (over(verdict=SOLVED), "satisfied.unrated"),
        (over(ended="withdrawn"), "satisfied.withdrawn"),
        (over(redos=2), "redone.yes"),
        (over(), "returned.no"),
        (over(extended=True), "extended.yes"),
    ],
)
def test_each_ticket_is_in_a_rate_or_left_out_for_a_reason_and_never_both(found: Facts, measure: str) -> None:
    counts, name = counted(found), measure.partition(".")[0]
    assert [key for key in counts if key.startswith(f"{name}.")] == [measure]


def test_what_was_taken_up_again_is_judged_by_nobody_until_they_say_so() -> None:
    again = facts(verdict=SOLVED, rating=Said(CLOSED, 0, "delighted"), redos=1)
    assert not [key for key in counted(again) if key.startswith(("solved", "satisfied"))]
    assert "solved.no" in counted(facts(verdict=NOT_SOLVED, redos=1)), "that it was not solved is why"
    assert not [key for key in counted(facts(verdict=Said(CLOSED, 0, "not_seen"))) if key.startswith("solved")]


def test_each_thing_is_counted_on_its_own_day_in_chongqing() -> None:
    late_evening = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    days = count(
        over(verdict=Said(late_evening, 0, "solved"), rating=Said(late_evening + timedelta(days=3), 0, "fair"))
    )
    assert {
        day: [key for key in found if "." in key or key in ("received", "over")] for day, found in days.items()
    } == {
        "2026-11-23": ["received", "response.in_time"],
        "2026-11-24": ["solved.yes"],
        "2026-11-27": ["satisfied.yes"],
        "2026-11-25": ["over", "redone.no", "returned.no", "extended.no"],
    }


def test_a_rate_of_nothing_is_not_nought_and_weights_take_nothing_for_granted() -> None:
    counts = {"response.in_time": 3, "response.late": 1, "response.pending": 2, "solved.not_reached": 4}
    found = rate(counts, "response")
    assert (found.numerator, found.denominator, found.value, found.excluded) == (3, 4, 0.75, {"pending": 2})
    assert rate(counts, "solved").value is None
    assert rate(counts, "solved").excluded == {"not_reached": 4}
    assert figures.combined(counts, {"response": 1}) == 0.75
    assert figures.combined(counts, {"response": 1, "solved": 1}) is None
    assert figures.combined(counts, {}) is None
    assert figures.combined(counts | {"solved.yes": 1, "solved.no": 1}, {"response": 30, "solved": 10}) == 0.6875


@given(st.lists(st.integers(0, 60 * 24 * 120), min_size=1, max_size=60))
def test_the_middle_and_the_ninth_of_ten_are_those_of_the_spans_themselves_to_within_a_step(minutes: list[int]) -> None:
    counts = Counter(f"close_clock:{figures.step(timedelta(minutes=one))}" for one in minutes)
    found = figures.spread(counts, "close_clock")
    assert found.count == len(minutes)
    for part, got in ((0.5, found.middle), (0.9, found.ninth)):
        exact = sorted(minutes)[ceil(part * len(minutes)) - 1]
        assert got is not None
        assert 0 <= exact - got.total_seconds() / 60 <= max(1, exact * 0.1)


SIZES = st.dictionaries(st.sampled_from([*"123456789", ""]), st.integers(0, 12), max_size=10)


@given(SIZES)
def test_no_line_of_too_few_is_shown_and_none_can_be_reckoned_from_the_rest(sizes: dict[str, int]) -> None:
    listed = rows({name: {"received": size} for name, size in sizes.items()})
    shown = without_few(listed, 5)
    assert sum(row.counts["received"] for row in shown) == sum(sizes.values())
    merged = [row for row in shown if row.merged]
    assert len(merged) <= 1
    if len(shown) > 1:
        assert all(row.counts["received"] >= 5 for row in shown)
    for row in merged:
        assert row.merged > 1 or len(listed) == 1


def test_who_only_closed_or_judged_is_somebody_too() -> None:
    few, many = Row("1", {"solved.no": 1}), [Row(name, {"received": 9}) for name in "23"]
    assert [row.merged for row in without_few([few, *many], 5)] == [0, 2]


def test_what_is_more_than_a_month_or_a_year_ago() -> None:
    now, before, year_ago = ({"a": {"received": n}, "b": {"received": m}} for n, m in ((9, 4), (3, 3), (0, 4)))
    assert [
        (one.value, one.now, one.before, one.year_ago, one.more) for one in seasonal(now, before, year_ago, rules())
    ] == [
        ("a", 9, 3, 0, True),
        ("b", 4, 3, 4, False),
    ]


DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(DAYS, st.integers(0, 500))
def test_months_and_days_make_up_a_period_without_gap_or_overlap(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    found = [
        key for span in period.spans() for key in (periods.month_named(span).day_keys() if len(span) == 7 else [span])
    ]
    assert found == period.day_keys()
    assert period.before().last == first - timedelta(days=1)


def test_periods_by_their_names() -> None:
    today = date(2026, 11, 26)
    found = {kind: periods.named(kind, today) for kind in periods.KINDS if kind != "own"}
    assert {kind: (str(one.first), str(one.last)) for kind, one in found.items()} == {
        "this_week": ("2026-11-23", "2026-11-26"),
        "last_week": ("2026-11-16", "2026-11-22"),
        "this_month": ("2026-11-01", "2026-11-26"),
        "last_month": ("2026-10-01", "2026-10-31"),
        "quarter": ("2026-10-01", "2026-11-26"),
        "last_quarter": ("2026-07-01", "2026-09-30"),
    }
    assert found["last_month"].before() == periods.month_named("2026-09")
    assert found["last_month"].a_year_before() == periods.month_named("2025-10")


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("weights: {}", "weights: {speed: 1}"),
        ("weights: {}", "weights: {response: 0}"),
        ("least_by_building: 5", "least_by_building: 1"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(tmp_path: Path, wrong: str, problem: str) -> None:
    from knowledge.datafiles import DATA

    path = tmp_path / "figures.yaml"
    path.write_text((DATA / "figures.yaml").read_text("utf-8").replace(wrong, problem), "utf-8")
    with pytest.raises(DataError, match=r"figures\.yaml:\d+"):
        load(path)
