"""Who is on call at an instant, for how long, and where nobody is (WO-SLA P0: a person within five minutes).

Pure. A week that repeats, and what differs from it: somebody is away, or stands in. Whoever is away or does not work here
any more is never on call, and what they leave open is a gap that says whose it was. Hours are Asia/Shanghai's, over
midnight or not; instants are aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from knowledge.calendar import CHINA
from knowledge.datafiles import DATA, Field, read
from knowledge.escalation import Level
from knowledge.notice import Words
from knowledge.reach import STAFF_ROLES
from knowledge.waiting import shipped_clocks


class Post(StrEnum):
    """A place on the roster, in the order they are called. The values are what storage keeps."""

    FIRST = "first"
    SECOND = "second"
    COMMITTEE = "committee"
    SUBDISTRICT = "subdistrict"


LEVELS: Mapping[Post, Level] = {
    Post.FIRST: Level.DESK,
    Post.SECOND: Level.DESK,
    Post.COMMITTEE: Level.COMMITTEE,
    Post.SUBDISTRICT: Level.SUBDISTRICT,
}
"""How high an alarm stands when a post is called."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Every week: from `begins` on `weekday` (Monday is 0) until `ends`, the next day where that is not later; the same
    hour twice is a whole day. It holds for shifts that begin on a day from `since` on and before `until`."""

    post: Post
    person: int
    weekday: int
    begins: time
    ends: time
    since: date
    until: date | None = None

    def span(self, day: date) -> tuple[datetime, datetime] | None:
        """The shift that begins on `day` (UTC), or None."""
        if day.weekday() != self.weekday or day < self.since or (self.until is not None and day >= self.until):
            return None
        last = day if self.ends > self.begins else day + DAY
        return _at(day, self.begins), _at(last, self.ends)


@dataclass(frozen=True, slots=True)
class StandIn:
    """One person instead of everybody the week names: a swap, a night taken over, a duty handed over."""

    post: Post
    person: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who cannot be called at all: a holiday, an illness."""

    person: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is on call at a post for a while without a change; nobody: a gap, and `missing` are who would have been."""

    post: Post
    starts: datetime
    ends: datetime
    people: tuple[int, ...]
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """One community's duty. `stand_ins` in the order they were agreed: the newest holds. `gone`: people who are not called
    any more, whatever is written."""

    weekly: Sequence[Weekly] = ()
    stand_ins: Sequence[StandIn] = ()
    away: Sequence[Away] = ()
    gone: frozenset[int] = field(default_factory=frozenset)

    def on(self, post: Post, at: datetime) -> tuple[int, ...]:
        """Who is on call at a post at this instant."""
        return self._named(post, at).people

    def watches(self, post: Post, start: datetime, end: datetime) -> list[Watch]:
        """The time from `start` to `end` in stretches without a change, gaps included, without holes or overlaps."""
        marks = sorted({start, end, *(mark for mark in self._marks(post, start, end) if start < mark < end)})
        found: list[Watch] = []
        for begins, ends in pairwise(marks):
            named = self._named(post, begins)
            if found and (found[-1].people, found[-1].missing) == (named.people, named.missing):
                found[-1] = Watch(post, found[-1].starts, ends, named.people, named.missing)
            else:
                found.append(Watch(post, begins, ends, named.people, named.missing))
        return found

    def gaps(self, start: datetime, end: datetime, posts: Iterable[Post] = tuple(Post)) -> list[Watch]:
        """When nobody is on call, the earliest first."""
        empty = [watch for post in posts for watch in self.watches(post, start, end) if not watch.people]
        return sorted(empty, key=lambda watch: watch.starts)

    def until(self, post: Post, at: datetime) -> datetime:
        """When whoever is on call at `at` is relieved, or a gap ends; a day later at the latest."""
        return self.watches(post, at, at + DAY)[0].ends

    def away_at(self, at: datetime) -> frozenset[int]:
        """Who is on holiday or ill."""
        return frozenset(one.person for one in self.away if one.starts <= at < one.ends)

    def _named(self, post: Post, at: datetime) -> Watch:
        """Who is on call, and who would be if they were here."""
        stands = [one.person for one in self.stand_ins if one.post == post and one.starts <= at < one.ends]
        today = _local(at)
        days = (today - DAY, today)
        week = [one.person for one in self.weekly if one.post == post and _covers(one, at, days)]
        here = [person for person in reversed(stands) if self._is_here(person, at)][:1]
        here = here or [person for person in dict.fromkeys(week) if self._is_here(person, at)]
        missing = () if here else tuple(dict.fromkeys([*reversed(stands), *week]))
        return Watch(post, at, at, tuple(here), missing)

    def _is_here(self, person: int, at: datetime) -> bool:
        return person not in self.gone and person not in self.away_at(at)

    def _marks(self, post: Post, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every instant at which something may change."""
        for one in self.away:
            yield from (one.starts, one.ends)
        for stand in self.stand_ins:
            if stand.post == post:
                yield from (stand.starts, stand.ends)
        mine, day = [shift for shift in self.weekly if shift.post == post], _local(start) - DAY
        while day <= _local(end):
            yield from (mark for shift in mine for mark in shift.span(day) or ())
            day += DAY


