"""The chat page itself: one document; everything else it asks the API for."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.texts.catalogue import Texts
from handlers.web.parts import Parts
from handlers.web.words import LANGUAGES, language_of

router = APIRouter(include_in_schema=False)


@router.get("/chat")
async def chat(request: Request, parts: Parts) -> Response:
    language = language_of(request)
    said = parts.residents.of(parts.towns.at(request.query_params.get("b")).id)
    words = {name: {**parts.words.section(name, "chat"), **_greeting(said[name])} for name in LANGUAGES}
    return parts.pages.show(
        "chat.html", language=language, words=words[language], both=_script_safe(words), telegram=await parts.telegram()
    )


GREETING = ("welcome_title", "welcome_text", "welcome_try", "welcome_person", "chips")
"""What an admin may have changed, for all or for the community whose poster led here."""


def _greeting(texts: Texts) -> dict[str, Any]:
    said: dict[str, Any] = {name: texts(f"page.{name}") for name in GREETING}
    return said | {"chips": [chip.strip() for chip in said["chips"].split("\n") if chip.strip()]}


def _script_safe(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
