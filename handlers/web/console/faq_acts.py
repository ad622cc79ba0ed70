"""What is done with an FAQ entry: handed in, sent back, published now or later, checked, retired; its phrases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.faq_view import would
from handlers.web.console.desk_pages import console_of
from handlers.web.console.duty_forms import date_of, moment_of
from handlers.web.console.faq_routes import Name, entry_page, found
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import faq, faq_seed
from storage.faq import Kept, Unfit
from storage.transaction import Tx

router = desk_router("/faq/{key}")
MOST_PHRASES = 50


async def do(
    request: Request, key: str, form: Form, done: str, unit: Callable[Concatenate[Tx, str, ...], Any], **given: Any
) -> Response:
    """Run it and show the entry again; what could not be done is said there, with what was typed."""
    storage = console_of(request).parts.storage
    try:
        await storage.run(unit, key, staff_id=form.staff_id, **given)
    except Unfit as refused:
        return await again(request, key, form, refused)
    except LookupError:
        raise Stop(404, "not_found") from None
    return RedirectResponse(f"/console/faq/{key}?done={done}", 303)


async def again(request: Request, key: str, form: Form, refused: Unfit, **more: Any) -> Response:
    kept = await found(console_of(request).parts, key)
    status = 409 if refused.code == "changed" else 422
    said: dict[str, Any] = {"trouble": refused.code, "about": refused.about, "typed": form.fields, "status": status}
    return await entry_page(request, form.signed, kept, **(said | more))


def sensible(moment: datetime | None) -> bool:
    return moment is not None and 2020 < moment.year < 2100


def why(form: Form) -> str:
    return form.text("why", longest=300)


@router.post("/submit", dependencies=[needs("faq", "act")])
async def submit(request: Request, key: Name, form: Posted) -> Response:
    return await do(request, key, form, "submitted", faq.submit)


@router.post("/drop", dependencies=[needs("faq", "act")])
async def drop(request: Request, key: Name, form: Posted, parts: Parts) -> Response:
    kept = await found(parts, key)
    answer = await do(request, key, form, "dropped", faq.drop_draft)
    return (
        RedirectResponse("/console/faq?done=dropped", 303) if answer.status_code == 303 and not kept.version else answer
    )


@router.post("/send-back", dependencies=[needs("faq", "publish")])
async def send_back(request: Request, key: Name, form: Posted) -> Response:
    if not why(form):
        return await again(request, key, form, Unfit("no_why"))
    return await do(request, key, form, "sent_back", faq.send_back, why=why(form))


@router.post("/publish", dependencies=[needs("faq", "publish")])
async def publish(request: Request, key: Name, form: Posted) -> Response:
    """Now, or at the time that stands there; with an end where one stands there."""
    moments = {name: form.fields.get(name, "").strip() for name in ("at", "expires_at")}
    read = {name: moment_of(written) for name, written in moments.items() if written}
    checked = form.fields.get("checked_on", "").strip()
    day = date_of(checked) if checked else None
    if not all(map(sensible, read.values())) or (checked and day is None):
        return await again(request, key, form, Unfit("bad_time"))
    given = {"sense": form.fields.get("sense", "sense"), "why": why(form), "checked_on": day, **read}
    revision = form.number("revision")
    return await do(
        request, key, form, "planned" if "at" in read else "published", faq.publish, revision=revision, **given
    )


@router.post("/checked", dependencies=[needs("faq", "publish")])
async def checked(request: Request, key: Name, form: Posted) -> Response:
    return await do(request, key, form, "checked", faq.checked)


@router.post("/retire", dependencies=[needs("faq", "publish")])
async def retire(request: Request, key: Name, form: Posted) -> Response:
    instead = form.text("instead", longest=60) or None
    if not why(form):
        return await again(request, key, form, Unfit("no_why"))
    return await do(request, key, form, "retired", faq.retire, why=why(form), instead=instead)


@router.post("/back", dependencies=[needs("faq", "publish")])
async def back(request: Request, key: Name, form: Posted) -> Response:
    return await do(request, key, form, "back", faq.bring_back, why=why(form))


@router.post("/roll-back", dependencies=[needs("faq", "publish")])
async def roll_back(request: Request, key: Name, form: Posted) -> Response:
    given = {"number": form.number("number"), "why": why(form), "sense": form.fields.get("sense", "sense")}
    return await do(request, key, form, "rolled_back", faq.roll_back, **given)


@router.post("/shipped", dependencies=[needs("faq", "publish")])
async def shipped(request: Request, key: Name, form: Posted) -> Response:
    """What the program brings now: taken, left, or merged into a draft."""
    choice = form.fields.get("choice", "")
    if choice == "keep":
        return await do(request, key, form, "decided", faq_seed.keep_gone)
    return await do(request, key, form, f"decided_{choice}" if choice in faq_seed.CHOICES else "", faq_seed.decide,
                    choice=choice, why=why(form))  # fmt: skip


@router.post("/phrases", dependencies=[needs("faq", "publish")])
async def add_phrases(request: Request, key: Name, form: Posted, parts: Parts) -> Response:
    """One a line, whole or not at all. With ``look`` nothing is added yet; ``take``: away from wherever they lead now."""
    kept, kind = await found(parts, key), "keyword" if form.fields.get("kind") == "keyword" else "example"
    lines = phrases_in(form)
    if not lines or len(lines) > MOST_PHRASES:
        return await again(request, key, form, Unfit("no_phrase" if not lines else "many_phrases", str(MOST_PHRASES)))
    seen = await _would(parts, kept, form, kind, lines)
    take = "take" in form.fields
    if "look" in form.fields or (seen is not None and seen.clashes and not take):
        trouble = "" if "look" in form.fields else "clash"
        return await again(request, key, form, Unfit(trouble), would=seen, status=422 if trouble else 200)
    try:
        await parts.storage.run(_add, key, lines, kind=kind, staff_id=form.staff_id, take=take)
    except Unfit as refused:
        return await again(request, key, form, refused, would=seen)
    return RedirectResponse(f"/console/faq/{key}?done=phrases#phrases", 303)


def _add(tx: Tx, key: str, lines: list[str], *, kind: str, staff_id: int, take: bool) -> None:
    for line in lines:
        faq.add_phrase(tx, key, line, staff_id=staff_id, kind=kind, take=take)


async def _would(parts: Parts, kept: Kept, form: Form, kind: str, lines: list[str]) -> Any:
    more = {"more": lines} if kind == "example" else {"keywords": lines}
    return await would(parts, kept, kept.newest, staff_id=form.staff_id, **more)


@router.post("/phrases/look", dependencies=[needs("faq", "publish")])
async def look_at_phrases(request: Request, key: Name, form: Posted, parts: Parts) -> Response:
    """What these phrases would do: a piece of the page, asked for while somebody types."""
    kept, kind = await found(parts, key), "keyword" if form.fields.get("kind") == "keyword" else "example"
    lines = phrases_in(form)[:MOST_PHRASES]
    seen = await _would(parts, kept, form, kind, lines) if lines else None
    return console_of(request).plain(request, "console/faq_would.html", would=seen, found=kept if lines else None)


@router.post("/phrases/remove", dependencies=[needs("faq", "publish")])
async def remove_phrase(request: Request, key: Name, form: Posted) -> Response:
    kind = "keyword" if form.fields.get("kind") == "keyword" else "example"
    return await do(request, key, form, "unphrased", faq.remove_phrase, text=form.text(longest=200), kind=kind)


def phrases_in(form: Form) -> list[str]:
    lines = (" ".join(line.split()) for line in form.text("phrases", longest=6000).split("\n"))
    return list(dict.fromkeys(line for line in lines if line))
