"""Counts line by line - by building, matter, unit - and beside those of other times; lines of too few are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.figure_rules import Rules
from knowledge.figures import RATES, Counts, added, rate


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a breakdown; ``merged``: how many small ones it stands for."""

    value: str
    counts: Counts
    merged: int = 0


def rows(found: Mapping[str, Counts]) -> list[Row]:
    """A breakdown, the largest first, what names nothing last."""
    listed = [Row(value, counts) for value, counts in found.items() if any(counts.values())]
    return sorted(listed, key=lambda row: (not row.value, -row.counts.get("received", 0), row.value))


def without_few(listed: Sequence[Row], least: int) -> list[Row]:
    """Lines of fewer than ``least`` become one, so that nobody is found in them; it never stands for a single one, for the
    total less the others would tell what it held."""
    small = [row for row in listed if 0 < _size(row) < least or not row.value]
    large = sorted((row for row in listed if row not in small), key=_size, reverse=True)
    while small and large and (len(small) < 2 or sum(map(_size, small)) < least):
        small.append(large.pop())
    if not small:
        return large
    return [*large, Row("", added(*(row.counts for row in small)), merged=len(small))]


def _size(row: Row) -> int:
    """The most that was counted of it in any way: someone who only closed is somebody, too."""
    return max(row.counts.get("received", 0), row.counts.get("over", 0), _rated(row))


def _rated(row: Row) -> int:
    return max(rate(row.counts, name).denominator for name in RATES)


@dataclass(frozen=True, slots=True)
class Seasonal:
    """A matter now, in the period before and a year ago; None where nothing was kept yet."""

    value: str
    now: int
    before: int
    year_ago: int
    more: bool


def seasonal(
    now: Mapping[str, Counts], before: Mapping[str, Counts], year_ago: Mapping[str, Counts], rules: Rules
) -> list[Seasonal]:
    """Every matter that was received at any of the three times, the most frequent now first."""
    names = {name for found in (now, before, year_ago) for name, counts in found.items() if counts.get("received")}
    listed = [_compared(name, now, before, year_ago, rules) for name in names]
    return sorted(listed, key=lambda one: (-one.now, -one.before, one.value))


def _compared(
    name: str, now: Mapping[str, Counts], before: Mapping[str, Counts], year_ago: Mapping[str, Counts], rules: Rules
) -> Seasonal:
    here, earlier, then = (found.get(name, {}).get("received", 0) for found in (now, before, year_ago))
    more = any(
        number and here >= number * rules.season_times and here - number >= rules.season_more
        for number in (earlier, then)
    )
    return Seasonal(name, here, earlier, then, more)
