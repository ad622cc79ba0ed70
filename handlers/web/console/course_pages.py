"""The page of a mediation's course, as its mediator sees it: what to do now, appointments, the agreement, its keeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.course_forms import ROWS
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Stop
from knowledge import agreements, mediation_file
from knowledge.agreements import MOST_TERMS, Agreement, Term
from knowledge.mediation import Refusal, Side
from knowledge.mediation import ending as ending_name
from knowledge.mediation import name as state_name
from storage import mediation_page, staff
from storage.mediation import Stale
from storage.mediation_page import CoursePage
from storage.staff import Signed

Id = Annotated[int, Path(ge=1, le=LARGEST)]
PREFIX = "/console/mediations"
NOTHING = Term("respondent", "")


@dataclass(frozen=True, slots=True)
class CourseWording:
    """Facts of these pages in words; given to their templates as ``c``."""

    language: str

    @property
    def _zh(self) -> bool:
        return self.language != "en"

    def state(self, state: str) -> str:
        return state_name(state, self.language)

    def ending(self, code: str) -> str:
        return ending_name(code, self.language)

    def finding(self, found: agreements.Finding) -> str:
        return found.says.get(self.language)

    def document(self, key: str) -> str:
        return next(one.name.get(self.language) for one in mediation_file.documents() if one.key == key)

    def day(self, day: date | None) -> str:
        if day is None:
            return "—"
        return f"{day.year}年{day.month}月{day.day}日" if self._zh else f"{day:%d %b %Y}"

    def until(self, moment: datetime | None) -> str:
        """The day that ends at this midnight, or that this instant lies in."""
        return self.day((moment - timedelta(seconds=1)).astimezone(CHINA).date()) if moment else "—"

    def moment(self, moment: datetime) -> str:
        here = moment.astimezone(CHINA)
        return f"{self.day(here.date())} {here:%H:%M}"

    def term(self, text: Agreement, place: int) -> Term:
        return text.terms[place - 1]

    def rows(self, text: Agreement | None) -> list[Term]:
        """The duties of a form, with empty ones to write in."""
        there = list(text.terms) if text else []
        count = min(MOST_TERMS, max(ROWS, len(there) + 2))
        return [*there, *([NOTHING] * (count - len(there)))]


async def course_response(
    request: Request, signed: Signed, case_id: int, *, status: int = 200, why: str = "", done: str = "", **more: Any
) -> Response:
    page = await _look(request, case_id, signed)
    values = {"page": page, "case": page.case, "why": why, "done": done, **more}
    return await _page(request, signed, "console/course.html", status=status, **values)


async def _look(request: Request, case_id: int, signed: Signed) -> CoursePage:
    page = await console_of(request).parts.storage.run(mediation_page.look, case_id, signed.member)
    if page is None:
        raise Stop(404, "no_course")
    return page


async def _page(request: Request, signed: Signed, template: str, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    common = console.common(request)
    names = await console.parts.storage.read(staff.names)
    words = CourseWording(common["language"])
    return await console.page(
        request,
        signed,
        template,
        status=status,
        c=words,
        names=names,
        sides=tuple(Side),
        documents=documents(),
        **values,
    )


def documents() -> list[str]:
    """What may be filed by hand."""
    made_here = {"application", "session", "agreement", "visit"}
    return [one.key for one in mediation_file.documents() if one.key not in made_here]


async def draft_response(
    request: Request,
    signed: Signed,
    case_id: int,
    *,
    status: int = 200,
    text: Agreement | None = None,
    why: str = "",
) -> Response:
    page = await _look(request, case_id, signed)
    values = {"page": page, "case": page.case, "text": text or page.text, "why": why}
    return await _page(request, signed, "console/course_draft.html", status=status, **values)


async def answered(request: Request, signed: Signed, case_id: int, result: object, done: str) -> Response:
    """Back to the page with a word about what was done; or the page with why it was not."""
    if isinstance(result, Stale):
        return await course_response(request, signed, case_id, status=409, why="stale")
    if isinstance(result, Refusal):
        return await course_response(request, signed, case_id, status=409, why=f"{result.zh}\n{result.en}")
    return RedirectResponse(f"{PREFIX}/{case_id}/course?done={done}", 303)
