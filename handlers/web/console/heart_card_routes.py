"""Heart cards at the desk: printed for a building on A4, given, made anew; words left by a card; the month's figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping, select
from starlette.responses import RedirectResponse, Response

from handlers.texts.moments import CHINA
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.household_forms import common
from handlers.web.console.household_routes import HERE, Id, page_response
from handlers.web.console.poster_routes import qr
from handlers.web.parts import Parts, WebParts
from knowledge.households import rules
from storage import heart_cards, household_figures, households
from storage.belonging import communities_for
from storage.households import LONGEST_REASON
from storage.households_of import households_of
from storage.staff import note
from storage.tables import households as table
from storage.transaction import Tx

SEE, ACT = (needs("household", act) for act in ("see", "act"))
router = desk_router("/households")
LONGEST_PHONE = 40
ON_A_SHEET = 10


# --- printing ---------------------------------------------------------------------------------------------------------
@router.get("/cards", dependencies=[SEE])
async def cards(request: Request, colleague: Colleague, parts: Parts) -> Response:
    values = await common(parts, colleague.member.id)
    values |= {"phones": await parts.storage.read(_phones, colleague.member.id), "known": bool(parts.public_url)}
    return await console_of(request).page(request, colleague, "console/heart_cards.html", **values)


@router.post("/cards", dependencies=[ACT])
async def make(form: Act, parts: Parts) -> Response:
    """Cards for everybody in a building who has none, or whose card names somebody else; each household is looked at."""
    reason = form.text("reason", longest=LONGEST_REASON)
    building = form.text("building", longest=16)
    if not reason:
        raise Stop(422, "bad_form")
    await parts.storage.run(_make, building, reason, form)
    return RedirectResponse(f"{HERE}/cards/sheet?building={building}", 303)


def _phones(tx: Tx, staff_id: int) -> list[tuple[int, str, str]]:
    """The communities they print cards for, each with the number that stands on them."""
    return [(key, name, heart_cards.phone(tx, key)) for key, name in communities_for(tx, staff_id) or [(0, "")]]


def _make(tx: Tx, building: str, reason: str, form: Form) -> None:
    staff_id = form.staff_id
    mine = [households_of(staff_id), table.c.state == "active"]
    if building:
        mine.append(table.c.building == building)
    ids = [int(one) for (one,) in tx.tuples(select(table.c.id).where(*mine))]
    for id in ids:
        households.look(tx, id, staff_id=staff_id, reason=reason)
    made = heart_cards.make(tx, ids, staff_id=staff_id)
    for key, _, before in _phones(tx, staff_id):
        given = form.fields.get(f"phone_{key}")
        if given is not None and (said := given.strip()[:LONGEST_PHONE]) != before:
            heart_cards.ring(tx, key, said, staff_id=staff_id)
    note(tx, staff_id, "card_print", building or "*", made=made, printed=len(ids))


@router.get("/cards/sheet", dependencies=[SEE])
async def sheet(request: Request, colleague: Colleague, parts: Parts, building: str = "", id: str = "") -> Response:
    """Ten cards on a sheet, and last a list of which card is whose, for whoever gives them out."""
    one = int(id) if id.isascii() and id.isdigit() and len(id) < 16 else None
    rows = await parts.storage.read(_printed, colleague.member.id, building[:16], one)
    base, telegram = (parts.public_url or str(request.base_url)).rstrip("/"), await parts.telegram()
    faces = [await _face(parts, row, base) for row in rows]
    values: dict[str, Any] = {
        "sheets": [faces[at : at + ON_A_SHEET] for at in range(0, len(faces), ON_A_SHEET)],
        "telegram": telegram,
    }
    return console_of(request).plain(request, "console/heart_card_sheet.html", **values)


async def _face(parts: WebParts, row: RowMapping, base: str) -> dict[str, Any]:
    """A card names the community, office and number of where its household lives."""
    town = parts.towns.at(row["building"])
    face = {"card": row, "number": number(row["id"]), "code": qr(f"{base}/chat?k={row['code']}"), "town": town.profile}
    return face | {"phone": await parts.storage.read(heart_cards.phone, town.id)}


def _printed(tx: Tx, staff_id: int, building: str, one: int | None) -> list[RowMapping]:
    """Those of which this colleague said lately why they look."""
    rows = heart_cards.to_print(tx, staff_id=staff_id, building=building or None, household_id=one)
    return [row for row in rows if households.opened(tx, int(row["household_id"]), staff_id=staff_id) is not None]


def number(card_id: int) -> str:
    """What stands on a card: it tells cards apart, and nothing else."""
    return f"LK-{card_id:05d}"


@router.post("/{id}/card", dependencies=[ACT])
async def card(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Made, given, lost or spoilt."""
    did = form.fields.get("do", "")
    run = parts.storage.run
    if did == "make":
        done = bool(await run(heart_cards.make, [id], staff_id=form.staff_id))
    elif did == "given":
        done = await run(heart_cards.given, id, staff_id=form.staff_id)
    elif did in heart_cards.ENDINGS:
        done = await run(heart_cards.replace, id, why=did, staff_id=form.staff_id)
    else:
        raise Stop(422, "bad_form")
    if not done:
        return await page_response(request, form.signed, id, status=409, trouble="card")
    word = {"make": "made", "given": "given"}.get(did, "dead")
    return RedirectResponse(f"{HERE}/{id}?done={word}", 303)


@router.post("/{id}/word", dependencies=[ACT])
async def word(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Answer what was said by the card, or settle it without words."""
    word_id, text = form.number("word"), form.text("text", longest=1000)
    if form.fields.get("then") != "settle" and not text:
        return await page_response(request, form.signed, id, status=422, trouble="no_words")
    language = await parts.storage.read(heart_cards.language_of_word, word_id)
    prefix = console_of(request).residents[language]("card.from", name=form.signed.member.name)
    said = "" if form.fields.get("then") == "settle" else text
    given: dict[str, Any] = {"text": said, "prefix": prefix, "staff_id": form.staff_id}
    if not await parts.storage.run(heart_cards.answer, id, word_id, **given):
        return await page_response(request, form.signed, id, status=409, trouble="changed")
    return RedirectResponse(f"{HERE}/{id}?done={'answered' if said else 'settled'}", 303)


# --- figures ----------------------------------------------------------------------------------------------------------
@router.get("/figures", dependencies=[SEE])
async def figures(request: Request, colleague: Colleague, parts: Parts, month: str = "") -> Response:
    start = _month(month, parts.storage.clock().astimezone(CHINA))
    end = _next(start)
    rows = await parts.storage.read(household_figures.month, start, end, staff_id=colleague.member.id)
    values: dict[str, Any] = {"rows": rows, "start": start, "rules": rules(), "before": _before(start), "after": end}
    return await console_of(request).page(request, colleague, "console/household_figures.html", **values)


def _month(written: str, now: datetime) -> datetime:
    try:
        found = datetime.strptime(written, "%Y-%m").replace(tzinfo=CHINA)
    except ValueError:
        found = now
    return found.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _before(start: datetime) -> datetime:
    return start.replace(year=start.year - (start.month == 1), month=(start.month - 2) % 12 + 1)
