"""A year's holidays have arrived: whose promise is another day now is told, with the new time."""

from __future__ import annotations

from collections import Counter

from handlers.clocks.telling import resident, staff
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import spoken
from storage import chats, provisional
from storage.offices import Offices
from storage.provisional import Moved
from storage.transaction import Tx


def count_anew(tx: Tx, texts: Catalogue) -> int:
    """How many promises moved."""
    moved = provisional.count_anew(tx)
    for one in moved:
        _tell(tx, texts, one)
    offices = Offices(tx)
    for whose, count in Counter(offices.whose(one.ticket) for one in moved).items():
        staff(tx, texts, "office_time.staff", whose, count=count)
    return len(moved)


def _tell(tx: Tx, texts: Catalogue, moved: Moved) -> None:
    for chat_id, language in chats.languages(tx, list(moved.chats)).items():
        words = texts[language]
        was, new = (spoken(words, moment, now=tx.now) for moment in (moved.was, moved.due_at))
        resident(tx, chat_id, words("office_time.moved", number=moved.ticket["number"], was=was, new=new))
