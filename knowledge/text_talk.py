"""Talking by text message: short, no buttons, sometimes a machine at the other end (``data/text_talk.yaml``).

A message's choices are numbered ("回1…回2…"), and a number alone answers them. Words that are an order ("退订") and words
no person wrote are told apart here; what else is said is understood as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.datafiles import DATA, read
from knowledge.folding import fold
from knowledge.patterns import compiled

Order = Literal["stop", "start"]
Buttons = Sequence[Sequence[Mapping[str, str]]]
_NUMBERED = re.compile(r"(?:回复?|选|按|reply|option)?\s*([1-9]|[一二三四五六七八九])\s*[.。、)号!]?")
_CHINESE = "一二三四五六七八九"
_KEYCAP = "\u20e3"
_SENTENCE = re.compile(r"[。！？!?\n；;]")


@dataclass(frozen=True, slots=True)
class Rules:
    """All of the file."""

    longest: int
    longest_latin: int
    an_hour: int
    a_day: int
    same_words: timedelta
    choice_for: timedelta
    choices: int
    stop: re.Pattern[str]
    start: re.Pattern[str]
    automatic: re.Pattern[str]
    answered: re.Pattern[str]
    services: re.Pattern[str]
    left_out: re.Pattern[str]
    ellipsis: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a text's numbered choices: what it says, and what a press of it would send."""

    label: str
    data: str


@cache
def shipped() -> Rules:
    return load(DATA / "text_talk.yaml")


def load(path: Path) -> Rules:
    root = read(path).only(
        *("checked_on", "longest", "longest_latin", "answers", "same_words_minutes", "choice_days", "choices"),
        *("stop", "start", "automatic", "answered", "services", "left_out", "ellipsis"),
    )
    root["checked_on"].day()
    often = root["answers"].only("an_hour", "a_day")
    return Rules(
        longest=root["longest"].integer(least=67, most=1000),
        longest_latin=root["longest_latin"].integer(least=67, most=2000),
        an_hour=often["an_hour"].integer(least=1),
        a_day=often["a_day"].integer(least=1),
        same_words=timedelta(minutes=root["same_words_minutes"].integer(least=1)),
        choice_for=timedelta(days=root["choice_days"].integer(least=1)),
        choices=root["choices"].integer(least=2, most=9),
        ellipsis=root["ellipsis"].text(),
        answered=re.compile(root["answered"].text()),
        services=re.compile(root["services"].text()),
        **{name: compiled(root[name]) for name in ("stop", "start", "automatic", "left_out")},
    )


def is_service(number: str) -> bool:
    """A service that sends texts, no person: what comes from there is not taken in."""
    return shipped().services.fullmatch(number) is not None


def may_be_answered(number: str) -> bool:
    """Not a number that costs more, nor one no text can reach."""
    return shipped().answered.fullmatch(number) is not None


def order(text: str) -> Order | None:
    """The whole message is an order to stop texts, or to send them again."""
    plain = fold(text).strip(" .。!！~")
    if shipped().stop.fullmatch(plain):
        return "stop"
    return "start" if shipped().start.fullmatch(plain) else None


def is_automatic(text: str) -> bool:
    """No person wrote it: an auto-reply, a network's notice."""
    return shipped().automatic.search(fold(text)) is not None


def number_in(text: str) -> int | None:
    """The number that is the whole message: "1", "回2", "③", "二", "1️⃣"."""
    found = _NUMBERED.fullmatch(fold(text).replace(_KEYCAP, "").strip())
    if found is None:
        return None
    return int(found[1]) if found[1].isdigit() else _CHINESE.index(found[1]) + 1


def choices(buttons: Buttons | None) -> list[Choice]:
    """What of a message's buttons can be chosen by number, in its order."""
    flat = [Choice(button["text"], button["data"]) for row in buttons or () for button in row]
    return [one for one in flat if not shipped().left_out.search(one.data)][: shipped().choices]


def room_for(text: str) -> int:
    """Characters that two text messages joined hold; Latin letters alone take less room."""
    return shipped().longest_latin if text.isascii() else shipped().longest


def cut(text: str, room: int) -> str:
    """``text`` in ``room`` characters: to the end of a sentence where one ends late enough, else with an ellipsis."""
    text = re.sub(r"\n{2,}", "\n", text.strip())
    if len(text) <= room:
        return text
    kept = text[: max(0, room - 1)]
    ends = [found.end() for found in _SENTENCE.finditer(kept)]
    if ends and ends[-1] * 2 >= room:
        return kept[: ends[-1]].rstrip()
    return kept.rstrip() + shipped().ellipsis
