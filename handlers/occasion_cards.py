"""An occasion 活动 as residents see it: a card, a list, its buttons. Whoever it is shown to, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.outcome import Button, Rows, Say
from handlers.texts.catalogue import Texts
from handlers.texts.moments import CHINA, spoken
from knowledge.occasions import Occasion, Party, may_check_in
from storage.occasion_places import PREFIX, Entry

SHOWN = 6
"""In one list."""
TITLE = 24
"""Characters of a title on a button."""
PARTIES = ((Party(1, 1), Party(1, 2)), (Party(2, 0), Party(2, 1)), (Party(2, 2), Party(1, 0)))


def button(words: Texts, key: str, occasion: Occasion, *action: object) -> Button:
    return Button(words(f"occasion.{key}"), ":".join(map(str, (PREFIX, occasion.id, *(action or (key,))))))


def span(words: Texts, occasion: Occasion, now: datetime) -> str:
    """周六 18:30–20:30; an end on another day is said whole."""
    start, end = (one.astimezone(CHINA) for one in (occasion.starts_at, occasion.ends_at))
    until = f"{end:%H:%M}" if start.date() == end.date() else spoken(words, end, now=now)
    return f"{spoken(words, start, now=now)}–{until}"


def facts(words: Texts, occasion: Occasion, now: datetime) -> dict[str, object]:
    """What texts about an occasion may name."""
    return {"title": occasion.title, "when": span(words, occasion, now), "place": occasion.place}


def people(words: Texts, party: Party) -> str:
    """就您一位, 2位大人、1个孩子."""
    if party == Party():
        return words("occasion.alone")
    grown = words("occasion.adult" if party.adults == 1 else "occasion.adults", count=party.adults)
    if not party.children:
        return grown
    return grown + words("occasion.child" if party.children == 1 else "occasion.children", count=party.children)


def _short(words: Texts, party: Party) -> str:
    """For a button: 2 大 1 小."""
    if party == Party():
        return words("occasion.just_me")
    key = "short_family" if party.children else "short_adults"
    return words(f"occasion.{key}", adults=party.adults, children=party.children)


def room(words: Texts, occasion: Occasion) -> str:
    """How many places are free, or how many wait."""
    if occasion.free and not occasion.waiting:
        return words("occasion.free", count=occasion.free)
    return words("occasion.full_waiting", count=occasion.waiting) if occasion.waiting else words("occasion.full")


# --- one --------------------------------------------------------------------------------------------------------------
def card(words: Texts, occasion: Occasion, entry: Entry | None, now: datetime, *, lead: str = "") -> Say:
    """All that is known of one, how the reader stands to it, and what they can do."""
    kind, language = occasion.rules, words.language
    lines = [lead, words("occasion.card", kind=kind.name.get(language), **facts(words, occasion, now))]
    lines += [occasion.about, standing(words, occasion, entry)]
    if kind.risks is not None:
        lines.append(words("occasion.risks", risks=kind.risks.get(language)))
    lines.append(" · ".join(words(f"occasion.{key}") for key in _conditions(occasion)))
    return Say("\n".join(line for line in lines if line), rows(words, occasion, entry, now))


def _conditions(occasion: Occasion) -> list[str]:
    """What whoever comes must know before."""
    known = occasion.rules
    needed = {"pair": known.pair, "insured": occasion.insured_at is not None, "adults_only": known.least_age >= 18}
    found = [key for key, holds in needed.items() if holds and occasion.kind == "shift"]
    return found if occasion.with_family or occasion.kind == "shift" else [*found, "no_family_note"]


def standing(words: Texts, occasion: Occasion, entry: Entry | None) -> str:
    if occasion.state != "open":
        reason = occasion.reason or words("occasion.no_reason")
        return (
            words("occasion.is_cancelled", reason=reason) if occasion.state == "cancelled" else words("occasion.over")
        )
    if entry is None:
        return room(words, occasion)
    if entry.checked_in_at is not None:
        return words("occasion.is_out" if entry.checked_out_at else "occasion.is_in")
    return words(f"occasion.is_{entry.state}", people=people(words, entry.party))


def rows(words: Texts, occasion: Occasion, entry: Entry | None, now: datetime) -> Rows:
    """What can be done about it now."""
    if occasion.state != "open" or now >= occasion.ends_at:
        return ()
    if entry is None:
        return _joining(words, occasion, now)
    if entry.checked_in_at is not None:
        return () if entry.checked_out_at else [[button(words, "done", occasion)]]
    here = [button(words, "here", occasion)] if entry.state == "joined" and may_check_in(occasion, now) else []
    change = [button(words, "party", occasion)] if occasion.with_family else []
    swap = [button(words, "swap", occasion)] if occasion.kind == "shift" and entry.state == "joined" else []
    leave = "leave" if entry.state == "joined" else "stop_waiting"
    return [here, [*change, *swap], [button(words, leave, occasion, "leave")]]


def _joining(words: Texts, occasion: Occasion, now: datetime) -> Rows:
    if occasion.kind == "shift" and now >= occasion.starts_at:
        return ()
    if not occasion.free or occasion.waiting:
        return [[button(words, "queue", occasion, "join")]]
    family = [button(words, "family", occasion, "party")] if occasion.with_family else []
    return [[button(words, "join_shift" if occasion.kind == "shift" else "join", occasion, "join"), *family]]


def party_choice(words: Texts, occasion: Occasion, *, lead: str = "") -> Say:
    """How many come: by button, or in words."""
    marks = [
        [(people(words, one), f"{PREFIX}:{occasion.id}:p:{one.adults}:{one.children}") for one in line]
        for line in PARTIES
    ]
    text = words("occasion.how_many", title=occasion.title)
    return Say(f"{lead}\n{text}".strip(), [[Button(*mark) for mark in line] for line in marks])


# --- many -------------------------------------------------------------------------------------------------------------
def listing(words: Texts, found: Sequence[tuple[Occasion, Entry | None]], now: datetime, *, lead: str) -> Say:
    """Each in a line and with a button that opens it."""
    lines, buttons = [lead], []
    for number, (occasion, entry) in enumerate(found[:SHOWN], start=1):
        told = standing(words, occasion, entry)
        lines.append(words("occasion.line", number=number, standing=told, **facts(words, occasion, now)))
        title = occasion.title if len(occasion.title) <= TITLE else f"{occasion.title[: TITLE - 1]}…"
        buttons.append([Button(f"{number} {title}", f"{PREFIX}:{occasion.id}:see")])
    if len(found) > SHOWN:
        lines.append(words("occasion.more", count=len(found) - SHOWN))
    return Say("\n".join(lines), buttons)
