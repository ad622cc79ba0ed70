"""Who reaches what at the staff's desk: role by kind of object by act, and how much of it (PI-13, WO-23, WO-24).

Pure, from ``data/reach.yaml``. The table opens rooms; which objects in them a person meets is decided object by object in
``storage.access``. What is not written there is shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.life import Role

STAFF_ROLES: Mapping[str, Role] = {role.value: role for role in Role if role not in (Role.RESIDENT, Role.SYSTEM)}
Personal = Literal["free", "reason", "never"]
_PERSONAL: Mapping[str, Personal] = {word: word for word in get_args(Personal)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one role is held to: how it sees personal data, whether it must be told where, which routes it hears of."""

    personal: Personal = "free"
    placed: bool = False
    routes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The whole table: ``kinds[kind][act]`` are the roles that may; ``guests``: the kinds for people of a unit outside
    the house (WO-23); ``house``: by kind, the acts that are one for all communities."""

    kinds: Mapping[str, Mapping[str, frozenset[Role]]]
    limits: Mapping[Role, Limits]
    guests: frozenset[str] = frozenset()
    house: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def may(self, role: str, kind: str, act: str, *, guest: bool = False, held: bool = False) -> bool:
        """True where somebody may do this at all; KeyError for a kind or an act nobody has written down. ``held``: to a
        place or a subject, and so to nothing that is one for the whole house."""
        if held and act in self.house.get(kind, ()):
            return False
        return role in self.kinds[kind][act] and (kind in self.guests or not guest)

    def rooms(self, role: str, *, guest: bool = False, held: bool = False) -> frozenset[str]:
        """The kinds of which somebody may see anything: what the menu shows."""
        seen = [kind for kind, acts in self.kinds.items() if "see" in acts]
        return frozenset(kind for kind in seen if self.may(role, kind, "see", guest=guest, held=held))

    def limit(self, role: str) -> Limits:
        return self.limits.get(STAFF_ROLES[role], Limits()) if role in STAFF_ROLES else Limits("never", placed=True)


@cache
def shipped() -> Reach:
    return load(DATA / "reach.yaml")


def load(path: Path) -> Reach:
    """`DataError` for anything wrong, a role that is none included."""
    root = read(path).only("groups", "kinds", "limits", optional=("guests", "house"))
    kinds = {kind: _acts(acts) for kind, acts in root["kinds"].fields().items()}
    limits = {_role(role, field): _limits(field) for role, field in root["limits"].fields().items()}
    known, guests, house = {kind: kind for kind in kinds}, root.get("guests"), root.get("house")
    listed = frozenset(item.choice(known) for item in guests.items()) if guests else frozenset[str]()
    return Reach(kinds, limits, listed, _house(house, kinds) if house else {})


def _house(field: Field, kinds: Mapping[str, Mapping[str, frozenset[Role]]]) -> dict[str, frozenset[str]]:
    found = dict[str, frozenset[str]]()
    for kind, acts in field.only(optional=tuple(kinds)).fields().items():
        known = {act: act for act in kinds[kind]}
        found[kind] = frozenset(act.choice(known) for act in acts.items())
    return found


def _acts(field: Field) -> dict[str, frozenset[Role]]:
    return {act: frozenset(role.choice(STAFF_ROLES) for role in roles.items()) for act, roles in field.fields().items()}


def _role(name: str, field: Field) -> Role:
    if name not in STAFF_ROLES:
        field.fail(f"{name!r} is no role")
    return STAFF_ROLES[name]


def _limits(field: Field) -> Limits:
    given = field.only("personal", optional=("placed", "routes"))
    routes = frozenset(given["routes"].texts()) if "routes" in given.fields() else None
    placed = "placed" in given.fields() and given["placed"].flag()
    return Limits(given["personal"].choice(_PERSONAL), placed, routes)


Sight = Literal["outline", "covered", "all"]
"""How much of a ticket somebody sees: number, kind, state and clock; all but who called and from where; all."""


def sight(role: str, *, secret: bool, named: bool, uncovered: bool) -> Sight:
    """How a ticket this person reaches looks to them. ``secret``: it is confidential; ``named``: they look after it, or
    it is theirs to hand out; ``uncovered``: they said why they must know who called, which is kept."""
    personal = shipped().limit(role).personal
    if personal == "never":
        return "outline"
    if uncovered:
        return "all"
    if secret:
        return "covered" if named else "outline"
    return "all" if personal == "free" else "covered"
