"""The demo community's invented activities, in the coming two weeks (``data/demo_occasions.yaml``)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.datafiles import DATA, Field, read
from knowledge.occasion_kinds import KINDS
from knowledge.occasions import Plan

_KEYS = ("kind", "category", "title", "about", "place", "weekday", "earliest", "from", "to", "places")


def invented(now: datetime) -> list[Plan]:
    """`DataError` for anything wrong."""
    items = read(DATA / "demo_occasions.yaml").only("occasions")["occasions"].items()
    return [_plan(item.only(*_KEYS, optional=("family", "insurance")), now) for item in items]


def _plan(item: Field, now: datetime) -> Plan:
    day = _day(now.astimezone(CHINA).date(), item)
    least, most = (place.integer(least=0) for place in item["places"].items())
    family, insurance = item.get("family"), item.get("insurance")
    return Plan(
        kind=item["kind"].choice(KINDS), category=item["category"].text(), title=item["title"].text(),
        about=item["about"].text(), place=item["place"].text(), building=None,
        starts_at=_at(day, item["from"]), ends_at=_at(day, item["to"]), places_min=least, places_max=most,
        with_family=family.flag() if family else False, insurance_note=insurance.text() if insurance else None,
    )  # fmt: skip


def _day(today: date, item: Field) -> date:
    """The first such weekday that is at least ``earliest`` days away."""
    first = today + timedelta(days=item["earliest"].integer(least=1, most=7))
    return first + timedelta(days=(item["weekday"].integer(least=1, most=7) - first.isoweekday()) % 7)


def _at(day: date, clock: Field) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock.text()), CHINA).astimezone(UTC)
