"""The FAQ looked after by whoever has never seen a terminal: the list, one entry, its editor, its versions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from handlers.faq_view import looked_over, marked, would
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge.calendar import CHINA
from knowledge.faq import VALUES
from knowledge.faq_wording import LONGEST, Wording, merge
from knowledge.notice import Words, clauses
from knowledge.private_data import nameless
from storage import faq, faq_live, faq_telling, staff
from storage.faq import Kept, Unfit
from storage.faq_telling import Offer
from storage.staff import Signed
from storage.tables import audit
from storage.transaction import Tx

Name = Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
router = desk_router("/faq")
STATES = ("published", "draft", "review", "planned", "retired", "untranslated", "here")
NOTHING = Wording(Words("", ""), Words("", ""), None)
LINES = 40


@router.get("", dependencies=[needs("faq", "see")])
async def show(
    request: Request,
    colleague: Colleague,
    parts: Parts,
    q: Annotated[str, Query(max_length=100)] = "",
    state: str = "",
    done: str = "",
) -> Response:
    every, tasks = await parts.storage.read(_everything)
    chosen = state if state in STATES else ""
    found = [one for one in every if _fits(one, chosen) and _has(one, q.strip().casefold())]
    groups = {place: [one for one in found if one.newest.place == place] for place in [*clauses(), "本地"]}
    given: dict[str, Any] = {"groups": {place: rows for place, rows in groups.items() if rows}, "q": q, "state": chosen}
    given |= {"states": STATES, "count": len(found), "tasks": tasks, "done": done, "clauses": clauses()}
    return await console_of(request).page(request, colleague, "console/faq.html", **given)


def _everything(tx: Tx) -> tuple[list[Kept], dict[str, list[Kept]]]:
    """What was thrown away before anybody got it is not shown."""
    return [one for one in faq.entries(tx) if one.draft or one.version], faq_live.tasks(tx)


def _fits(one: Kept, state: str) -> bool:
    if state in ("draft", "review", "planned"):
        return one.draft is not None and one.draft.state == state
    if state == "untranslated":
        return one.state != "retired" and not one.newest.translated
    if state == "here":
        return one.newest.clause is None
    return one.state == state if state else True


def _has(one: Kept, words: str) -> bool:
    said = (
        one.key,
        *(one.newest.piece(name) or "" for name in ("question.zh", "question.en", "answer.zh", "answer.en")),
    )
    return not words or any(words in text.casefold() for text in said)


@router.get("/new", dependencies=[needs("faq", "act")])
async def new(request: Request, colleague: Colleague, question: Annotated[str, Query(max_length=200)] = "") -> Response:
    """``question``: what somebody asked, to begin with; nothing personal of it stays."""
    begun = Wording(Words(nameless(question.strip())[: LONGEST["question"]], ""), Words("", ""))
    return await editor(request, colleague, None, begun if question.strip() else NOTHING)


@router.post("/new", dependencies=[needs("faq", "act")])
async def make(request: Request, form: Posted, parts: Parts) -> Response:
    wording = wording_of(form)
    if "look" in form.fields:
        return await editor(request, form.signed, None, wording, look=True, why=form.fields.get("why", ""))
    key = await parts.storage.run(
        faq.save_draft, None, wording, staff_id=form.staff_id, why=form.text("why", longest=300)
    )
    return RedirectResponse(f"/console/faq/{key}?done=draft#phrases", 303)


@router.get("/{key}", dependencies=[needs("faq", "see")])
async def one(request: Request, key: Name, colleague: Colleague, parts: Parts, done: str = "") -> Response:
    return await entry_page(request, colleague, await found(parts, key), done=done)


@router.get("/{key}/edit", dependencies=[needs("faq", "act")])
async def edit(request: Request, key: Name, colleague: Colleague, parts: Parts) -> Response:
    kept = await found(parts, key)
    return await editor(request, colleague, kept, kept.newest, look=True, why=kept.draft.why if kept.draft else "")


@router.post("/{key}/edit", dependencies=[needs("faq", "act")])
async def keep(request: Request, key: Name, form: Posted, parts: Parts) -> Response:
    kept, wording, why = await found(parts, key), wording_of(form), form.text("why", longest=300)
    if "look" in form.fields:
        return await editor(request, form.signed, kept, wording, look=True, why=why, revision=form.number("revision"))
    by: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    try:
        await parts.storage.run(faq.save_draft, key, wording, why=why, **by)
    except Unfit as refused:
        now = await found(parts, key)
        return await editor(request, form.signed, now, wording, look=True, why=why, trouble=refused.code, status=409)
    return RedirectResponse(f"/console/faq/{key}?done=draft", 303)


@router.post("/look", dependencies=[needs("faq", "act")])
async def look(request: Request, form: Posted, parts: Parts) -> Response:
    """How what is typed would read: a piece of the editor, asked for while somebody types."""
    wording = wording_of(form)
    given = {"wording": wording, "looked": _looked(parts, None, wording), "t": console_of(request).common(request)["t"]}
    return console_of(request).plain(request, "console/faq_looked.html", **{k: v for k, v in given.items() if k != "t"})


@router.get("/{key}/versions/{number}", dependencies=[needs("faq", "see")])
async def version(
    request: Request, key: Name, number: Annotated[int, Path(ge=1, le=99999)], colleague: Colleague, parts: Parts
) -> Response:
    kept, every = await found(parts, key), await parts.storage.read(faq.versions, key)
    this = next((one for one in every if one.number == number), None)
    if this is None:
        raise Stop(404, "not_found")
    before = next((one for one in every if one.number < number), None)
    given: dict[str, Any] = {"found": kept, "version": this, "before": before, "versions": every}
    given |= {"diff": marked(before.wording if before else None, this.wording)}
    given |= {"since": marked(this.wording, kept.latest) if kept.version != number else []}
    given["tell"] = await offered(parts, kept, colleague, number)
    return await console_of(request).page(request, colleague, "console/faq_version.html", **given)


# --- pages that several addresses show --------------------------------------------------------------------------------
async def found(parts: WebParts, key: str) -> Kept:
    kept = await parts.storage.read(faq.get, key)
    if kept is None:
        raise Stop(404, "not_found")
    return kept


async def offered(parts: WebParts, kept: Kept, signed: Signed, number: int | None = None) -> Offer | None:
    """Whom the change would be told to, for whoever may; ``number`` None: of the one the entry's page speaks of."""
    if not staff.may(signed.member, "faq", "publish"):
        return None
    return await parts.storage.read(lambda tx: faq_telling.offer(tx, kept, number))


