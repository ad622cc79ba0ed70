"""The words residents read, changed by an admin: seen as a bubble first, every version kept, undone at a press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.texts.catalogue import LANGUAGES, load_catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge import own_words as rules
from knowledge.own_words import MENU, NOTHING, Problem
from storage import own_words, staff
from storage.own_words import Standing
from storage.staff import Signed
from storage.transaction import Tx

Key = Annotated[str, Path(max_length=64, pattern=r"^[a-z_.]+$")]
HERE = "/console/wording"
router = desk_router("/wording")


@router.get("", dependencies=[needs("wording", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    own = await parts.storage.read(own_words.standing)
    values: dict[str, Any] = {"groups": rules.allowed().groups, "now": {key: _now(own, key) for key in _keys()}}
    values["changed"] = {key for _, key in own}
    return await console_of(request).page(request, colleague, "console/wordings.html", **values)


def _keys() -> tuple[str, ...]:
    return rules.allowed().keys


def shipped(key: str) -> dict[str, str]:
    """By language; nothing where the words say nothing."""
    found = {language: load_catalogue()[language](key).strip() for language in LANGUAGES}
    return {language: "" if text == NOTHING else text for language, text in found.items()}


def _now(own: Standing, key: str) -> dict[str, str]:
    texts = {language: own.get((language, key), "") or text for language, text in shipped(key).items()}
    return {language: "" if text == NOTHING else text for language, text in texts.items()}


@router.get("/{key}", dependencies=[needs("wording", "see")])
async def one(request: Request, key: Key, colleague: Colleague) -> Response:
    return await wording_response(request, colleague, key)


async def wording_response(
    request: Request,
    signed: Signed,
    key: str,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problem: tuple[str, Problem] | None = None,
    seen: int | None = None,
    stale: bool = False,
) -> Response:
    if key not in _keys():
        raise Stop(404, "not_found")
    console = console_of(request)
    own, kept, names = await console.parts.storage.read(_look, key)
    texts = dict(typed or _now(own, key))
    values: dict[str, Any] = {"key": key, "texts": texts, "shipped": shipped(key), "versions": kept, "names": names}
    values |= {"problem": problem, "entries": rules.allowed().menu}
    values["preview"] = typed is not None and problem is None and not stale
    values |= {"filled": {language: filled(console.parts, language, text) for language, text in texts.items()}}
    values |= {"seen": own_words.newest(kept) if seen is None else seen, "stale": stale}
    values |= {"stays": rules.allowed().stays, "done": request.query_params.get("done") == "1"}
    return await console.page(request, signed, "console/wording.html", status=status, **values)


def _look(tx: Tx, key: str) -> tuple[Standing, Any, dict[int, str]]:
    return own_words.standing(tx), own_words.versions(tx, key), staff.names(tx)


def filled(parts: WebParts, language: str, text: str) -> str:
    """As a resident would read it, every blank with something in it."""
    found = {name: words.get(language) for name, words in rules.allowed().samples.items()}
    found["community"] = parts.profile.community.get(language)
    for name, value in found.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@router.post("/{key}", dependencies=[needs("wording", "act")])
async def change(request: Request, key: Key, form: Act, parts: Parts) -> Response:
    """Look at it first (``preview``), or let it stand."""
    if key not in _keys():
        raise Stop(404, "not_found")
    seen = form.number("seen") if "seen" in form.fields else None
    texts = _menu_of(form) if key == MENU else {language: form.text(language) for language in LANGUAGES}
    for language, text in texts.items():
        problem = rules.wrong(key, text, shipped(key)[language])
        if problem is not None:
            said = {"typed": texts, "problem": (language, problem), "seen": seen}
            return await wording_response(request, form.signed, key, status=422, **said)  # type: ignore[arg-type]
    if form.fields.get("preview"):
        return await wording_response(request, form.signed, key, typed=texts, seen=seen)
    try:
        await parts.storage.run(own_words.put, key, _kept(key, texts), by=form.staff_id, seen=seen)
    except own_words.Meanwhile:
        return await wording_response(request, form.signed, key, status=409, typed=texts, stale=True)
    return RedirectResponse(f"{HERE}/{key}?done=1", 303)


def _kept(key: str, texts: Mapping[str, str]) -> dict[str, str | None]:
    """What is as shipped is kept as that, and follows an upgrade."""
    was = shipped(key)
    return {language: None if text == was[language] else text or NOTHING for language, text in texts.items()}


def _menu_of(form: Form) -> dict[str, str]:
    """Entries that are ticked, in the order of their numbers; the same in both languages."""
    known = rules.allowed().menu
    ticked = [entry for entry in known if form.fields.get(f"on_{entry}") == "1"]
    place = {entry: form.fields.get(f"at_{entry}", "") for entry in ticked}
    number = {entry: int(at) if at.isascii() and at.isdigit() and len(at) < 4 else 99 for entry, at in place.items()}
    text = " ".join(sorted(ticked, key=lambda entry: (number[entry], known.index(entry))))
    return dict.fromkeys(LANGUAGES, text)


@router.post("/{key}/shipped", dependencies=[needs("wording", "act")])
async def as_shipped(key: Key, form: Act, parts: Parts) -> Response:
    if key not in _keys():
        raise Stop(404, "not_found")
    await parts.storage.run(own_words.put, key, dict.fromkeys(LANGUAGES), by=form.staff_id)
    return RedirectResponse(f"{HERE}/{key}?done=1", 303)


@router.post("/{key}/again", dependencies=[needs("wording", "act")])
async def again(request: Request, key: Key, form: Act, parts: Parts) -> Response:
    """An earlier version stands again - where it still keeps what the words of today must."""
    row = await parts.storage.read(own_words.version, form.number("version"))
    if row is None or row["key"] != key or key not in _keys():
        raise Stop(404, "not_found")
    language, text = str(row["language"]), row["text"]
    said = "" if text in (None, NOTHING) else str(text)
    problem = rules.wrong(key, said, shipped(key)[language]) if text is not None else None
    if problem is not None:
        typed = {**shipped(key), language: said}
        return await wording_response(request, form.signed, key, status=422, typed=typed, problem=(language, problem))
    await parts.storage.run(own_words.put, key, {language: text}, by=form.staff_id)
    return RedirectResponse(f"{HERE}/{key}?done=1", 303)
