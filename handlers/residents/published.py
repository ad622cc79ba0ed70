"""Presses about what is published: each is checked again by what it leads to, and acts once."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Outcome, Say, say
from handlers.residents import disclosures, objecting
from handlers.residents.case import Case

STAY_OPEN = ("now", "i", "v", "c", "q", "o", "a", "u", "d", "t")
"""Buttons that only show or ask something, or whose second press is told how it stands; the others are used up."""


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button under an item, a list of items, or a question about one."""
    name, rest = parts[0], parts[1:]
    if name in ("now", "q", "c"):
        return await _boards(case, name, rest)
    if name in ("i", "v"):
        return await disclosures.item(case, int(rest[0]), as_it_was=name == "v")
    if name in ("o", "a", "k", "f"):
        return await _asking(case, name, rest)
    if name == "t":
        return objecting.not_in_time(case, rest[0], rest[1])
    if name == "d":
        return objecting.take_back(case, int(rest[0]))
    if name == "u":
        return objecting.higher(case, int(rest[0]))
    if name == "g":
        return say(Say(case.words("disclosure.glad")))
    if name == "x":
        return objecting.let_go(case)
    raise ValueError(name)


async def _boards(case: Case, name: str, rest: list[str]) -> Outcome[Any]:
    if name == "now":
        return await disclosures.now(case)
    return await (
        disclosures.of_quarter(case, rest[0]) if name == "q" else disclosures.class_of(case, rest[0], rest[1])
    )


async def _asking(case: Case, name: str, rest: list[str]) -> Outcome[Any]:
    item_id = int(rest[0])
    if name == "o":
        return await objecting.choose(case, item_id)
    if name == "f":
        return await objecting.file_said(case, item_id, rest[1], int(rest[2]))
    return await objecting.ask_words(case, item_id, "question" if name == "a" else rest[1])
