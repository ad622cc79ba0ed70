"""Phrases an admin adds or takes away while the service runs; what ships stands in ``knowledge/phrases``.

A row says what a phrase means from now on, or that it means nothing any more, shipped or not. Later rows go first.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from knowledge.phrases import Label
from storage.faq_phrases import taught_elsewhere
from storage.tables import audit, phrases
from storage.transaction import Tx

TOPIC = "phrases"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What a phrase means now; ``label`` None: it was taken away."""

    text: str
    label: Label | None


def change(tx: Tx, text: str, label: Label | None, *, staff_id: int | None = None) -> None:
    """Give a phrase its meaning, or take it away. ValueError when it is empty or too long for a phrase."""
    if not text.strip() or len(text) > LONGEST:
        raise ValueError(f"a phrase has 1 to {LONGEST} characters")
    meaning = {
        "route": label.route if label else "",
        "category": label.category if label else None,
        "clause": label.clause if label else None,
        "removed_at": None if label else tx.now,
        "created_at": tx.now,
        "staff_id": staff_id,
    }
    if not tx.changed(phrases.update().where(phrases.c.text == text).values(meaning)):
        tx.insert(phrases, text=text, **meaning)
    taught_elsewhere(tx, text)
    tx.insert(audit, at=tx.now, staff_id=staff_id, action="change_phrase", object=text, detail={"means": str(label)})
    tx.wake(TOPIC)


def changes(tx: Tx) -> list[Change]:
    """Every change, in the order in which they were made."""
    rows = tx.all(select(phrases).order_by(phrases.c.created_at, phrases.c.id))
    return [
        Change(row["text"], None if row["removed_at"] else Label(row["route"], row["category"], row["clause"]))
        for row in rows
    ]
