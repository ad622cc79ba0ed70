"""Figures of mediation over a span of days; a year unless another is asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.course_pages import CourseWording
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from knowledge import course
from storage import mediation_figures
from storage.belonging import cases_of

A_YEAR = timedelta(days=365)
router = desk_router("/mediations/figures")


@router.get("", dependencies=[needs("mediation", "figures")])
async def show(request: Request, colleague: Colleague, parts: Parts, since: str = "", until: str = "") -> Response:
    """``until`` is the last day counted."""
    today = course.day_of(parts.storage.clock())
    last = _day(until) or today
    first = min(_day(since) or last - A_YEAR, last)
    span = {"since": course.end_of(first - timedelta(days=1)), "until": course.end_of(last)}
    found = await parts.storage.read(mediation_figures.figures, cases_of(colleague.member.id), **span)
    console = console_of(request)
    words = CourseWording(console.common(request)["language"])
    values: dict[str, Any] = {"f": found, "since": first, "until": last, "c": words}
    return await console.page(request, colleague, "console/mediation_figures.html", **values)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