async def entry_page(request: Request, signed: Signed, kept: Kept, *, status: int = 200, **more: Any) -> Response:
    """One entry: what residents get, its draft and what that would change, its phrases, its versions, who did what."""
    parts = console_of(request).parts
    given = await parts.storage.read(_about, kept) | {"tell": await offered(parts, kept, signed)}
    draft = kept.draft
    given |= {"found": kept, "now": _looked(parts, kept, kept.wording) if kept.wording else None, "trouble": ""}
    given |= {
        "draft": _looked(parts, kept, draft.wording) if draft else None,
        "would": None,
        "typed": {},
        "about": "",
        "done": "",
    }
    given |= {"diff": marked(kept.wording, draft.wording) if draft else []}
    if draft and draft.state == "review":
        given["would"] = await would(parts, kept, draft.wording, staff_id=signed.member.id)
    if kept.incoming:
        given["theirs"] = marked(kept.base, kept.incoming)
        given["mine"] = marked(kept.base, kept.newest)
        given["merged"] = merge(kept.base or kept.incoming, kept.newest, kept.incoming)
    return await console_of(request).page(request, signed, "console/faq_one.html", status=status, **(given | more))


def _about(tx: Tx, kept: Kept) -> dict[str, Any]:
    lines = select(audit).where(audit.c.object == f"faq:{kept.key}").order_by(audit.c.id.desc()).limit(LINES)
    others = [one for one in faq.entries(tx) if one.state == "published" and one.key != kept.key]
    given = {"phrases": faq.phrases_of(tx, kept.key), "removed": faq.phrases_of(tx, kept.key, removed=True)}
    return given | {
        "versions": faq.versions(tx, kept.key),
        "history": tx.all(lines),
        "names": staff.names(tx),
        "others": others,
    }


async def editor(
    request: Request,
    signed: Signed,
    kept: Kept | None,
    wording: Wording,
    *,
    look: bool = False,
    why: str = "",
    trouble: str = "",
    revision: int | None = None,
    status: int = 200,
) -> Response:
    parts = console_of(request).parts
    seen = kept.draft.revision if kept and kept.draft else 0
    given: dict[str, Any] = {"found": kept, "wording": wording, "trouble": trouble, "why": why}
    given |= {"revision": seen if revision is None else revision, "clauses": clauses(), "values": sorted(VALUES)}
    given |= {"looked": _looked(parts, kept, wording) if look else None, "longest": LONGEST}
    return await console_of(request).page(request, signed, "console/faq_edit.html", status=status, **given)


def _looked(parts: WebParts, kept: Kept | None, wording: Wording) -> Any:
    today = parts.storage.clock().astimezone(CHINA).date()
    number = (kept.version if kept else 0) + (0 if kept and wording == kept.wording else 1)
    day = kept.checked_on if kept and wording == kept.wording else today
    return looked_over(parts, wording, version=number, checked_on=day)


def wording_of(form: Form) -> Wording:
    """What the form says; a text far too long is refused whole."""
    both = {
        part: Words(*(form.text(f"{part}_{one}", longest=3000) for one in ("zh", "en")))
        for part in ("question", "answer", "source")
    }
    clause = form.text("clause", longest=20) or None
    return Wording(both["question"], both["answer"], clause, Words("", "") if clause else both["source"])
