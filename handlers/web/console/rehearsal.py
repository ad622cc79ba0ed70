"""The catalogue's preview: a form played with an admin as the resident, step by step; the steps travel with the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import anyio.to_thread

from handlers.residents.case import FrontDesk
from handlers.residents.rehearsing import MOST_STEPS, Spoken, Step, play
from handlers.texts.catalogue import LANGUAGES
from handlers.web.chat_api import storable
from handlers.web.parts import WebParts
from knowledge.catalogue import Category
from knowledge.matcher import Reading

BEGINNING: tuple[Step, ...] = (("say", ""),)
"""They name the category, and no more."""
LONGEST = 300


def wanted(fields: Mapping[str, str]) -> bool:
    return any(name in fields for name in ("look", "press", "speak", "afresh"))


def steps_of(fields: Mapping[str, str]) -> list[Step]:
    """What was done so far, and what is done now. Whatever makes no sense begins anew."""
    if "afresh" in fields:
        return list(BEGINNING)
    steps = _read(fields.get("played", ""))
    said = str(storable(fields.get("say", ""))).strip()[:LONGEST]
    if fields.get("press"):
        return [*steps, ("press", fields["press"][:80])][:MOST_STEPS]
    if said:
        begun: list[Step] = [] if steps == list(BEGINNING) else steps
        return [*begun, ("say", said)][:MOST_STEPS]
    return steps


def _read(written: str) -> list[Step]:
    try:
        found = json.loads(written)
        steps: list[Step] = [(way, str(storable(what))[:LONGEST]) for way, what in found if way in ("say", "press")]
    except (ValueError, TypeError):
        return list(BEGINNING)
    return steps[:MOST_STEPS] if steps and steps[0][0] == "say" else list(BEGINNING)


def written(steps: Sequence[Step]) -> str:
    return json.dumps(list(steps), ensure_ascii=False)


class _Deaf:
    """Where nothing that reads is at hand: words count by the form's own rules alone."""

    def read(self, text: str, *, limit: int = 5) -> Reading:  # noqa: ARG002 - as the matcher's
        return Reading(text, (), sure=False)


async def played(parts: WebParts, kind: Category, steps: Sequence[Step]) -> dict[str, list[Spoken]]:
    """In each language."""
    given: dict[str, Any] = {"reader": parts.reader or _Deaf(), "answerer": parts.answerer, "towns": parts.towns}
    front = FrontDesk(storage=parts.storage, texts=parts.residents, **given)
    now = parts.storage.clock()
    work = [partial(play, front, kind, steps, language=language, now=now) for language in LANGUAGES]
    return {language: await anyio.to_thread.run_sync(one) for language, one in zip(LANGUAGES, work, strict=True)}
