"""A family member who sees, or sees and acts, for a resident: which there are, how far it goes, how long it holds.

Given by the resident, or taken down by staff from their own words; taken back at any time; every use is written down and
both sides can read it. Confidential matters are never part of it: whoever is in trouble with their family must be able to
speak. The rules are ``data/proxies.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read

Scope = Literal["see", "act"]
SCOPES: Mapping[str, Scope] = {scope: scope for scope in get_args(Scope)}


class Act(StrEnum):
    """What can be done to a ticket from its resident's side."""

    SHOW = "show"
    ADD = "add"
    EDIT = "edit"
    WITHDRAW = "gone"
    SOLVED = "ok"
    NOT_SOLVED = "no"
    NOT_SEEN = "unseen"
    RATE = "rate"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class Rule:
    """``needs`` is the least a proxy must have been given; ``told``: the resident hears of it at once."""

    needs: Scope
    told: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """``life``: then it ends by itself, and giving it again is three presses. ``buttons``: the act each leads to."""

    life: timedelta
    relations: tuple[str, ...]
    acts: Mapping[Act, Rule]
    buttons: Mapping[str, Act]


@cache
def rules() -> Rules:
    return load_rules(DATA / "proxies.yaml")


def load_rules(path: Path) -> Rules:
    """`DataError` for anything wrong, an act without a rule included."""
    root = read(path).only("holds", "relations", "acts", "buttons")
    acts = {act.value: act for act in Act}
    return Rules(
        life=timedelta(days=root["holds"].integer(least=1)),
        relations=root["relations"].texts(),
        acts={acts[name]: _rule(field) for name, field in root["acts"].only(*acts).fields().items()},
        buttons={name: field.choice(acts) for name, field in root["buttons"].fields().items()},
    )


def _rule(field: Field) -> Rule:
    field.only("needs", "told")
    return Rule(field["needs"].choice(SCOPES), field["told"].flag())


def allows(scope: str, act: Act) -> bool:
    """Whether a proxy of this scope may do this to a ticket."""
    return scope == "act" or rules().acts[act].needs == "see"
