"""How console pages are made: their templates, their words, and the frame every page stands in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from fastapi import Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from handlers.texts.catalogue import Catalogue, Texts, load_catalogue
from handlers.web.chat_api import storable
from handlers.web.console.key_list import CALL_KEYS, KEYS
from handlers.web.console.menu import menu
from handlers.web.console.passwords import Passwords
from handlers.web.console.wording import Wording
from handlers.web.pages import STATIC, environment, versions
from handlers.web.parts import WebParts, parts_of
from handlers.web.words import LANGUAGES, language_of
from knowledge import reach
from storage import (
    appointments,
    belonging,
    call_list,
    calls,
    care,
    data_requests,
    desk_alarms,
    desk_glance,
    desk_health,
    desk_occasions,
    desk_talks,
    disclosure_asks,
    duty_board,
    faq_live,
    first_steps,
    households,
    incidents,
    mediation_board,
    notices,
    office_board,
    ring_backs,
    sessions,
    staff,
    volunteer_desk,
)
from storage.calls import Call
from storage.desk_alarms import Alarm
from storage.duty_board import Around
from storage.office_board import Unknown
from storage.staff import Place, Signed
from storage.transaction import Tx

LANGUAGE_COOKIE = "lianxin_desk_language"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: open alarms, how many wait for a person, which appointments and call-backs are due,
    care notes that are due for this member, how much went wrong; all of it in the rooms this member may enter."""

    rooms: frozenset[str]
    elsewhere: int
    alarms: list[Alarm]
    waiting: int
    appointments: int
    calls: int
    care: int
    volunteers: int
    occasions: int
    mediations: int
    troubles: int
    asks: int
    duty: Around | None
    ringing: list[Call]
    incidents: int
    notices: int
    unknown_year: Unknown | None
    households: int
    faq: int
    to_set_up: bool
    requests: int
    no_password: bool

    @property
    def counts(self) -> dict[str, int]:
        """What waits in each room, by its kind."""
        found = {"conversation": self.waiting, "appointment": self.appointments, "call_back": self.calls}
        found |= {"care": self.care, "volunteer": self.volunteers, "occasion": self.occasions, "health": self.troubles}
        found |= {"mediation": self.mediations, "disclosure": self.asks, "incident": self.incidents}
        found |= {"household": self.households, "notice": self.notices}
        return found | {
            "call": len(self.ringing),
            "duty": self.duty.offers if self.duty else 0,
            "data_request": self.requests,
            "faq": self.faq,
        }

    @property
    def untaken(self) -> int:
        return sum(alarm.taken_by is None for alarm in self.alarms)

    @property
    def rings(self) -> int:
        """How often it has rung for this reader: each alarm once, and every repetition where they are called."""
        called = self.duty.called if self.duty else frozenset()
        untaken = [alarm for alarm in self.alarms if alarm.taken_by is None]
        return sum(1 + (alarm.repeats if alarm.id in called else 0) for alarm in untaken)


def frame(tx: Tx, signed: Signed) -> Frame:
    """Nobody is told even how much there is in a room they may not enter."""
    member, there = signed.member, desk_glance.glance(tx, signed)
    rooms = reach.shipped().rooms(member.role, guest=member.guest, held=member.held)
    wait = there & rooms
    return Frame(
        rooms=rooms,
        elsewhere=sessions.elsewhere(tx, signed) if "elsewhere" in there else 0,
        alarms=desk_alarms.open_alarms(tx, member=member) if "alarm" in wait else [],
        waiting=desk_talks.waiting(tx, member=member) if "conversation" in wait else 0,
        appointments=appointments.count_due(tx, staff_id=member.id) if "appointment" in wait else 0,
        calls=_to_call(tx, member.id) if "call_back" in wait else 0,
        care=care.count_due(tx, member.id) if "care" in wait else 0,
        volunteers=volunteer_desk.count_waiting(tx, belonging.volunteers_of(member.id)) if "volunteer" in wait else 0,
        occasions=desk_occasions.pressing(tx, belonging.occasions_of(member.id)) if "occasion" in wait else 0,
        mediations=mediation_board.count(tx, member) if "mediation" in wait else 0,
        troubles=desk_health.troubles(tx, staff_id=member.id) if "health" in wait else 0,
        asks=disclosure_asks.count_open(tx, belonging.asks_of(member.id)) if "disclosure" in wait else 0,
        duty=duty_board.around(tx, member.id) if "duty" in rooms else None,
        ringing=calls.ringing(tx) if "call" in wait else [],
        incidents=incidents.count_open(tx, staff_id=member.id) if "incident" in wait else 0,
        households=households.pressing(tx, member.id) if "household" in wait else 0,
        faq=faq_live.count_tasks(tx) if staff.may(member, "faq", "publish") else 0,
        no_password="no_password" in there,
        to_set_up="setup" in there and staff.may(member, "setup", "act") and first_steps.pressing(tx),
        notices=notices.count_asked(tx, member.id) if "notice" in there and staff.may(member, "notice", "act") else 0,
        unknown_year=office_board.unknown(tx) if staff.may(member, "calendar", "house") else None,
        requests=data_requests.count_pressing(tx) if "data_request" in wait else 0,
    )


