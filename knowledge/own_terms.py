"""What this community promises, by kind of matter and urgency: its own terms, the catalogue's, or WO-SLA's.

Own terms hold from an instant on and for matters opened from then on: what was promised before stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from knowledge import catalogue
from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.deadlines import TERMS, Promises, Terms, made

Source = Literal["own", "own_all", "catalogue", "WO-SLA"]
ROUTES = ("service_request", "dispute")
"""Routes whose kinds can have terms of their own."""


@dataclass(frozen=True, slots=True)
class Change:
    """From `since` on these terms hold for one kind of matter, or for every kind (no route, no category); no terms: what
    is shipped holds again."""

    route: str | None
    category: str | None
    urgency: str
    terms: Terms | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a kind (or every kind) at an urgency, what holds, and where it comes from."""

    route: str | None
    category: str | None
    urgency: str
    terms: Terms
    source: Source
    shipped: Terms


def standing(
    changes: Sequence[Change], route: str | None, category: str | None, urgency: str, at: datetime
) -> tuple[Terms, Source]:
    """What holds at `at`: what was decided for this kind, the catalogue's, what was decided for every kind, WO-SLA.

    The newest decision holds; `changes` are in the order they were made. KeyError for an unknown urgency.
    """
    if (own := _newest(changes, route, category, urgency, at)) is not None:
        return own, "own"
    kind = catalogue.category(route or "", category)
    if kind is not None and urgency in kind.terms:
        return kind.terms[urgency], "catalogue"
    if (own := _newest(changes, None, None, urgency, at)) is not None:
        return own, "own" if category is None else "own_all"
    return TERMS[urgency], "WO-SLA"


def promised(
    changes: Sequence[Change],
    route: str | None,
    category: str | None,
    urgency: str,
    opened_at: datetime,
    *,
    office: OfficeCalendar = OFFICE,
) -> Promises:
    """What is promised for a matter opened at `opened_at` (aware)."""
    terms, source = standing(changes, route, category, urgency, opened_at)
    named = {"own": f"own {category or ''}".strip(), "own_all": "own"}
    return made(terms, f"{named.get(source, source)} {urgency}", opened_at, office)


def table(changes: Sequence[Change], at: datetime) -> list[Line]:
    """Every kind's line at each urgency, after those of every kind."""
    return [
        Line(
            route,
            category,
            urgency,
            *standing(changes, route, category, urgency, at),
            shipped(route, category, urgency),
        )
        for route, category in kinds()
        for urgency in TERMS
    ]


def shipped(route: str | None, category: str | None, urgency: str) -> Terms:
    """What holds where nothing was decided here."""
    return standing((), route, category, urgency, datetime.min)[0]  # noqa: DTZ901 - nothing to compare it with


def kinds() -> Iterator[tuple[str | None, str | None]]:
    """Every kind, then each."""
    yield None, None
    for route in ROUTES:
        yield from ((route, category) for category in catalogue.shipped(route))


def _newest(
    changes: Sequence[Change], route: str | None, category: str | None, urgency: str, at: datetime
) -> Terms | None:
    of_kind = [
        one
        for one in changes
        if (one.route, one.category, one.urgency) == (route, category, urgency) and one.since <= at
    ]
    return max(of_kind, key=lambda one: one.since).terms if of_kind else None
