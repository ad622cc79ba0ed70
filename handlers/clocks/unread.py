"""What stays unread on the chat page becomes a text message, or a call on the list; nothing is closed for it."""

from __future__ import annotations

from handlers.texts.catalogue import Catalogue
from storage import callers, messages, texting, unread
from storage.transaction import Tx
from storage.unread import Unread


def watch(tx: Tx, texts: Catalogue) -> int:
    """Follow up everything that is due; how many."""
    unread.read_meanwhile(tx)
    found, lost = unread.due(tx), unread.lost(tx)
    for one in found:
        unread.follow_up(tx, one, texted=_text(tx, texts, one))
    for one in lost:
        unread.ring_about(tx, one)
    return len(found) + len(lost)


def _text(tx: Tx, texts: Catalogue, one: Unread) -> bool:
    """A word that there is something to read - not what: others may hold the telephone. False where none can be sent."""
    if one.phone is None:
        return False
    chat_id = callers.chat_for(tx, number=one.phone, name=None)
    if not texting.may_text(tx, chat_id):
        return False
    words = texts[one.language]
    key = "hotline.text_secret" if one.confidential else "hotline.unread"
    text = words(key) if one.confidential else words(key, number=one.number)
    messages.say(tx, chat_id=chat_id, text=text, ticket_id=one.ticket_id)
    return True
