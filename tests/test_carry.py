"""Import and export: wrong files in plain words, what would change before anything does, all or nothing, taken back."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import sys
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.import_worker import ImportWorker
from handlers.sheet_files import SheetFile, YamlFile
from handlers.texts.catalogue import load_catalogue
from handlers.web.console.carry_words import Saying
from knowledge import sheets, workbooks
from knowledge.faq import load_entries
from knowledge.sheet_yaml import read_rows
from knowledge.sheets import Record
from storage import carried_faq, carried_flats, faq, faq_seed, imports, leases, own_data, register, scopes, staff
from storage import residents as people_of_ours
from storage import tables as t
from storage.access import NotThere
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.sqlite import SQLiteStorage
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, hire

TEXTS = load_catalogue("console")["zh"]
HOUSEHOLDS = sheets.shipped()["households"]
HEADS = [column.heading.zh for column in HOUSEHOLDS.columns]
ZHANG = ["7", "2", "1204", "张明", "承租人", "13800000000"]


def book(*rows: Sequence[Any], heads: Sequence[str] = HEADS, name: str = "住户名册") -> bytes:
    """A file as somebody might have made it."""
    made = openpyxl.Workbook()
    made.active.title = name
    for row in (heads, *rows):
        made.active.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes) -> sheets.Reading:
    return workbooks.read_sheet(content, HOUSEHOLDS, {}, lambda rows: None)


def said(content: bytes) -> list[str]:
    return [Saying(HOUSEHOLDS, TEXTS)(one) for one in read(content).findings]


def repacked(content: bytes, **parts: bytes) -> bytes:
    """With other parts in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, inside in parts.items():
            new.writestr(name, inside)
    return out.getvalue()


