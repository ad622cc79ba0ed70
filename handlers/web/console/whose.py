"""For whom something is written: the communities and buildings somebody may choose from in a form."""

from __future__ import annotations

from typing import Any

from handlers.web.console.gates import Form
from handlers.web.parts import WebParts
from storage import belonging
from storage.transaction import Tx


async def choices(parts: WebParts, staff_id: int) -> dict[str, Any]:
    """``towns`` and ``buildings`` for a form's templates; the profile's buildings before any are loaded."""
    towns, buildings = await parts.storage.read(_choices, staff_id)
    return {"towns": towns, "buildings": buildings or [one.number for one in parts.towns.buildings]}


def _choices(tx: Tx, staff_id: int) -> tuple[list[tuple[int, str]], list[str]]:
    return belonging.communities_for(tx, staff_id), belonging.buildings_for(tx, staff_id)


def chosen(form: Form) -> int | None:
    """The community somebody chose; None where there was nothing to choose."""
    return form.number("community") if form.fields.get("community") else None
