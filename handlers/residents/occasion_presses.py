"""Buttons of occasions. What each names is looked up anew, so that an old one says how it stands now and acts once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers.occasion_cards import party_choice
from handlers.outcome import Edit, Outcome, Say, both, do, say
from handlers.residents import occasion_days, occasion_joining, occasion_stand_ins, occasions
from handlers.residents.case import Case
from handlers.residents.occasion_meant import board
from knowledge.occasions import Occasion, Party
from storage import occasion_places as places
from storage import occasions as kept

STAY = ("see", "list", "mine", "party")
"""Buttons that lead somewhere and change nothing: their message keeps its buttons."""


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """``ValueError`` for what no button of ours says."""
    action, rest = parts[1], [int(part) for part in parts[2:]]
    if action == "list":
        return await occasions.everything(case)
    if action == "mine":
        return await occasions.mine(case)
    occasion = await case.front.storage.read(kept.get, int(parts[0]))
    if occasion is None:
        return say(Say(case.words("occasion.gone")))
    outcome = await _about(case, occasion, action, rest)
    pressed = case.incoming.pressed
    return outcome if action in STAY or pressed is None else both(say(Edit(pressed.id)), outcome)


async def _about(case: Case, occasion: Occasion, action: str, rest: list[int]) -> Outcome[Any]:
    if action == "see":
        return occasion_joining.show(case, occasion, await board(case))
    if action in ("join", "p"):
        return await occasion_joining.join(case, occasion, Party(*rest[:2]) if rest else None)
    if action in ("sy", "sn"):
        return occasion_stand_ins.answer(case, rest[0], yes=action == "sy")
    return PLAIN[action](case, occasion)


def _party(case: Case, occasion: Occasion) -> Outcome[Any]:
    return say(party_choice(case.words, occasion))


def _give_back(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_joining.leave(case, occasion.id, key="given_back")


def _leave(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_joining.leave(case, occasion.id)


def _swap(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_stand_ins.ask(case, occasion.id)


def _keep(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_stand_ins.keep(case, occasion.id)


def _here(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_days.check_in(case, occasion.id)


def _done(case: Case, occasion: Occasion) -> Outcome[Any]:
    return occasion_days.check_out(case, occasion.id)


def _seen(case: Case, occasion: Occasion) -> Outcome[Any]:
    seen = do(places.seen, occasion_id=occasion.id, chat_id=case.chat_id)
    return seen.with_toast(case.words("occasion.thanks_seen"))


PLAIN: Mapping[str, Callable[[Case, Occasion], Outcome[Any]]] = {
    "party": _party,
    "leave": _leave,
    "sure": _leave,
    "back": _give_back,
    "swap": _swap,
    "keep": _keep,
    "here": _here,
    "done": _done,
    "seen": _seen,
}
