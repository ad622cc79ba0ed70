"""Notices at the desk: composed, looked at as residents will read them, sent, paused, stopped; how far each has come."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from handlers import notice_words
from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, ConsoleRoute, Form, Stop, needs
from handlers.web.console.whose import choices, chosen
from handlers.web.parts import Parts, WebParts
from knowledge.disclosure_gate import findings
from knowledge.subscribing import rules
from storage import notices, staff
from storage.access import NotThere
from storage.belonging import notices_of
from storage.notices import LONGEST_TEXT, LONGEST_TITLE, Composed, Unfit
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/notices"
SEE, ACT = needs("notice", "see"), needs("notice", "act")
TOPICS = tuple(topic for topic in rules().topics if topic != "disclosure")
"""What staff write notices about; of disclosures people hear by themselves."""
router = APIRouter(prefix="/notices", route_class=ConsoleRoute)


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(_look, colleague.member.id)
    return await console_of(request).page(request, colleague, "console/notices.html", rows=found, topics=rules().topics)


def _look(tx: Tx, staff_id: int) -> list[tuple[notices.Notice, dict[str, int]]]:
    return [(one, one.report or notices.report(tx, one.id)) for one in notices.listed(tx, notices_of(staff_id))]


@router.get("/new", dependencies=[ACT])
async def new(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _form_response(request, colleague, parts, {"topic": "outage"})


async def _form_response(
    request: Request, signed: Signed, parts: WebParts, typed: dict[str, str], *, trouble: str = "", id: int = 0
) -> Response:
    values = {"typed": typed, "trouble": trouble, "id": id, "topics": {name: rules().topics[name] for name in TOPICS}}
    values |= await choices(parts, signed.member.id) | {"longest_title": LONGEST_TITLE, "longest_text": LONGEST_TEXT}
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
    if not ticked and form.fields.get("where") != "all":
        raise Unfit("no_building")
    if form.fields.get("topic") == "disclosure":
        raise Unfit("no_topic")
    return Composed(
        topic=form.fields.get("topic", ""),
        title=form.text("title", longest=LONGEST_TITLE * 2),
        text=form.text("text", longest=LONGEST_TEXT * 2),
        buildings=None if form.fields.get("where") == "all" else ticked,
        urgent=form.fields.get("urgent") == "yes",
        starts_at=_moment(form.fields.get("starts_at", "")),
        ends_at=_moment(form.fields.get("ends_at", "")),
    )


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
    found = await parts.storage.read(_one, id)
    if found is None:
        raise Stop(404, "no_notice")
    notice, console = found["notice"], console_of(request)
    now = parts.storage.clock()
    previews = {name: notice_words.text_of(console.residents[name], notice, now=now) for name in ("zh", "en")}
    gate = findings(notice.title, notice.text) if notice.state == "draft" else []
    values = {"previews": previews, "gate": gate, "topics": rules().topics, "short": notice.short_notice(now)}
    return await console.page(request, colleague, "console/notice.html", **found, **values)


def _one(tx: Tx, id: int) -> dict[str, Any] | None:
    notice = notices.get(tx, id)
    if notice is None:
        return None
    counted = notice.report or notices.report(tx, id)
    names = staff.names(tx)
    reaches = notices.count_recipients(tx, notice) if notice.state == "draft" else sum_of(counted)
    return {"notice": notice, "report": counted, "reaches": reaches, "by": names.get(notice.created_by or 0, "")}


def sum_of(counted: dict[str, int]) -> int:
    """All recipients, whatever became of them."""
    return sum(number for state, number in counted.items() if state not in ("lost", "doubtful", "on_the_way"))


@router.get("/{id}/edit", dependencies=[ACT])
async def edit_form(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    notice = await parts.storage.read(notices.get, id)
    if notice is None or notice.state != "draft":
        raise Stop(404, "no_notice")
    return await _form_response(request, colleague, parts, _typed(notice), id=id)


def _typed(notice: notices.Notice) -> dict[str, str]:
    typed = {"topic": notice.topic, "title": notice.title, "text": notice.text, "revision": str(notice.revision)}
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
    if not kept:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}/{id}", 303)


Unit = Callable[..., bool]
STEPS: dict[str, Unit] = {
    "send": notices.begin,
    "pause": notices.pause,
    "go-on": notices.go_on,
    "stop": notices.stop,
}


def _step(name: str) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def take(id: Id, form: Act, parts: Parts) -> Response:
        """Once; whoever was slower is told that it was done before."""
        if not await parts.storage.run(STEPS[name], id, revision=form.number("revision"), staff_id=form.staff_id):
            raise Stop(409, "done_before")
        return RedirectResponse(f"{HERE}/{id}", 303)

    return take


for _name in STEPS:
    router.add_api_route(f"/{{id}}/{_name}", _step(_name), methods=["POST"], dependencies=[ACT])
