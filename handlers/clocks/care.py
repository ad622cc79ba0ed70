"""Whoever promised to look after somebody again is reminded on the day (EM-03, EM-08). Neither who nor why is said."""

from __future__ import annotations

from handlers.clocks.telling import staff
from handlers.texts.catalogue import Catalogue
from storage import care
from storage import staff as people
from storage.offices import Offices
from storage.transaction import Tx


def remind(tx: Tx, texts: Catalogue) -> int:
    """How many notes were due."""
    due = care.due(tx)
    names = people.names(tx) if due else {}
    offices = Offices(tx)
    for note in due:
        staff(tx, texts, "staff.care", offices.community_of_chat(note["chat_id"]), name=names[note["named_to"]])
    return len(due)
