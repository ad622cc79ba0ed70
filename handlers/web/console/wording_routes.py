"""The words residents read, changed by an admin: seen as a bubble first, every version kept, undone at a press.

Each text is the house's, or - where it is a local one - a community's own: ``town`` says whose is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers.texts.catalogue import LANGUAGES, load_catalogue
from handlers.web.chat_api import LARGEST
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
HOUSE = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose words are looked at: a community's (``place``), or the house's (None); ``places`` they may choose from."""

    place: int | None
    places: tuple[tuple[int, str], ...]
    may: bool
    """Whether this colleague may change them."""

    @property
    def query(self) -> str:
        return f"?town={self.place or HOUSE}" if self.places else ""


async def whose(
    colleague: Colleague, parts: Parts, town: Annotated[int | None, Query(ge=0, le=LARGEST)] = None
) -> Whose:
    """Whoever is held to a community begins with its own."""
    places = tuple(await parts.storage.read(own_words.places, colleague.member.id))
    house, chosen = staff.may(colleague.member, "wording", "house"), town
    if chosen is None:
        chosen = HOUSE if house or not places else places[0][0]
    if chosen and chosen not in dict(places):
        raise Stop(404, "not_found")
    offered = places if len(places) > 1 or not house else ()
    may = staff.may(colleague.member, "wording", "act") if chosen else house
    return Whose(chosen or None, offered, may)


Theirs = Annotated[Whose, Depends(whose)]