def merged() -> bytes:
    made = openpyxl.load_workbook(io.BytesIO(book(ZHANG, ["7", "2", "1204", "张红", "同住人", ""])))
    made.active.merge_cells("A2:A3")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("楼栋,房号\n7,1204".encode(), "这不是 xlsx 表格文件"),
        (LOCKED, "文件加了密码"),
        (LOCKED[:8], "旧格式（.xls）"),
        (repacked(book(ZHANG), **{"xl/vbaProject.bin": b"x"}), "带宏"),
        (repacked(book(ZHANG), **{"xl/media/a.xml": b"0" * 30_000_000}), "大得不正常"),
        (repacked(book(ZHANG), **{"xl/a.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "打不开"),
        (book(ZHANG)[:-400], "打不开"),
        (b"PK\x03\x04" + b"\0" * 100, "打不开"),
        (b"x" * (workbooks.LARGEST + 1), "超过 20 MB"),
        (merged(), "有合并的单元格（A2:A3）"),
        (book(["a"], heads=["随便"], name="Sheet1"), "没有找到要导入的工作表；这个文件里有：Sheet1"),
        (book(["7", "1", "101", "1"], heads=["楼栋", "单元", "房号", "楼层"], name="房屋"), "另一种表（楼栋房屋）"),
        (book([], HEADS, ZHANG, heads=["望江家园住户名册"]), "列名在第 3 行"),
        (book(ZHANG[:5], heads=HEADS[:5]), "「联系电话」：少了这一列"),
        (book([*ZHANG, "50010319"], heads=[*HEADS, "身份证号"]), "多了一列「身份证号」"),
        (book([*ZHANG, "", "x"]), "第 2 行：表格右边没有列名"),
        (book(["=1+6", *ZHANG[1:]]), "第 2 行「楼栋」：这是公式"),
        (book([*ZHANG[:2], date(2026, 7, 1), *ZHANG[3:]]), "第 2 行「房号」：表格软件把它变成了日期（2026-07-01）"),
        (book(ZHANG, ["７ 栋", "2单元", " 1204　", "张明 ", "承租人", ""]), "第 3 行：和第 2 行是同一条"),
        (book([*ZHANG[:3], None, *ZHANG[4:]]), "第 2 行「姓名」：必须填"),
        (book([*ZHANG[:4], "房东", ""]), "没有“房东”这个选项，请从下拉里选。可以选：承租人、同住人。"),
        (book([*ZHANG[:5], "没有电话"]), "不像电话号码"),
        (book([*ZHANG[:3], "张" * 41, *ZHANG[4:]]), "最多 40 个字"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_in_words(content: bytes, words: str) -> None:
    assert any(words in line for line in said(content)), said(content)


def test_what_is_typed_in_many_ways_means_one_thing() -> None:
    typed = [
        ("７栋", 2, "0701", "张 明", "tenant", 13800000000),
        (7.0, "2单元", 701.0, "李强　", "同住人", "023-6365 1390"),
    ]
    assert [record for _, record in read(book(*typed)).records.values()] == [
        {"building": "7", "unit": "2", "room": "0701", "name": "张 明", "role": "tenant", "phone": "13800000000"},
        {"building": "7", "unit": "2", "room": "701", "name": "李强", "role": "member", "phone": "023-63651390"},
    ]


LISTS = {
    name: [sheets.Choice(one, one, f"{one} en") for one in ("甲、乙", "7", "望江 家园")]
    for name in ("units", "communities")
}
LISTS |= {
    name: [sheets.Choice(one, one, one) for one in ("7", "望江家园/8", "甲")] for name in ("buildings", "clauses")
}
LISTS |= {
    "subjects": [sheets.Choice("tenancy", "转租、合租、押金", "tenancy"), sheets.Choice("noise", "噪音", "noise")]
}
SIGNS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), max_codepoint=0xFFFF), max_size=12)
ODD = st.sampled_from(
    [
        "=cmd|'/c calc'!A1",
        "+1",
        "@x",
        "_x0041_",
        "'甲",
        "甲  乙",
        " 甲",
        "0701",
        "2026-07-01",
        "1e5",
        "TRUE",
        "- 甲: #乙",
    ]
)
OF_KIND = {
    "code": st.builds(
        str.__add__, st.from_regex(r"[0-9A-Z]{1,4}", fullmatch=True), st.sampled_from(["", "栋", "座", "单元"])
    ),
    "phone": st.sampled_from(["13800000000", "023-6365 1390", "+8613800000000", "０２３６３６５１３９０"]),
    "text": SIGNS | ODD,
    "lines": st.lists(SIGNS | ODD, max_size=3).map("\n".join),
}


def kept_in(column: sheets.Column) -> st.SearchStrategy[str]:
    """What may stand in the database of this column, however little a sheet can say it."""
    listed = [choice.value for choice in (*column.choices, *LISTS.get(column.source, ()))]
    found: st.SearchStrategy[str]
    if column.kind == "number":
        found = st.integers(column.least, column.most).map(str)
    elif column.kind == "choice":
        found = st.sampled_from(listed)
    elif column.kind == "list":
        several = st.lists(st.sampled_from(listed), unique=True, max_size=3)
        found = several.map(lambda some: sheets.BETWEEN.join(sorted(some, key=lambda one: (len(one), one))))
    else:
        found = OF_KIND[column.kind]
    return (found if column.need else found | st.just("")).filter(lambda value: can_be_said(column, value))


def can_be_said(column: sheets.Column, value: str) -> bool:
    try:
        sheets.value_of(column, sheets.Cell("甲" if column.kind in ("choice", "list") else value), {})
    except sheets.Wrong as wrong:
        return wrong.code == "no_choice"
    return True


def there_and_back(sheet: sheets.Sheet, records: Sequence[Record], language: str, plain: bool) -> dict[str, Record]:
    """Written as a file and read again, without anything wrong."""
    writer = (YamlFile if plain else SheetFile)(sheet, LISTS, load_catalogue("console")[language])
    written = writer.rows(records) + b"".join(writer.end())
    writer.close()
    again = (read_rows if plain else workbooks.read_sheet)(written, sheet, LISTS, lambda rows: None)
    assert again.findings == []
    return {key: row for key, (_, row) in again.records.items()}


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.data())
def test_out_edited_in_and_out_again_loses_nothing(data: st.DataObject) -> None:
    sheet = data.draw(st.sampled_from([*sheets.shipped().values()]))
    columns = {column.key: kept_in(column) for column in sheet.columns}
    drawn = data.draw(st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=4))
    plain, language = sheet.yaml and data.draw(st.booleans()), data.draw(st.sampled_from(["zh", "en"]))
    doors = {sheet.key_of(sheets._as_read(sheet, LISTS, record)): record for record in drawn}
    now: dict[str, Record] = {sheet.key_of(record): record for record in doors.values()}

    back = there_and_back(sheet, list(now.values()), language, plain)
    assert sheets.compare(sheet, LISTS, now, back.items(), whole=True) == ([], len(now))

    free = data.draw(st.sampled_from([column for column in sheet.columns if not column.is_key]))
    key = data.draw(st.sampled_from([*back]))
    back[key] = {**back[key], free.key: sheets._said(free, LISTS, data.draw(columns[free.key]))}
    changes, _ = sheets.compare(sheet, LISTS, now, back.items(), whole=True)
    for one in changes:
        assert {name for name, value in (one.before or {}).items() if (one.after or {})[name] != value} == {free.key}
    after = {one.key: one.after for one in changes if one.after is not None}
    assert len(after) <= 1
    again = there_and_back(sheet, list((now | after).values()), language, plain)
    assert sheets.compare(sheet, LISTS, now | after, again.items(), whole=True) == ([], len(now))
    assert again[key][free.key] == back[key][free.key]


