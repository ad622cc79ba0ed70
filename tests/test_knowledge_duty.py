"""Who is on call at an instant: over midnight, with people away, standing in or gone; and where nobody is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import CHINA
from knowledge.datafiles import DataError
from knowledge.duty import Away, Post, Roster, StandIn, Weekly, load, shipped

MONDAY = date(2026, 11, 23)
ANY_POST = st.sampled_from(list(Post))
PEOPLE = st.integers(1, 4)
HOURS = st.integers(0, 23).map(time)
INSTANTS = st.integers(0, 22 * 24 * 60).map(
    lambda minutes: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=minutes)
)
WEEKLY = st.builds(
    Weekly, ANY_POST, PEOPLE, st.integers(0, 6), HOURS, HOURS, st.dates(date(2026, 11, 16), date(2026, 11, 30)),
    st.none() | st.dates(date(2026, 11, 25), date(2026, 12, 10)),
)  # fmt: skip


def spans(kind: type, *first: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    lengths = st.integers(1, 200).map(lambda hours: timedelta(hours=hours))
    starts = st.tuples(*first, INSTANTS, lengths)
    return starts.map(lambda drawn: kind(*drawn[:-2], drawn[-2], drawn[-2] + drawn[-1]))


ROSTERS = st.builds(
    Roster,
    st.lists(WEEKLY, max_size=8),
    st.lists(spans(StandIn, ANY_POST, PEOPLE), max_size=4),
    st.lists(spans(Away, PEOPLE), max_size=3),
    st.frozensets(PEOPLE, max_size=2),
)


def here(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


def nights(person: int, *weekdays: int, **more: date) -> list[Weekly]:
    return [Weekly(Post.FIRST, person, day, time(18), time(9), more.get("since", MONDAY)) for day in weekdays]


@given(ROSTERS, ANY_POST, INSTANTS, st.integers(1, 500))
def test_the_watches_of_a_post_fill_the_time_and_say_who(
    roster: Roster, post: Post, start: datetime, hours: int
) -> None:
    end = start + timedelta(hours=hours)
    found = roster.watches(post, start, end)
    assert [watch.starts for watch in found] == [start, *(watch.ends for watch in found[:-1])]
    assert found[-1].ends == end
    for watch in found:
        inside = watch.starts + (watch.ends - watch.starts) / 2
        assert roster.on(post, watch.starts) == roster.on(post, inside) == watch.people
        assert not (set(watch.people) & roster.gone)
        assert not [one for one in roster.away if one.person in watch.people and one.starts <= inside < one.ends]
    assert [watch for watch in found if not watch.people] == roster.gaps(start, end, [post])


@given(ROSTERS, ANY_POST, INSTANTS)
def test_at_most_one_stands_in_and_nobody_who_is_not_written_is_called(
    roster: Roster, post: Post, at: datetime
) -> None:
    written = {one.person for one in roster.weekly if one.post == post}
    written |= {one.person for one in roster.stand_ins if one.post == post}
    assert set(roster.on(post, at)) <= written
    assert at < roster.until(post, at) <= at + timedelta(days=1)


def test_a_night_goes_over_midnight_and_belongs_to_the_day_it_began() -> None:
    roster = Roster(nights(1, 0))
    assert roster.on(Post.FIRST, here(23, 17, 59)) == ()
    assert roster.on(Post.FIRST, here(23, 18)) == (1,)
    assert roster.on(Post.FIRST, here(24, 0)) == (1,)
    assert roster.on(Post.FIRST, here(24, 8, 59)) == (1,)
    assert roster.on(Post.FIRST, here(24, 9)) == ()
    assert roster.on(Post.FIRST, here(30, 23)) == (1,), "every week"
    assert roster.on(Post.FIRST, here(17, 1)) == (), "not before it was agreed"


def test_the_same_hour_twice_is_a_whole_day() -> None:
    roster = Roster([Weekly(Post.FIRST, 1, day, time(0), time(0), MONDAY) for day in range(7)])
    [watch] = roster.watches(Post.FIRST, here(24, 3), here(3, 0, month=12))
    assert (watch.people, roster.gaps(here(24, 0), here(3, 0, month=12), [Post.FIRST])) == ((1,), [])


def test_who_is_away_is_replaced_or_leaves_a_gap_with_their_name() -> None:
    ill = Away(1, here(23, 20), here(24, 9))
    roster = Roster(nights(1, 0), away=[ill])
    [_, gap, *_] = roster.watches(Post.FIRST, here(23, 18), here(24, 12))
    assert (gap.starts, gap.ends, gap.people, gap.missing) == (here(23, 20), here(24, 9), (), (1,))
    taken = Roster(nights(1, 0), [StandIn(Post.FIRST, 2, here(23, 20), here(24, 9))], [ill])
    assert taken.on(Post.FIRST, here(24, 2)) == (2,)
    assert Roster(nights(1, 0), gone=frozenset({1})).gaps(here(23, 18), here(24, 9), [Post.FIRST])[0].missing == (1,)


def test_the_newest_stand_in_holds_and_the_week_does_where_they_are_away() -> None:
    first, second = (StandIn(Post.FIRST, who, here(23, 18), here(24, 9)) for who in (2, 3))
    assert Roster(nights(1, 0), [first, second]).on(Post.FIRST, here(23, 19)) == (3,)
    away = Away(3, here(23, 0), here(25, 0))
    assert Roster(nights(1, 0), [first, second], [away]).on(Post.FIRST, here(23, 19)) == (2,)
    assert Roster(nights(1, 0), [second], [away]).on(Post.FIRST, here(23, 19)) == (1,)


def test_a_shift_that_was_ended_runs_to_its_end() -> None:
    roster = Roster([Weekly(Post.FIRST, 1, 0, time(18), time(9), MONDAY, until=date(2026, 11, 30))])
    assert roster.on(Post.FIRST, here(24, 3)) == (1,)
    assert roster.on(Post.FIRST, here(30, 19)) == ()


def test_the_ladder_calls_first_second_committee_and_sub_district() -> None:
    rules, since = shipped(), here(23, 3)
    called = [len(rules.reached("alarm", since, since + timedelta(minutes=minutes))) for minutes in (0, 1, 2, 5, 9, 10)]
    assert called == [1, 1, 2, 3, 3, 4]
    assert rules.next_rung("alarm", since, since + timedelta(minutes=2)) == since + timedelta(minutes=5)
    assert rules.next_rung("alarm", since, since + timedelta(minutes=10)) is None
    assert rules.due("taken_back", Post.SUBDISTRICT, since) is None


def test_a_ladder_out_of_order_is_refused_with_its_line(tmp_path: Path) -> None:
    from knowledge.datafiles import DATA

    path = tmp_path / "duty.yaml"
    path.write_text((DATA / "duty.yaml").read_text("utf-8").replace("alarm: 2", "alarm: 7"), "utf-8")
    with pytest.raises(DataError, match="before the committee"):
        load(path)
