"""What an occasion brings as its time comes: reminders, a place that is free, too few people, who came, its end.

One unit an occasion, which it holds; each thing is told once.
"""

from __future__ import annotations

from datetime import timedelta

from handlers import occasion_notices as notices
from handlers.clocks.telling import staff
from handlers.occasion_cards import span
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from knowledge.occasion_kinds import shipped
from knowledge.occasions import Occasion, day_reminder, soon_reminder
from storage import occasion_days as days
from storage import occasion_places as places
from storage import occasions
from storage.occasion_places import Entry
from storage.offices import Offices
from storage.tables import occasions as occasion_table
from storage.transaction import Tx

LEFT_OPEN = timedelta(days=3)
"""An event nobody writes the attendance of is over after so long; a shift waits for it, since hours hang on it."""


def watch(tx: Tx, texts: Catalogue, occasion_id: int) -> None:
    """Everything about one occasion that is due now."""
    occasion = occasions.hold(tx, occasion_id)
    if occasion is None or occasion.state != "open":
        return None
    if tx.now >= occasion.starts_at:
        return _after(tx, texts, occasion)
    moved = places.settle(tx, occasion_id)
    speak(tx, notices.moved_up(texts, occasion, moved, tx.now))
    now = occasions.get(tx, occasion_id) if moved else occasion
    assert now is not None
    _too_few(tx, texts, now)
    _remind(tx, texts, now, soon=False)
    _remind(tx, texts, now, soon=True)
    return None


# --- before -----------------------------------------------------------------------------------------------------------
def _too_few(tx: Tx, texts: Catalogue, occasion: Occasion) -> None:
    """Its organiser hears of it while something can still be done."""
    due = tx.now >= occasion.starts_at - shipped().clocks.too_few
    if not due or not occasion.lacking or days.told(tx, occasion.id).short:
        return
    days.note_told(tx, occasion.id, "short")
    when, whose = span(texts["zh"], occasion, tx.now), Offices(tx).owner(occasion_table, occasion.id)
    values = {"lacking": occasion.lacking, "taken": occasion.taken}
    staff(tx, texts, "occasion.staff_short", whose, title=occasion.title, when=when, **values)


def _remind(tx: Tx, texts: Catalogue, occasion: Occasion, *, soon: bool) -> None:
    """Whoever joined after the hour of a reminder has just been told all of it."""
    at = soon_reminder(occasion.starts_at) if soon else day_reminder(occasion.starts_at)
    if tx.now < at:
        return
    for entry in days.unreminded(tx, occasion.id, soon=soon):
        days.reminded(tx, entry.id, soon=soon)
        if _worth_it(occasion, entry, soon=soon, now_is_late=tx.now >= soon_reminder(occasion.starts_at)):
            speak(tx, [notices.reminder(texts, occasion, entry, tx.now, soon=soon)])


def _worth_it(occasion: Occasion, entry: Entry, *, soon: bool, now_is_late: bool) -> bool:
    """Not what they heard within the hour of joining, and not "tomorrow" when it is about to begin."""
    at = soon_reminder(occasion.starts_at) if soon else day_reminder(occasion.starts_at)
    return entry.since < at and (soon or not now_is_late)


# --- after ------------------------------------------------------------------------------------------------------------
def _after(tx: Tx, texts: Catalogue, occasion: Occasion) -> None:
    days.forgotten(tx, occasion)
    if tx.now < occasion.ends_at + shipped().clocks.ask_attendance:
        return
    came = [entry for entry in places.of_occasion(tx, occasion.id) if entry.state == "joined"]
    if not came or (occasion.kind == "event" and tx.now >= occasion.ends_at + LEFT_OPEN):
        days.finish(tx, occasion)
    elif not days.told(tx, occasion.id).over:
        days.note_told(tx, occasion.id, "over")
        whose = Offices(tx).owner(occasion_table, occasion.id)
        staff(tx, texts, "occasion.staff_over", whose, title=occasion.title, count=len(came))