# --- the whole way ----------------------------------------------------------------------------------------------------
def town(tx: Tx, name: str = "望江家园") -> int:
    key = tx.insert(t.communities, name=name, profile={}, created_at=tx.now)
    house = tx.insert(t.buildings, community_id=key, name="7", floors=30, units=2)
    for room in ("1203", "1204"):
        tx.insert(t.flats, building_id=house, unit="2", floor=12, room=room)
    return key


async def brings(desk: Desk, kind: str, content: bytes, *, name: str = "名册.xlsx", **fields: str) -> int:
    """Uploads a file and has it looked at; the import's number."""
    await desk.opens("/console/imports")
    hidden = desk.form("/sign-out")[1]
    given = hidden | {"kind": kind} | fields
    response = await desk.client.post(
        "/console/imports", data=given, files={"file": (name, content)}, follow_redirects=False
    )
    assert response.status_code == 303, response.text
    return int(response.headers["location"].rsplit("/", 1)[1])


async def works(storage: Storage) -> None:
    worker = ImportWorker(storage, owner="test")
    while await worker.step():
        pass


async def people(storage: Storage) -> list[tuple[Any, ...]]:
    columns = (t.household_people.c[name] for name in ("building", "room", "name", "role", "phone"))
    return await storage.read(lambda tx: tx.tuples(select(*columns).order_by(t.household_people.c.id)))