def _to_call(tx: Tx, staff_id: int) -> int:
    """About their tickets, and to ring back."""
    return call_list.waiting(tx, staff_id=staff_id) + ring_backs.waiting(tx, staff_id=staff_id)


@cache
def _templates() -> Environment:
    """One for all consoles: a template is translated once, and holds nothing of the app that shows it."""
    templates, known = environment(), versions(STATIC / "console")
    templates.globals |= {"keys_of_the_desk": KEYS, "keys_of_a_call": CALL_KEYS, "menu": menu}
    templates.globals["own"] = lambda name: f"/static/console/{name}?v={known[name]}"
    return templates


@dataclass(frozen=True, slots=True)
class Console:
    """Templates, words and passwords of the console; one an app."""

    parts: WebParts
    texts: Catalogue = field(default_factory=lambda: load_catalogue("console"))
    templates: Environment = field(default_factory=_templates)
    passwords: Passwords = field(default_factory=Passwords)

    @property
    def residents(self) -> Catalogue:
        """What residents are told of a step is said in their own words."""
        return self.parts.residents

    def plain(self, request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page without the frame: for whoever is not, or need not be, signed in."""
        language = chosen_language(request)
        now = self.parts.storage.clock()
        page = self.templates.get_template(template).render(**self._common(request, language, now), **values)
        response = HTMLResponse(page, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        _remember_language(request, response)
        return response

    async def page(
        self, request: Request, signed: Signed, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        """A page in the frame, for somebody signed in."""
        await self.parts.storage.run(sessions.seen, signed, place_of(request))
        around = await self.parts.storage.read(frame, signed)
        can = partial(staff.may, signed.member)
        response = self.plain(request, template, status=status, signed=signed, frame=around, can=can, **values)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def common(self, request: Request) -> dict[str, Any]:
        """What every template is given."""
        return self._common(request, chosen_language(request), self.parts.storage.clock())

    def _common(self, request: Request, language: str, now: datetime) -> dict[str, Any]:
        texts = self.texts[language]
        return {"t": texts, "language": language, "w": Wording(texts, now), "path": request.url.path}

    def words(self, language: str) -> Texts:
        return self.texts[language]

    def telling(self, key: str) -> Callable[[str], str]:
        """What a resident is told in their language."""
        return lambda language: self.words(language)(f"resident.{key}")


def console_of(request: Request) -> Console:
    """The console of the app that is asked, made when it is first asked for."""
    state = request.app.state
    if not hasattr(state, "console"):
        state.console = Console(parts_of(request))
    console: Console = state.console
    return console


def place_of(request: Request) -> Place:
    """Where a request comes from, and with which browser."""
    host = request.client.host if request.client else ""
    return Place(str(storable(host))[:64], str(storable(request.headers.get("user-agent", "")))[:200])


def chosen_language(request: Request) -> str:
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return asked if asked in LANGUAGES else language_of(request)


def _remember_language(request: Request, response: Response) -> None:
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, asked, max_age=A_YEAR, path="/console", httponly=True, samesite="lax")
