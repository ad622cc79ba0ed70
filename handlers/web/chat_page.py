"""The chat page itself: one document; everything else it asks the API for."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.parts import Parts
from handlers.web.words import LANGUAGES, language_of

router = APIRouter(include_in_schema=False)


@router.get("/chat")
async def chat(request: Request, parts: Parts) -> Response:
    language = language_of(request)
    words = {name: dict(parts.words.section(name, "chat")) for name in LANGUAGES}
    return parts.pages.show(
        "chat.html", language=language, words=words[language], both=_script_safe(words), telegram=await parts.telegram()
    )


def _script_safe(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
