"""A change of the office's time from a form: looked at first, then made, and whoever's call-back moves is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi import Request

from handlers.residents import appointment_words
from handlers.texts.catalogue import Texts
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Form
from storage import appointments, messages, office_moves
from storage.office_moves import Moved, Moves, OnlyLooked
from storage.transaction import Tx

SURE = "sure"


async def made(
    request: Request,
    form: Form,
    change: Callable[[Tx], object],
    *,
    since: date,
    community_id: int | None = None,
    at_once: bool = False,
) -> Moves | None:
    """None: it is made. Else what it would move, for the page that asks whether one is sure."""
    sure, texts = at_once or form.fields.get(SURE) == "1", console_of(request).residents

    def unit(tx: Tx) -> None:
        moves = office_moves.moving(tx, change, since=since, community_id=community_id)
        if not sure:
            raise OnlyLooked(moves)
        for one in moves.appointments:
            _tell(tx, one, texts[one.row["language"]])

    try:
        await console_of(request).parts.storage.run(unit)
    except OnlyLooked as looked:
        return looked.moves
    return None


def _tell(tx: Tx, moved: Moved, words: Texts) -> None:
    kept = appointments.of_chat(tx, moved.row["chat_id"])
    assert kept is not None
    was = appointment_words.span(words, moved.row["at"], moved.row["until"], tx.now)
    said = appointment_words.told(words, kept, "appointment.office_moved", now=tx.now, office=moved.office, was=was)
    rows = appointment_words.plain_rows(said)
    message_id = messages.say(tx, chat_id=moved.row["chat_id"], text=said.text, buttons=rows)
    appointments.spoken_of(tx, kept.id, message_id)