async def test_households_come_in_whole_with_their_ground_and_go_again(storage: Storage, clock: FrozenClock) -> None:
    here = str(await storage.run(town))
    async with at_the_desk(storage, role="admin") as desk:
        two = ["73", "1", "101", "李强", "承租人", ""], ["7", "2", "9999", "王芳", "承租人", ""]
        wrong = book(ZHANG, *two, ["7", "2", "1203", "王芳", "房东", ""])
        first = await brings(desk, "households", wrong, community=here)
        assert "正在检查" in await desk.opens(f"/console/imports/{first}")
        await works(storage)
        page = await desk.opens(f"/console/imports/{first}")
        assert "第 3 行「楼栋」：没有 73 栋。" in page
        assert "第 4 行「房号」：没有 7-2-9999 这套房。" in page
        assert "第 5 行「身份」：没有“房东”这个选项" in page, "all at once, whatever kind of wrong it is"
        answer = await desk.client.get(f"/console/imports/{first}/files/marked")
        assert openpyxl.load_workbook(io.BytesIO(answer.content)).active["A3"].value == "第 3 行「楼栋」：没有 73 栋。"
        assert await people(storage) == []
        again = await brings(desk, "households", answer.content, community=here)
        await works(storage)
        assert "有 3 处要改" in await desk.opens(f"/console/imports/{again}"), "the column of remarks may stay"

        li = ["7", "2", "1203", "李强", "承租人", ""]
        second = await brings(desk, "households", book(ZHANG, li), community=here)
        await works(storage)
        assert "确认，改动 2 行" in await desk.opens(f"/console/imports/{second}")
        assert await people(storage) == []
        await desk.sends("/confirm", reason="年度核对")
        assert (desk.status, "请选依据" in desk.page) == (422, True)
        await desk.sends(
            "/confirm", reason="年度核对", basis="housing_authority", basis_note="房管中心 11 月 20 日移交"
        )
        await works(storage)
        assert "已全部导入" in await desk.opens(f"/console/imports/{second}")
        assert [row[2] for row in await people(storage)] == ["张明", "李强"]
        log = await desk.opens("/console/imports")
        assert "房管部门按规定提供的住户信息" in log

        changed = book([*ZHANG[:5], "13911112222"])
        third = await brings(desk, "households", changed, community=here, whole="yes")
        await works(storage)
        page = await desk.opens(f"/console/imports/{third}")
        assert re.search(r"<del>13800000000</del> <ins>13911112222</ins>", page)
        assert "有 1 行会从系统里撤下" in page
        await storage.run(lambda tx: tx.changed(t.household_people.update().values(phone="1")))
        await desk.sends("/confirm", reason="换号", basis="consent", basis_note="本人来窗口")
        await works(storage)
        assert "一行也没有改" in await desk.opens(f"/console/imports/{third}")
        assert len(await people(storage)) == 2

        await storage.run(lambda tx: tx.changed(t.household_people.update().values(phone=None)))
        await desk.opens(f"/console/imports/{second}")
        assert "后来又改过" in desk.page, "张明 had a number"
        one = t.household_people.c.name == "张明"
        await storage.run(lambda tx: tx.changed(t.household_people.update().where(one).values(phone="13800000000")))
        await desk.opens(f"/console/imports/{second}")
        await desk.sends("/take-back")
        assert "恢复成导入之前的样子" in desk.page
        assert await people(storage) == []
        await works(storage)
        left = await storage.read(lambda tx: tx.scalar(select(func.count()).select_from(t.import_rows)))
        contents = await storage.read(lambda tx: tx.tuples(select(t.imports.c.content.is_not(None), t.imports.c.state)))
        assert left == 0
        assert {state for kept, state in contents if kept} == {"refused"}, "files of what is settled are gone"
        clock.move(hours=25)
        assert await storage.run(imports.lapse) == 2
        assert "已作废" in await desk.opens(f"/console/imports/{first}")


async def test_who_is_held_to_a_place_brings_nothing_elsewhere(storage: Storage) -> None:
    here, other = await storage.run(town), await storage.run(town, "康居西城")
    async with at_the_desk(storage, role="admin") as desk, at_the_desk(storage, role="operator", name="李强") as nobody:
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, community_id=here)
        page = await desk.opens("/console/imports")
        assert 'id="households"' in page
        assert 'id="staff"' not in page
        given = desk.form("/sign-out")[1] | {"reason": "看看"}
        for kind, place in (("households", str(other)), ("staff", ""), ("households", "")):
            asked = given | {"kind": kind, "community": place}
            files = {"file": ("a.xlsx", book(ZHANG))}
            assert (await desk.client.post("/console/imports", data=asked, files=files)).status_code == 404
            assert (await desk.client.post("/console/imports/export", data=asked)).status_code == 404
        assert (await nobody.client.get("/console/imports")).status_code == 403
        assert await storage.read(lambda tx: tx.tuples(select(t.imports.c.id))) == []


