"""The rules of a mediation (ME-01…19), each once, for chat and desk: the next step, who steps aside, who may read what.

Pure. `step` answers with the `Step` taken or a `Refusal`; `access` says how much of a case a colleague may see; `may_read`
is the one place that decides whether somebody may read a word. Steps and names are data (`knowledge.mediation_table`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.mediation_table import OPEN, Side, State, Step, Who, table

__all__ = [
    "JOINT", "NOTES", "OPEN", "THREADS", "Access", "Conflict", "Reader", "Refusal", "Side", "Spoken", "State", "Step",
    "Who", "access", "allowed", "capacities", "chain", "ending", "file_number", "is_open", "links_to_take", "may_read",
    "month_after", "name", "next_link", "step", "table",
]  # fmt: skip
NOTES, JOINT = "notes", "joint"
THREADS = (Side.APPLICANT.value, Side.RESPONDENT.value, JOINT, NOTES)


class Access(StrEnum):
    """How much of a case a colleague sees."""

    ALL = "all"
    """everything: the named mediator"""
    NAMING = "naming"
    """number, kind, clock and the parties' flats, to name a mediator: no words"""
    GLANCE = "glance"
    """number, kind, state and clock"""
    NONE = "none"
    """nothing at all: it concerns them"""


class Conflict(StrEnum):
    """Why a colleague steps aside (ME-15, WO-24)."""

    PARTY = "party"
    HOUSEHOLD = "household"
    COMPLAINED_OF = "complained_of"
    EARLIER_PARTY = "earlier_party"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken; `kind` is unknown, who, over or order."""

    kind: str
    zh: str
    en: str


# -- steps -----------------------------------------------------------------------------------------------------------


def step(state: State | str, action: str, who: Collection[Who]) -> Step | Refusal:
    """The step `action` as taken in `state` by somebody who is `who` (a person may be several), or why not."""
    state, found = State(state), table().steps.get(action)
    if found is None:
        return Refusal("unknown", f"没有“{action}”这个操作。", f"There is no step called “{action}”.")
    if not found.who & set(who):
        return Refusal("who", f"这一步（{found.name.zh}）不由您来做。", f"“{found.name.en}” is not yours to do.")
    if state not in found.origins:
        now = table().states[state]
        kind = "order" if is_open(state) else "over"
        return Refusal(
            kind,
            f"这件调解现在是“{now.zh}”，不能“{found.name.zh}”。",
            f"It is {now.en}: not the time to {found.name.en}.",
        )
    return found


def allowed(state: State | str, who: Collection[Who]) -> tuple[Step, ...]:
    """The steps somebody may take in `state`, in the table's order."""
    return tuple(found for found in table().steps.values() if found.who & set(who) and state in found.origins)


def is_open(state: State | str) -> bool:
    return State(state) in OPEN


def name(state: State | str, language: str = "zh") -> str:
    return table().states[State(state)].get(language)


def ending(code: str, language: str = "zh") -> str:
    return table().endings[code].get(language)


def chain(kind: str) -> tuple[str, ...]:
    """The links of this kind of dispute, the gentlest first (ME-17)."""
    return tuple(table().chains.get(kind, table().chains["other"]))


def next_link(kind: str, link: str | None = "mediate") -> str | None:
    """Who is next in the chain of this kind of dispute when `link` changed nothing (ME-17); None at its end. With no
    link it has not begun: its first."""
    links = chain(kind)
    at = links.index(link) if link in links else -1
    return links[at + 1] if at + 1 < len(links) else None


def links_to_take(kind: str, link: str | None) -> tuple[str, ...]:
    """What may be done now: the next link, or mediation at once as long as it was not offered."""
    links = chain(kind)
    ahead = links[links.index(link) + 1 :] if link in links else links
    return tuple(one for one in ahead if one in (*ahead[:1], "mediate"))


def month_after(moment: datetime) -> datetime:
    """The same day of the next month, or its last one: when a case should be settled (ME-07)."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + table().clock.month, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def file_number(year: int, sequence: int, word: str) -> str:
    """The archive's number, as ME-02 writes it: （2026）望人调字第12号."""
    return f"（{year}）{word}人调字第{sequence}号"


# -- who may see -------------------------------------------------------------------------------------------------------


def access(*, role: str, is_mediator: bool, named: bool, conflicts: Collection[Conflict]) -> Access:
    """What a colleague sees of a case, ``named``: it has a mediator. A conflict shuts everything, whatever the role."""
    if conflicts:
        return Access.NONE
    if is_mediator:
        return Access.ALL
    names_one = role == "admin" or (role == "mediator" and not named)
    return Access.NAMING if names_one else Access.GLANCE


def capacities(*, role: str, is_mediator: bool, named: bool, conflicts: Collection[Conflict]) -> frozenset[Who]:
    """As what a colleague may take steps in a case."""
    if conflicts:
        return frozenset()
    found = {Who.MEDIATOR} if is_mediator else set()
    if role == "admin":
        found.add(Who.NAMING)
    if role == "mediator" and not named:
        found.add(Who.UNNAMED)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read: a side of the case, or a colleague with what they may see of it."""

    side: Side | None = None
    access: Access = Access.NONE


@dataclass(frozen=True, slots=True)
class Spoken:
    """What deciding about a word needs: the thread it was said in, and the threads it was released to."""

    thread: str
    released_to: Collection[str] = ()


def may_read(reader: Reader, word: Spoken) -> bool:
    """The one rule of who reads what: the mediator everything, a side its own thread, the joint one, and what was
    released to either. A mediator's notes are the mediator's."""
    if reader.side is None:
        return reader.access is Access.ALL
    if word.thread == NOTES:
        return False
    open_to_them = {reader.side.value, JOINT}
    return word.thread in open_to_them or bool(open_to_them & set(word.released_to))
