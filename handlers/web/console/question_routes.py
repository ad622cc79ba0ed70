"""What was not known, the most asked first, to be dealt with one by one; and how it goes, week by week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.console import charts
from handlers.web.console.charts import Column
from handlers.web.console.desk_pages import console_of
from handlers.web.console.figure_view import percent
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from storage import answer_aids, answer_figures, gap_settling, gaps, questions
from storage.tables import answers
from storage.tables import gaps as gap_table
from storage.transaction import Tx
from storage.within import chat_within

router = desk_router()


@router.get("/questions", dependencies=[needs("question", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    outside, done = request.query_params.get("show") == "outside", request.query_params.get("done", "")
    days = next((one for one in gaps.SPANS if request.query_params.get("days") == str(one)), gaps.SPANS[0])
    found = await parts.storage.read(_look, colleague.member.id, outside, days)
    console = console_of(request)
    texts = console.words(console.common(request)["language"])
    weeks = found["weeks"]
    title, said = texts("gap.chart"), texts("gap.chart_said")
    listed = [Column(f"{week.monday.month}-{week.monday.day:02d}", week.asked, week.alone) for week in weeks]
    values: dict[str, Any] = {
        "chart": charts.columns("asked", title, said, listed),
        "percent": percent,
        "bar": charts.bar,
    }
    values |= {
        "days": days,
        "spans": gaps.SPANS,
        "outside": outside,
        "done": int(done) if done.isascii() and done.isdigit() and len(done) < 16 else 0,
    }
    return await console.page(request, colleague, "console/questions.html", **values, **found)


def _look(tx: Tx, staff_id: int, outside: bool, days: int) -> Mapping[str, Any]:
    theirs, answered = chat_within(gap_table.c.chat_id, staff_id), chat_within(answers.c.chat_id, staff_id)
    settled = gap_settling.settled(tx)
    said = gaps.examples(tx, settled, theirs)
    return {
        "open": gaps.listed(tx, theirs, outside=outside, days=days),
        "judged": questions.judged(tx, answered, days=days),
        "suggested": answer_aids.suggested(tx, staff_id=staff_id),
        "weeks": answer_figures.weeks(tx, answered, number=-(-days // 7)),
        "settled": [
            (group, step, said[group][0]) for group, step in gap_settling.lately(tx, settled) if said.get(group)
        ],
        "titles": questions.titles(tx),
    }
