"""A place wanted, changed or given back. Who moves up because of it is told in the same transaction.

What is kept is only what was asked for: that this chat has a place, and for how many; no consent is needed for that, and
no name. Asking or pressing twice is answered with how it stands.
"""

from __future__ import annotations

from typing import Any

from handlers import occasion_notices as notices
from handlers.occasion_cards import button, card, facts, people
from handlers.outcome import Button, Outcome, Reply, Rows, Say, do, say
from handlers.residents import volunteering
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from knowledge.occasion_kinds import shipped
from knowledge.occasions import Occasion, Party
from knowledge.volunteers import may_serve
from storage import occasion_places as places
from storage import volunteers
from storage.occasion_places import Board, Entry, Joined, Left


async def join(case: Case, occasion: Occasion, party: Party | None = None) -> Outcome[Any]:
    """A place, or the line; somebody who has one changes the number of those who come. A shift is for volunteers: who is
    none yet signs up first, and goes on from there with one press."""
    if occasion.kind == "shift" and occasion.state == "open":
        known = await case.front.storage.read(volunteers.of_chat, case.chat_id)
        if may_serve(known, occasion) == "unknown":
            return await sign_up_first(case, occasion)
    joined = do(places.join, occasion_id=occasion.id, chat_id=case.chat_id, party=party)
    return with_notice(case, joined.then(lambda done: _told(case, done)))


async def sign_up_first(case: Case, occasion: Occasion) -> Outcome[Any]:
    """What they were about to do is offered again as soon as they are registered."""
    then = button(case.words, "go_on", occasion, "join")
    return await volunteering.begin(case, category=occasion.category, then=then)


def _told(case: Case, done: Joined) -> list[Reply]:
    if done.occasion is None:
        return [Say(case.words("occasion.gone"))]
    others = notices.moved_up(case.front.texts, done.occasion, done.moved, case.now)
    if done.kind in ("joined", "waiting", "had", "changed") and done.entry is not None:
        return [_stands(case, done, done.occasion, done.entry), *(one for one in others if one.to != case.chat_id)]
    return [refused(case, done)]


def _stands(case: Case, done: Joined, occasion: Occasion, entry: Entry) -> Say:
    words = case.words
    values = facts(words, occasion, case.now) | {"people": people(words, entry.party), "ahead": done.ahead}
    lines = [words(f"occasion.{_key(done.kind, entry.state, done.ahead)}", **values)]
    if done.kind == "joined":
        lines += _beside(case, occasion)
    return Say("\n".join(lines), own_rows(case, occasion, entry))


def _key(kind: str, state: str, ahead: int) -> str:
    if kind == "had":
        return f"had_{state}"
    if kind == "waiting" and not ahead:
        return "waiting_first"
    return "changed_waiting" if kind == "changed" and state == "waiting" else kind


def _beside(case: Case, occasion: Occasion) -> list[str]:
    """The risks, where they were not told before it; how to be called, where nothing is known."""
    risks = occasion.rules.risks
    told = [case.words("occasion.risks", risks=risks.get(case.scene.language))] if risks else []
    return [*told, *([] if case.scene.name else [case.words("occasion.ask_name")])]


def own_rows(case: Case, occasion: Occasion, entry: Entry) -> Rows:
    words = case.words
    change = [button(words, "party", occasion)] if occasion.with_family else []
    leave = button(words, "leave" if entry.state == "joined" else "stop_waiting", occasion, "leave")
    return [[*change, leave], [button(words, "mine", occasion)]]


def refused(case: Case, done: Joined) -> Say:
    """Why not, said so that one knows what to do instead."""
    occasion, had = done.occasion, done.entry
    assert occasion is not None
    values = facts(case.words, occasion, case.now) | {
        "reason": occasion.reason or case.words("occasion.no_reason"),
        "most": min(shipped().limits.most_party, occasion.places_max),
        "free": occasion.free,
        "people": people(case.words, had.party) if had else "",
    }
    key = "ended" if done.kind == "over" else done.kind
    if case.words.has(f"occasion.why_{key}"):
        return Say(case.words("occasion.may_not", title=occasion.title, why=case.words(f"occasion.why_{key}")))
    return Say(case.words(f"occasion.{key}", **values))


# --- giving back ------------------------------------------------------------------------------------------------------
def ask_leave(case: Case, occasion: Occasion) -> Outcome[Any]:
    """Words that may mean something else give nothing back unasked."""
    words = case.words
    rows = [[button(words, "sure", occasion), button(words, "keep", occasion)]]
    if occasion.kind == "shift":
        rows.append([button(words, "swap", occasion)])
    return say(Say(words("occasion.leave_sure", **facts(words, occasion, case.now)), rows))


def leave(case: Case, occasion_id: int, *, key: str | None = None) -> Outcome[Any]:
    """The place is free again, and whoever is first in line has it and is told."""
    left = do(places.leave, occasion_id=occasion_id, chat_id=case.chat_id)
    return left.then(lambda done: _left(case, done, key))


def _left(case: Case, done: Left, key: str | None) -> list[Reply]:
    words, occasion = case.words, done.occasion
    if occasion is None or done.entry is None:
        return [Say(words("occasion.nothing_to_leave"))]
    if done.entry.checked_in_at is not None:
        return [Say(words("occasion.already_in"), [[button(words, "done", occasion)]])]
    said = key or ("left" if done.entry.state == "joined" else "left_waiting")
    rows = [[button(words, "list", occasion)]]
    told = Say(words(f"occasion.{said}", **facts(words, occasion, case.now)), rows)
    return [told, *notices.moved_up(case.front.texts, occasion, done.moved, case.now)]


def show(case: Case, occasion: Occasion, board: Board, *, lead: str = "", party: Party | None = None) -> Outcome[Any]:
    """Its card; a ``party`` they named is one press away, and is not asked again."""
    entry = board.entry(occasion.id)
    shown = card(case.words, occasion, entry, case.now, lead=lead)
    if party is None or party == Party() or entry is not None or not occasion.with_family or not shown.buttons:
        return say(shown)
    text = case.words("occasion.join_as", people=people(case.words, party))
    row = [Button(text, f"{places.PREFIX}:{occasion.id}:p:{party.adults}:{party.children}")]
    return say(Say(shown.text, [row, *shown.buttons]))
