"""What residents read of an incident and of tickets that are one matter: each in their language, nobody else's words."""

from __future__ import annotations

from sqlalchemy import RowMapping

from handlers import ticket_words
from handlers.outcome import plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.ticket_notices import VERDICT, ticket_buttons
from knowledge import catalogue, forms
from storage.incident_telling import Make, Said
from storage.merging import Tell
from storage.messages import Buttons

BUTTONS = {"answer": ("show", "add"), "finish": VERDICT}


def title(words: Texts, incident: RowMapping) -> str:
    """Its title; for English readers, where staff wrote none, its thing and its building."""
    if words.language == "zh" or incident["title_en"]:
        return str(incident["title_en"] if words.language == "en" else incident["title"])
    kind = catalogue.service(incident["category"])
    topic = kind.topics.get(incident["topic"] or "")
    name = (topic.name if topic else kind.name).get(words.language)
    return forms.public_matter(str(incident["building"] or ""), name, words.language)


def known(words: Texts, incident: RowMapping) -> str:
    """What whoever reports it is told at once."""
    text = incident["known_en"] if words.language == "en" and incident["known_en"] else incident["known"]
    return words("incident.known", title=title(words, incident), known=text)


def answered(texts: Catalogue) -> Make:
    """The answer to all, as a ticket's own people read it, or its neighbours."""

    def make(said: Said, language: str, row: RowMapping | None) -> tuple[str, Buttons]:
        words = texts[language]
        text = said.text_en if words.language == "en" and said.text_en else said.text
        told = {"title": title(words, said.incident), "text": text}
        if row is None:
            return words(f"incident.public_{said.action}", **told), ()
        own = words(f"incident.{said.action}", number=row["number"], **told)
        return own, plain(ticket_buttons(words, row, *BUTTONS[said.action]))

    return make


def merged(texts: Catalogue, key: str) -> Tell:
    """Where a ticket goes on that was folded into another (``merged``), or that it goes on by itself (``parted``)."""

    def tell(language: str, first: RowMapping, second: RowMapping) -> tuple[str, Buttons]:
        words, living = texts[language], first if key == "merge" else second
        told = {"first": first["number"], "second": second["number"]}
        text = words(f"incident.told_{key}", title=ticket_words.title(words, second), **told)
        return text, plain(ticket_buttons(words, living, "show"))

    return tell
