"""What a community may set about its figures (``data/figures.yaml``): weights, how few are too few, what is often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.figures import RATES
from knowledge.notice import Words, words


@dataclass(frozen=True, slots=True)
class Rules:
    """All of ``figures.yaml``."""

    weights: Mapping[str, int]
    least_by_building: int
    recurs_least: int
    recurs_shown: int
    season_times: float
    season_more: int
    shares_source: Words
    shares: Mapping[str, float]


@cache
def rules() -> Rules:
    return load(DATA / "figures.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    root = read(path).only("checked_on", "weights", "least_by_building", "recurs", "season", "shares")
    root["checked_on"].day()
    recurs, season = root["recurs"].only("least", "shown"), root["season"].only("times", "more")
    shares = root["shares"].only("source", "kinds")
    return Rules(
        weights=_weights(root["weights"]),
        least_by_building=root["least_by_building"].integer(least=2, most=50),
        recurs_least=recurs["least"].integer(least=2, most=100),
        recurs_shown=recurs["shown"].integer(least=1, most=100),
        season_times=season["times"].number(),
        season_more=season["more"].integer(least=1, most=1000),
        shares_source=words(shares["source"]),
        shares={kind: field.number() for kind, field in shares["kinds"].fields().items()},
    )


def _weights(field: Field) -> Mapping[str, int]:
    given = field.only(optional=tuple(RATES)).fields()
    found = {name: weight.integer(least=0, most=100) for name, weight in given.items()}
    if found and not sum(found.values()):
        field.fail("give at least one weight, or none at all: {}")
    return found
