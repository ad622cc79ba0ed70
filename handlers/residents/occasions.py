"""Occasions 活动 in words: what is on, joining, not coming, here, done. What is not surely about one is left to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handlers.occasion_cards import listing
from handlers.outcome import Button, Outcome, Rows, Say, say
from handlers.residents import occasion_days, occasion_joining, occasion_stand_ins, requests
from handlers.residents.answering import nothing_known
from handlers.residents.case import Case
from handlers.residents.occasion_meant import Concern, board
from handlers.residents.privacy import with_notice
from knowledge.occasion_words import Meant, Wish, in_general, meant, proposes, wish
from knowledge.occasions import Occasion, Party
from storage import occasion_places as places
from storage.occasion_places import Board


async def hear(case: Case, wanted: Concern) -> Outcome[Any]:
    if wanted.kind == "mine":
        return await mine(case)
    if wanted.kind == "list":
        return await answer(case)
    if wanted.kind == "code":
        return occasion_stand_ins.use_code(case, wanted.code)
    if wanted.kind == "which":
        return await which(case, wanted.found)
    return await _about(case, wanted.kind, wanted.found[0], wanted)


async def _about(case: Case, kind: str, occasion: Occasion, wanted: Concern) -> Outcome[Any]:
    if kind == "see":
        lead = case.words("occasion.is_it_this")
        return occasion_joining.show(case, occasion, await board(case), lead=lead, party=wanted.party)
    if kind == "join":
        return await join(case, occasion, wanted.party)
    if kind == "swap":
        return occasion_stand_ins.ask(case, occasion.id, name=wanted.who)
    at_once: Mapping[str, Callable[[], Outcome[Any]]] = {
        "leave": lambda: occasion_joining.leave(case, occasion.id),
        "leave_sure": lambda: occasion_joining.ask_leave(case, occasion),
        "here": lambda: occasion_days.check_in(case, occasion.id),
        "done": lambda: occasion_days.check_out(case, occasion.id),
    }
    return at_once[kind]()


async def join(case: Case, occasion: Occasion, party: Party | None) -> Outcome[Any]:
    """An event at once; a shift after its risks were told, with one press more (VO-04)."""
    there = await board(case)
    if occasion.kind == "shift" and there.entry(occasion.id) is None:
        return with_notice(case, occasion_joining.show(case, occasion, there))
    return await occasion_joining.join(case, occasion, party)


async def which(case: Case, found: Sequence[Occasion]) -> Outcome[Any]:
    there = await board(case)
    lead = case.words("occasion.which")
    return say(listing(case.words, [(one, there.entry(one.id)) for one in found], case.now, lead=lead))


async def mine(case: Case) -> Outcome[Any]:
    there, words = await board(case), case.words
    if not there.mine:
        rows: Rows = [[Button(words("occasion.list"), f"{places.PREFIX}:0:list")]]
        return say(Say(words("occasion.nothing_mine"), rows))
    return say(listing(words, there.mine, case.now, lead=words("occasion.mine_list")))


async def everything(case: Case) -> Outcome[Any]:
    """All that is coming."""
    there = await board(case)
    return _listed(case, there, Meant((), titled=False, named=False, timed=False))


async def answer(case: Case) -> Outcome[Any]:
    """What is on: the one that is asked about, those of that day, or all that are coming. Where nothing is on, or not
    what is asked for, it can be wished for with one press."""
    there = await board(case)
    told = meant(case.text, there.coming, case.now)
    if told.named and len(told.found) == 1:
        return with_notice(case, occasion_joining.show(case, told.found[0], there))
    if (told.named and told.found) or in_general(case.text) or wish(case.text) == Wish("list"):
        return with_notice(case, _listed(case, there, told))
    return with_notice(case, _not_on(case, there))


def _listed(case: Case, there: Board, told: Meant) -> Outcome[Any]:
    if not there.coming:
        return _not_on(case, there)
    lead = "coming_then" if told.found and told.timed else "none_then" if told.timed else "coming"
    found = [(one, there.entry(one.id)) for one in told.found or there.coming]
    return say(listing(case.words, found, case.now, lead=case.words(f"occasion.{lead}")))


def _not_on(case: Case, there: Board) -> Outcome[Any]:
    """Nothing like it: kept as unanswered, with what is on instead, and a wish and a person one press away."""
    words = case.words

    def replies(answer_id: int) -> list[Say]:
        way_out = [[Button(words("occasion.propose"), f"a:{answer_id}:g:suggestion")]]
        way_out.append([Button(words("answer.ask_staff"), f"a:{answer_id}:p")])
        if not there.coming:
            return [Say(words("answer.activity"), way_out)]
        found = [(one, there.entry(one.id)) for one in there.coming]
        shown = listing(words, found, case.now, lead=words("occasion.not_this"))
        return [Say(f"{shown.text}\n{words('occasion.want_it')}", [*shown.buttons, *way_out])]

    return nothing_known(case).then(replies)


async def activity(case: Case) -> Outcome[Any]:
    """The matcher's route: somebody who wishes for one that should be makes a suggestion."""
    if proposes(case.text) and not meant(case.text, (await board(case)).coming, case.now).titled:
        return requests.begin(case, route="suggestion", category=None)
    return await answer(case)
