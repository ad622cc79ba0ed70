""" "Me too": a neighbour's ticket is followed in place of filing the same once more; only what is public is said."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from handlers import incident_words
from handlers.outcome import Button, Outcome, Reply, Say, do, say
from handlers.residents.case import Case
from handlers.residents.prompts import public_words, without_buttons
from knowledge.life import is_open
from storage import incidents, joining
from storage.chats import Draft
from storage.joining import Public
from storage.transaction import Tx


def me_too(case: Case, draft: Draft) -> Outcome[Any]:
    """Follow it; when it was closed meanwhile, or pressed before, nothing is followed and that is said."""
    joined = do(
        _join,
        int(draft.answers["similar"]["id"]),
        chat_id=case.chat_id,
        draft_id=draft.id,
        draft_revision=draft.revision,
        said_id=draft.answers.get("said_id"),
    )

    def replies(done: tuple[Public | None, RowMapping | None]) -> list[Reply]:
        found, known = done
        if found is None:
            return [Say(case.words("similar.gone"), _not_the_same(case, draft))]
        told = [] if known is None else [Say(incident_words.known(case.words, known))]
        joined = Say(case.words("similar.joined", **_values(case, found)), _rows(case, found))
        return [*without_buttons(draft), joined, *told]

    return joined.then(replies)


def _join(tx: Tx, /, ticket_id: int, **who: Any) -> tuple[Public | None, RowMapping | None]:
    """Follow it; with what is known of the incident it is, or seems to be, a report of."""
    found = joining.join(tx, ticket_id, **who)
    return found, incidents.known_about(tx, ticket_id) if found else None


def _not_the_same(case: Case, draft: Draft) -> tuple[tuple[Button, ...], ...]:
    return ((Button(case.words("similar.another"), f"d:{draft.id}:{draft.revision}:mine"),),)


def _values(case: Case, found: Public) -> dict[str, str]:
    shown = {"category": found.category, "topic": found.topic, "building": found.building, "state": found.state}
    words = public_words(case, shown | {"opened_at": found.opened_at.isoformat()})
    return words | {"number": found.number, "due": case.time(found.due_at)}


def _rows(case: Case, found: Public) -> tuple[tuple[Button, ...], ...]:
    if not is_open(found.state):
        return ()
    return (
        (
            Button(case.words("ticket.show"), f"j:{found.id}:show"),
            Button(case.words("similar.leave"), f"j:{found.id}:leave"),
        ),
    )


def line(case: Case, place: int, found: Public) -> str:
    """One of those in the list of what somebody follows."""
    values = _values(case, found)
    return case.words("similar.line", place=place, matter=values["matter"], state=values["state"])


def shown(case: Case, found: Public) -> Say:
    """Where a neighbour's ticket stands."""
    key = "similar.shown" if is_open(found.state) else "similar.over"
    return Say(case.words(key, **_values(case, found)), _rows(case, found))


async def press(case: Case, ticket_id: int, action: str) -> Outcome[Any]:
    """A button under it; whether it is followed from here is asked anew every time."""
    found = await case.front.storage.read(joining.one_of_chat, ticket_id, chat_id=case.chat_id)
    if found is None:
        return say(Say(case.words("ticket.not_yours")))
    if action == "leave":
        left = do(joining.leave, ticket_id, chat_id=case.chat_id)
        return left.then(lambda _: [Say(case.words("similar.left"))])
    return say(shown(case, found))
