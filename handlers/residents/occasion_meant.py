"""Which occasion 活动 somebody means, and what they want with it; None wherever that is not sure.

A sentence that names one by its title is acted on; one that only may mean it is asked about first. What stands on the
screen helps where nothing is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from handlers.residents.case import Case
from knowledge.occasion_kinds import shipped
from knowledge.occasion_words import Wish, asks, meant, wish
from knowledge.occasions import Occasion, Party, may_check_in
from storage import occasion_places as places
from storage.occasion_places import Board
from storage.occasion_swaps import find_code

ELSEWHERE = ("service_request", "dispute", "ticket_status", "human", "disclosure")
"""Routes that, surely understood, are no wish about an occasion, even where its name is in them."""
BARE = 16
"""Characters of a message that names nothing and yet may be about what stands on the screen."""

SOON = timedelta(days=2)
"""Somebody who says "here" so long before the start is told that it is early."""


@dataclass(frozen=True, slots=True)
class Concern:
    """What somebody wants with which occasions; ``code`` of standing in."""

    kind: str
    found: Sequence[Occasion] = ()
    party: Party | None = None
    who: str | None = None
    code: str = ""


async def board(case: Case) -> Board:
    until = case.now + shipped().limits.listed
    return await case.front.storage.read(places.board, case.chat_id, until=until)


async def concern(case: Case) -> Concern | None:
    """What the words want, when they are surely about occasions."""
    if (code := find_code(case.text)) is not None:
        return Concern("code", code=code)
    wished = wish(case.text)
    if wished is None:
        return None
    if wished.kind in ("mine", "list"):
        return Concern(wished.kind)
    return READ[wished.kind](case, wished, await board(case))


def _own(case: Case, wished: Wish, there: Board) -> Concern | None:
    """Giving back and standing in: of what they have, what is named, or the only one."""
    mine = [one for one, entry in there.mine if entry.checked_in_at is None]
    told = meant(case.text, mine, case.now)
    if told.titled and told.found:
        kind = wished.kind if len(told.found) == 1 else "which"
        return Concern(kind, told.found, who=wished.who)
    if not mine or _elsewhere(case):
        return None
    if told.named or told.timed:
        return _perhaps(wished, told.found)
    if len(case.text) > BARE and wished.kind != "swap":
        return None
    return _perhaps(wished, [one for one in mine if one.id in there.on_screen] or mine)


def _perhaps(wished: Wish, found: Sequence[Occasion]) -> Concern | None:
    """Not called by its name: standing in harms nobody, giving back is asked about first."""
    if len(found) != 1:
        return Concern("which", found) if found else None
    return Concern("swap" if wished.kind == "swap" else "leave_sure", found, who=wished.who)


def _here(case: Case, wished: Wish, there: Board) -> Concern | None:
    """Today's, of those they have a place in: the one that is open for it, or the next one, to say that it is early."""
    today = [one for one, entry in there.mine if entry.state == "joined" and entry.checked_in_at is None]
    now = [one for one in today if may_check_in(one, case.now)]
    near = [one for one in today if one.starts_at - case.now < SOON]
    found = now or near[:1] or [one for one, entry in there.mine if entry.checked_in_at and not entry.checked_out_at]
    return _one_of(wished, found)


def _done(_: Case, wished: Wish, there: Board) -> Concern | None:
    return _one_of(wished, [one for one, entry in there.mine if entry.checked_in_at and not entry.checked_out_at])


def _one_of(wished: Wish, found: Sequence[Occasion]) -> Concern | None:
    if not found:
        return None
    return Concern(wished.kind if len(found) == 1 else "which", found)


def _join(case: Case, wished: Wish, there: Board) -> Concern | None:
    """By its title; a kind and a day name a shift, too. Named less surely it is shown, and one press joins."""
    told = meant(case.text, there.coming, case.now)
    if asks(case.text) or _elsewhere(case):
        return None
    seen = [one for one in told.found or there.coming if one.id in there.on_screen]
    if told.named:
        return _named(wished, told.found, sure=told.titled and bool(told.found), timed=told.timed, seen=seen)
    bare = len(case.text) <= BARE and not told.timed
    return _joining(wished, seen) if bare and seen else None


def _named(
    wished: Wish, found: Sequence[Occasion], *, sure: bool, timed: bool, seen: Sequence[Occasion]
) -> Concern | None:
    """A patrol that is spoken of without a day is more than one evening: that is signing up as a volunteer."""
    fitting: Sequence[Occasion] = [one for one in found if one.kind == "event" or timed or one in seen]
    if not fitting:
        return None
    if len(fitting) > 1 and len(seen) == 1 and seen[0] in fitting:
        fitting = seen
    if sure:
        return _joining(wished, fitting)
    return Concern("see" if len(fitting) == 1 else "which", fitting, party=wished.party)


def _joining(wished: Wish, found: Sequence[Occasion]) -> Concern:
    return Concern("join" if len(found) == 1 else "which", found, party=wished.party)


def _party(_: Case, wished: Wish, there: Board) -> Concern | None:
    """A number of people alone means what is on the screen and nothing else."""
    seen = [one for one in there.coming if one.id in there.on_screen and one.with_family]
    return Concern("join", seen, party=wished.party) if len(seen) == 1 else None


def _elsewhere(case: Case) -> bool:
    return case.reading.sure and case.reading.guesses[0].label.route in ELSEWHERE


READ: Mapping[str, Callable[[Case, Wish, Board], Concern | None]] = {
    "leave": _own,
    "swap": _own,
    "here": _here,
    "done": _done,
    "join": _join,
    "party": _party,
}
