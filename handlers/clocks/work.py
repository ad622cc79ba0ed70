"""Work that nobody signs for, hand-overs nobody has word of, and what has been over long enough (WO-05, WO-08, WO-17)."""

from __future__ import annotations

from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.ticket_notices import to_staff
from knowledge.escalation import LEVEL_NAMES, higher
from storage import hand_overs, signing_for
from storage.transaction import Tx


def remind(tx: Tx, texts: Catalogue) -> int:
    """Tell staff of what a unit has not signed for; how many."""
    found = signing_for.unsigned(tx)
    for one in found:
        level = LEVEL_NAMES[higher(one.ticket["level"])].zh
        key = "unsigned_up" if one.climbed else "unsigned" if one.unit.here else "unsigned_ring"
        values = {"unit": one.unit.zh, "phone": one.unit.phone or "—", "level": level}
        speak(tx, to_staff(tx, texts, key, one.ticket, **values))
    return len(found)


def ask(tx: Tx, texts: Catalogue) -> int:
    """Tell staff to ask how a hand-over stands; how many."""
    found = hand_overs.to_ask(tx)
    for row, handed in found:
        speak(tx, to_staff(tx, texts, "ask_them", row, unit=handed.name("zh")))
    return len(found)
