"""The end of a form: it becomes a ticket with its clocks, and whoever it is about steps aside (WO-24)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from handlers import incident_words
from handlers.outcome import Button, Outcome, Reply, Say, do
from handlers.residents import applying
from handlers.residents.case import Case
from handlers.residents.prompts import without_buttons
from knowledge import forms
from knowledge.forms import Answers
from knowledge.real_buildings import UNCHECKED
from storage import incidents, office_time, stepping_aside, tickets
from storage.chats import Draft
from storage.tickets import Filed, Request
from storage.transaction import Tx


def file(case: Case, draft: Draft) -> Outcome[Any]:
    """File it. Pressed twice, or late, it is filed once and the number said again."""
    filed = do(
        _file_and_offer,
        chat_id=case.chat_id,
        draft=draft,
        message_id=case.incoming.message_id,
    )
    return filed.then(lambda found: _filed_words(case, draft, *found))


def _known(tx: Tx, filed: Filed | str | None) -> RowMapping | None:
    """The open incident it seems to be a report of, where something is known of that."""
    return incidents.known_of(tx, filed.id) if isinstance(filed, Filed) else None


def _file_and_offer(
    tx: Tx, *, chat_id: int, draft: Draft, message_id: int | None
) -> tuple[Filed | str | None, int | None, RowMapping | None]:
    """The ticket, the application for mediation that is offered with a dispute, and what is known of it already."""
    filed = _file(tx, chat_id=chat_id, draft=draft, message_id=message_id)
    if not isinstance(filed, Filed) or draft.answers.get("brief"):  # a text message says the number and no more
        return filed, None, None
    offer = applying.open_offer(tx, chat_id=chat_id, ticket_id=filed.id, number=filed.number, answers=draft.answers)
    return filed, offer, _known(tx, filed)


def _file(tx: Tx, *, chat_id: int, draft: Draft, message_id: int | None) -> Filed | str | None:
    request, told = request_of(draft.answers), told_at(draft.answers)
    filed = tickets.file(
        tx,
        chat_id=chat_id,
        request=request,
        opened_at=told,
        promises=office_time.promised(tx, request.route, request.category, request.urgency, told, request.building),
        draft_id=draft.id,
        draft_revision=draft.revision,
        message_id=message_id,
    )
    if filed is None:
        return tickets.number_of_draft(tx, draft.id, chat_id=chat_id)
    _step_aside(tx, filed.id, draft.answers, chat_id)
    return filed


def _step_aside(tx: Tx, ticket_id: int, answers: Answers, chat_id: int) -> None:
    """Keep a complaint from those it is about; what was said on the way to it as well."""
    if found := stepping_aside.who_steps_aside(tx, answers):
        stepping_aside.bar(tx, ticket_id, found, chat_id=chat_id, since=answers.get("said_id"))


def told_at(answers: Answers) -> datetime:
    return datetime.fromisoformat(answers["told_at"])


def request_of(answers: Answers) -> Request:
    kind, visit = forms.kind_of(answers), answers.get("visit") or {}
    nameless = bool(answers.get("anonymous"))
    return Request(
        route=answers["route"],
        category=answers.get("category"),
        title=forms.title(answers),
        description=answers["description"],
        building=answers.get("building"),
        unit=answers.get("unit"),
        floor=answers.get("floor"),
        room=answers.get("room"),
        place_note=answers.get("place_note"),
        phone=None if nameless else answers.get("phone"),
        details=_details(answers) or None,
        urgency=answers.get("urgency", "P2"),
        confidential=bool(kind and kind.sensitive) or bool(answers.get("confidential")),
        topic=forms.topic(answers),
        on_behalf=answers.get("for"),
        anonymous=nameless,
        needs_reply=not answers.get("no_reply"),
        needs_call_back=not answers.get("no_call_back"),
        visit_words=visit.get("words"),
        visit_from=_instant(visit.get("from")),
        visit_until=_instant(visit.get("until")),
        blobs=answers.get("blobs", ()),
    )


def _details(answers: Answers) -> dict[str, Any]:
    """The answers to the kind's own questions; beside them that no such building is known."""
    building = answers.get("insisted")
    unchecked = {UNCHECKED: building} if building and building == answers.get("building") else {}
    return {**forms.known(answers), **unchecked}


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _filed_words(
    case: Case, draft: Draft, filed: Filed | str | None, offer_id: int | None, known: RowMapping | None
) -> list[Reply]:
    if filed is None:
        return [Say(case.words("form.stale"))]
    if isinstance(filed, str):
        return [Say(case.words("ticket.already", number=filed))]
    if draft.answers.get("brief"):
        return _by_text(case, draft, filed)
    key = "ticket.filed_quietly" if draft.answers.get("no_reply") else "ticket.filed"
    text = case.words(
        "ticket.praised" if draft.answers["route"] == "praise" else key,
        number=filed.number,
        code=filed.claim_code,
        contact=case.time(filed.first_contact_due),
        due=case.time(filed.due_at),
    )
    lines = [text, *_besides(case, draft.answers)]
    rows = (
        (
            Button(case.words("ticket.show"), f"t:{filed.id}:show"),
            Button(case.words("ticket.add"), f"t:{filed.id}:add"),
        ),
    )
    offer = [] if offer_id is None else [applying.offered(case, offer_id, draft.answers)]
    told = [] if known is None else [Say(incident_words.known(case.words, known), ticket_id=filed.id)]
    return [*without_buttons(draft), Say("\n".join(lines), rows, ticket_id=filed.id), *told, *offer]


def _by_text(case: Case, draft: Draft, filed: Filed) -> list[Reply]:
    """Number and code, and until when; nothing of the matter, so it may be said of a confidential one too."""
    first = [case.words("text.urgent")] if draft.answers.get("urgency") in ("P0", "P1") else []
    at = case.time(filed.first_contact_due)
    told = case.words("text.filed", number=filed.number, code=filed.claim_code, contact=at)
    return [*without_buttons(draft), Say("\n".join([told, *first]))]


def _besides(case: Case, answers: Answers) -> list[str]:
    """What else matters now: that it is urgent, what to do first, that somebody else decides."""
    found = []
    if answers.get("urgency") in ("P0", "P1"):
        found.append(case.words("ticket.urgent"))
        found += [case.words("ticket.repair_first")] if answers.get("category") == "repair" else []
    if answers.get("through"):
        found.append(case.words("ticket.passed_on"))
    return found
