"""Rows of an export in words people read: tickets, and the figures as they stand on their page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from handlers.texts.catalogue import Texts
from handlers.web.console.figure_view import Line, View, tables
from handlers.web.console.wording import Wording
from knowledge import figures
from knowledge.figures import Counts, Rate, Spread
from storage.figures import Figures

RATES = {"response": ("in_time", "contact_due"), "solved": ("solved", "judged"), "satisfied": ("satisfied", "rated")}
SPANS = {"contact_clock": ("contact_middle", "contact_ninth"), "close_clock": ("close_middle", "close_ninth")}
COLUMNS = (
    *("table", "line", "received", "over"),
    *(name for pair in RATES.values() for name in pair),
    *(name for pair in SPANS.values() for name in pair),
)
Row = Mapping[str, Any]


def ticket_words(texts: Texts, now: datetime) -> Callable[[Row], Row]:
    """Kind, matter, state and the like in words; everything else as it is."""
    w = Wording(texts, now)

    def known(section: str, value: Any) -> Any:
        key = f"{section}.{value}"
        return texts(key) if value and texts.has(key) else value

    def say(row: Row) -> Row:
        words = {
            "source": known("channel", row["source"]),
            "route": known("route", row["route"]),
            "category": w.matter(row) if row["category"] else None,
            "state": w.state(row["state"]),
            "outcome": known("ended_name", row["outcome"]),
            "confidential": "✓" if row["confidential"] else None,
        }
        return {**row, **words}

    return say


def figure_rows(view: View, found: Figures) -> list[Row]:
    """The total, and every line of every breakdown; what is of too few stays empty."""
    texts = view.w.texts
    rows: list[Row] = [{"table": texts("sums.three"), "line": texts("month_report.whole"), **_of_counts(found.total)}]
    for face, lines in tables(view, found):
        rows += [{"table": texts(f"sums.by_{face}"), "line": line.label, **_of_line(line)} for line in lines]
    return rows


def _of_counts(counts: Counts) -> Row:
    rates = {name: figures.rate(counts, name) for name in RATES}
    spans = {name: figures.spread(counts, name) for name in SPANS}
    return {"received": counts.get("received", 0), "over": counts.get("over", 0), **_numbers(rates, spans)}


def _of_line(line: Line) -> Row:
    return {"received": line.received, "over": line.over, **_numbers(line.rates, line.spans)}


def _numbers(rates: Mapping[str, Rate | None], spans: Mapping[str, Spread | None]) -> Row:
    found: dict[str, Any] = {}
    for name, (above, below) in RATES.items():
        one = rates[name]
        found |= {above: one.numerator if one else None, below: one.denominator if one else None}
    for name, (middle, ninth) in SPANS.items():
        span = spans[name]
        found |= {middle: _minutes(span.middle if span else None), ninth: _minutes(span.ninth if span else None)}
    return found


def _minutes(span: Any) -> int | None:
    return None if span is None else int(span.total_seconds() // 60)
