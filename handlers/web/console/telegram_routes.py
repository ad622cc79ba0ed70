"""One's Telegram account: connected from one's own page with a one-time link, and taken off there or by an admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.colleagues import HERE as STAFF
from handlers.web.console.gates import Act, Posted, Stop, desk_router, needs
from handlers.web.console.own_routes import HERE, own_response
from handlers.web.console.poster_routes import qr
from handlers.web.console.proving import prove
from handlers.web.parts import Parts
from storage import colleagues, staff_telegram
from storage.transaction import Tx

router = desk_router()


@dataclass(frozen=True, slots=True)
class Door:
    """A one-time way to connect, shown this once: the address, its picture, and what to type by hand."""

    address: str
    picture: object
    command: str


@router.post("/own/telegram", dependencies=[needs("own", "act")])
async def connect(request: Request, form: Posted, parts: Parts) -> Response:
    """Whoever has the account works as this colleague: it is asked once more who it is."""
    await prove(request, form)
    bot = await parts.telegram()
    if bot is None:
        return await own_response(request, form.signed, status=409, trouble="telegram_off")
    if await parts.storage.read(staff_telegram.of_staff, form.staff_id) is not None:
        return await own_response(request, form.signed, status=409, trouble="telegram_linked")
    code = await parts.storage.run(staff_telegram.make_code, form.staff_id)
    address = f"{bot}?start={code}"
    return await own_response(request, form.signed, door=Door(address, qr(address), f"/start {code}"))


@router.post("/own/telegram/end", dependencies=[needs("own", "act")])
async def disconnect(form: Posted, parts: Parts) -> Response:
    if await parts.storage.run(staff_telegram.unlink, form.staff_id, by=form.staff_id) is None:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}#telegram", 303)


@router.post("/staff/{id}/telegram/end", dependencies=[needs("staff", "act")])
async def take_off(id: Annotated[int, Path(ge=1, le=LARGEST)], form: Act, parts: Parts) -> Response:
    """An admin takes a colleague's account off: a telephone was lost, or somebody connected another's."""
    if await parts.storage.run(_take_off, id, by=form.staff_id) is None:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{STAFF}/{id}", 303)


def _take_off(tx: Tx, staff_id: int, *, by: int) -> int | None:
    colleagues.manages(tx, by)
    return staff_telegram.unlink(tx, staff_id, by=by)
