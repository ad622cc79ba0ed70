"""What the tickets of a town add up to, as if each had been counted: its number modulo ``ROUND`` says what it counts as.

Each day of the last ninety has its share, so that in the larger town every sum of a day or a month holds a hundred times
as much - and as many kinds of it as there can be.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from knowledge.figures import Facts, Said
from storage.figure_days import Sums, add, figures_of
from storage.figure_facts import Known

ROUND = 1800
MATTERS = ("repair", "property", "sanitation", "safety", "housing", "care")
TOPICS = ("lift", "gate", "light", "")


def fill(database: sqlite3.Connection, tickets: int) -> None:
    """Of the tickets from 1 to ``tickets``."""
    now, sums = datetime.now(UTC).replace(hour=4), Sums()
    database.execute("CREATE TEMP TABLE patterns (k INTEGER PRIMARY KEY, b, r, c, u, s, f, l, counts)")
    for number in range(ROUND):
        row = figures_of(_known(number, now))
        database.execute("INSERT INTO patterns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, *_columns(row)))
        add(sums, row, len(range(number or ROUND, tickets + 1, ROUND)))
    database.execute(
        """INSERT INTO ticket_figures
        (ticket_id, building, route, category, unit, spot, shielded, first_day, last_day, counts)
        SELECT id, b, r, c, u, s, 0, f, l, counts FROM tickets JOIN patterns ON k = id % ? WHERE id <= ?""",
        (ROUND, tickets),
    )
    database.executemany("INSERT INTO figure_days (span, face, value, counts) VALUES (?, ?, ?, ?)", _rows(sums))


def _columns(row: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("building", "route", "category", "unit", "spot", "first_day", "last_day")
    return (*(row[name] for name in names), json.dumps(row["counts"]))


def _rows(sums: Sums) -> Iterator[tuple[str, str, str, str]]:
    return ((*key, json.dumps(dict(+Counter(counts)))) for key, counts in sums.items())


def _known(number: int, now: datetime) -> Known:
    opened = now - timedelta(days=number % 90)
    closed = min(now, opened + timedelta(hours=3 + number % 117))
    said = Said(closed, 0, "not_solved" if number % 17 == 0 else "solved")
    facts = Facts(
        source=("web", "telegram", "phone", "walk_in")[number % 4],
        route="service_request",
        opened_at=opened,
        contact_due=opened + timedelta(hours=2),
        contact_at=opened + timedelta(minutes=number % 173),
        closed_at=closed,
        ended="solved",
        verdict=said,
        rating=Said(closed, 0, "satisfied") if number % 3 else None,
    )
    matter, topic = MATTERS[number % len(MATTERS)], TOPICS[number % len(TOPICS)]
    return Known(str(number % 40 + 1), "service_request", matter, str(number % 7 or ""), topic, facts)
