"""The quarter's way to the board: steps in order, the supervision committee, files past the gate, boards, the archive."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from handlers.web.papers import PaperDesk
from knowledge import disclosure_calendar as calendar
from knowledge.datafiles import DATA, DataError
from knowledge.disclosure_files import look, read
from knowledge.escalation import Level
from knowledge.pdf_reader import words_of
from knowledge.quarters import Quarter
from storage import boards, disclosure, disclosure_calendar, disclosure_papers
from storage import tables as t
from storage.chats import find_or_open
from storage.disclosure import Written, Wrong
from storage.engine import Storage
from storage.transaction import Tx
from tests.a_pdf import a_pdf
from tests.conftest import FrozenClock
from tests.desk_service import Desk, a_photo, at_the_desk, hire
from tests.web_service import app_of, web_parts

Q3 = Quarter(2026, 3)
ITEM = {"matter": "parking_fees", "kind": "finance", "quarter": "2026Q3", "building": "", "title": "停车费收支"}
BODY = "收入86400元，支出36000元。"


def test_each_step_has_its_working_day() -> None:
    days = {step: calendar.due_at(Q3, step).date() for step in calendar.ORDER}
    assert days["collect"] == date(2026, 10, 8), "the 5th is a holiday, and so is everything before it in the month"
    assert days["publish"] == date(2026, 10, 15)
    assert days["archive"] == date(2026, 10, 26)
    assert list(days.values()) == sorted(days.values())
    due = calendar.due_at(Q3, "publish")
    spans = (-1, 0, 1, 4)
    reached = [calendar.climbed(due, due + timedelta(days=span)) for span in spans]
    assert reached == [None, Level.DESK, Level.COMMITTEE, Level.SUBDISTRICT]
    assert not calendar.late_at_once(date(2026, 11, 10), datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert calendar.late_at_once(date(2026, 11, 10), datetime(2026, 11, 21, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("from_", "to", "problem"),
    [
        ("day: 13", "day: 9", "a later day"),
        ("key: watch", "key: watched", "a later day"),
        ("parking_fees:", "parking:", "parking"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, from_: str, to: str, problem: str
) -> None:
    text = (DATA / "disclosure_calendar.yaml").read_text("utf-8")
    path = tmp_path / "calendar.yaml"
    path.write_text(text.replace(from_, to, 1), "utf-8")
    with pytest.raises(DataError, match=problem):
        calendar.load(path)


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


def test_what_stands_in_a_file_is_read_and_what_cannot_be_is_said() -> None:
    word = packed(word__document_xml="<w:p><w:r><w:t>联系138</w:t></w:r><w:r><w:t>00000000</w:t></w:r></w:p>")
    assert "联系13800000000" in read("a.docx", word).text, "a number in two runs is one number"
    sheet = packed(xl__sharedStrings_xml="<si><t>李明</t></si>", xl__worksheets__sheet1_xml="<c><v>13800000000</v></c>")
    assert {"李明", "13800000000"} <= set(read("b.XLSX", sheet).text.split())
    assert read("c.csv", "姓名,电话".encode("gb18030")).text == "姓名,电话"
    for name, content in (
        ("d.pdf", b"%PDF-1.4"),
        ("e.docx", b"PK\x03\x04 broken"),
        ("f.docx", b"not packed"),
        ("g.jpg", b""),
    ):
        assert read(name, content).how == "name", name
    bomb = packed(word__document_xml="<w:t>" + "0" * (21 * 1024 * 1024))
    assert read("bomb.docx", bomb).how == "name"


async def rows(storage: Storage, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await storage.read(lambda tx: tx.all(select(table).order_by(table.c.id)))]


def settle(tx: Tx) -> int:
    return tx.insert(t.communities, name="望江家园", profile={}, created_at=tx.now - timedelta(days=90))


async def ticks(storage: Storage, clock: FrozenClock, moment: datetime) -> list[str]:
    """The clock says this; what the staff group has heard."""
    clock.now = moment
    await Scheduler(storage, load_catalogue()).tick()
    return [row["text"] for row in await rows(storage, t.messages)]


async def test_a_quarter_from_its_first_step_to_the_archive(storage: Storage, clock: FrozenClock) -> None:
    await storage.run(settle)
    await storage.run(find_or_open, channel="telegram", remote=-100, kind="staff")
    assert await ticks(storage, clock, datetime(2026, 10, 1, 2, tzinfo=UTC)) == []
    assert [step["step"] for step in await rows(storage, t.disclosure_steps)] == list(calendar.ORDER)
    heard = await ticks(storage, clock, datetime(2026, 10, 7, 2, tzinfo=UTC))
    assert heard == ["【居务公开】2026年第三季度：“收集”最晚明天 18:00，还没有指定谁负责。"]
    heard = await ticks(storage, clock, datetime(2026, 10, 9, 12, tzinfo=UTC))
    assert any("“收集”过了日子还没做完" in line and "已报社区居委会负责人" in line for line in heard)
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="监督员", role="supervisor") as watch:
        assert "收集" in await desk.opens("/console/disclosure?quarter=2026Q3")
        await desk.opens("/console/disclosure/new?quarter=2026Q3&matter=parking_fees")
        await desk.sends("/new", **(ITEM | {"body": BODY}))
        page = await desk.sends("/edit", **(ITEM | {"body": BODY}), then="publish")
        assert "监督委员会还没审核" in page
        assert await storage.read(disclosure.published) == []
        first, second, third, fourth, _ = [step["id"] for step in await rows(storage, t.disclosure_steps)]
        assert "前后要按顺序" in await stepped(desk, f"/steps/{second}/done")
        await stepped(desk, f"/steps/{first}/done", note="齐了")
        await stepped(desk, f"/steps/{second}/done")
        assert "没有指定" in await desk.opens("/console/disclosure?quarter=2026Q3")
        await stepped(desk, f"/steps/{third}/give", owner=str(watch.staff_id))
        csrf = desk.form("/give")[1]
        assert (await desk.client.post(f"/console/disclosure/steps/{third}/watched", data=csrf)).status_code == 403
        assert "请把意见写在" in await stepped(watch, f"/steps/{third}/watched", then="object", note="")
        assert "安保费没有明细" in await stepped(watch, f"/steps/{third}/watched", then="object", note="安保费没有明细")
        assert "前后要按顺序" in await stepped(desk, f"/steps/{fourth}/done")
        assert "监督员" in await stepped(watch, f"/steps/{third}/watched", then="done", note="补上了")
        await desk.opens("/console/disclosure/1")
        assert "已发布" in await desk.sends("/edit", **(ITEM | {"body": BODY}), then="publish")
        assert "退回" in await stepped(desk, f"/steps/{fourth}/done")
        await stepped(desk, f"/steps/{fourth}/undo")
    assert [step["done_at"] is not None for step in await rows(storage, t.disclosure_steps)] == [True] * 3 + [False] * 2


async def stepped(desk: Desk, form: str, **fields: str) -> str:
    await desk.opens("/console/disclosure?quarter=2026Q3")
    return await desk.sends(form, **({"note": ""} | fields))


def publish(tx: Tx, /, staff_id: int, **changed: Any) -> int:
    values: dict[str, Any] = {"kind": "finance", "title": "停车费收支", "body": BODY, "quarter": Q3} | changed
    item_id = disclosure.draft(tx, Written(**values), staff_id=staff_id)
    assert disclosure.publish(tx, item_id, revision=1, staff_id=staff_id)
    return item_id


async def test_what_hangs_where_and_when_it_comes_down(any_storage: Storage, clock: FrozenClock) -> None:
    await any_storage.run(settle)
    who, _ = await any_storage.run(hire, "周敏", "operator")
    whole = await any_storage.run(publish, who)
    seven = await any_storage.run(publish, who, title="7栋电梯", building="7")
    office = await any_storage.run(boards.save, None, name="办公室", kind="office", buildings=[], staff_id=who)
    hall = await any_storage.run(boards.save, None, name="9栋大堂", kind="cluster", buildings=["9"], staff_id=who)
    assert await any_storage.run(boards.post, [whole, seven], [office, hall], photo_id=None, staff_id=who) == 3
    assert await any_storage.run(boards.post, [whole], [office], photo_id=None, staff_id=who) == 0, "it hangs there"
    items = await any_storage.read(disclosure.listed, Q3)
    found = await any_storage.read(boards.listed, staff_id=who)
    assert await any_storage.read(boards.coverage, items, found) == {office: (2, 2), hall: (1, 1)}
    [*_, first] = await any_storage.read(boards.of_items, [whole])
    with pytest.raises(Wrong, match="down_early"):
        await any_storage.run(boards.take_down, first["id"], note="", staff_id=who)
    clock.move(days=10)
    assert await any_storage.run(boards.take_down, first["id"], note="", staff_id=who)
    assert not await any_storage.run(boards.take_down, first["id"], note="", staff_id=who)
    assert await any_storage.read(boards.places_of, whole) == ["9栋大堂"]
    assert [item.id for item in await any_storage.read(boards.search, "停车 86400")] == [whole]
    assert await any_storage.read(boards.search, "100%") == []
    await any_storage.run(lambda tx: tx.insert(t.communities, name="新", profile={}, created_at=tx.now))
    assert await any_storage.run(disclosure_calendar.begin) == 1, "the new one was not there then"
    assert await any_storage.run(disclosure_calendar.begin) == 0, "laid out once"


async def test_a_file_passes_the_gate_or_is_looked_into_and_everybody_may_read_it_once_published(
    storage: Storage,
) -> None:
    await storage.run(settle)
    async with at_the_desk(storage) as desk:
        await desk.opens("/console/disclosure/new?quarter=2026Q3&matter=parking_fees")
        await desk.sends("/new", **(ITEM | {"body": BODY}))
        page = await adds(desk, "名单.csv", "李明,13800000000".encode())
        assert "附件没有加上" in page
        assert "【13800000000】" in page
        assert "【13800000000】" in await adds(desk, "名单.pdf", a_pdf("停车费收支", "联系人王芳 13800000000"))
        assert "第 2 页是扫描的图" in await adds(desk, "明细.pdf", a_pdf("收入86400元", ""))
        assert "没有字的页是您看过的" in await adds(desk, "明细.pdf", a_pdf("收入86400元", ""), seen="yes")
        assert "内容已过隐私检查" in await adds(desk, "明细.txt", "安保36000元".encode())
        assert "只收" in await adds(desk, "a.exe", b"MZ\x90\x00")
        async with public(storage) as anybody:
            assert (await anybody.get("/published/1")).status_code == 404
            assert (await anybody.get("/published/files/2")).status_code == 404
            await desk.opens("/console/disclosure/1")
            await desk.sends("/edit", **(ITEM | {"body": BODY}), then="publish")
            page = (await anybody.get("/published?q=停车费")).text
            assert "停车费收支" in page
            page = (await anybody.get("/published/1")).text
            assert "86400" in page
            assert "明细.txt" in page
            assert (await anybody.get("/published/files/2")).content == "安保36000元".encode()
            await hangs(desk)
            assert "也贴在：大堂" in (await anybody.get("/published/1")).text
            await desk.opens("/console/disclosure/1")
            await desk.sends("/correct")
            draft = (await rows(storage, t.disclosure_items))[-1]["id"]
            await desk.sends("/edit", **(ITEM | {"body": "收入86500元。"}), then="publish", reason="少写100元")
            page = (await anybody.get("/published/1")).text
            assert "86400" in page
            assert "少写100元" in page
            assert "明细.txt" in (await anybody.get(f"/published/{draft}")).text, "files go along"
        assert "86500" in await desk.opens("/console/disclosure/sheet?quarter=2026Q3&size=a3")
        assert '<main class="sheet a3">' in desk.page
        assert "停车费收支" in await desk.opens("/console/disclosure/archive?q=86400")
        assert "计划生育" in await desk.opens("/console/disclosure/catalogue")
    with pytest.raises(Wrong, match="changed"):
        await storage.run(disclosure_papers.remove, 1, staff_id=desk.staff_id)


@pytest.mark.parametrize(
    ("content", "trouble", "blank", "found"),
    [
        (a_pdf("收支明细", "张小明，9岁，住7栋1204"), "", (), {"minor", "flat"}),
        (a_pdf("", ""), "", (1, 2), set()),
        (a_pdf("收支明细", password="密"), "pdf_locked", (), set()),
        (a_pdf("收支明细")[:300], "pdf_broken", (), set()),
        (a_pdf(*["页"] * 301), "pdf_long", (), set()),
        (a_pdf("收支明细", inside=b"13800000000"), "pdf_inside", (), set()),
    ],
)
def test_a_pdf_is_read_page_by_page_or_refused_in_words(
    content: bytes, trouble: str, blank: tuple[int, ...], found: set[str]
) -> None:
    looked = look("a.pdf", content, words_of(content))
    assert (looked.trouble, looked.blank, {one.kind for one in looked.found}) == (trouble, blank, found)


async def test_a_pdf_that_is_never_done_is_given_up() -> None:
    assert (await PaperDesk(patience=0.01).look("a.pdf", a_pdf("收支明细"))).trouble == "pdf_long"


async def adds(desk: Desk, name: str, content: bytes, **fields: str) -> str:
    await desk.opens("/console/disclosure/1")
    address, hidden = multipart(desk, "/files")
    sent = await desk.client.post(
        address,
        data=hidden | fields,
        files={"file": (name, content, "application/octet-stream")},
        follow_redirects=True,
    )
    return sent.text


def multipart(desk: Desk, ending: str) -> tuple[str, dict[str, str]]:
    plain = desk.page.replace(' enctype="multipart/form-data"', "")
    desk.page = plain
    return desk.form(ending)


async def hangs(desk: Desk) -> None:
    """On a board of the hall, with a photo."""
    await desk.opens("/console/disclosure/boards")
    await desk.sends("/boards", name="大堂", kind="gathering")
    await desk.opens("/console/disclosure/1")
    address, hidden = multipart(desk, "/post")
    photo = {"file": ("栏.jpg", a_photo(), "image/jpeg")}
    sent = await desk.client.post(address, data=hidden | {"board_1": "yes"}, files=photo, follow_redirects=True)
    assert "贴好了" in sent.text
    assert (await desk.client.get("/console/disclosure/postings/1/photo")).headers["content-type"] == "image/jpeg"


def public(storage: Storage) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app_of(web_parts(storage)))
    return httpx.AsyncClient(transport=transport, base_url="http://town", headers={"Accept-Language": "zh-CN"})
