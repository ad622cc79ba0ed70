"""The staff groups on Telegram: how each stands, connecting one with a one-time code, taking it off again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.staff.group_setting import last_word
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.parts import Parts, WebParts
from storage import group_connecting, group_members, staff_telegram, towns
from storage.group_connecting import PREFIX, Line, Refused
from storage.group_members import Stranger
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/groups"
NOBODY: Mapping[str, Any] = MappingProxyType({"door": None, "trouble": "", "about": ""})
router = desk_router("/groups")


@dataclass(frozen=True, slots=True)
class Door:
    """A one-time way to connect one place's group, shown this once: the address, its picture, what is typed by hand."""

    place: str
    address: str
    picture: object
    command: str


@dataclass(frozen=True, slots=True)
class Look:
    """``linked``: this colleague's own Telegram is connected, so that the bot knows who says the code."""

    lines: Sequence[Line]
    strangers: Mapping[int, Sequence[Stranger]]
    linked: bool


@router.get("", dependencies=[needs("group", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await groups_response(request, colleague)


async def groups_response(request: Request, signed: Signed, *, status: int = 200, **more: Any) -> Response:
    """``door`` is shown this once; ``about``: the place a trouble is about."""
    console = console_of(request)
    look = await console.parts.storage.read(_look, signed.member.id)
    values = {"look": look, "bot": await console.parts.telegram(), "done": request.query_params.get("done"), **NOBODY}
    return await console.page(request, signed, "console/groups.html", status=status, **values | more)


def _look(tx: Tx, staff_id: int) -> Look:
    found: dict[int, list[Stranger]] = {}
    for one in group_members.strangers(tx, staff_id=staff_id):
        found.setdefault(one.chat_id, []).append(one)
    linked = staff_telegram.of_staff(tx, staff_id) is not None
    return Look(group_connecting.lines(tx, staff_id), found, linked)


@router.get("/house/code", dependencies=[needs("group", "house")])
async def house_again(request: Request, colleague: Colleague) -> Response:
    """The page a code was shown on, looked at anew: how the groups stand, and no code a second time."""
    return await groups_response(request, colleague)


@router.get("/{id}/code", dependencies=[needs("group", "see")])
async def place_again(request: Request, id: Id, colleague: Colleague) -> Response:  # noqa: ARG001 - the rule reads it
    return await groups_response(request, colleague)


@router.post("/house/code", dependencies=[needs("group", "house")])
async def code_for_the_house(request: Request, form: Act, parts: Parts) -> Response:
    return await _code(request, form, parts, None)


@router.post("/house/end", dependencies=[needs("group", "house")])
async def end_the_houses(form: Act, parts: Parts) -> Response:
    return await _end(form, parts, None)


@router.post("/{id}/code", dependencies=[needs("group", "act")])
async def code(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _code(request, form, parts, id)


@router.post("/{id}/end", dependencies=[needs("group", "act")])
async def end(id: Id, form: Act, parts: Parts) -> Response:
    return await _end(form, parts, id)


async def _code(request: Request, form: Form, parts: WebParts, community_id: int | None) -> Response:
    """A fresh one each time; the one before is void."""
    bot, place = await parts.telegram(), str(community_id or "house")
    if bot is None:
        return await groups_response(request, form.signed, status=409, trouble="off", about=place)
    made = await parts.storage.run(lambda tx: group_connecting.make_code(tx, community_id, by=form.staff_id))
    if isinstance(made, Refused):
        return await groups_response(request, form.signed, status=409, trouble=made.why, about=place)
    address, name = f"{bot}?startgroup={PREFIX}{made}", bot.rstrip("/").rpartition("/")[2]
    door = Door(place, address, qr(address), f"/connect@{name} {made}")
    return await groups_response(request, form.signed, door=door, about=place)


async def _end(form: Form, parts: WebParts, community_id: int | None) -> Response:
    change: Callable[[Tx], bool] = lambda tx: _ended(tx, community_id, form.staff_id)  # noqa: E731
    if not await parts.storage.run(change):
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}?done=ended#p{community_id or 'house'}", 303)


def _ended(tx: Tx, community_id: int | None, staff_id: int) -> bool:
    name = None if community_id is None else towns.profile(tx, community_id).community.zh
    return group_connecting.disconnect(tx, community_id, by=staff_id, word=last_word(name))
