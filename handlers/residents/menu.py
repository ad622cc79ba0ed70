"""Arriving: a greeting that shows on one screen what one can do, a poster's building, the language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, both, do, say
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from knowledge import own_words, pass_codes
from knowledge.languages import spoken
from storage import residents
from storage.transaction import Tx

THANKS = re.compile(r"谢|辛苦|thank|thx|感谢|麻烦你了", re.I)
BYE = re.compile(r"再见|拜拜|拜了|bye|晚安", re.I)
POSTER = re.compile(r"/start(?:@\w+)?\s+b([A-Za-z0-9]{1,16})")


ENTRIES: Mapping[str, tuple[str, str]] = {
    "request": ("menu.request", "m:request"),
    "policy": ("menu.policy", "m:policy"),
    "tickets": ("menu.tickets", "m:tickets"),
    "person": ("menu.person", "m:person"),
    "activities": ("menu.activities", "oc:0:list"),
    "disclosure": ("disclosure.menu", "dk:now"),
    "wants": ("wants.menu", "nt:mine"),
    "own": ("menu.own", "o:see"),
    "language": ("menu.language", "m:language"),
}
"""By the name an admin chooses them by: a text, and what its press says."""


def buttons(case: Case) -> Rows:
    """Two a row; which, and in which order, an admin may have changed."""
    chosen = [ENTRIES[name] for name in case.words(own_words.MENU).split() if name in ENTRIES]
    shown = [Button(case.words(key), data) for key, data in chosen]
    return tuple(tuple(shown[start : start + 2]) for start in range(0, len(shown), 2))


def start(case: Case) -> Outcome[Any]:
    """The first button of all, or a poster's link: which building it hangs in is remembered, as a default only.

    The chat page has greeted by itself; its /start comes with the first words and is answered by answering those.
    """
    building = _poster(case)
    if building is not None:
        case = case.at_poster(building)
    silent = case.scene.channel == "web" and building is not None
    greeting = say() if silent else hello(case, building)
    if building is None:
        return greeting
    return both(do(residents.came_from, chat_id=case.chat_id, building=building), greeting)


def _poster(case: Case) -> str | None:
    """The building a poster names, if there is such a one."""
    found = POSTER.fullmatch(case.text)
    known = {building.number.lower(): building.number for building in case.front.towns.buildings}
    return known.get(found[1].lower()) if found else None


def hello(case: Case, building: str | None = None) -> Outcome[Any]:
    community = case.profile.community.get(case.scene.language)
    text = case.words("start.hello", community=community)
    if (numbers := case.words(own_words.NUMBERS)) != own_words.NOTHING:
        text = f"{text.rstrip()}\n{numbers}"
    if building is not None:
        text = f"{text}\n{case.words('start.poster', building=building)}"
    return with_notice(case, say(Say(text, buttons(case))))


def greet(case: Case) -> Outcome[Any]:
    """A greeting is greeted, thanks are taken, a goodbye is returned."""
    if THANKS.search(case.text):
        return say(Say(case.words("start.thanks")))
    if BYE.search(case.text):
        return say(Say(case.words("start.bye")))
    return hello(case)


def switch_language(case: Case, language: str | None = None) -> Outcome[Any]:
    """In the new language, and with the menu: whoever presses it by mistake finds the way back in it."""
    chosen = language or ("zh" if case.scene.language == "en" else "en")
    other = case.in_language(chosen)
    switched = do(residents.set_language, chat_id=case.chat_id, language=chosen)
    return switched.saying(Say(other.words("start.language"), buttons(other)))


def follow_language(case: Case) -> tuple[Case, Outcome[Any] | None]:
    """Somebody who never chose is answered in the language they write; the way back is one press."""
    language = None if pass_codes.find(case.text) else spoken(case.text)  # a code's letters may look like words
    if case.scene.language_chosen or language in (None, case.scene.language) or language is None:
        return case, None
    other = case.in_language(language)
    said = Say(other.words("start.followed"), ((Button(other.words("menu.language"), "m:language"),),))
    return other, do(_guess, case.chat_id, language).saying(said)


def _guess(tx: Tx, chat_id: int, language: str) -> None:
    residents.set_language(tx, chat_id=chat_id, language=language, chosen=False)
