"""The states and steps of a mediation, its clock and the chain of noise, read from ``data/mediation.yaml`` (ME-01…19).

What they mean for whoever acts or reads is in `knowledge.mediation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words


class State(StrEnum):
    """Where a case is. The values are what storage keeps."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    INVITING = "inviting"
    MEDIATING = "mediating"
    AGREED = "agreed"
    PERFORMING = "performing"
    FILED = "filed"
    ENDED = "ended"


class Side(StrEnum):
    """The two who do not agree."""

    APPLICANT = "applicant"
    RESPONDENT = "respondent"

    @property
    def other(self) -> Side:
        return Side.RESPONDENT if self is Side.APPLICANT else Side.APPLICANT


class Who(StrEnum):
    """Who takes a step: a side, this case's mediator, a mediator while none is named, an admin, or the clock."""

    APPLICANT = "applicant"
    RESPONDENT = "respondent"
    MEDIATOR = "mediator"
    UNNAMED = "unnamed"
    NAMING = "naming"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed move; `to=None` keeps the state."""

    action: str
    origins: tuple[State, ...]
    to: State | None
    ending: str | None
    who: frozenset[Who]
    owes: frozenset[str]
    rule: str
    name: Words


@dataclass(frozen=True, slots=True)
class Clock:
    """`month` months to settle (ME-07); warned `soon_days` before; a case without a mediator climbs after
    `unnamed_hours`; an invitation is good for `invite_days`."""

    month: int
    soon_days: int
    unnamed_hours: int
    invite_days: int


@dataclass(frozen=True, slots=True)
class Table:
    """What the data file holds."""

    states: Mapping[State, Words]
    endings: Mapping[str, Words]
    steps: Mapping[str, Step]
    chains: Mapping[str, tuple[str, ...]]
    links: Mapping[str, Words]
    clock: Clock
    rights: Words
    rights_version: str


_Known = TypeVar("_Known")
OPEN = tuple(state for state in State if state not in (State.FILED, State.ENDED))


@cache
def table() -> Table:
    """The shipped table, read once."""
    return load_table(DATA / "mediation.yaml")


def load_table(path: Path) -> Table:
    """`DataError` for anything wrong: an unknown state, an ending nobody named, an action given twice."""
    root = read(path).only("states", "endings", "steps", "clock", "chains", "links", "rights")
    states = {State(name): words(field) for name, field in root["states"].only(*State).fields().items()}
    endings = {name: words(field) for name, field in root["endings"].fields().items()}
    steps: dict[str, Step] = {}
    for item in root["steps"].items():
        found = _step(item, endings)
        if found.action in steps:
            item.fail(f"step {found.action!r} is given twice")
        steps[found.action] = found
    links = {name: words(field) for name, field in root["links"].fields().items()}
    chains = {
        kind: tuple(item.choice({name: name for name in links}) for item in field.items())
        for kind, field in root["chains"].fields().items()
    }
    numbers = root["clock"].only("month", "soon_days", "unnamed_hours", "invite_days").fields()
    rights = root["rights"].only("version", "zh", "en")
    clock = Clock(**{name: field.integer(least=1) for name, field in numbers.items()})
    return Table(
        MappingProxyType(states),
        MappingProxyType(endings),
        MappingProxyType(steps),
        MappingProxyType(chains),
        MappingProxyType(links),
        clock,
        Words(rights["zh"].text(), rights["en"].text()),
        rights["version"].text(),
    )


def _step(item: Field, endings: Mapping[str, Words]) -> Step:
    item.only("action", "from", "who", "rule", "zh", "en", optional=("to", "ending", "owes"))
    known = {state.value: state for state in State}
    origins, to, ending, owes = item["from"], item.get("to"), item.get("ending"), item.get("owes")
    return Step(
        action=item["action"].text(),
        origins=OPEN if [field.text() for field in origins.items()] == ["open"] else _each(origins, known),
        to=to.choice(known) if to else None,
        ending=ending.choice({name: name for name in endings}) if ending else None,
        who=frozenset(_each(item["who"], {who.value: who for who in Who})),
        owes=frozenset(_each(owes, {"why": "why", "tell": "tell"})) if owes else frozenset(),
        rule=item["rule"].text(),
        name=Words(item["zh"].text(), item["en"].text()),
    )


def _each(field: Field, known: Mapping[str, _Known]) -> tuple[_Known, ...]:
    return tuple(item.choice(known) for item in field.items())
