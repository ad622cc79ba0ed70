"""What residents and the staff group hear of a question or objection when nobody of them is speaking."""

from __future__ import annotations

from handlers.outcome import Button, Rows, Say
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from knowledge.escalation import LEVEL_NAMES, Level
from storage import group_home
from storage.disclosure_asks import Ask
from storage.messages import NOTICE
from storage.offices import Offices
from storage.tables import disclosure_items
from storage.transaction import Tx


def title(words: Texts, ask: Ask) -> str:
    return ask.title or words("disclosure.no_title")


def answered(texts: Catalogue, ask: Ask) -> Say:
    """The answer, and the way up for whoever is not content with it."""
    words = texts[ask.language]
    known = {"title": title(words, ask), "answer": ask.answer or ""}
    if ask.kind == "question":
        text = words("disclosure.answered_question", **known)
    else:
        text = words("disclosure.answered", outcome=words(f"disclosure.{ask.outcome}"), **known)
    return Say(text, _after(words, ask), to=ask.chat_id, priority=NOTICE)


def _after(words: Texts, ask: Ask) -> Rows:
    rows = [[Button(words("disclosure.content_now"), f"dk:g:{ask.id}")]]
    if ask.level < Level.SUBDISTRICT:
        rows.append([Button(words("disclosure.higher"), f"dk:u:{ask.id}")])
    if ask.item_id is not None:
        rows.append([Button(words("notice.see"), f"dk:i:{ask.item_id}")])
    return rows


def climbed(tx: Tx, texts: Catalogue, ask: Ask) -> Say:
    """Nobody answered in time: whose turn it is now, and until when."""
    words = texts[ask.language]
    key = "disclosure.climbed_again" if ask.late > 1 else "disclosure.climbed"
    due = spoken(words, ask.due_at, now=tx.now)
    return Say(words(key, title=title(words, ask), due=due), to=ask.chat_id, priority=NOTICE)


def to_staff(tx: Tx, texts: Catalogue, key: str, ask: Ask) -> list[Say]:
    """One line in the staff group; nobody's words, nobody's name."""
    words = texts["zh"]
    known = {"due": spoken(words, ask.due_at, now=tx.now)}
    if key != "soon":
        known["level"] = LEVEL_NAMES[Level(ask.level)].zh
    text = words(f"disclosure.staff_{key}", **known)
    return [Say(text, to=chat_id, priority=NOTICE) for chat_id in group_home.told_in(tx, _whose(tx, ask))]


def _whose(tx: Tx, ask: Ask) -> int | None:
    """Of what is published, its community; of what was not, the asker's."""
    offices = Offices(tx)
    return (
        offices.community_of_chat(ask.chat_id) if ask.item_id is None else offices.owner(disclosure_items, ask.item_id)
    )
