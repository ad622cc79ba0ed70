"""One step on a ticket, the same wherever it is taken: the console's page, a topic of the staff group, a private chat.

What is owed with a step is asked here before anything is touched; who may take it, and whether somebody was faster, in
``storage.desk_acts``, inside the one transaction that also tells the resident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import RowMapping

from handlers.step_notices import Speaker, Step, telling
from handlers.step_tables import SILENT
from knowledge import canned
from knowledge.life import Refusal
from storage import answer_aids, desk_acts, units, writing
from storage.answer_aids import Aid
from storage.desk_acts import Conflict, Done
from storage.step import NOTHING, Given
from storage.transaction import Tx

OWN = ("note", "take")
"""Steps outside the table: they move nothing."""
LONGEST = 3000
"""Characters of an answer; with its frame it fits one Telegram message."""
Result = Done | Conflict | Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A step as somebody takes it. ``files``: what is attached to the words, as a message's attachments are; ``answering``:
    the residents' words it replies to."""

    ticket: RowMapping
    action: str
    revision: int
    text: str = ""
    given: Given = NOTHING
    aids: Sequence[tuple[Aid, str]] = ()
    files: Sequence[Mapping[str, object]] = ()
    answering: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """What is wrong with it before anybody is asked: ``blanks`` are gaps nobody has filled in."""

    code: Literal["no_step", "no_text", "gap", "too_long"]
    blanks: str = ""


def owed(action: str, text: str) -> Owed | None:
    """None where nothing is missing."""
    if action not in (*desk_acts.STEPS, *OWN):
        return Owed("no_step")
    if not text.strip() and action not in SILENT:
        return Owed("no_text")
    if len(text) > LONGEST:
        return Owed("too_long")
    blanks = canned.gaps(text) if action != "note" else ()
    return Owed("gap", "、".join(blanks)) if blanks else None


def take_step(tx: Tx, taking: Taking, speaker: Speaker, *, staff_id: int) -> Result:
    """The unit of work; with the words it sent goes their draft, and what helped to write them is kept."""
    ticket_id, action = int(taking.ticket["id"]), taking.action
    if action == "note":
        return desk_acts.add_note(tx, ticket_id, staff_id=staff_id, text=taking.text)
    if action == "take":
        return desk_acts.take(tx, ticket_id, staff_id=staff_id, revision=taking.revision)
    result = desk_acts.act(
        tx,
        ticket_id,
        staff_id=staff_id,
        action=action,
        revision=taking.revision,
        text=taking.text or None,
        tell=telling(speaker, _step(tx, taking), tx.now),
        given=taking.given,
        files=taking.files,
        answering=taking.answering,
    )
    if isinstance(result, Done) and taking.text:
        _sent(tx, ticket_id, taking, again=result.again, staff_id=staff_id)
    return result


def _step(tx: Tx, taking: Taking) -> Step:
    unit = units.get(tx, taking.given.unit_id or taking.ticket["lead_unit_id"])
    return Step(taking.ticket, taking.action, taking.text, taking.given, unit)


def _sent(tx: Tx, ticket_id: int, taking: Taking, *, again: bool, staff_id: int) -> None:
    writing.drop(tx, ticket_id, staff_id=staff_id)
    if not again:
        answer_aids.of_the_last(tx, ticket_id, taking.aids, staff_id=staff_id)