STAFF_HEADS = [column.heading.zh for column in sheets.shipped()["staff"].columns]


async def test_colleagues_come_in_with_invitations_and_an_admin_stays(storage: Storage) -> None:
    await storage.run(town)
    async with at_the_desk(storage, role="admin") as desk:
        out = await desk.client.get("/console/imports/template?kind=staff")
        assert openpyxl.load_workbook(io.BytesIO(out.content)).sheetnames == ["工作人员", "可选项", "说明"]
        rows = [
            ["李强", "经办人", "", "望江家园", "7", "噪音；转租、合租、押金；漏水"],
            ["王芳", "楼栋长", "", "", "7", ""],
        ]
        lost = await brings(desk, "staff", book(*rows, heads=STAFF_HEADS, name="工作人员"), whole="yes")
        await works(storage)
        page = await desk.opens(f"/console/imports/{lost}")
        assert "不能把您自己（周敏）撤下" in page
        assert "至少要留一位" in page
        brought = await brings(desk, "staff", book(*rows, heads=STAFF_HEADS, name="工作人员"))
        await works(storage)
        await desk.opens(f"/console/imports/{brought}")
        await desk.sends("/confirm", reason="新来的两位")
        await works(storage)
        await desk.opens(f"/console/imports/{brought}")
        sheet = await desk.sends("/invitations")
        tokens = re.findall(r"enter\?token=([\w-]+)", sheet)
        assert (sheet.count("<svg"), len(tokens)) == (2, 2)
        assert await storage.run(staff.enter, tokens[0]) is not None
        told = {line.building or line.community or line.subject for line in await storage.read(scopes.of, 2)}
        assert told == {"7", "望江家园", "noise", "leak", "tenancy"}
        asked = desk_token(await desk.opens("/console/imports")) | {"kind": "staff", "reason": "核对"}
        again = await desk.client.post("/console/imports/export", data=asked)
        same = await brings(desk, "staff", again.content, whole="yes")
        await works(storage)
        assert "没有要改的" in await desk.opens(f"/console/imports/{same}")


def desk_token(page: str) -> dict[str, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return {"csrf": found[1]}


async def test_what_a_dead_process_left_is_done_by_another_or_given_up(any_storage: Storage) -> None:
    here = await any_storage.run(town)
    member, _ = await any_storage.run(hire, "周敏", "admin")
    given: dict[str, Any] = {"staff_id": member, "kind": "households", "community_id": here, "file_name": "a"}
    brought = await any_storage.run(lambda tx: imports.begin(tx, content=book(ZHANG), whole=False, **given))
    assert await any_storage.run(imports.take_up, "dead") is not None
    assert await any_storage.run(imports.take_up, "alive") is None, "somebody holds it"
    await any_storage.run(lambda tx: tx.changed(t.leases.delete()))
    await works(any_storage)
    job = await any_storage.read(imports.get, brought)
    assert job is not None
    assert (job.state, job.counts) == ("ready", {"new": 1, "changed": 0, "gone": 0, "same": 0})
    said: dict[str, Any] = {"by": member, "reason": "x", "basis": "consent", "note": "x"}
    await any_storage.run(lambda tx: imports.confirm(tx, brought, **said))
    for _ in range(imports.ATTEMPTS):
        assert await any_storage.run(imports.take_up, "dying") is not None
        await any_storage.run(lambda tx: tx.changed(t.leases.delete()))
    assert await any_storage.run(imports.take_up, "alive") is None
    job = await any_storage.read(imports.get, brought)
    assert job is not None
    assert job.state == "failed"
    assert await people(any_storage) == []


KILLED_BETWEEN = """
import asyncio, os, pathlib, signal, sys
from sqlalchemy import Engine, event
from bot.import_worker import ImportWorker
from storage.sqlite import SQLiteStorage

@event.listens_for(Engine, "after_cursor_execute")
def all_are_in(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO household_people"):
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    storage = SQLiteStorage(pathlib.Path(sys.argv[1]))
    await storage.open()
    await ImportWorker(storage, owner="killed").step()

asyncio.run(main())
"""


async def test_nothing_of_an_import_is_in_when_its_process_was_killed_and_it_begins_again(sqlite_file: Path) -> None:
    storage = SQLiteStorage(sqlite_file)
    await storage.open()
    try:
        here = await storage.run(town)
        member, _ = await storage.run(hire, "周敏", "admin")
        given: dict[str, Any] = {"staff_id": member, "kind": "households", "community_id": here, "file_name": "a"}
        both = book(ZHANG, ["7", "2", "1203", "李强", "承租人", ""])
        brought = await storage.run(lambda tx: imports.begin(tx, content=both, whole=False, **given))
        await works(storage)
        said: dict[str, Any] = {"by": member, "reason": "x", "basis": "consent", "note": "x"}
        await storage.run(lambda tx: imports.confirm(tx, brought, **said))
        killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED_BETWEEN, str(sqlite_file))
        assert await killed.wait() == -signal.SIGKILL
        assert await people(storage) == []
        assert await storage.run(imports.take_up, "alive") is None, "the dead one holds it still"
        await storage.run(lambda tx: leases.free(tx, ["killed"]))
        await works(storage)
        assert [row[2] for row in await people(storage)] == ["张明", "李强"]
    finally:
        await storage.close()


