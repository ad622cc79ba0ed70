"""A worker's queue over HTTP: pages, filters that are kept, several at once, drafts, and who else is there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from handlers.web.console import keys
from handlers.web.console.key_list import KEYS
from handlers.web.console.queue_address import place, written
from handlers.web.pages import STATIC
from storage import queues, staff, units, writing
from storage.chats import FIRST_WEB_CHAT
from storage.engine import Storage
from storage.queues import Place
from storage.tables import answer_drafts, ticket_barred, ticket_events
from storage.tables import tickets as ticket_table
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket, hire


def rows_of(page: str) -> list[str]:
    return re.findall(r'<tr[^>]* data-row="([^"]+)"', page)


def value_of(page: str, number: str) -> str:
    found = re.search(rf'name="pick-{number}" value="(\d+)"', page)
    assert found is not None
    return found[1]


async def state_of(storage: Storage, number: str) -> tuple[str, int | None, int]:
    columns = (ticket_table.c.state, ticket_table.c.assigned_to, ticket_table.c.revision)
    query = select(*columns).where(ticket_table.c.number == number)
    found: tuple[str, int | None, int] = (await storage.read(lambda tx: tx.tuples(query)))[0]
    return found


async def picks(desk: Desk, page: str, *numbers: str, **fields: str) -> str:
    chosen = {f"pick-{number}": value_of(page, number) for number in numbers}
    desk.page = page
    return await desk.sends("/console/bulk", **chosen, **fields)


async def test_every_row_says_why_it_is_there_and_what_is_next(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        assert "还没联系居民，还剩 30 分钟</b> → 受理，或交给同事" in await desk.opens("/console")
        clock.move(minutes=40)
        assert "还没联系居民，已超时 10 分钟" in await desk.opens("/console?filter=overdue")
        await desk.opens(f"/console/tickets/{filed.number}")
        await desk.sends("/act", action="ask_back", text="哪里漏？")
        clock.move(minutes=10)
        assert "问了居民，10 分钟没回</b> → 等回话；急的打个电话" in await desk.opens("/console?filter=waiting")


async def test_the_next_page_and_back(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "PAGE", 2)
    for number in range(3):
        await storage.run(file_ticket, remote=FIRST_WEB_CHAT + number)
    async with at_the_desk(storage) as desk:
        first = await desk.opens("/console?building=7")
        more = re.search(r'rel="next" href="([^"]+)"', first)
        assert more is not None
        second = await desk.opens(more[1].replace("&amp;", "&"))
        assert (len(rows_of(first)), len(rows_of(second))) == (2, 1)
        assert "回到开头" in second
        for wrong in ("x", "WzEsMl0", "a" * 500, "W2ZhbHNlLCB7ImF0IjogIjIwMjYifSwgMSwgMl0"):
            assert rows_of(await desk.opens(f"/console?after={wrong}")) == rows_of(await desk.opens("/console"))


def test_a_place_is_written_and_read_and_nothing_else_is(clock: FrozenClock) -> None:
    there = Place(("P1", clock.now, 7), loose=True)
    assert place(written(there) or "") == there
    assert written(None) is None
    for wrong in ("", "!", "e30", "bnVsbA", "WzFd" * 200):
        assert place(wrong) is None or place(wrong) == Place((), loose=False)


async def test_a_filter_is_kept_opened_and_dropped_and_is_nobody_elses(storage: Storage) -> None:
    await storage.run(file_ticket)
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强", role="worker") as other:
        await desk.opens("/console?filter=unassigned&building=7&q=水管")
        assert "存好了" in await desk.sends("/console/filters", name="七栋水管")
        link = re.search(r'href="([^"]+)">七栋水管', await desk.opens("/console"))
        assert link is not None
        opened = await desk.opens(link[1].replace("&amp;", "&"))
        assert len(rows_of(opened)) == 1
        assert 'value="7" selected' in opened
        assert "七栋水管" not in await other.opens("/console")
        drop = re.search(r'action="(/console/filters/\d+/drop)"', await desk.opens("/console"))
        assert drop is not None
        csrf = re.search(r'name="csrf" value="([^"]+)"', await other.opens("/console"))
        assert csrf is not None
        theirs = await other.client.post(drop[1], data={"csrf": csrf[1]})
        assert theirs.status_code == 404
        await desk.opens("/console")
        assert "七栋水管" not in await desk.sends("/drop")


async def test_nothing_is_no_filter_and_there_is_an_end_to_them(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage import saved_filters

    monkeypatch.setattr(saved_filters, "MOST", 1)
    async with at_the_desk(storage) as desk:
        await desk.opens("/console?building=7")
        assert "存好了" in await desk.sends("/console/filters", name="<b>一</b>")
        assert "&lt;b&gt;一&lt;/b&gt;" in desk.page
        assert "存好了" in await desk.sends("/console/filters", name="<b>一</b>", building="8")
        assert "最多存" in await desk.sends("/console/filters", name="二")
        csrf = desk.form("/console/filters")[1]["csrf"]
        empty = await desk.client.post("/console/filters", data={"csrf": csrf}, follow_redirects=True)
        assert "没有筛选可存" in empty.text


async def test_several_are_accepted_and_each_says_what_became_of_it(storage: Storage) -> None:
    filed = [await storage.run(file_ticket, remote=FIRST_WEB_CHAT + place) for place in range(3)]
    numbers = [one.number for one in filed]
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强", role="worker") as other:
        queue = await desk.opens("/console")
        await other.opens(f"/console/tickets/{numbers[1]}")
        await other.sends("/act", action="accept")
        page = await picks(desk, queue, *numbers, action="accept")
        assert "2 张办成，共 3 张" in page
        assert page.count("刚才有人动过") == 1
        again = await picks(desk, queue, numbers[0], action="accept")
        assert "本来就是这样" in again
    assert [(await state_of(storage, number))[0] for number in numbers] == ["accepted"] * 3
    accepted = select(ticket_events.c.ticket_id).where(ticket_events.c.action == "accept")
    assert len(await storage.read(lambda tx: tx.tuples(accepted))) == 3


async def test_several_are_assigned_to_one_unit(storage: Storage) -> None:
    filed = [await storage.run(file_ticket, remote=FIRST_WEB_CHAT + place) for place in range(2)]
    await storage.run(units.seed)
    [company] = [one.id for one in await storage.read(units.listed) if one.key == "property_company"]
    async with at_the_desk(storage) as desk:
        queue = await desk.opens("/console")
        assert "还没有选派给哪个单位" in await picks(desk, queue, filed[0].number, action="assign")
        page = await picks(desk, queue, *(one.number for one in filed), action="assign", unit=str(company))
        assert "2 张办成，共 2 张" in page
        assert "派给物业公司，还没签收" in await desk.opens("/console?filter=to_sign")


async def test_given_to_a_colleague_who_may_have_it(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    secret = await storage.run(file_ticket, remote=FIRST_WEB_CHAT + 2)
    worker, _ = await storage.run(hire, "李强", "worker")
    viewer, _ = await storage.run(hire, "王芳", "viewer")
    await storage.run(lambda tx: tx.insert(ticket_barred, ticket_id=secret.id, role=None, name="李强"))
    async with at_the_desk(storage) as desk:
        queue = await desk.opens("/console")
        page = await picks(desk, queue, filed.number, secret.number, action="give", to=str(worker))
        assert "1 张办成，共 2 张" in page
        assert "这位同事不能办这张工单" in page
        assert "这位同事不能办" in await picks(desk, queue, secret.number, action="give", to=str(viewer))
        assert "交给同事跟进： <q>李强</q>" in await desk.opens(f"/console/tickets/{filed.number}")
    assert (await state_of(storage, filed.number))[1] == worker
    assert (await state_of(storage, secret.number))[1] is None


async def test_a_note_on_several_stands_once_on_each(storage: Storage) -> None:
    filed = [await storage.run(file_ticket, remote=FIRST_WEB_CHAT + place) for place in range(2)]
    async with at_the_desk(storage) as desk:
        queue = await desk.opens("/console")
        for _ in range(2):
            await picks(desk, queue, *(one.number for one in filed), action="note", text="等物业回话")
        assert "2 张办成，共 2 张" in desk.page
    noted = select(ticket_events.c.note).where(ticket_events.c.action == "note")
    assert await storage.read(lambda tx: tx.tuples(noted)) == [("等物业回话",)] * 2


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "accept"}, "没有选中工单"),
        ({"action": "note", "pick-LX-1": "1"}, "还没有写备注"),
        ({"action": "give", "pick-LX-1": "1"}, "还没有选交给谁"),
        ({"action": "accept", "pick-<b>": "1"}, "没有这张工单"),
        ({"action": "finish", "pick-LX-1": "1"}, "没有执行"),
        ({"action": "accept", "pick-LX-1": "x"}, "没有执行"),
        ({"action": "give", "to": "999999999999999999999", "pick-LX-1": "1"}, "没有"),
    ],
)
async def test_what_cannot_be_meant_changes_nothing(storage: Storage, fields: dict[str, str], said: str) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens("/console")
        page = await desk.sends("/console/bulk", **fields)
        assert said in page
        assert "<b>" not in re.sub(r"<b[ >][^<]*</b>", "", page.split('<main id="main">')[1]) or "pick-<b>" not in page
    assert (await state_of(storage, filed.number))[0] == "received"


async def test_a_role_that_only_looks_has_nothing_to_pick(storage: Storage) -> None:
    await storage.run(file_ticket)
    async with at_the_desk(storage, role="viewer") as desk:
        page = await desk.opens("/console")
        assert "pick-" not in page
        csrf = desk.form("/sign-out")[1]["csrf"]
        response = await desk.client.post("/console/bulk", data={"csrf": csrf, "action": "accept"})
        assert response.status_code == 403


async def test_a_draft_outlives_signing_out_and_goes_when_it_is_sent(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    ticket = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk:
        await desk.opens(ticket)
        csrf = desk.form("/act")[1]["csrf"]
        kept = await desk.client.post(
            f"{ticket}/draft", data={"csrf": csrf, "action": "ask_back", "text": "总阀<在>哪", "quietly": "1"}
        )
        assert (kept.status_code, kept.content) == (204, b"")
        member, token = desk.staff_id, await storage.run(staff.make_link, desk.staff_id)
        await desk.sends("/sign-out")
        await desk.client.post("/console/enter", data={"token": token})
        page = await desk.opens(ticket)
        assert "总阀&lt;在&gt;哪" in page
        assert 'id="a-ask_back" checked' in page
        assert "没发的话还在" in page
        await desk.sends("/act", action="ask_back", text="总阀在哪")
        assert "没发的话还在" not in await desk.opens(ticket)
    assert await storage.read(writing.draft, filed.id, staff_id=member) is None


async def test_a_draft_is_its_writers_alone_and_is_put_away_by_a_button_too(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    ticket = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强", role="worker") as other:
        await desk.opens(ticket)
        csrf = desk.form("/act")[1]["csrf"]
        page = await desk.client.post(
            f"{ticket}/draft", data={"csrf": csrf, "action": "note", "text": "别说出去"}, follow_redirects=True
        )
        assert "已存好" in page.text
        seen = await other.opens(ticket)
        assert "别说出去" not in seen
        assert "周敏 正在写" in seen
        stolen = await other.client.post(f"{ticket}/draft", data={"csrf": csrf, "text": "x"})
        assert stolen.status_code == 403
        await desk.client.post(f"{ticket}/draft", data={"csrf": csrf, "action": "note", "text": "  "})
    assert await storage.read(lambda tx: tx.tuples(select(answer_drafts.c.text))) == []


async def test_two_who_have_one_ticket_open_are_told(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket)
    ticket = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强", role="worker") as other:
        assert "也开着" not in await desk.opens(ticket)
        waiter = storage.signals.waiter("desk")
        assert "周敏 也开着这张工单" in await other.opens(ticket)
        assert await waiter.wait(5)
        assert "李强 也开着这张工单" in await desk.opens(ticket)
        assert not await waiter.wait(0.05), "looking again is no news"
        waiter.close()
        csrf = desk.form("/act")[1]["csrf"]
        await desk.client.post(f"{ticket}/leave", data={"csrf": csrf})
        assert "也开着" not in await other.opens(ticket)
        await desk.opens(ticket)
        clock.move(minutes=5)
        assert "也开着" not in await other.opens(ticket)


async def test_whom_it_is_about_may_neither_write_nor_look(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    await storage.run(lambda tx: tx.insert(ticket_barred, ticket_id=filed.id, role=None, name="李强"))
    async with at_the_desk(storage, name="李强", role="worker") as desk:
        queue = await desk.opens("/console")
        csrf = desk.form("/sign-out")[1]["csrf"]
        for act in ("draft", "leave"):
            response = await desk.client.post(
                f"/console/tickets/{filed.number}/{act}", data={"csrf": csrf, "text": "x"}
            )
            assert response.status_code == 404
        page = await desk.client.post(
            "/console/bulk", data={"csrf": csrf, "action": "accept", f"pick-{filed.number}": "1"}
        )
        assert "没有这张工单" in page.text
        assert filed.number not in queue
    assert (await state_of(storage, filed.number))[0] == "received"


async def test_what_is_in_two_pieces_is_said_to_be(storage: Storage) -> None:
    await storage.run(file_ticket, title="漏水", description="漏水，在厨房那边")
    async with at_the_desk(storage) as desk:
        found = await desk.opens("/console?q=厨房漏水")
        assert "没有连在一起的“厨房漏水”" in found
        assert len(rows_of(found)) == 1
        nothing = await desk.opens("/console?q=厨房垃圾")
        assert "没有找到" in nothing
        assert "没有连在一起" not in nothing


async def test_of_a_dispute_the_queue_shows_no_place(storage: Storage) -> None:
    filed = await storage.run(file_ticket, route="dispute", category="noise", confidential=True, building="77")
    async with at_the_desk(storage) as desk:
        page = await desk.opens(f"/console?q={filed.number}")
        assert rows_of(page) == [filed.number]
        assert "77栋" not in page
        assert "厨房水管" not in page
        assert rows_of(await desk.opens("/console?building=77")) == []


async def test_the_sheet_lists_the_keys_the_script_hears(storage: Storage) -> None:
    script = (STATIC / "console" / "keys.js").read_text("utf-8")
    for typed, _ in KEYS:
        for key in typed:
            heard = {"Enter": "Enter:", "Esc": "'Escape'", "1": "[1-9]", "9": "[1-9]", "…": "[1-9]", "Ctrl": "ctrlKey"}
            assert heard.get(key, f"{key}:") in script or f"'{key}':" in script, key
    async with at_the_desk(storage) as desk:
        page = await desk.opens("/console/keys")
        assert page.count("<kbd>") >= len(KEYS)
        assert "打开这张表" in page
    assert keys.router.routes
