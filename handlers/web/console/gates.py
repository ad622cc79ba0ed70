"""Who may do what in the console. A page needs a session, a form needs its token, and every address its own rule.

The rule stands beside the route - ``dependencies=[needs("ticket", "see")]``, a kind and an act of
``knowledge/data/reach.yaml`` - and a route without one is shut to everybody. A refusal is a page in plain words, never a
bare status.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import storable
from handlers.web.console.desk_pages import console_of
from handlers.web.parts import Parts
from storage import belonging, staff
from storage.access import NotThere
from storage.staff import MayNot, Signed

log = structlog.get_logger()
COOKIE = "lianxin_desk"
COOKIE_PATH = "/console"
PREFIX = "/console"
SIGN_IN = f"{PREFIX}/sign-in"
MOST_FIELDS = 1000
"""Of one form: an attendance list has four for everybody on it."""
LONGEST = 3000
"""Characters of an answer; with its frame it fits one Telegram message."""


class Stop(Exception):
    """The request ends here, with a page in plain words: ``refusal.<code>`` in the catalogue, or the ``page`` given."""

    def __init__(self, status: int, code: str, page: Response | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.page = page


class SignInFirst(Exception):
    """Nobody is signed in."""


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form whose token was right, and who sent it."""

    signed: Signed
    fields: dict[str, str]

    def text(self, name: str = "text", *, longest: int = LONGEST) -> str:
        """What was typed, with ends trimmed; too much of it is refused."""
        found = self.fields.get(name, "").strip().replace("\r\n", "\n")
        if len(found) > longest:
            raise Stop(422, "too_long")
        return found

    def number(self, name: str) -> int:
        value = self.fields.get(name, "")
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            raise Stop(422, "bad_form")
        return int(value)

    @property
    def staff_id(self) -> int:
        return self.signed.member.id


class ConsoleRoute(APIRoute):
    """Turns what the gates raise into pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, rule = super().get_route_handler(), rule_of(self.dependencies)

        async def guarded(request: Request) -> Response:
            try:
                if rule is None:
                    log.error("route without a rule", route=self.path, how=HOW_TO_DECLARE)
                    raise MayNot
                return await handle(request)
            except SignInFirst:
                return RedirectResponse(SIGN_IN, 303, {"Cache-Control": "no-store"})
            except MayNot:
                return refused(request, 403, "role")
            except NotThere:
                return refused(request, 404, "not_found")
            except Stop as stop:
                return stop.page or refused(request, stop.status, stop.code)
            except RequestValidationError:
                return refused(request, 404, "not_found")

        return guarded


def refused(request: Request, status: int, code: str) -> Response:
    return console_of(request).plain(request, "console/refused.html", status=status, code=code, number=status)


async def signed_in(request: Request, parts: Parts) -> Signed:
    """Who looks at this page; SignInFirst when that is nobody."""
    token = request.cookies.get(COOKIE)
    found = await parts.storage.read(staff.signed_in, token) if token else None
    if found is None:
        raise SignInFirst
    return found


Colleague = Annotated[Signed, Depends(signed_in)]
HOW_TO_DECLARE = (
    'declare its rule beside it: dependencies=[needs("<kind>", "<act>")]; '
    "the kinds and their acts are in knowledge/data/reach.yaml"
)


NAMES: Mapping[str, Mapping[str, str]] = {
    "mediation": {"case_id": "case"},
    "occasion": {"id": "occasion", "entry": "entry"},
    "volunteer": {"number": "volunteer"},
    "hours": {"number": "volunteer", "id": "hours"},
    "certificate": {"number": "volunteer", "id": "certificate"},
    "disclosure": {"id": "item"},
    "notice": {"id": "notice"},
    "incident": {"id": "incident"},
    "household": {"id": "household"},
    "community": {"id": "community", "building": "building", "body": "body", "estate": "estate"},
    "group": {"id": "community"},
    "question": {"id": "gap"},
    "import": {"id": "import"},
    "register": {"id": "register"},
}
"""What a blank in an address of a kind names (``storage.belonging``), where its rule does not say otherwise."""


@dataclass(frozen=True)
class Need:
    """The rule of a route: whoever asks must have a role that may do ``act`` with objects of ``kind``, and what the blanks
    of the address name must be theirs. ``names`` says what those are, where it is not what it is for the kind."""

    kind: str
    act: str
    names: tuple[tuple[str, str], ...] = ()

    async def __call__(self, request: Request, colleague: Colleague, parts: Parts) -> None:
        if not staff.may(colleague.member, self.kind, self.act):
            raise MayNot
        known = {**NAMES.get(self.kind, {}), **dict(self.names)}
        wanted = [
            (what, _key(request.path_params[blank])) for blank, what in known.items() if blank in request.path_params
        ]
        if wanted and not await parts.storage.read(belonging.all_reached, wanted, staff_id=colleague.member.id):
            raise NotThere


def _key(written: object) -> int | str:
    """As it stands in the address; a number is one only where the database could hold it."""
    text = str(written)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else str(storable(text))


@dataclass(frozen=True)
class Anybody:
    """The rule of the few pages that are there for whoever is not signed in."""

    async def __call__(self) -> None:
        """Everybody may."""


Rule = Need | Anybody


def needs(kind: str, act: str, **names: str) -> Any:
    """A route's rule. What its address names is looked at with it, or in storage: a role alone opens nothing."""
    return Depends(Need(kind, act, tuple(names.items())))


def for_anybody() -> Any:
    return Depends(Anybody())


def desk_router(prefix: str = "") -> APIRouter:
    """For pages behind the session gate: a new page is shut before anybody thinks of it."""
    gate = [Depends(signed_in)]
    return APIRouter(prefix=PREFIX + prefix, route_class=ConsoleRoute, dependencies=gate, include_in_schema=False)


def rule_of(dependencies: Iterable[Any]) -> Rule | None:
    """The rule a route declares, the one that stands nearest to it; None where it declares none."""
    found = [one.dependency for one in dependencies if isinstance(one.dependency, (Need, Anybody))]
    return found[-1] if found else None


async def posted(request: Request, colleague: Colleague) -> Form:
    """A form of a page of ours, sent by whoever that page was made for."""
    fields = await fields_of(request)
    if not compare_digest(fields.get("csrf", "").encode(), colleague.csrf.encode()):
        raise Stop(403, "forged")
    return Form(colleague, fields)


async def fields_of(request: Request) -> dict[str, str]:
    """The form's fields, without what no database can hold; files are left out."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: str(storable(value)) for name, value in form.items() if isinstance(value, str)}


Posted = Annotated[Form, Depends(posted)]


async def act(form: Posted) -> Form:
    """The same from somebody whose role may change things. The units ask again."""
    if not form.signed.member.may_act:
        raise MayNot
    return form


Act = Annotated[Form, Depends(act)]


def own_page(request: Request) -> None:
    """Refuse a form another site's page sends before anybody is signed in."""
    if request.headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
        raise Stop(403, "forged")
