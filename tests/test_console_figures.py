"""The figures' page, the month on paper, and what is taken out: by whom, how much of it, and nothing that runs."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select, text

from handlers.exporting import WRITERS
from handlers.web.console import export_routes
from knowledge.closing import Verdict
from knowledge.periods import month_named
from storage import desk_acts, exports, scopes, staff, ticket_export, verdicts
from storage.chats import FIRST_WEB_CHAT
from storage.desk_acts import Notice
from storage.engine import Storage
from storage.tables import audit
from storage.tables import exports as export_table
from storage.tables import tickets as ticket_table
from storage.ticket_export import Wanted
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket
from tests.two_communities import two_communities

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tx", "＝1+1")
NOVEMBER = {"since": "2026-11-01", "until": "2026-11-30", "reason": "周一要报"}
READER = "周敏"


def a_month(tx: Tx, worker: int) -> None:
    """Nine matters: seven of them of one building's lift; one is solved and rated, one is done and judged not solved."""
    for number in range(9):
        given: dict[str, Any] = {"building": "7" if number < 7 else "8", "category": "property", "topic": "lift"}
        filed = file_ticket(tx, remote=FIRST_WEB_CHAT + number + 1, **given)
        if number > 1:
            continue
        words: dict[str, Any] = {"text": "好", "tell": lambda language, due: Notice("好")}
        desk_acts.act(tx, filed.id, staff_id=worker, action="finish", revision=1, **words)
        chat = int(tx.scalar(select(ticket_table.c.chat_id).where(ticket_table.c.id == filed.id)))
        verdict = Verdict.NOT_SOLVED if number else Verdict.SOLVED
        verdicts.judge(tx, filed.id, chat_id=chat, verdict=verdict)
        verdicts.rate(tx, filed.id, chat_id=chat, round=0, value="satisfied")


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def read_xlsx(content: bytes) -> list[dict[str, str]]:
    """Every row's texts and numbers by their headings, as they stand in the file; formulas would stand in <f>."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    rows = [
        {re.sub(r"\d", "", cell.attrib["r"]): "".join(cell.itertext()) for cell in row.findall("{*}c")}
        for row in ElementTree.fromstring(sheet).findall(".//{*}row")
    ]
    headings = rows.pop(0)
    return [{headings[column]: value for column, value in row.items()} for row in rows]


async def taken(desk: Desk, **fields: str) -> bytes:
    await desk.opens("/console/exports")
    response = await desk.posts("/console/exports", **NOVEMBER, **fields)
    assert response.status_code == 200, response.text
    return response.content


async def test_what_was_done_just_now_is_in_the_figures_with_what_they_leave_out(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await storage.run(a_month, desk.staff_id)
        page = await desk.opens("/console/figures")
        for shown in ("100.0%", "2 / 2", "50.0%", "1 / 2", "承诺时间还没到 7", "7栋", "物业管理", "居委会前台自己"):
            assert shown in page, shown
        assert re.search(r"7栋 · 电梯.*?<b>7</b>", page, re.S), "what recurs"
        assert '<svg class="chart" role="img" aria-labelledby="weeks-t weeks-d"' in page
        assert "style=" not in page
        [link] = set(re.findall(r'href="(/console\?filter=closed&amp;building=7[^"]*)"', page))
        assert "LX-" in await desk.opens(link.replace("&amp;", "&"))
        assert "没有可算的" in await desk.opens("/console/figures?period=last_month"), "n/a, not nought"
        assert "日期没写对" in await desk.opens("/console/figures?period=own&since=2026-12-01&until=2026-11-01")
        for odd in (
            "?place=community:999999999999999999999",
            "?place=building:%00",
            "?period=x",
            "?period=own&since=x",
        ):
            assert (await desk.opens(f"/console/figures{odd}"), desk.status)[1] == 200, odd


async def test_a_month_on_paper_with_the_committees_own_words(storage: Storage, clock: FrozenClock) -> None:
    worker = await storage.run(staff.add, name="李强", role="worker")
    await storage.run(a_month, worker)
    clock.move(days=14)
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="王芳", role="viewer") as viewer:
        paper = await desk.opens("/console/figures/month")
        assert "2026年11月居民诉求办理情况" in paper
        assert "这个月登记 9 件。上个月没有登记。" in paper
        assert "最多的是物业管理，9 件。" in paper
        assert "7栋 · 电梯：7 次（上月 0 次，去年同月 0 次）。" in paper
        assert "其余 2 处" in paper, "two in the eighth building could be somebody; merged with the next"
        assert '<div class="write">' in paper
        assert "<textarea" not in await viewer.opens("/console/figures/month")
        await desk.sends("/remarks", text="电梯 <b>老化</b>，已报维修资金。")
        assert "保存好了" in desk.page
        assert "电梯 &lt;b&gt;老化&lt;/b&gt;，已报维修资金。" in await viewer.opens(
            "/console/figures/month?month=2026-11"
        )
        await desk.sends("/remarks", text="迟到的一句", revision="0")
        assert (desk.status, "刚才有别人改过" in desk.page, "迟到的一句" in desk.page) == (409, True, True)
        assert "已报维修资金" in desk.page
        english = await desk.opens("/console/figures/month?month=2026-11&lang=en")
        assert "9 matters were registered this month" in english
        for month, status in (("2027-01", 404), ("2026-13", 404), ("x", 404), ("2025-11", 200)):
            await desk.opens(f"/console/figures/month?month={month}")
            assert desk.status == status, month


async def test_no_figure_knows_who_works_on_a_matter(storage: Storage, clock: FrozenClock) -> None:
    """Pages, papers and files are walked through for colleagues: there is nothing to rank anybody by."""
    names = ("李强强", "王芳芳")
    for name in names:
        member = await storage.run(staff.add, name=name, role="worker")
        await storage.run(a_month, member)
    async with at_the_desk(storage, role="admin", name=READER) as desk:
        found = [await desk.opens("/console/figures"), await desk.opens("/console/figures/month?month=2026-11")]
        found += [(await taken(desk, what=what, format="csv")).decode() for what in ("tickets", "figures")]
    for shown in found:
        assert not [name for name in names if name in shown]
        assert "assigned" not in shown
    columns = [column for name in ("ticket_figures", "figure_days") for column in _columns_of(name)]
    assert not [name for name in columns if "staff" in name or "assigned" in name]


def _columns_of(table: str) -> list[str]:
    from storage.tables import metadata

    return [column.name for column in metadata.tables[table].columns] + [
        key.column.table.name for key in metadata.tables[table].foreign_keys if key.column.table.name != "tickets"
    ]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_nothing_that_is_taken_out_runs_and_it_opens_in_chinese(storage: Storage, format: str) -> None:
    for number, formula in enumerate(FORMULAS, start=1):
        await storage.run(file_ticket, remote=FIRST_WEB_CHAT + number, title=formula, description=formula)
    async with at_the_desk(storage) as desk:
        content = await taken(desk, what="tickets", format=format)
        if format == "csv":
            assert content.startswith(b"\xef\xbb\xbf")
            assert [row["标题"] for row in read_csv(content)] == [f"'{formula}" for formula in FORMULAS]
            assert {row["来源"] for row in read_csv(content)} == {"聊天页"}
        else:
            assert [row["标题"] for row in read_xlsx(content)] == list(FORMULAS), "as text"
        [begun, ended] = await storage.read(lambda tx: tx.all(select(audit).where(audit.c.action.like("export%"))))
        assert (begun["detail"]["reason"], begun["detail"]["rows"]) == ("周一要报", 6)
        assert (ended["action"], ended["detail"]) == ("export_done", {"rows": 6})
        assert "6 / 6 行" in await desk.opens("/console/exports")
        refused = await desk.posts("/console/exports", **NOVEMBER | {"reason": " "}, what="tickets", format=format)
        assert (refused.status_code, "请写明为什么导出" in refused.text) == (422, True)


async def test_the_figures_are_taken_out_as_they_stand_on_the_page(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await storage.run(a_month, desk.staff_id)
        [total, *lines] = read_csv(await taken(desk, what="figures", format="csv"))
        assert (total["新登记"], total["按时联系"], total["应联系"], total["解决"], total["说了结果"]) == (
            "9",
            "2",
            "2",
            "1",
            "2",
        )
        assert [(one["项目"], one["新登记"]) for one in lines if one["表"] == "按楼栋"] == [("7栋", "7"), ("8栋", "2")]


async def test_each_role_takes_out_what_it_may_read_and_only_of_its_own_places(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    secret: dict[str, Any] = {"confidential": True, "title": "绝密标题", "description": "绝密原话", "building": "7"}
    await storage.run(file_ticket, remote=FIRST_WEB_CHAT + 8, **secret)
    async with at_the_desk(storage, role="supervisor") as watch, at_the_desk(storage, name="李强") as desk:
        whole = (await taken(desk, what="tickets", format="csv")).decode()
        assert own.secret in whole
        assert other.secret in whole
        assert len(read_csv(whole.encode())) == 3
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, community_id=own.community)
        rows = read_csv(await taken(desk, what="tickets", format="csv"))
        assert [row["标题"] for row in rows] == [own.secret, ""]
        assert [row["楼栋"] for row in rows] == ["7", ""], "of the confidential one number, kind, state and times"
        assert "绝密" not in str(rows)
        narrowed = read_csv(await taken(desk, what="tickets", format="csv", place=f"community:{other.community}"))
        assert narrowed == []
        covered = read_csv(await taken(watch, what="tickets", format="csv"))
        assert len(covered) == 3
        assert not {"电话", "房号", "居民原话", "标题"} & covered[0].keys()
    async with at_the_desk(storage, name="王芳", role="viewer") as viewer:
        await viewer.opens("/console/figures")
        assert "导出" not in viewer.page
        assert (await viewer.client.get("/console/exports")).status_code == 403


TEN_THOUSAND = """
WITH RECURSIVE ids(id) AS (SELECT 100 UNION ALL SELECT id + 1 FROM ids WHERE id < :last)
INSERT INTO tickets (id, number, claim_code, chat_id, resident_id, source, route, category, title, description, urgency,
    state, opened_at, first_contact_due, due_at, due_rule)
