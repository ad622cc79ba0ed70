"""The ticket page as the place where one answers: prepared and suggested answers, notes, calls, voice, what arrived."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from knowledge import canned as rules
from knowledge.canned import Wording
from knowledge.notice import Words
from storage import answer_aids, canned, messages, parcels, queues, sending, ticket_calls, tickets, transcripts
from storage.blobs import store
from storage.canned import Changed
from storage.chats import find_or_open
from storage.engine import Storage
from storage.queues import Wanted
from storage.staff import MayNot
from storage.tables import chats, residents, ticket_events
from storage.tables import messages as message_table
from storage.tables import tickets as ticket_table
from storage.ticket_calls import Spoken
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket, hire

SCRIPT = "<script>alert(1)</script>"
OURS = Wording(Words("电梯年检", ""), Words("{居民}您好，{工单号}的电梯{写哪天}年检。", ""), ("answer",))


# --- blanks -----------------------------------------------------------------------------------------------------------
def test_blanks_are_filled_by_either_name_and_what_is_left_is_named() -> None:
    filled = rules.fill("{居民}，{NUMBER}：{哪天}｛place｝", {"name": "王阿姨{x}", "number": "LX-1"})
    assert filled.text == "王阿姨{x}，LX-1：{哪天}{place}"
    assert filled.gaps == ("x", "哪天", "place")
    assert rules.gaps("没有空 {} { } {\n}") == ()


def test_policy_names_its_clause_and_carries_its_source() -> None:
    policy = Wording(Words("用房", ""), Words("按规定每百户15平方米。", ""), ("answer",))
    assert rules.wrong(policy) == "needs_clause"
    assert rules.wrong(replace(policy, clause="九(九)")) == "no_clause"
    assert rules.wrong(replace(policy, clause="二(一)")) is None
    assert rules.fill("x", {}, clause="二(一)").text == "x\n（依据：渝民发〔2013〕30号 二(一)）"


def test_every_shipped_answer_says_the_same_blanks_in_both_languages() -> None:
    for key, one in rules.shipped().answers.items():
        known = [{rules.variable(gap) for gap in rules.gaps(text)} - {None} for text in (one.text.zh, one.text.en)]
        assert known[0] == known[1], key
        assert rules.wrong(one) is None, key


# --- storage ----------------------------------------------------------------------------------------------------------
async def test_prepared_answers_have_owners_versions_and_an_end(any_storage: Storage) -> None:
    run, read = any_storage.run, any_storage.read
    worker, _ = await run(hire, "李强", "worker")
    other, _ = await run(hire, "陈静", "worker")
    operator, _ = await run(hire, "周敏", "operator")
    ref = await run(canned.make, OURS, staff_id=worker)
    assert ref in [one.ref for one in await read(canned.for_writing, staff_id=worker)]
    for somebody in (other, operator):
        assert await read(canned.get, ref, staff_id=somebody) is None, "one's own is nobody else's"
    await run(canned.offer, ref, staff_id=worker)
    with pytest.raises(LookupError):
        await run(canned.share, ref, staff_id=other)
    await run(canned.share, ref, staff_id=operator)
    assert ref in [one.ref for one in await read(canned.for_writing, staff_id=other)]
    with pytest.raises(MayNot):
        await run(canned.change, ref, replace(OURS, steps=("finish",)), version=1, staff_id=worker)
    assert await run(canned.change, ref, replace(OURS, steps=("finish",)), version=1, staff_id=operator) == ref
    assert await run(canned.change, ref, OURS, version=1, staff_id=operator) == Changed(2)
    kept = await read(canned.get, ref, staff_id=worker)
    assert kept is not None
    assert [one.wording.steps for one in await read(canned.history, kept)] == [("finish",), ("answer",)]
    await run(canned.retire, ref, staff_id=operator)
    assert ref not in [one.ref for one in await read(canned.for_writing, staff_id=worker)]


async def test_what_ships_is_changed_by_a_row_in_its_place(any_storage: Storage) -> None:
    operator, _ = await any_storage.run(hire, "周敏", "operator")
    shipped = rules.shipped().answers["thanks"]
    changed = replace(shipped, text=Words("谢谢。", "Thanks."))
    assert await any_storage.run(canned.change, "thanks", changed, version=1, staff_id=operator) == "thanks"
    found = [one for one in await any_storage.read(canned.everything, staff_id=operator) if one.ref == "thanks"]
    assert [(one.version, one.wording.text.zh) for one in found] == [(2, "谢谢。")]
    assert [one.wording for one in await any_storage.read(canned.history, found[0])] == [changed, shipped]


def reply(tx: Tx, /, ticket_id: int, chat_id: int, text: str, **more: Any) -> int:
    return messages.record(tx, chat_id=chat_id, sender="resident", text=text, ticket_id=ticket_id, **more)


async def test_calls_and_voice_in_words_are_kept_once_and_found(any_storage: Storage, clock: FrozenClock) -> None:
    filed = await any_storage.run(file_ticket)
    worker, _ = await any_storage.run(hire, "李强", "worker")

    def wait(tx: Tx) -> int:
        values = {"waiting_resident": True, "waiting_since": tx.now, "state": "accepted"}
        tx.execute(ticket_table.update().where(ticket_table.c.id == filed.id).values(values))
        blob = store(tx, chat_id=1, kind="voice", mime="audio/ogg", content=b"OggS")
        tickets.attach(tx, filed.id, [blob])
        return blob

    blob = await any_storage.run(wait)
    call = Spoken(clock(), "phone_out", "resident", "reached", "说周三下午在家", answered=True)
    for _ in range(2):
        await any_storage.run(ticket_calls.write_down, filed.id, call, staff_id=worker)
        await any_storage.run(transcripts.write, filed.id, blob, staff_id=worker, text="灶台下面滴水")
    assert len(await any_storage.read(ticket_calls.of_ticket, filed.id)) == 1
    [row] = await any_storage.read(lambda tx: tx.all(select(ticket_table)))
    assert (row["waiting_resident"], row["first_contact_at"]) == (False, clock())
    for words in ("灶台", "周三下午"):
        page = await any_storage.read(queues.page, Wanted(words=words), staff_id=0, role="operator")
        assert [one.id for one in page.rows] == [filed.id], words
    with pytest.raises(LookupError):
        await any_storage.run(transcripts.write, filed.id, blob + 1, staff_id=worker, text="x")
    with pytest.raises(ValueError, match="no such call"):
        await any_storage.run(ticket_calls.write_down, filed.id, replace(call, outcome="gone"), staff_id=worker)


# --- the page ---------------------------------------------------------------------------------------------------------
def prepared(desk: Desk, key: str) -> dict[str, Any]:
    """The answer as the page offers it, with what the script sends of it."""
    found = re.search(rf'<a [^>]*data-ref="{key}"[^>]*>', desk.page)
    assert found is not None
    attributes = {name: html.unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', found[0])}
    return {"kind": "canned", "ref": key, "version": int(attributes["version"]), "text": attributes["text"]}


async def test_a_prepared_answer_is_sent_whole_or_not_at_all(storage: Storage) -> None:
    filed = await storage.run(file_ticket, description=SCRIPT, title=SCRIPT)
    ticket = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk:
        await desk.opens(f"{ticket}/canned?step=answer")
        aid = prepared(desk, "not_ours")
        page = await desk.opens(f"{ticket}?put=not_ours&step=answer")
        assert f"\n{aid['text']}</textarea>" in html.unescape(page)
        page = await desk.sends("/act", action="answer", text=aid["text"], aids=json.dumps([aid]))
        assert desk.status == 422
        assert "还有空没填：相关热线、怎么说" in page
        assert await storage.read(lambda tx: tx.tuples(select(message_table.c.id))) == []
        whole = aid["text"].replace("{相关热线}", "12345").replace("{怎么说}", "水管")
        address, hidden = desk.form("/act")
        sent = hidden | {"action": "answer", "text": whole, "aids": json.dumps([aid, {"kind": "odd"}, 7])}
        for _ in range(2):
            assert (await desk.client.post(address, data=sent)).status_code == 303
        page = await desk.opens(ticket)
        assert page.count(whole[:12]) == 1
        assert "用了常用答复 not_ours（第 1 版），改过" in page
        assert SCRIPT not in page
    assert [one.times for one in (await storage.read(answer_aids.uses)).values()] == [1]


async def test_blanks_tell_nothing_the_page_hides(storage: Storage) -> None:
    filed = await storage.run(file_ticket, confidential=True)
    await storage.run(lambda tx: tx.execute(residents.update().values(name="王秀英")))
    await storage.run(canned.make, OURS, staff_id=(await storage.run(hire, "何飞", "worker"))[0])
    async with at_the_desk(storage, role="worker") as desk:
        await storage.run(canned.make, OURS, staff_id=desk.staff_id)
        await storage.run(lambda tx: tx.execute(ticket_table.update().values(assigned_to=desk.staff_id)))
        page = await desk.opens(f"/console/tickets/{filed.number}/canned")
        assert "王秀英" not in page
        assert "1204" not in page
        assert "{居民}您好" in page
    async with at_the_desk(storage, name="吴", role="viewer") as desk:
        assert "role" in (await desk.opens(f"/console/tickets/{filed.number}/canned")) or desk.status == 403


async def test_a_note_stays_inside_and_leaves_the_answer_that_is_being_written(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        address, hidden = desk.form("/act")
        await desk.client.post(
            address.replace("/act", "/draft"), data=hidden | {"action": "answer", "text": "师傅明天"}
        )
        page = await desk.sends("/act", action="note", text="他脾气急")
        assert "内部备注，居民看不到" in page
        assert "师傅明天" in page
        assert await storage.read(lambda tx: tx.tuples(select(message_table.c.id))) == []


async def test_the_thread_says_who_spoke_where_what_was_changed_and_what_did_not_arrive(
    storage: Storage, clock: FrozenClock
) -> None:
    filed = await storage.run(file_ticket, channel="telegram", remote=77)

    def speak(tx: Tx) -> int:
        chat_id = find_or_open(tx, channel="telegram", remote=77)
        message_id = reply(tx, filed.id, chat_id, "漏水三天了")
        messages.revise(tx, message_id, text="漏水五天了")
        return chat_id

    chat_id = await storage.run(speak)
    async with at_the_desk(storage) as desk:
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "<del>漏水三天了</del>" in page
        assert "居民" in page
        assert "Telegram" in page
        await desk.sends("/act", action="answer", text="师傅明早来")
        assert "正在送出" in desk.page

        def blocked(tx: Tx) -> None:
            sending.blocked(tx, chat_id, at=tx.now)
            [parcel] = parcels.claim(tx, owner="x", channel="telegram", limit=1)
            sending.bury(tx, parcel, error="blocked")

        await storage.run(blocked)
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "居民收不到您的话：他把机器人拉黑了" in page
        assert 'href="tel:02300000000"' in page
        page = await desk.sends("/calls", way="phone_out", whom="resident", outcome="reached", text="已口头说明")
        assert "已口头说明" in page
        assert "说上话了" in page
        await desk.sends("/calls", way="phone_out", whom="resident", outcome="reached", at="2999-01-01T08:00")
        assert desk.status == 422
    events = await storage.read(lambda tx: tx.tuples(select(ticket_events.c.action)))
    assert ("spoke",) in events


async def test_what_lies_unseen_on_a_closed_page_is_worth_a_call(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        page = await desk.sends("/act", action="answer", text="师傅明早来")
        assert "放在聊天页上，还没看" in page
        assert "请打电话" not in page
        clock.move(hours=2)
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "居民还没看到您的话：聊天页关着" in page
        await storage.run(lambda tx: tx.execute(chats.update().values(read_seq=99)))
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "请打电话" not in page
        assert "看到了" in page


async def test_prepared_answers_are_looked_after(storage: Storage) -> None:
    async with at_the_desk(storage, role="worker") as desk:
        await desk.opens("/console/canned/new")
        page = await desk.sends("/canned/new", title_zh="用房", zh="按规定每百户15平方米", step_answer="yes")
        assert "请选出自通知哪一条" in page
        page = await desk.sends("/canned/new", title_zh=SCRIPT[:30], zh=SCRIPT, step_answer="yes", clause="二(一)")
        assert desk.status == 200
        assert SCRIPT[:30] not in page
        page = await desk.sends("/1/offer")
        assert "推荐了" in page
        assert (await desk.posts("/sign-out")).status_code == 200
    async with at_the_desk(storage, name="周", role="operator") as desk:
        await desk.opens("/console/canned")
        assert "现在大家都能用" in await desk.sends("/1/share")
        await desk.opens("/console/canned/1")
        stale = desk.form("/canned/1")[1]
        await desk.sends("/canned/1", title_zh="新", zh="新的", step_answer="yes")
        again = await desk.client.post("/console/canned/1", data=stale | {"title_zh": "旧", "zh": "旧的"})
        assert again.status_code == 409
        assert "旧的" in again.text
        assert "停用了" in await _opened(desk, "/1/retire")


async def _opened(desk: Desk, ending: str) -> str:
    await desk.opens("/console/canned")
    return await desk.sends(ending)
