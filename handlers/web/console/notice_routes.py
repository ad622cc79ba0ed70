"""Notices at the desk: composed, looked at as residents will read them, with whom they reach and whom not; how far each
has come. The steps of one are in ``notice_steps``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers import notice_words
from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.whose import choices, chosen
from handlers.web.parts import Parts, WebParts
from knowledge import broadcasts
from knowledge.disclosure_gate import findings
from knowledge.subscribing import rules
from storage import audiences, faq_telling, notice_report, notices, staff
from storage.access import NotThere
from storage.belonging import notices_of
from storage.notices import LONGEST_TEXT, LONGEST_TITLE, Composed, Unfit
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/notices"
SEE, ACT = needs("notice", "see"), needs("notice", "act")
TOPICS = tuple(topic for topic in rules().topics if topic not in ("disclosure", broadcasts.CHANGED))
"""What staff write notices about; of disclosures people hear by themselves, of changed answers from where they changed."""
router = desk_router("/notices")


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(_look, colleague.member.id)
    return await console_of(request).page(request, colleague, "console/notices.html", rows=found, topics=rules().topics)


def _look(tx: Tx, staff_id: int) -> list[tuple[notices.Notice, dict[str, int]]]:
    return [(one, _counted(tx, one)) for one in notices.listed(tx, notices_of(staff_id))]


def _counted(tx: Tx, notice: notices.Notice) -> dict[str, int]:
    """The report of one that is over; of one that was stopped while letters were on their way, how they stand by now."""
    if notice.report and not notice.report.get("on_the_way"):
        return notice.report
    return notice_report.counted(tx, notice.id) or notice.report or {}


@router.get("/new", dependencies=[ACT])
async def new(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _form_response(request, colleague, parts, {"topic": "outage"})


async def _form_response(
    request: Request, signed: Signed, parts: WebParts, typed: dict[str, str], *, trouble: str = "", id: int = 0
) -> Response:
    values = {"typed": typed, "trouble": trouble, "id": id, "topics": {name: rules().topics[name] for name in TOPICS}}
    values |= await choices(parts, signed.member.id) | {"longest_title": LONGEST_TITLE, "longest_text": LONGEST_TEXT}
    values |= {
        "of": await parts.storage.read(audiences.choices, signed.member.id),
        "groups": broadcasts.rules().audiences,
    }
    status = 422 if trouble else 200
    return await console_of(request).page(request, signed, "console/notice_form.html", status=status, **values)


@router.post("/new", dependencies=[ACT])
async def create(request: Request, form: Act, parts: Parts) -> Response:
    there = (await choices(parts, form.staff_id))["buildings"]
    try:
        composed, whose = _composed(form, there), chosen(form)
        made = await parts.storage.run(notices.draft, composed, staff_id=form.staff_id, community_id=whose)
    except Unfit as unfit:
        return await _form_response(request, form.signed, parts, form.fields, trouble=unfit.code)
    except NotThere:
        return await _form_response(request, form.signed, parts, form.fields, trouble="elsewhere")
    return RedirectResponse(f"{HERE}/{made}", 303)


def _composed(form: Form, there: list[str]) -> Composed:
    ticked = tuple(number for number in there if form.fields.get(f"b_{number}"))
    audience, audience_id = _for_whom(form.fields.get("to", ""))
    everywhere = form.fields.get("where") == "all" or audience_id is not None
    if not ticked and not everywhere:
        raise Unfit("no_building")
    if form.fields.get("topic") not in TOPICS:
        raise Unfit("no_topic")
    return Composed(
        topic=form.fields.get("topic", ""),
        title=form.text("title", longest=LONGEST_TITLE * 2),
        text=form.text("text", longest=LONGEST_TEXT * 2),
        title_en=form.text("title_en", longest=LONGEST_TITLE * 2) or None,
        text_en=form.text("text_en", longest=LONGEST_TEXT * 2) or None,
        audience=audience,
        audience_id=audience_id,
        buildings=None if everywhere else ticked,
        urgent=form.fields.get("urgent") == "yes",
        starts_at=_moment(form.fields.get("starts_at", "")),
        ends_at=_moment(form.fields.get("ends_at", "")),
    )


def _for_whom(chosen: str) -> tuple[str | None, int | None]:
    """``joined:12`` is whoever joined event 12; "" is whoever subscribed. Unfit for what is not offered."""
    if not chosen:
        return None, None
    name, _, number = chosen.partition(":")
    if name not in broadcasts.rules().audiences or (number and not (number.isascii() and number.isdigit())):
        raise Unfit("no_audience")
    return name, min(int(number), LARGEST) if number else None


def _moment(written: str) -> datetime | None:
    """A moment of a form's date and time; Unfit for what is none."""
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=CHINA)
    except ValueError as error:
        raise Unfit("no_span") from error