SELECT id, 'N' || id, 'X', 1, 1, 'web', 'service_request', 'repair', 'x', printf('%.*c', 400, 'x'), 'P2', 'received',
    '2026-11-23 02:00:00.000000', '2026-11-23 03:00:00.000000', '2026-11-24 02:00:00.000000', 'r' FROM ids"""


async def exported(storage: Storage, format: str, *, stop_after: int | None = None) -> tuple[int, int, bytes]:
    """Bytes, the most memory that was held meanwhile, and the file, where it is not too large to be kept here."""
    member = await storage.run(_admin)
    wanted = Wanted(month_named("2026-11"))
    after: tuple[Any, ...] | None = None

    async def pages() -> AsyncIterator[Any]:
        nonlocal after
        while True:
            page = await storage.read(ticket_export.page, wanted, member, after)
            yield page.rows
            if (after := page.more) is None:
                return

    writer = WRITERS[format](ticket_export.columns(member))
    about: dict[str, Any] = {"staff_id": member.id, "what": "tickets", "format": format, "reason": "看看"}
    export_id = await storage.run(lambda tx: exports.begin(tx, **about, rows=10_000))
    size, kept = 0, bytearray()
    body = export_routes.stream(storage, export_id, pages(), writer)
    tracemalloc.start()
    async for piece in body:
        size += len(piece)
        kept += piece if format == "xlsx" else b""
        if stop_after is not None and size > stop_after:
            await body.aclose()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size, peak - len(kept), bytes(kept)


def _admin(tx: Tx) -> staff.Member:
    known = next((one for one in staff.everyone(tx) if one.name == READER), None)
    found = known or staff.get(tx, staff.add(tx, name=READER, role="admin"))
    assert found is not None
    return found


@pytest.mark.parametrize(("format", "most"), [("csv", 10_000), ("xlsx", 5_000)])
async def test_ten_thousand_rows_are_written_as_they_are_read_and_never_held(
    storage: Storage, format: str, most: int
) -> None:
    await storage.run(file_ticket)
    await storage.run(lambda tx: tx.execute(text(TEN_THOUSAND), {"last": 2_099}))
    _, little, _ = await exported(storage, format)
    await storage.run(
        lambda tx: tx.execute(text(TEN_THOUSAND.replace("SELECT 100", "SELECT 2100")), {"last": most + 98})
    )
    size, much, whole = await exported(storage, format)
    assert size > most * (400 if format == "csv" else 20)
    assert much < little * 1.6, "several times the rows are held in the same memory"
    if format == "xlsx":
        assert len(read_xlsx(whole)) == most
    [*_, last] = await storage.read(lambda tx: tx.all(select(export_table).order_by(export_table.c.id)))
    assert (last["state"], last["rows_done"]) == ("done", most)


async def test_a_connection_that_is_cut_leaves_a_line_that_says_so_and_nothing_else(
    storage: Storage, clock: FrozenClock
) -> None:
    await storage.run(file_ticket)
    await storage.run(lambda tx: tx.execute(text(TEN_THOUSAND), {"last": 4_000}))
    await exported(storage, "csv", stop_after=500_000)
    [cut] = await storage.read(exports.latest, staff_id=None)
    assert (cut.state, 0 < cut.rows_done < 4_000) == ("cut", True)
    lost: dict[str, Any] = {"staff_id": 1, "what": "tickets", "format": "csv", "reason": "看看", "rows": 9}
    await storage.run(lambda tx: exports.begin(tx, **lost))
    clock.move(minutes=3)
    assert (await storage.read(exports.latest, staff_id=None))[0].state == "cut", "its process is gone"
