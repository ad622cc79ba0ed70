"""The demo community's invented disclosures and notices, from ``data/demo_disclosure.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from knowledge.datafiles import DATA, Field, read


@dataclass(frozen=True, slots=True)
class DemoItem:
    """``matter`` of the catalogue; an urgent one has a ``kind`` instead."""

    title: str
    body: str
    matter: str | None = None
    kind: str | None = None
    building: str | None = None


@dataclass(frozen=True, slots=True)
class DemoNotice:
    """``starts_in`` from now, for so long."""

    topic: str
    state: str
    title: str
    text: str
    buildings: tuple[str, ...] | None
    starts_in: timedelta | None
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class Demo:
    items: tuple[DemoItem, ...]
    notices: tuple[DemoNotice, ...]


@cache
def demo() -> Demo:
    """`DataError` for anything wrong."""
    root = read(DATA / "demo_disclosure.yaml").only("items", "urgent", "notices")
    items = [*map(_item, root["items"].items()), *map(_item, root["urgent"].items())]
    return Demo(tuple(items), tuple(map(_notice, root["notices"].items())))


def _item(field: Field) -> DemoItem:
    given = field.only("title", "body", optional=("matter", "kind", "building")).fields()
    others = {name: given[name].text() for name in ("matter", "kind", "building") if name in given}
    return DemoItem(title=given["title"].text(), body=given["body"].text(), **others)


def _notice(field: Field) -> DemoNotice:
    given = field.only("topic", "state", "title", "text", optional=("buildings", "from_hours", "hours")).fields()
    topic, state, title, text = (given[name].text() for name in ("topic", "state", "title", "text"))
    starts, lasts = (
        timedelta(hours=given[name].integer()) if name in given else None for name in ("from_hours", "hours")
    )
    return DemoNotice(
        topic, state, title, text, given["buildings"].texts() if "buildings" in given else None, starts, lasts
    )