@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    return await page(request, id, colleague, parts)


async def page(
    request: Request, id: int, colleague: Signed, parts: WebParts, *, trouble: str = "", why: str = ""
) -> Response:
    """One notice; with ``trouble``, and what was written, after a step that could not be."""
    found = await parts.storage.read(_one, id, colleague.member.id)
    if found is None:
        raise Stop(404, "no_notice")
    notice, console = found["notice"], console_of(request)
    now = parts.storage.clock()
    previews = {name: notice_words.text_of(console.residents[name], notice, now=now) for name in ("zh", "en")}
    gate = findings(notice.title, notice.text) if notice.state in ("draft", "asked") else []
    values = {"previews": previews, "gate": gate, "topics": rules().topics, "short": notice.short_notice(now)}
    values |= {"trouble": trouble, "why": why, "groups": broadcasts.rules().audiences, "eyes": broadcasts.rules()}
    status = 422 if trouble else 200
    return await console.page(request, colleague, "console/notice.html", status=status, **found, **values)


def _one(tx: Tx, id: int, staff_id: int) -> dict[str, Any] | None:
    notice = notices.get(tx, id)
    if notice is None:
        return None
    counted, names = _counted(tx, notice), staff.names(tx)
    before = notice.state in ("draft", "asked")
    return {
        "notice": notice,
        "report": counted,
        "people": notice_report.people(counted),
        "reach": audiences.reach(tx, notice) if before else None,
        "progress": notice_report.progress(tx, id) if notice.state in ("sending", "paused") else None,
        "about": audiences.title(tx, notice),
        "telling": faq_telling.about(tx, notice),
        "by": names.get(notice.created_by or 0, ""),
        "asked_by": names.get(notice.asked_by or 0, ""),
        "others": notices.others_who_may(tx, staff_id) if before else 0,
    }


@router.get("/{id}/edit", dependencies=[ACT])
async def edit_form(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    notice = await parts.storage.read(notices.get, id)
    if notice is None or notice.state != "draft" or notice.audience == broadcasts.ANSWERED:
        raise Stop(404, "no_notice")
    return await _form_response(request, colleague, parts, _typed(notice), id=id)


def _typed(notice: notices.Notice) -> dict[str, str]:
    typed = {"topic": notice.topic, "title": notice.title, "text": notice.text, "revision": str(notice.revision)}
    typed |= {"title_en": notice.title_en or "", "text_en": notice.text_en or ""}
    typed["to"] = f"{notice.audience}:{notice.audience_id}" if notice.audience_id else notice.audience or ""
    typed["where"] = "some" if notice.buildings else "all"
    typed |= {f"b_{number}": "yes" for number in notice.buildings or ()} | ({"urgent": "yes"} if notice.urgent else {})
    for name, moment in (("starts_at", notice.starts_at), ("ends_at", notice.ends_at)):
        if moment is not None:
            typed[name] = f"{moment.astimezone(CHINA):%Y-%m-%dT%H:%M}"
    return typed


@router.post("/{id}/edit", dependencies=[ACT])
async def edit(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    revision, there = form.number("revision"), (await choices(parts, form.staff_id))["buildings"]
    try:
        composed = _composed(form, there)
        kept = await parts.storage.run(notices.edit, id, composed, revision=revision, staff_id=form.staff_id)
    except Unfit as unfit:
        return await _form_response(request, form.signed, parts, form.fields, trouble=unfit.code, id=id)
    except NotThere:
        return await _form_response(request, form.signed, parts, form.fields, trouble="elsewhere", id=id)
    if not kept:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}/{id}", 303)
