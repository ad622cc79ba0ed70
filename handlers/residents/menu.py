"""Greeting, help, language: what one can do, on one screen."""

from __future__ import annotations

import re
from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, do, say
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from storage import residents

THANKS = re.compile(r"谢|辛苦|thank|thx|感谢|麻烦你了", re.I)
BYE = re.compile(r"再见|拜拜|拜了|bye|晚安", re.I)


def buttons(case: Case) -> Rows:
    words = case.words
    return (
        (Button(words("menu.request"), "m:request"), Button(words("menu.policy"), "m:policy")),
        (Button(words("menu.tickets"), "m:tickets"), Button(words("menu.person"), "m:person")),
        (Button(words("menu.language"), "m:language"),),
    )


def hello(case: Case) -> Outcome[Any]:
    community = case.front.profile.community.get(case.scene.language)
    return with_notice(case, say(Say(case.words("start.hello", community=community), buttons(case))))


def greet(case: Case) -> Outcome[Any]:
    """A greeting is greeted, thanks are taken, a goodbye is returned."""
    if THANKS.search(case.text):
        return say(Say(case.words("start.thanks")))
    if BYE.search(case.text):
        return say(Say(case.words("start.bye")))
    return hello(case)


def switch_language(case: Case, language: str | None = None) -> Outcome[Any]:
    chosen = language or ("zh" if case.scene.language == "en" else "en")
    words = case.front.texts[chosen]
    return do(residents.set_language, chat_id=case.chat_id, language=chosen).saying(Say(words("start.language")))
