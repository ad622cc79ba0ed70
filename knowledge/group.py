"""The staff group: what is never spoken of there, how much of a matter stands there, and what Telegram lets pass a minute.

Pure. What it decides by is data (`data/group.yaml`); `DataError` names file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, read
from knowledge.private_data import without_numbers, without_secrets

LONGEST_TITLE = 128
"""UTF-16 units in a topic's name (Bot API)."""
LONGEST = 3500
"""Characters of one message in the group: one message always, whatever they are."""
MARKS = {"P0": "🔴", "P1": "🟠"}
PHONE = "〔电话见控制台〕"
ROOM = 6
"""Messages on their way to the group at one time; what waits beyond that waits as facts and is put to words together."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How fast a group may be spoken to. ``lead``: how far it may be ahead of its pace, ``alarm_lead``: for an alarm."""

    a_minute: int
    spacing: timedelta
    lead: timedelta
    alarm_lead: timedelta

    @property
    def most(self) -> int:
        """The most messages any minute can see: those that fit in it and in the lead, and one."""
        return int((timedelta(minutes=1) + self.alarm_lead) / self.spacing) + 1


@dataclass(frozen=True, slots=True)
class Group:
    """``along``: steps that wait for company while the group is busy, but not longer than ``rest``."""

    routes: Mapping[str, str]
    categories: Mapping[str, str]
    flat: frozenset[str]
    along: frozenset[str]
    rest: timedelta
    budget: Budget


@dataclass(frozen=True, slots=True)
class Matter:
    """What decides whether a ticket may be spoken of in the group."""

    route: str
    category: str | None
    confidential: bool
    aside: bool
    """somebody must step aside from it"""
    mediated: bool
    private_danger: bool
    """a danger told in private was heard in the chat it comes from"""


def kept_out(matter: Matter) -> str | None:
    """The rule by which it never goes to the group; None where it may."""
    group = shipped()
    if matter.mediated:
        return "ME-15"
    if matter.confidential or matter.aside:
        return "WO-24"
    if matter.private_danger:
        return "EM-07"
    return group.routes.get(matter.route) or group.categories.get(matter.category or "")


def shows_flat(category: str | None) -> bool:
    """True where the work is done in the flat, so that whoever goes there must know which."""
    return category in shipped().flat


def readable(text: str) -> str:
    """Somebody's words as the group reads them: no telephone number, nothing secret, one message long."""
    covered = without_numbers(without_secrets(text), cover=PHONE).strip()
    return covered if len(covered) <= LONGEST else covered[: LONGEST - 1] + "…"


def title(number: str, urgency: str, about: str) -> str:
    """A topic's name: urgent ones are seen to be, and the number can be searched for."""
    name = " ".join(f"{MARKS.get(urgency, '')} {number[-6:]} {about}".split())
    while len(name.encode("utf-16-le")) // 2 > LONGEST_TITLE:
        name = name[:-1]
    return name


def shipped() -> Group:
    return load(DATA / "group.yaml")


@cache
def load(path: Path) -> Group:
    root = read(path).only("checked_on", "never", "flat", "along", "budget")
    root["checked_on"].day()
    never = root["never"].only("routes", "categories")
    along = root["along"].only("steps", "rest_minutes")
    return Group(
        {name: field.text() for name, field in never["routes"].fields().items()},
        {name: field.text() for name, field in never["categories"].fields().items()},
        frozenset(root["flat"].texts()),
        frozenset(along["steps"].texts()),
        timedelta(minutes=along["rest_minutes"].integer(least=1)),
        _budget(path),
    )


def _budget(path: Path) -> Budget:
    field = read(path)["budget"].only("a_minute", "spacing", "lead", "alarm_lead")
    spans = [timedelta(seconds=field[name].number()) for name in ("spacing", "lead", "alarm_lead")]
    if any(span <= timedelta(0) for span in spans):
        field.fail("spacing and leads are seconds above 0")
    found = Budget(field["a_minute"].integer(least=1), *spans)
    if found.most > found.a_minute:
        field.fail(f"{found.most} messages would fit in a minute, {found.a_minute} may")
    return found