@router.get("", dependencies=[needs("wording", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, theirs: Theirs) -> Response:
    own = await parts.storage.read(own_words.standing)
    shown = {group: [key for key in keys if _said_here(key, theirs)] for group, keys in rules.allowed().groups.items()}
    values: dict[str, Any] = {"groups": {group: keys for group, keys in shown.items() if keys}, "whose": theirs}
    values |= {"now": {key: _now(own, key, theirs.place) for keys in shown.values() for key in keys}}
    values["changed"] = {key for place, _, key in own if place == theirs.place}
    return await console_of(request).page(request, colleague, "console/wordings.html", **values)


def _said_here(key: str, theirs: Whose) -> bool:
    return key in rules.allowed().keys and (theirs.place is None or key in rules.allowed().local)


def shipped(key: str) -> dict[str, str]:
    """By language; nothing where the words say nothing."""
    return {language: _shown(load_catalogue()[language](key).strip()) for language in LANGUAGES}


def _shown(text: str) -> str:
    return "" if text == NOTHING else text


def _house(own: Standing, key: str) -> dict[str, str]:
    was = shipped(key)
    return {language: _shown(own.get((None, language, key)) or text) for language, text in was.items()}


def _now(own: Standing, key: str, place: int | None) -> dict[str, str]:
    house = _house(own, key)
    return {language: _shown(own.get((place, language, key)) or text) for language, text in house.items()}


@router.get("/{key}", dependencies=[needs("wording", "see")])
async def one(request: Request, key: Key, colleague: Colleague, theirs: Theirs) -> Response:
    return await wording_response(request, colleague, key, theirs)


async def wording_response(
    request: Request,
    signed: Signed,
    key: str,
    theirs: Whose,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problem: tuple[str, Problem] | None = None,
    seen: int | None = None,
    stale: bool = False,
) -> Response:
    _known(key, theirs)
    console = console_of(request)
    own, kept, names = await console.parts.storage.read(_look, key, theirs.place)
    texts = dict(typed or _now(own, key, theirs.place))
    under = _house(own, key) if theirs.place else shipped(key)
    values: dict[str, Any] = {"key": key, "texts": texts, "shipped": under, "versions": kept, "names": names}
    values |= {"problem": problem, "entries": rules.allowed().menu, "local": key in rules.allowed().local}
    values["preview"] = typed is not None and problem is None and not stale
    values |= {
        "filled": {language: filled(console.parts, language, text, theirs.place) for language, text in texts.items()}
    }
    values |= {"seen": own_words.newest(kept) if seen is None else seen, "stale": stale}
    values |= {"stays": rules.allowed().stays, "done": request.query_params.get("done") == "1", "whose": theirs}
    return await console.page(request, signed, "console/wording.html", status=status, **values)


def _known(key: str, theirs: Whose) -> None:
    if not _said_here(key, theirs):
        raise Stop(404, "not_found")


def _look(tx: Tx, key: str, place: int | None) -> tuple[Standing, Any, dict[int, str]]:
    return own_words.standing(tx), own_words.versions(tx, key, place), staff.names(tx)


def filled(parts: WebParts, language: str, text: str, place: int | None = None) -> str:
    """As a resident there would read it, every blank with something in it."""
    found = {name: words.get(language) for name, words in rules.allowed().samples.items()}
    found["community"] = parts.towns.of(place).profile.community.get(language)
    for name, value in found.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@router.post("/{key}", dependencies=[needs("wording", "act")])
async def change(request: Request, key: Key, form: Act, parts: Parts, theirs: Theirs) -> Response:
    """Look at it first (``preview``), or let it stand."""
    _known(key, theirs)
    seen = form.number("seen") if "seen" in form.fields else None
    texts = _menu_of(form) if key == MENU else {language: form.text(language) for language in LANGUAGES}
    for language, text in texts.items():
        problem = rules.wrong(key, text, shipped(key)[language])
        if problem is not None:
            said = {"typed": texts, "problem": (language, problem), "seen": seen}
            return await wording_response(request, form.signed, key, theirs, status=422, **said)  # type: ignore[arg-type]
    if form.fields.get("preview"):
        return await wording_response(request, form.signed, key, theirs, typed=texts, seen=seen)
    try:
        await parts.storage.run(_put, key, texts, by=form.staff_id, place=theirs.place, seen=seen)
    except own_words.Meanwhile:
        return await wording_response(request, form.signed, key, theirs, status=409, typed=texts, stale=True)
    return _done(key, theirs)


def _put(tx: Tx, key: str, texts: Mapping[str, str], *, by: int, place: int | None, seen: int | None) -> None:
    """What is as it ships, or as the house has it, is kept as that, and follows it."""
    under = _house(own_words.standing(tx), key) if place else shipped(key)
    kept = {language: None if text == under[language] else text or NOTHING for language, text in texts.items()}
    own_words.put(tx, key, kept, by=by, place=place, seen=seen)


def _done(key: str, theirs: Whose) -> Response:
    return RedirectResponse(f"{HERE}/{key}?done=1{theirs.query.replace('?', '&')}", 303)


def _menu_of(form: Form) -> dict[str, str]:
    """Entries that are ticked, in the order of their numbers; the same in both languages."""
    known = rules.allowed().menu
    ticked = [entry for entry in known if form.fields.get(f"on_{entry}") == "1"]
    place = {entry: form.fields.get(f"at_{entry}", "") for entry in ticked}
    number = {entry: int(at) if at.isascii() and at.isdigit() and len(at) < 4 else 99 for entry, at in place.items()}
    text = " ".join(sorted(ticked, key=lambda entry: (number[entry], known.index(entry))))
    return dict.fromkeys(LANGUAGES, text)


@router.post("/{key}/shipped", dependencies=[needs("wording", "act")])
async def as_shipped(key: Key, form: Act, parts: Parts, theirs: Theirs) -> Response:
    """As it ships; in a community, as the house has it."""
    _known(key, theirs)
    await parts.storage.run(own_words.put, key, dict.fromkeys(LANGUAGES), by=form.staff_id, place=theirs.place)
    return _done(key, theirs)


@router.post("/{key}/again", dependencies=[needs("wording", "act")])
async def again(request: Request, key: Key, form: Act, parts: Parts, theirs: Theirs) -> Response:
    """An earlier version stands again - where it still keeps what the words of today must."""
    _known(key, theirs)
    row = await _earlier(parts, form, key, theirs)
    language, text = str(row["language"]), row["text"]
    said = "" if text in (None, NOTHING) else str(text)
    problem = rules.wrong(key, said, shipped(key)[language]) if text is not None else None
    if problem is not None:
        given: dict[str, Any] = {"typed": {**shipped(key), language: said}, "problem": (language, problem)}
        return await wording_response(request, form.signed, key, theirs, status=422, **given)
    await parts.storage.run(own_words.put, key, {language: text}, by=form.staff_id, place=theirs.place)
    return _done(key, theirs)


async def _earlier(parts: WebParts, form: Form, key: str, theirs: Whose) -> RowMapping:
    row = await parts.storage.read(own_words.version, form.number("version"))
    if row is None or (row["key"], row["community_id"]) != (key, theirs.place):
        raise Stop(404, "not_found")
    return row
