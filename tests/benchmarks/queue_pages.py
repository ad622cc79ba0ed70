"""The desk's pages in two towns: with as many open tickets, and the second with a hundred times as many closed ones.

What counts is how many times longer a page takes in the second: the same program, the same machine, the same open
tickets. Pages are asked for in turns, and of each the middle one of its times is taken.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, closing
from pathlib import Path
from statistics import median

from knowledge import searching
from storage.sqlite import SQLiteStorage
from tests.benchmarks import figure_sums
from tests.desk_service import Desk, at_the_desk
from tests.shared_room import empty_database

OPEN, FEW, MANY, ROUNDS = 10_000, 10_000, 1_000_000, 15
MATTERS = ("厨房漏水", "电梯停运", "楼道灯不亮", "门禁刷不开", "垃圾没人收", "下水道堵了", "施工吵闹", "路面积水")
PLACES = (
    "在客厅旁边",
    "靠近大门口",
    "地下车库",
    "楼顶平台",
    "单元楼下",
    "走廊尽头",
    "花园里",
    "水箱附近",
    "消防通道",
    "儿童乐园",
)
RARE = "青石板"
"""Said of one closed ticket in fifty thousand."""
PAGES: Mapping[str, str] = {
    "queue": "/console",
    "mine": "/console?filter=mine",
    "overdue": "/console?filter=overdue",
    "closed": "/console?filter=closed",
    "closed_of_a_building": "/console?filter=closed&building=7",
    "search_common": "/console?q=漏水",
    "search_place_and_words": "/console?q=7栋漏水",
    "search_rare": f"/console?q={RARE}",
    "search_nowhere": "/console?q=青石电梯",
    "figures_month": "/console/figures?period=last_month",
    "figures_quarter": "/console/figures?period=last_quarter",
    "figures_week": "/console/figures?period=this_week",
    "month_on_paper": "/console/figures/month",
}
TICKETS = """
WITH RECURSIVE ids(id) AS (SELECT :first UNION ALL SELECT id + 1 FROM ids WHERE id < :last)
INSERT INTO tickets (id, number, claim_code, chat_id, resident_id, source, route, category, title, description, building,
    unit, room, urgency, state, opened_at, first_contact_due, first_contact_at, due_at, due_rule, assigned_to, closed_at,
    unread)
SELECT id, printf('LX-%06d-%04d-0', 100101 + id / 9000, id % 9000), 'ABCDEFGH', 1, 1, 'web', 'service_request', 'repair',
    'x', 'x', CAST(id % 40 + 1 AS TEXT), '1', '0101', 'P' || (1 + id % 3), :state,
    datetime('now', '-' || (id % 90) || ' days') || '.000000', datetime('now', (id % 200 - 40) || ' hours') || '.000000',
    CASE WHEN id % 2 THEN datetime('now', '-1 days') || '.000000' END,
    datetime('now', (id % 400 - 40) || ' hours') || '.000000', 'bench', CASE WHEN id % 250 = 0 THEN 1 END,
    CASE WHEN :state = 'closed' THEN datetime('now', '-' || (:last - id) || ' seconds') || '.000000' END,
    (id % 100 = 0) * (:state <> 'closed') FROM ids"""
GRAMS = """
INSERT INTO ticket_grams (ticket_id, gram)
SELECT tickets.id, kinds.gram FROM tickets JOIN kinds ON kinds.kind = tickets.id % :kinds
UNION ALL SELECT id, building || '栋' FROM tickets
UNION ALL SELECT tickets.id, rare.gram FROM tickets JOIN rare WHERE tickets.id % 50000 = 7 ORDER BY 1, 2"""


def build(path: Path, *, closed: int, still_open: int) -> None:
    """A town's database: whole, with its indices, as if all of it had been filed one by one."""
    shutil.copyfile(empty_database(), path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        indices = _without_indices(database)
        database.execute("BEGIN")
        _people(database)
        for state, first, last in (("closed", 1, closed), ("received", closed + 1, closed + still_open)):
            if last >= first:
                database.execute(TICKETS, {"first": first, "last": last, "state": state})
        _words(database)
        figure_sums.fill(database, closed)
        for statement in indices:
            database.execute(statement)
        database.execute("COMMIT")


def _without_indices(database: sqlite3.Connection) -> list[str]:
    """Indices are made at the end, in one sweep: row by row they would take ten times as long."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'ticket%'"
    found = database.execute(query).fetchall()
    for name, _ in found:
        database.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _people(database: sqlite3.Connection) -> None:
    now = "2026-01-01 00:00:00.000000"
    database.execute("INSERT INTO staff (id, name, role, created_at) VALUES (1, '李强', 'worker', ?)", (now,))
    database.execute("INSERT INTO residents (id, created_at) VALUES (1, ?)", (now,))
    database.execute(
        "INSERT INTO chats (id, channel, remote, kind, resident_id, created_at) VALUES (1, 'web', 1, 'private', 1, ?)",
        (now,),
    )


def _words(database: sqlite3.Connection) -> None:
    """So many kinds of words, each cut once: what a ticket says depends on its number."""
    said = [f"{matter}，{place}" for matter in MATTERS for place in PLACES]
    database.execute("CREATE TEMP TABLE kinds (kind INTEGER, gram TEXT)")
    database.execute("CREATE TEMP TABLE rare (gram TEXT)")
    rows = [(kind, gram) for kind, text in enumerate(said) for gram in searching.grams(text)]
    database.executemany("INSERT INTO kinds VALUES (?, ?)", rows)
    database.executemany("INSERT INTO rare VALUES (?)", [(gram,) for gram in searching.grams(RARE)])
    database.execute("CREATE INDEX temp.by_kind ON kinds (kind)")
    database.execute(GRAMS, {"kinds": len(said)})


async def measure(
    *, few_closed: int = FEW, many_closed: int = MANY, still_open: int = OPEN, rounds: int = ROUNDS
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as room:
        async with AsyncExitStack() as stack:
            few = await _town(stack, Path(room, "few.db"), closed=few_closed, still_open=still_open)
            many = await _town(stack, Path(room, "many.db"), closed=many_closed, still_open=still_open)
            times = await _times(few, many, rounds)
    ratios = {f"page_{name}_many_to_few": median(full) / median(base) for name, (base, full) in times.items()}
    slowest = max(median(with_many) for _, with_many in times.values())
    return {**ratios, "page_worst_many_to_few": max(ratios.values()), "page_slowest_ms": slowest * 1000}


async def _town(stack: AsyncExitStack, path: Path, *, closed: int, still_open: int) -> Desk:
    build(path, closed=closed, still_open=still_open)
    storage = SQLiteStorage(path)
    await storage.open()
    stack.push_async_callback(storage.close)
    return await stack.enter_async_context(at_the_desk(storage))


async def _times(few: Desk, many: Desk, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PAGES}
    for number in range(rounds + 1):
        for name, address in PAGES.items():
            for place, desk in enumerate((few, many)):
                begun = time.perf_counter()
                await desk.opens(address)
                assert desk.status == 200
                if number:  # the first is only for the caches
                    times[name][place].append(time.perf_counter() - begun)
    return times
