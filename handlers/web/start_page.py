"""The start page: one door for residents, one for staff."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.parts import Parts
from handlers.web.words import language_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def start(request: Request, parts: Parts) -> Response:
    language = language_of(request)
    words = parts.words.section(language, "start")
    return parts.pages.show("start.html", language=language, words=words, telegram=await parts.telegram())
