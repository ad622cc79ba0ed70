"""Questions that found no answer, or not a good one: what the admin should write or mend next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, ConsoleRoute, needs
from handlers.web.parts import Parts
from knowledge.faq import load_entries
from storage import questions
from storage.transaction import Tx

router = APIRouter(route_class=ConsoleRoute)


@router.get("/questions", dependencies=[needs("question", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(_look)
    titles = {entry.id: entry.question for entry in load_entries()}
    return await console_of(request).page(request, colleague, "console/questions.html", titles=titles, **found)


def _look(tx: Tx) -> dict[str, Any]:
    return {"open": questions.unanswered(tx), "judged": questions.judged(tx)}