async def test_the_faq_goes_out_and_in_as_sheet_and_as_text_and_counts_at_once(storage: Storage) -> None:
    shipped = load_entries()
    await storage.run(faq_seed.seed, shipped)
    async with at_the_desk(storage, role="admin") as desk:
        for ending in ("xlsx", "yaml"):
            asked = desk_token(await desk.opens("/console/imports"))
            asked |= {"kind": "faq", "reason": "核对", "format": ending}
            out = (await desk.client.post("/console/imports/export", data=asked)).content
            same = await brings(desk, "faq", out, name=f"问答.{ending}", whole="yes")
            await works(storage)
            assert "没有要改的" in await desk.opens(f"/console/imports/{same}"), ending
        rows = yaml.safe_load(out)
        first, second = rows[0], rows[1]
        taken = first["examples"].split("\n")[0]
        first["answer_zh"] = "改过的回答。"
        second["examples"] += f"\n{taken}"
        local = {
            "key": "mail-room",
            "clause": "本地",
            "question_zh": "收发室几点开门？",
            "answer_zh": "每天 8 点到 20 点。",
        }
        rows.append(local | {"checked_on": "2026-01-05", "examples": "收发室几点关门"})
        wrong = await brings(desk, "faq", yaml.safe_dump(rows, allow_unicode=True).encode(), name="问答.yaml")
        await works(storage)
        page = await desk.opens(f"/console/imports/{wrong}")
        assert "同一句话指向两条回答" in page
        assert "本地的事要写来源" in page
        first["examples"] = "\n".join(first["examples"].split("\n")[1:])
        rows[-1]["source_zh"] = "物业公司公告"
        right = await brings(desk, "faq", yaml.safe_dump(rows, allow_unicode=True).encode(), name="问答.yaml")
        await works(storage)
        assert "确认，改动 3 行" in await desk.opens(f"/console/imports/{right}")
        await desk.sends("/confirm", reason="换了新说法")
        await works(storage)
        assert "已全部导入" in await desk.opens(f"/console/imports/{right}")
        there = await storage.read(faq.get, "mail-room")
        assert there is not None
        assert (there.state, there.latest.answer.zh) == ("published", "每天 8 点到 20 点。")
        assert taken in [one.text for one in await storage.read(faq.phrases_of, second["key"], "example")]
        await desk.sends("/take-back")
        assert "恢复成导入之前的样子" in desk.page
        back = await storage.read(carried_faq.CARRIER.current, None)
        assert len(back) == len(shipped)
        assert back[first["key"]]["answer_zh"] != "改过的回答。"


