"""A prepared or suggested answer stands in the composer: at once, without a script, and after what was typed already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from handlers.web.console.answering import Suggested, aid_of, picked, suggested, values_of
from handlers.web.console.desk_pages import Console
from knowledge import canned
from storage import answer_aids
from storage.desk import TicketPage
from storage.staff import Member


async def suggestion_of(console: Console, page: TicketPage, language: str) -> Suggested | None:
    """What the knowledge base suggests, unless somebody said of it that it is not right."""
    found = suggested(console.parts, page, language)
    if found is None:
        return None
    down = await console.parts.storage.read(answer_aids.turned_down, int(page.ticket["id"]), aid_of(found))
    return None if down else found


async def put_in(
    console: Console, page: TicketPage, member: Member, put: str, step: str, values: Mapping[str, Any]
) -> dict[str, str]:
    """The composer's text, step and list of aids with ``put`` added; nothing where there is no such answer."""
    language, storage = values["thread"].language, console.parts.storage
    if put == "suggested":
        found = values["suggestion"]
        aid = aid_of(found) if found else None
        text = found.answer.whole if found else ""
        known = {"kind": "suggested", "ref": aid.ref, "version": aid.version, "clause": aid.clause} if aid else {}
        question = {"question": aid.question_id} if aid else {}
    else:
        one = await storage.read(picked, put, staff_id=member.id)
        filled = values_of(console, page, member, language, storage.clock())
        wording = one.wording if one else None
        text = (
            canned.fill(wording.for_language(language), filled, clause=wording.clause, language=language).text
            if wording
            else ""
        )
        known = {"kind": "canned", "ref": one.ref, "version": one.version, "clause": one.wording.clause} if one else {}
        question = {}
    if not text:
        return {}
    before = str(values["text"]).strip()
    return {
        "text": f"{before}\n{text}" if before else text,
        "action": step or values["action"] or "answer",
        "aids": json.dumps([known | question | {"text": text}], ensure_ascii=False),
    }
