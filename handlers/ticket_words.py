"""A ticket in plain words: how it stands, who has it, what was promised, what happened. For every channel and desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from unicodedata import east_asian_width

from sqlalchemy import RowMapping

from handlers.texts.catalogue import Texts
from handlers.texts.moments import spoken
from knowledge import catalogue, closing, forms
from knowledge.catalogue import owner_name
from knowledge.closing import Closed
from knowledge.escalation import LEVEL_NAMES, Level
from knowledge.life import State, is_open
from knowledge.private_data import without_numbers
from storage.progress import Progress, Step

Row = RowMapping
LONGEST_TITLE, LONGEST_QUOTE = 44, 300
"""A title's columns (a Chinese character takes two), a quotation's characters."""
SAYS_LITTLE = 12
"""Columns up to which the kind of matter is said with the words."""
TOLD = frozenset({"extend", "reopen", "redo"})
"""Steps whose reason stands in the history a resident reads."""


def title(words: Texts, row: Row) -> str:
    """The resident's own words, short enough for a line or two of a phone; with what it is about where they say little."""
    said = " ".join(without_numbers(str(row["description"])).split()).strip(" ,，;；、")
    short = _cut(said)
    return short if _columns(short) > SAYS_LITTLE else f"{matter(words, row)} · {short}"


def _cut(said: str) -> str:
    kept, left = "", LONGEST_TITLE
    for character in said:
        left -= _columns(character)
        if left < 0:
            return kept + "…"
        kept += character
    return kept


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def state(words: Texts, row: Row) -> str:
    """How it stands, in the resident's words."""
    if row["waiting_resident"]:
        return words("follow.state_waiting")
    if row["state"] == State.CLOSED and row["outcome"]:
        return words(f"follow.state_{Closed(row['outcome'])}")
    if row["redos"] and row["state"] in (State.HANDLING, State.ACCEPTED):
        return words("follow.state_again")
    return words(f"follow.state_{row['state']}")


def neighbours_state(words: Texts, state: str) -> str:
    """How it stands, for a neighbour who follows it and was asked nothing."""
    key = f"similar.state_{state}"
    return words(key if words.has(key) else f"follow.state_{state}")


def level(words: Texts, height: int) -> str:
    return LEVEL_NAMES[Level(height)].get(words.language)


def owner(words: Texts, row: Row) -> str:
    """Whose matter it is by the routing table."""
    kind = catalogue.category(row["route"], row["category"])
    return owner_name(kind.owner if kind else "committee", words.language)


Lead = tuple[str, str] | None
"""The names of the unit that has it, zh and en."""


def who(words: Texts, row: Row, role: str | None, lead: Lead = None) -> str:
    """Who has it, by function; the unit it was given to."""
    if lead is not None:
        return lead[0 if words.language == "zh" else 1]
    owned = owner(words, row)
    ours = owned == owner_name("committee", words.language)
    key = {None: "nobody", "worker": "worker", "mediator": "mediator"}.get(role, "committee" if ours else "desk")
    return words(f"follow.who_{key}", owner=owned)


def who_watches(words: Texts, row: Row, role: str | None, lead: Lead = None) -> str:
    """The same, and who watches over it where it has climbed."""
    found = who(words, row, role, lead)
    if not row["level"] or not is_open(row["state"]):
        return found
    return words("follow.who_level", who=found, level=level(words, row["level"]))


def promise(words: Texts, row: Row, *, now: datetime) -> str:
    """What was promised and still counts; "" for what is over."""
    if not is_open(row["state"]):
        return ""
    if row["state"] == State.CALLING_BACK:
        return words("ticket.promise_verdict")
    due = spoken(words, row["due_at"], now=now)
    if row["first_contact_at"] is None and row["first_contact_due"] > now and not row["waiting_resident"]:
        contact = spoken(words, row["first_contact_due"], now=now)
        return words("ticket.promise_contact", contact=contact, due=due)
    paused = "\n" + words("ticket.promise_paused") if row["waiting_resident"] else ""
    return words("ticket.promise", due=due) + paused


def why_late(words: Texts, row: Row, role: str | None, promised: str, reason: str | None, lead: Lead = None) -> str:
    """Where a matter that is late stands, as far as we know."""
    if role is None and lead is None:
        return words("late.why_nobody")
    key = "contact" if promised == "first_contact" else "reason" if reason else "working"
    return words(f"late.why_{key}", who=who(words, row, role, lead), reason=reason or "")


def history(words: Texts, steps: Sequence[Step], *, now: datetime) -> list[str]:
    """Each step that is the resident's business, dated, in plain words."""
    return [_step(words, step, now) for step in steps if words.has(f"step.{step.action}")]


def _step(words: Texts, step: Step, now: datetime) -> str:
    what, rating = words(f"step.{step.action}"), closing.shipped().answer(step.note or "")
    if step.action == "rate" and rating is not None:
        what = words("follow.step_why", what=what, why=rating.name.get(words.language))
    if step.action in TOLD and step.note:
        what = words("follow.step_why", what=what, why=_quote(step.note))
    return words("follow.step", at=spoken(words, step.at, now=now), what=what)


def said(words: Texts, progress: Progress, *, now: datetime) -> str:
    """The last thing staff said; "" when they said nothing."""
    step = progress.said
    if step is None or step.note is None:
        return ""
    return words("ticket.said", at=spoken(words, step.at, now=now), text=_quote(step.note))


def read_out(words: Texts, progress: Progress, *, now: datetime) -> str:
    """How it stands, as it is said on the telephone: what, how, who, until when, what staff said last."""
    row = progress.ticket
    holder = (
        words("ticket.who", who=who_watches(words, row, progress.role, progress.lead)) if is_open(row["state"]) else ""
    )
    parts = (title(words, row), state(words, row), holder, promise(words, row, now=now), said(words, progress, now=now))
    return "\n".join(part for part in parts if part)


def _quote(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def matter(words: Texts, row: Row) -> str:
    """What kind of matter it is, without anybody's own words."""
    kind = catalogue.category(row["route"], row["category"])
    return kind.name.get(words.language) if kind else words(f"route.{row['route']}")


def public_matter(words: Texts, row: Row) -> str:
    """What neighbours may read of it: its thing and its building."""
    kind = catalogue.category(row["route"], row["category"])
    topic = kind.topics.get(row["topic"]) if kind else None
    name = topic.name.get(words.language) if topic else matter(words, row)
    return forms.public_matter(str(row["building"] or ""), name, words.language)


def place(row: Row) -> str:
    """The building, where a ticket is not confidential: what a staff group may read."""
    return f" {row['building']}栋" if row["building"] and not row["confidential"] else ""
