"""An objection nobody has answered: staff hear before its time is up, then it climbs to the sub-district (DI-04)."""

from __future__ import annotations

from handlers import disclosure_words
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from storage import disclosure_asks
from storage.transaction import Tx


def watch(tx: Tx, texts: Catalogue) -> int:
    """How many climbed."""
    late = disclosure_asks.late(tx)
    for ask in late:
        speak(tx, [disclosure_words.climbed(tx, texts, ask), *disclosure_words.to_staff(tx, texts, "late", ask)])
    for ask in disclosure_asks.soon(tx):
        speak(tx, disclosure_words.to_staff(tx, texts, "soon", ask))
    return len(late)
