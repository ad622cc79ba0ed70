"""What somebody wants with their own data, in words or by a button: each kind of wish has its one answer."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Say, do, say
from handlers.residents import delegates, mine, privacy
from handlers.residents.case import Case
from knowledge.own_data import ABOUT, Wish
from storage import own_data, passing


async def hear(case: Case, wish: Wish) -> Outcome[Any]:
    """A wish in words."""
    if wish.kind == "correct" and wish.about is not None:
        return mine.change(case, wish.about, wish.value)
    if wish.kind == "give_proxy" and wish.relation in ("child", "spouse"):
        return delegates.how_far(case, wish.relation)
    return await go(case, WISHED.get(wish.kind, wish.kind))


WISHED = {"give_proxy": "proxy"}
STAY_OPEN = ("see", "change", "export", "proxy", "move", "leave", "delete")
"""Buttons that lead somewhere and decide nothing: they may be pressed again."""


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of these screens. What it names is checked here, or by the unit it leads to."""
    name, rest = parts[0], parts[1:]
    if name in ("change", "remove"):
        about = ABOUT.get(rest[0])
        if about is None:
            raise ValueError(rest[0])
        return mine.change(case, about) if name == "change" else mine.remove(case, about)
    if name == "sure":
        return mine.sure(case, rest[0])
    if name == "gone":
        return mine.gone(case, rest[0])
    if name == "rel":
        return delegates.how_far(case, rest[0])
    if name == "give":
        return delegates.give(case, rest[0], rest[1])
    if name == "end":
        return delegates.end(case, int(rest[0]))
    if name == "cut":
        return _cut(case, int(rest[0]))
    return await go(case, name)


async def go(case: Case, name: str) -> Outcome[Any]:
    """The screens and steps that need nothing else to be said."""
    if name == "see":
        return await mine.see(case)
    if name == "export":
        return await mine.export(case)
    if name == "delete":
        return await mine.delete(case)
    if name == "proxy":
        return await delegates.screen(case)
    if name == "leave":
        return await leaving(case)
    at_once = {
        "withdraw": privacy.withdrawn,
        "notice": privacy.whole,
        "be_proxy": delegates.ask_for_code,
        "move": _move,
        "keep": mine.keep,
        "left": _left,
    }
    return at_once[name](case)


def _move(case: Case) -> Outcome[Any]:
    made = do(passing.make_move_code, chat_id=case.chat_id)
    return made.then(lambda code: [Say(case.words("pass.code", code=code))])


def _cut(case: Case, other: int) -> Outcome[Any]:
    cut = do(passing.cut_off, chat_id=case.chat_id, other=other)
    return cut.then(lambda done: [Say(case.words("pass.cut" if done else "pass.cut_before"))])


async def leaving(case: Case) -> Outcome[Any]:
    """What leaving means, what becomes of matters in hand, and the two ways to go."""
    found = await case.front.storage.read(own_data.overview, case.chat_id)
    words = case.words
    lines = [words("leave.what")]
    if found.open_tickets:
        lines.append(words("leave.with_phone" if found.phone else "leave.without_phone", count=found.open_tickets))
    go_away = (Button(words("leave.go"), "o:left"), Button(words("leave.stay"), "o:keep"))
    return say(Say("\n".join(lines), (go_away, (Button(words("leave.delete"), "o:delete"),))))


def _left(case: Case) -> Outcome[Any]:
    return do(passing.leave, chat_id=case.chat_id).saying(Say(case.words("leave.left")))