def _covers(shift: Weekly, at: datetime, days: Sequence[date]) -> bool:
    """`days`: those a shift may have begun on that is still going on at `at`."""
    spans = (shift.span(day) for day in days if day.weekday() == shift.weekday)
    return any(span is not None and span[0] <= at < span[1] for span in spans)


def _local(at: datetime) -> date:
    return at.astimezone(CHINA).date()


@lru_cache(1024)
def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, CHINA).astimezone(UTC)


# --- the ladder -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PostRule:
    """`holders`: the roles on call there; `everybody`: those who are all called where nobody is."""

    name: Words
    holders: frozenset[str]
    everybody: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of ``duty.yaml``."""

    posts: Mapping[Post, PostRule]
    second: Mapping[str, timedelta]
    look_ahead: timedelta
    unreached_after: timedelta
    slow_after: timedelta

    def due(self, ladder: str, post: Post, since: datetime) -> datetime | None:
        """When a post is called for what has waited since `since`; None where this ladder does not go so high."""
        if post is Post.SECOND:
            return since + self.second[ladder]
        known = shipped_clocks().ladders[ladder]
        return known.due(LEVELS[post], since) if LEVELS[post] in known.minutes else None

    def reached(self, ladder: str, since: datetime, now: datetime) -> list[Post]:
        """The posts that have been called by `now`, in order."""
        times = [(post, self.due(ladder, post, since)) for post in Post]
        return [post for post, due in times if due is not None and due <= now]

    def next_rung(self, ladder: str, since: datetime, now: datetime) -> datetime | None:
        """When the next post will be called; None after the last."""
        times = [due for post in Post if (due := self.due(ladder, post, since)) is not None and due > now]
        return min(times, default=None)


@cache
def shipped() -> Rules:
    return load(DATA / "duty.yaml")


def load(path: Path) -> Rules:
    """``DataError`` unless every post is there and the second is called before the committee."""
    root = read(path).only("checked_on", "second", "look_ahead_days", "unreached_after", "slow_after", "posts")
    root["checked_on"].day()
    second = {name: timedelta(minutes=field.integer(least=1)) for name, field in root["second"].fields().items()}
    root["second"].only("alarm", "taken_back")
    for name, span in second.items():
        if span >= timedelta(minutes=shipped_clocks().ladders[name].minutes[Level.COMMITTEE]):
            root["second"].fail("the second is called before the committee")
    posts = {Post(name): _post(field) for name, field in root["posts"].only(*Post).fields().items()}
    minutes = {name: timedelta(minutes=root[name].integer(least=1)) for name in ("unreached_after", "slow_after")}
    return Rules(posts, second, DAY * root["look_ahead_days"].integer(least=1, most=60), **minutes)


def _post(item: Field) -> PostRule:
    item.only("zh", "en", "holders", optional=("everybody",))
    holders = frozenset(role.choice(STAFF_ROLES).value for role in item["holders"].items())
    everybody = item.get("everybody")
    called = frozenset(role.choice(STAFF_ROLES).value for role in everybody.items()) if everybody else holders
    return PostRule(Words(item["zh"].text(), item["en"].text()), holders, called)
