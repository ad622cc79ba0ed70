"""A month on paper: in words and figures, to be printed and signed, with room for the committee's own words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console import charts
from handlers.web.console.desk_pages import console_of
from handlers.web.console.figure_routes import Asked, asked, catch_up, look, view_of
from handlers.web.console.figure_view import percent, tables
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.month_words import MonthWords
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts, WebParts
from knowledge import figures as pure
from knowledge import periods, reach
from knowledge.figure_rules import rules
from knowledge.periods import Period
from storage import figure_remarks, figures
from storage.figure_remarks import WHOLE
from storage.staff import Member, Signed
from storage.transaction import Tx

router = desk_router("/figures/month")
LONGEST_REMARK = 2000
YEARS = range(2013, 2200)


@router.get("", dependencies=[needs("figures", "see")])
async def show(
    request: Request, colleague: Colleague, parts: Parts, month: str = "", place: str = "", said: str = ""
) -> Response:
    said = said if said == "saved" else ""
    return await paper(request, colleague, parts, month=month, place=place, said=said)


async def paper(
    request: Request,
    colleague: Signed,
    parts: WebParts,
    *,
    month: str,
    place: str,
    said: str = "",
    unsaved: str | None = None,
    status: int = 200,
) -> Response:
    """Nothing on it could be one household: it may hang where everybody reads it."""
    period, today = month_of(month, parts), periods.day_of(parts.storage.clock())
    wanted = asked({"place": place}, today, careful=True)
    await catch_up(parts)
    found = await parts.storage.read(_look, period, wanted, member=colleague.member)
    view = view_of(request, found, careful=True)
    texts = view.w.texts
    drawn = charts.columns("weeks", texts("sums.chart"), texts("sums.chart_said"), view.columns(found["now"].weeks))
    values: dict[str, Any] = {"view": view, "said": MonthWords(view, found), "tables": tables(view, found["now"])}
    values |= {"pure": pure, "percent": percent, "rules": rules(), "chart": drawn, "done": said, "unsaved": unsaved}
    values |= {"month": periods.month_key(period.first), "months": _months(today), "place": wanted.place}
    values |= {"running": today if period.first <= today <= period.last else None, "found": found, "signed": colleague}
    values |= {
        "may_remark": reach.shipped().may(colleague.member.role, "figures", "remark"),
        "made": _written(parts.storage.clock()),
    }
    values |= {"community": _name(found, wanted, parts), "bar": charts.bar}
    return console_of(request).plain(request, "console/month.html", status=status, **values)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def month_of(written: str, parts: WebParts) -> Period:
    """The month that is asked for; the last one, where none is. ``Stop`` for what is no month, or has not begun."""
    today = periods.day_of(parts.storage.clock())
    if not written:
        return periods.named("last_month", today)
    try:
        found = periods.month_named(written)
    except ValueError as error:
        raise Stop(404, "not_found") from error
    if found.first > today or found.first.year not in YEARS:
        raise Stop(404, "not_found")
    return found


def _look(tx: Tx, /, period: Period, wanted: Asked, *, member: Member) -> dict[str, Any]:
    found = look(tx, period, member=member, narrow=wanted.narrow)
    whole = found["now"].whole
    left = figures.left_open(tx, period, figures.all_open(tx)) if whole else None
    whose = remarks_of(found, wanted)
    remark = figure_remarks.of_month(tx, periods.month_key(period.first), whose) if whose is not None else None
    return {**found, "left": left, "remark": remark, "remarks_of": whose}


def remarks_of(found: dict[str, Any], wanted: Asked) -> int | None:
    """Whose words stand in it: the office's, one community's, or nobody's where the reader sees some of it only."""
    chosen = wanted.narrow.community_id
    if chosen is not None:
        return chosen if chosen in found["places"].communities else None
    return WHOLE if found["now"].whole else None


def _name(found: dict[str, Any], wanted: Asked, parts: WebParts) -> str:
    named = found["places"].communities.get(wanted.narrow.community_id)
    return str(named or parts.profile.community.zh)


def _months(today: date) -> list[str]:
    """The last two years, the newest first."""
    found, day = [], today.replace(day=1)
    for _ in range(24):
        found.append(periods.month_key(day))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


@router.post("/remarks", dependencies=[needs("figures", "remark")])
async def remark(request: Request, form: Act, parts: Parts) -> Response:
    """Keep the committee's words; when somebody else was faster both stand on the page and nothing is lost."""
    month, place = form.fields.get("month", ""), form.fields.get("place", "")
    text, revision = form.text(longest=LONGEST_REMARK), form.number("revision")
    key = periods.month_key(month_of(month, parts).first)
    kept = await parts.storage.run(_write, key, place, form.signed.member, text=text, revision=revision)
    if kept:
        return RedirectResponse(f"/console/figures/month?month={key}&place={place}&said=saved#remarks", 303)
    return await paper(request, form.signed, parts, month=key, place=place, unsaved=text, status=409)


def _write(tx: Tx, /, month: str, place: str, member: Member, *, text: str, revision: int) -> bool:
    wanted = asked({"place": place}, periods.day_of(tx.now), careful=True)
    chosen = wanted.narrow.community_id
    allowed = chosen in figures.places(tx, member.id).communities if chosen else figures.sees_all(tx, member.id)
    if not allowed:
        raise Stop(404, "not_found")
    return figure_remarks.write(tx, month, chosen or WHOLE, text=text, revision=revision, staff_id=member.id)
