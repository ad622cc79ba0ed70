"""The service catalogue at the desk: what each category says and asks, who leads, whether it is offered, with a preview of
what a resident would meet, versions and a way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.residents.rehearsing import Step
from handlers.texts.catalogue import Texts
from handlers.web.console import rehearsal
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge import catalogue
from knowledge.catalogue import OWNERS, Category, owner_name
from knowledge.catalogue_edits import DUTIES, ROUTE, BadEdit, Edits, Part, differing, edited, parts
from knowledge.catalogue_edits import standing as laid
from storage import catalogue as kept
from storage.catalogue import Meanwhile
from storage.staff import Signed
from storage.transaction import Tx

router = desk_router("/catalogue")
HERE = "/console/catalogue"
SEE, ACT = needs("catalogue", "see"), needs("catalogue", "act")


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    edits = await parts.storage.read(kept.standing)
    lines = [(id, kind, edits.get(id, {})) for id, kind in _standing(edits).items()]
    return await console_of(request).page(
        request, colleague, "console/catalogue.html", lines=lines, owner_name=owner_name
    )


def _standing(edits: Mapping[str, Edits]) -> Mapping[str, Category]:
    """As it reads with these edits, whatever this process has heard of yet."""
    return {id: _or_shipped(id, edits.get(id, {}), kind) for id, kind in catalogue.as_shipped(ROUTE).items()}


def _or_shipped(id: str, edits: Edits, kind: Category) -> Category:
    try:
        return edited(id, edits)
    except BadEdit:
        return kind


@router.get("/{category}", dependencies=[SEE])
async def one(request: Request, category: str, colleague: Colleague, parts: Parts) -> Response:
    steps, done = rehearsal.steps_of(request.query_params), request.query_params.get("done") == "1"
    return await _one(request, colleague, parts, category, steps=steps, done=done)


async def _one(
    request: Request,
    signed: Signed,
    web: WebParts,
    category: str,
    *,
    typed: Mapping[str, tuple[str, str]] | None = None,
    steps: Sequence[Step] = rehearsal.BEGINNING,
    bad: BadEdit | None = None,
    trouble: str = "",
    reason: str = "",
    done: bool = False,
) -> Response:
    _known(category)
    found = await web.storage.read(_look, category)
    now = found["now"] if typed is None else [_typed(part, typed) for part in found["now"]]
    names = _Names(console_of(request).common(request)["t"], catalogue.as_shipped(ROUTE)[category])
    values: dict[str, Any] = {"id": category, "now": now, "names": names, "bad": bad, "trouble": trouble, "done": done}
    values |= {"owners": list(OWNERS), "duties": DUTIES, "owner_name": owner_name, "reason": reason}
    kind = _preview(category, now)
    values |= {"kind": kind, "versions": found["versions"], "longest": kept.LONGEST_REASON}
    values |= {"played": await rehearsal.played(web, kind, steps), "steps": rehearsal.written(steps)}
    values |= {"number": found["versions"][0].version if found["versions"] else 0, "shipped": found["shipped"]}
    values["outdated"] = kept.outdated(category, next(iter(found["versions"]), None))
    status = 422 if bad or trouble else 200
    return await console_of(request).page(request, signed, "console/catalogue_one.html", status=status, **values)


def _known(category: str) -> None:
    if category not in catalogue.as_shipped(ROUTE):
        raise Stop(404, "not_found")


def _look(tx: Tx, category: str) -> dict[str, Any]:
    edits = kept.standing(tx).get(category, {})
    shipped = {part.path: part for part in parts(category)}
    return {"now": laid(category, edits), "versions": kept.versions(tx, category), "shipped": shipped}


def _typed(part: Part, typed: Mapping[str, tuple[str, str]]) -> Part:
    zh, en = typed.get(part.path, (part.zh, part.en))
    return Part(part.path, part.kind, zh, en)


def _preview(category: str, now: list[Part]) -> Category:
    said = differing(category, {part.path: (part.zh, part.en) for part in now})
    return _or_shipped(category, said, catalogue.as_shipped(ROUTE)[category])


class _Names:
    """What a field is called on the page."""

    def __init__(self, texts: Texts, kind: Category) -> None:
        self._t, self._kind = texts, kind

    def __call__(self, part: Part) -> str:
        first, *rest = part.of
        if first == "questions":
            question = self._kind.question(rest[0])
            asked = question.prompt.get(self._t.language) if question else rest[0]
            kind = "choice" if rest[1] == "choices" else rest[1]
            return self._t(f"services.field_{kind}", question=asked)
        if first == "stoppers":
            return self._t("services.field_stopper")
        return self._t(f"services.field_{first}")


@router.post("/{category}", dependencies=[ACT])
async def change(request: Request, category: str, form: Act, parts: Parts) -> Response:
    """Look at what was typed as a resident would meet it, or keep it with a reason."""
    _known(category)
    typed, reason = _sent(category, form), form.text("reason", longest=kept.LONGEST_REASON)
    again: dict[str, Any] = {"typed": typed, "reason": reason}
    edits = differing(category, typed)
    try:
        edited(category, edits)
    except BadEdit as bad:
        return await _one(request, form.signed, parts, category, bad=bad, **again)
    if rehearsal.wanted(form.fields):
        return await _one(request, form.signed, parts, category, steps=rehearsal.steps_of(form.fields), **again)
    if not reason:
        return await _one(request, form.signed, parts, category, trouble="needs_reason", **again)
    return await _kept(request, form, parts, category, edits, reason, again)


async def _kept(
    request: Request, form: Form, web: WebParts, category: str, edits: Edits, reason: str, again: dict[str, Any]
) -> Response:
    try:
        given: dict[str, Any] = {"by": form.staff_id, "reason": reason, "version": form.number("version")}
        await web.storage.run(kept.change, category, edits, **given)
    except Meanwhile:
        return await _one(request, form.signed, web, category, trouble="meanwhile", **again)
    return RedirectResponse(f"{HERE}/{category}?done=1", 303)


def _sent(category: str, form: Form) -> dict[str, tuple[str, str]]:
    """What the form says of each field; a flag that is not ticked says no."""
    found = {}
    for part in parts(category):
        zh, en = form.fields.get(f"{part.path}:zh"), form.fields.get(f"{part.path}:en", "")
        if zh is not None:
            found[part.path] = (" ".join(zh.split()), " ".join(en.split()))
        elif part.kind == "flag" and f"{part.path}:here" in form.fields:
            found[part.path] = ("no", "")
    return found


@router.post("/{category}/back", dependencies=[ACT])
async def back(request: Request, category: str, form: Act, parts: Parts) -> Response:
    """As it was in an earlier version, or as it ships (0); as a new version."""
    _known(category)
    wanted, reason = form.number("to"), form.text("reason", longest=kept.LONGEST_REASON)
    found = await parts.storage.read(kept.versions, category)
    edits = next((one.edits for one in found if one.version == wanted), {} if wanted == 0 else None)
    if edits is None:
        raise Stop(404, "not_found")
    if not reason:
        return await _one(request, form.signed, parts, category, trouble="needs_reason")
    try:
        return await _kept(request, form, parts, category, edits, reason, {})
    except BadEdit as bad:
        return await _one(request, form.signed, parts, category, bad=bad)