async def test_buildings_and_flats_come_in_and_nobody_loses_a_door(any_storage: Storage) -> None:
    here = await any_storage.run(town)
    member, _ = await any_storage.run(hire, "周敏", "admin")
    flats = sheets.shipped()["flats"]
    rows = [["7", "2", "1204", "12"], ["7", "2", "1205", "12"], ["A8", "1", "0701", "7"]]
    content = book(*rows, heads=[column.heading.zh for column in flats.columns], name="楼栋房屋")
    given: dict[str, Any] = {"staff_id": member, "kind": "flats", "community_id": here, "file_name": "a", "whole": True}
    for lives, state in ((True, "refused"), (False, "ready")):
        door = {"community_id": here, "building": "7", "unit": "2", "room": "1203", "name": "张明", "role": "tenant"}
        if lives:
            await any_storage.run(lambda tx: tx.insert(t.household_people, entered_at=tx.now, **door))  # noqa: B023
        brought = await any_storage.run(lambda tx: imports.begin(tx, content=content, **given))
        await works(any_storage)
        job = await any_storage.read(imports.get, brought)
        assert job is not None
        assert job.state == state
        await any_storage.run(lambda tx: tx.changed(t.household_people.delete()))
    assert job is not None
    assert job.counts == {"new": 2, "changed": 0, "gone": 1, "same": 1}
    await any_storage.run(lambda tx: imports.confirm(tx, brought, by=member, reason="x", basis=None, note=""))
    await works(any_storage)
    houses = await any_storage.read(lambda tx: tx.tuples(select(t.buildings.c.name, t.buildings.c.floors)))
    assert sorted(houses) == [("7", 12), ("A8", 7)]
    await any_storage.run(lambda tx: imports.take_back(tx, brought, by=member))
    assert list(await any_storage.read(carried_flats.current, here)) == ["7 2 1203", "7 2 1204"]


async def test_a_line_of_the_register_is_somebodys_only_after_a_colleague_made_sure(any_storage: Storage) -> None:
    here = await any_storage.run(town)
    member, _ = await any_storage.run(hire, "周敏", "operator")
    other, _ = await any_storage.run(hire, "李强", "operator")
    await any_storage.run(scopes.give, other, by=member, community_id=await any_storage.run(town, "康居西城"))
    door = {"community_id": here, "building": "7", "unit": "2", "room": "1204", "role": "tenant"}
    line = await any_storage.run(
        lambda tx: tx.insert(t.household_people, name="张明", phone="13800000000", entered_at=tx.now, **door)
    )
    chats = [await any_storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + one) for one in range(3)]
    told = {"name": "张明", "building": "7", "room": "1204"}
    for chat_id, phone in zip(chats, ("13999999999", "13800000000"), strict=False):
        await any_storage.run(people_of_ours.remember, chat_id=chat_id, phone=phone, **told)
    stranger, zhang = [await any_storage.run(people_of_ours.of_chat, chat_id) for chat_id in chats[:2]]

    async def told_of(chat_id: int) -> list[Any]:
        return (await any_storage.read(own_data.everything, chat_id))["register"]

    assert [await told_of(chat_id) for chat_id in chats] == [[], [], []], "whatever they say of themselves"
    (seen,) = await any_storage.run(register.behind, "7", "01204", staff_id=member)
    assert [one.id for one in seen.alike] == [zhang], "another number is another person"
    with pytest.raises(NotThere):
        await any_storage.run(register.recognise, line, stranger, by=member, how="说是本人")
    with pytest.raises(NotThere):
        await any_storage.run(register.recognise, line, zhang, by=other, how="看了身份证")
    assert await any_storage.run(register.behind, "7", "1204", staff_id=other) == []
    await any_storage.run(register.recognise, line, zhang, by=member, how="看了身份证")
    assert [[row["name"] for row in await told_of(chat_id)] for chat_id in chats] == [[], ["张明"], []]
    assert await any_storage.run(register.forget, zhang) == 1
    assert await told_of(chats[1]) == []
    assert len(await people(any_storage)) == 1, "kept on a ground of its own"
