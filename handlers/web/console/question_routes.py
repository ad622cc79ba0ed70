"""Questions that found no answer, or not a good one: what the admin should write or mend next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, ConsoleRoute, needs
from handlers.web.parts import Parts
from knowledge.faq import load_entries
from storage import answer_aids, questions
from storage.tables import answers
from storage.transaction import Tx
from storage.within import chat_within

router = APIRouter(route_class=ConsoleRoute)


@router.get("/questions", dependencies=[needs("question", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(_look, colleague.member.id)
    titles = {entry.id: entry.question for entry in load_entries()}
    return await console_of(request).page(request, colleague, "console/questions.html", titles=titles, **found)


def _look(tx: Tx, staff_id: int) -> dict[str, Any]:
    theirs = chat_within(answers.c.chat_id, staff_id)
    given = {"open": questions.unanswered(tx, theirs), "judged": questions.judged(tx, theirs)}
    return given | {"suggested": answer_aids.suggested(tx, staff_id=staff_id)}
