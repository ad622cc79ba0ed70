"""The figures' page: a period, a place, and what was counted there; nothing of it needs a script (WO-19, WO-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST, storable
from handlers.web.console import charts
from handlers.web.console.desk_pages import console_of
from handlers.web.console.figure_view import View, percent, tables
from handlers.web.console.gates import Act, Colleague, desk_router, needs
from handlers.web.console.wording import Wording
from handlers.web.parts import Parts, WebParts
from knowledge import figures as pure
from knowledge import periods, reach
from knowledge.figure_rules import rules
from knowledge.periods import Period
from storage import figure_days, figures, staff
from storage.figures import EVERYWHERE, Narrow
from storage.staff import Member
from storage.tables import units
from storage.transaction import Tx

router = desk_router("/figures")
ROUNDS = 6
"""So many times ``settle`` before a page is shown: what happened just now is in it."""
TYPES: Mapping[str, str] = {
    "service_request": "help",
    "suggestion": "suggestion",
    "dispute": "complaint",
    "praise": "praise",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; ``wrong``: its dates cannot be meant."""

    kind: str
    period: Period
    place: str
    narrow: Narrow
    wrong: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        dates = {"since": self.period.first.isoformat(), "until": self.period.last.isoformat()}
        return {"period": self.kind, "place": self.place, **(dates if self.kind == "own" else {})}


def asked(given: Mapping[str, str], today: date, *, careful: bool) -> Asked:
    """Whoever may not know who called asks for no single building."""
    place, kind = str(storable(given.get("place", "")))[:30], given.get("period", "this_month")
    narrow = _narrow(place, careful=careful)
    place = place if narrow else ""
    if kind == "own":
        own = _own(given.get("since", ""), given.get("until", ""))
        if own is not None:
            return Asked(kind, own, place, narrow)
        return Asked("this_month", periods.named("this_month", today), place, narrow, wrong=True)
    kind = kind if kind in periods.KINDS else "this_month"
    return Asked(kind, periods.named(kind, today), place, narrow)


def _own(since: str, until: str) -> Period | None:
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        return None
    fits = first <= last and (last - first).days <= periods.LONGEST and first.year > 2000 and last.year < 2200
    return Period(first, last) if fits else None


def _narrow(place: str, *, careful: bool) -> Narrow:
    kind, _, name = place.partition(":")
    if kind == "community" and name.isascii() and name.isdigit() and int(name) <= LARGEST:
        return Narrow(community_id=int(name))
    return Narrow(building=name) if kind == "building" and name and not careful else EVERYWHERE


def is_careful(member: Member) -> bool:
    return reach.shipped().limit(member.role).personal != "free"


async def catch_up(parts: WebParts) -> bool:
    """Count what happened just now; True where more is left than a page can wait for."""
    for _ in range(ROUNDS):
        if not await parts.storage.read(figure_days.unsettled):
            return False
        await parts.storage.run(figure_days.settle)
    return bool(await parts.storage.read(figure_days.unsettled))


@router.get("", dependencies=[needs("figures", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, said: str = "") -> Response:
    careful = is_careful(colleague.member)
    wanted = asked(request.query_params, periods.day_of(parts.storage.clock()), careful=careful)
    left = await catch_up(parts)
    found = await parts.storage.read(look, wanted.period, member=colleague.member, narrow=wanted.narrow)
    view = view_of(request, found, careful=careful)
    return await console_of(request).page(
        request,
        colleague,
        "console/figures.html",
        asked=wanted,
        left=left,
        view=view,
        kinds=[kind for kind in periods.KINDS if kind != "own"],
        careful=careful,
        tables=tables(view, found["now"]),
        chart=_chart(view, found),
        bar=charts.bar,
        percent=percent,
        pure=pure,
        rules=rules(),
        types=types(found),
        said=said if said == "recounted" else "",
        **found,
    )


def look(tx: Tx, /, period: Period, *, member: Member, narrow: Narrow) -> dict[str, Any]:
    """Everything a page or a paper shows of a period, and of the two it is compared with."""
    mine: dict[str, Any] = {"staff_id": member.id, "narrow": narrow}
    now, before, year_ago = (figures.read(tx, one, **mine) for one in (period, period.before(), period.a_year_before()))
    return {
        "period": period,
        "now": now,
        "before": before,
        "year_ago": year_ago,
        "open": figures.now(tx, **mine),
        "elsewhere": figures.redirected(tx, period, staff_id=member.id) if not narrow else [],
        "answered": figures.answered(tx, period) if now.whole else 0,
        "places": figures.places(tx, member.id),
        "units": {str(row["id"]): row for row in tx.all(select(units.c.id, units.c.zh, units.c.en))},
    }


def view_of(request: Request, found: Mapping[str, Any], *, careful: bool, language: str = "") -> View:
    console = console_of(request)
    texts = console.words(language or console.common(request)["language"])
    names = {id: str(row["en" if texts.language == "en" else "zh"]) for id, row in found["units"].items()}
    return View(Wording(texts, console.parts.storage.clock()), careful, names)


def _chart(view: View, found: Mapping[str, Any]) -> Any:
    texts = view.w.texts
    return charts.columns("weeks", texts("sums.chart"), texts("sums.chart_said"), view.columns(found["now"].weeks))


def types(found: Mapping[str, Any]) -> list[tuple[str, int, float, float]]:
    """What people want, as their number and share here and the share elsewhere (WO-22)."""
    counted = dict.fromkeys(rules().shares, 0) | {"consultation": found["answered"]}
    for route, number in pure.of_kind(found["now"].total, "type").items():
        counted[TYPES.get(route, "other")] += number
    total = sum(counted.values())
    return [(name, n, 100 * n / total if total else 0.0, rules().shares[name]) for name, n in counted.items()]


@router.post("/recount", dependencies=[needs("figures", "recount")])
async def recount(form: Act, parts: Parts) -> Response:
    await parts.storage.run(_begin_again, by=form.staff_id)
    return RedirectResponse("/console/figures?said=recounted", 303)


def _begin_again(tx: Tx, by: int) -> None:
    figure_days.begin_again(tx)
    staff.note(tx, by, "recount_figures", None)
