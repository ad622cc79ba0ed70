"""A mediation changes: one step of its life at a time, a word more in a thread, a word released (ME-01…19).

A step names the revision it was made from; each is one row of the history. Words are only ever added.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from knowledge import mediation as rules
from knowledge.mediation import JOINT, Refusal, Side, State, Step, Who
from storage.mediation_cases import (
    Case,
    Event,
    Party,
    Word,
    by_number,
    cases,
    get,
    history,
    leading,
    of_ticket,
    parts_of,
    words_for,
    words_of,
)
from storage.tables import (
    mediation_blobs,
    mediation_events,
    mediation_parties,
    mediation_releases,
    mediation_words,
    mediations,
)
from storage.transaction import Tx

__all__ = [
    "Case", "Event", "Party", "Stale", "Word", "by_number", "cases", "change", "change_party", "get", "held", "history",
    "leading", "of_ticket", "parts_of", "record", "release", "say", "step", "words_for", "words_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody was faster; nothing was changed."""

    revision: int


def held(tx: Tx, case_id: int) -> Case:
    """The case as it is, held until the commit; LookupError where there is none."""
    tx.first(select(mediations.c.id).where(mediations.c.id == case_id).with_for_update())
    found = get(tx, case_id)
    if found is None:
        raise LookupError(f"no mediation {case_id}")
    return found


def step(
    tx: Tx,
    case: Case,
    action: str,
    who: Collection[Who],
    *,
    actor: str,
    staff_id: int | None = None,
    revision: int | None = None,
    note: str | None = None,
    **values: Any,
) -> Step | Refusal | Stale:
    """Take one step of the table, with its line of history; ``values`` are columns of the case that change with it."""
    if revision is not None and revision != case.revision:
        return Stale(case.revision)
    found = rules.step(case.state, action, who)
    if isinstance(found, Refusal):
        return found
    to = found.to or case.state
    change(tx, case.id, **values | {"state": to.value} | _over(tx, found))
    record(tx, case, action, actor=actor, to_state=to, staff_id=staff_id, note=note)
    return found


def _over(tx: Tx, found: Step) -> dict[str, Any]:
    over = found.to is not None and not rules.is_open(found.to)
    return {"ended_at": tx.now, "ending": found.ending} if over else {}


def change(tx: Tx, case_id: int, **values: Any) -> None:
    """Columns of the case; its revision grows, and whoever has the desk open sees it."""
    values["revision"] = mediations.c.revision + 1
    tx.execute(mediations.update().where(mediations.c.id == case_id).values(values))
    tx.wake("desk")


def change_party(tx: Tx, party: Party, **values: Any) -> None:
    tx.execute(mediation_parties.update().where(mediation_parties.c.id == party.id).values(values))
    tx.wake("desk")


def record(
    tx: Tx,
    case: Case,
    action: str,
    *,
    actor: str,
    to_state: State | None = None,
    staff_id: int | None = None,
    note: str | None = None,
    word_id: int | None = None,
) -> None:
    """One line of the history; lines are never changed."""
    states = {"from_state": case.state.value, "to_state": (to_state or case.state).value}
    row = {"actor": actor, "staff_id": staff_id, "action": action, "note": note, "word_id": word_id, **states}
    tx.insert(mediation_events, mediation_id=case.id, at=tx.now, **row)


def say(
    tx: Tx,
    case: Case,
    *,
    thread: str,
    author: str,
    text: str,
    staff_id: int | None = None,
    message_id: int | None = None,
    held: str | None = None,
    blobs: Sequence[int] = (),
) -> int:
    """One more entry of a thread; its id."""
    row = {
        "thread": thread,
        "author": author,
        "text": text,
        "staff_id": staff_id,
        "message_id": message_id,
        "held": held,
    }
    word_id = tx.insert(mediation_words, mediation_id=case.id, at=tx.now, **row)
    for blob_id in dict.fromkeys(blobs):
        tx.insert(mediation_blobs, mediation_id=case.id, word_id=word_id, blob_id=blob_id)
    tx.wake("desk")
    return word_id


def release(
    tx: Tx, case: Case, word: Word, *, to_thread: str, by_side: Side | None = None, staff_id: int | None = None
) -> bool:
    """From now on whoever reads ``to_thread`` may read this word; False when it was released there before."""
    if to_thread in word.released_to or word.thread in (to_thread, JOINT, rules.NOTES):
        return False
    by = {"by_side": by_side.value if by_side else None, "staff_id": staff_id}
    tx.insert(mediation_releases, word_id=word.id, to_thread=to_thread, at=tx.now, **by)
    record(tx, case, "release", actor=by_side.value if by_side else "staff", staff_id=staff_id, word_id=word.id)
    tx.wake("desk")
    return True
