"""The telephone and the counter at the desk: one holder, what is typed stays, tickets, alarms, answers, ringing back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.clocks import unread
from handlers.texts.catalogue import load_catalogue
from handlers.web.console.call_routes import span_of
from knowledge.life import State
from storage import (
    call_figures,
    callers,
    calls,
    erasure,
    messages,
    retention,
    ring_backs,
    telephone,
    texting,
    web_sessions,
)
from storage import tables as t
from storage.access import NotThere
from storage.engine import Storage
from storage.staff import MayNot
from storage.telephone import Told
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket, hire

PIPE = {"words": "厨房水管爆了，水往客厅流", "place": "7栋2单元1204", "kind": "service_request:repair"}
ANA = {"number": "13800000000", "name": "王阿姨", "consent": "given"}


async def rows(storage: Storage, table: Any) -> list[Any]:
    return list(await storage.read(lambda tx: tx.all(select(table).order_by(table.c.id))))


async def takes_a_call(desk: Desk, source: str = "phone") -> str:
    await desk.opens("/console/calls")
    answer = await desk.client.post(
        "/console/calls", data=desk.form("/console/calls")[1] | {"source": source}, follow_redirects=True
    )
    desk.page = answer.text
    return str(answer.url.path)


async def does(desk: Desk, call: str, act: str, **fields: str) -> str:
    """Press one of the call's buttons, with everything typed in its form."""
    _, hidden = desk.form("/think")
    answer = await desk.client.post(f"{call}/{act}", data=hidden | fields, follow_redirects=True)
    desk.status = answer.status_code
    return answer.text


# --- a ticket ---------------------------------------------------------------------------------------------------------
async def test_a_call_becomes_a_ticket_with_number_code_and_text_message(storage: Storage) -> None:
    await storage.run(texting.switch, True)
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        page = await does(desk, call, "file", **PIPE, **ANA)
        assert await does(desk, call, "file", **PIPE, **ANA) == page, "pressed twice it is filed once"
        [ticket] = await rows(storage, t.tickets)
        assert ticket["number"] in page
        assert ticket["claim_code"] in page
        assert (ticket["source"], ticket["room"], ticket["phone"], ticket["urgency"]) == (
            "phone",
            "1204",
            "13800000000",
            "P1",
        )
        assert "厨房水管爆了" in await desk.opens(f"/console/tickets/{ticket['number']}")
        assert ticket["claim_code"] in await desk.opens(call), "for a while, to be read out once more"
    [letter] = await rows(storage, t.outbox)
    [said] = [one for one in await rows(storage, t.messages) if one["id"] == letter["message_id"]]
    assert ticket["claim_code"] in said["text"]
    [(about, answer)] = await storage.read(lambda tx: tx.tuples(select(t.consents.c.about, t.consents.c.answer)))
    assert (about, answer) == ("notice", "given")
    [kept] = await rows(storage, t.calls)
    assert (kept["outcome"], kept["noted"]) == ("ticket", {}), "the ticket has it; it does not stand twice (PI-04)"


async def test_whoever_speaks_english_is_texted_in_english(storage: Storage) -> None:
    await storage.run(texting.switch, True)
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        words = "the tap in my kitchen is broken and water runs on the floor"
        await does(desk, call, "file", **PIPE | ANA | {"words": words})
    texted = [one["text"] for one in await rows(storage, t.messages) if one["sender"] == "bot"]
    assert "claim code" in texted[-1]
    [chat] = [one for one in await rows(storage, t.chats) if one["kind"] == "caller" or one["channel"] == "phone"]
    assert chat["language"] == "en"


async def test_what_is_missing_is_said_and_nothing_typed_is_lost(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk, "walk_in")
        page = await does(desk, call, "file", words="楼上天天晚上闹得很", kind="dispute:noise", number="02312345678")
        assert desk.status == 422
        assert "先问清在哪里" in page
        assert "楼上天天晚上闹得很" in page
        desk.page = page
        page = await does(desk, call, "file", words="楼上闹", kind="dispute:noise", place="7栋1204")
        assert "还没勾" in page
        desk.page = page
        await does(
            desk, call, "file", words="楼上闹", kind="dispute:noise", place="7栋1204", consent="given", name="李四"
        )
        [ticket] = await rows(storage, t.tickets)
        assert (ticket["source"], ticket["route"]) == ("walk_in", "dispute")


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"anonymous": "1", "consent": "given"}, {"anonymous": True, "phone": None}),
        ({"confidential": "1", "consent": "given"}, {"confidential": True, "phone": "13800000000"}),
        ({"behalf": "我妈", "consent": "given"}, {"on_behalf": "我妈"}),
        ({"no_call_back": "1", "consent": "given"}, {"needs_call_back": False}),
        (
            {"quiet": "1", "safe_way": "上午十点他上班，再打", "consent": "given"},
            {"phone": None, "needs_call_back": False, "description": "厨房水管爆了，水往客厅流\n上午十点他上班，再打"},
        ),
        (
            {"consent": "refused", "kind": "service_request:sanitation"},
            {"anonymous": True, "phone": None, "room": None, "on_behalf": None},
        ),
    ],
)
async def test_wishes_of_the_caller(fields: dict[str, str], kept: dict[str, Any], storage: Storage) -> None:
    await storage.run(texting.switch, True)
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        page = await does(desk, call, "file", **PIPE | {"number": "13800000000"} | fields)
        assert desk.status == 200, page
    [ticket] = await rows(storage, t.tickets)
    assert {name: ticket[name] for name in kept} == kept
    if ticket["phone"] is None:
        assert await rows(storage, t.outbox) == [], "nothing to a number somebody else may hold, nor to nobody's"
        assert [row["phone"] for row in await rows(storage, t.residents)] == [None]
    if ticket["anonymous"]:
        assert "13800000000" not in str([dict(row) for row in await rows(storage, t.calls)])


# --- danger -----------------------------------------------------------------------------------------------------------
async def test_danger_turns_the_screen_and_one_press_raises_one_alarm(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        page = await does(desk, call, "think", words="屋头着火了", place="7栋1204", quietly="1")
        assert 'data-danger="fire"' in page
        assert "119" in page
        assert "三方通话" in page
        for _ in range(2):
            await desk.opens(call)
            page = await does(desk, call, "alarm", words="屋头着火了，烟大得很", place="7栋1204")
        [alarm] = await rows(storage, t.alarms)
        assert (alarm["kind"], alarm["place"], alarm["taken_by"]) == ("fire", "7栋1204", None)
        assert "烟大得很" in page, "the notes go on"
        await desk.opens(call)
        await does(desk, call, "file", words="屋头着火了，烟大得很", place="7栋1204")
        [ticket] = await rows(storage, t.tickets)
        assert (ticket["urgency"], ticket["category"]) == ("P0", "safety")
        assert len(await rows(storage, t.alarms)) == 1


async def test_the_alarm_goes_before_a_word_is_typed_and_learns_what_is_typed_then(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        await does(desk, call, "alarm")
        [alarm] = await rows(storage, t.alarms)
        assert (alarm["kind"], alarm["place"], alarm["child"]) == ("other", None, False)
        desk.page = await desk.opens(call)
        await does(desk, call, "think", words="屋头着火了", place="7栋1204", child="1", quietly="1")
        [alarm] = await rows(storage, t.alarms)
        assert (alarm["kind"], alarm["place"], alarm["child"]) == ("fire", "7栋1204", True)
        assert "屋头着火了" in await desk.opens("/console/alarms/1")
        desk.page = await desk.opens(call)
        assert "收了" in await does(
            desk, call, "transferred", transfer_to="119", transfer_outcome="taken", transfer_who="1234 号"
        )
        assert "先选转给谁" in await does(desk, call, "transferred", transfer_to="999", transfer_outcome="taken")
        [kept] = await rows(storage, t.calls)
        assert [(one["to"], one["outcome"], one["who"]) for one in kept["transfers"]] == [("119", "taken", "1234 号")]
        assert "1234 号" in await desk.opens("/console/alarms/1"), "whoever has the alarm knows who is coming"


async def test_a_false_alarm_is_taken_back_in_one_press_and_may_be_raised_again(
    storage: Storage, clock: FrozenClock
) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        await does(desk, call, "alarm", words="喂")
        desk.page = await desk.opens(call)
        await does(desk, call, "take-back", words="喂", reason="pressed")
        [alarm] = await rows(storage, t.alarms)
        assert (alarm["outcome"], alarm["note"], alarm["ended_by"]) == ("false_alarm", "按错了", desk.staff_id)
        desk.page = await desk.opens(call)
        await does(desk, call, "alarm", words="着火了")
        assert len(await rows(storage, t.alarms)) == 2
        clock.move(minutes=11)
        desk.page = await desk.opens(call)
        assert "十分钟" in await does(desk, call, "take-back", words="着火了", reason="misheard")
        assert (await rows(storage, t.alarms))[1]["ended_at"] is None


async def test_a_danger_that_is_filed_raises_its_alarm_all_the_same(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        await does(desk, call, "file", words="他又打我了，在7栋1204", number="13800000000")
    [alarm] = await rows(storage, t.alarms)
    assert alarm["kind"] == "domestic_violence"
    await storage.run(texting.switch, True)
    [ticket] = await rows(storage, t.tickets)
    assert not await storage.read(texting.may_text, ticket["chat_id"]), "nothing to a number he may hold (EM-07)"


# --- one holder -------------------------------------------------------------------------------------------------------
async def test_one_fills_it_a_reload_keeps_it_and_a_colleague_can_take_it_over(storage: Storage) -> None:
    async with at_the_desk(storage) as first, at_the_desk(storage, name="李强", role="worker") as second:
        call = await takes_a_call(first)
        await does(first, call, "think", words="水管爆了，身份证110101199003074514", quietly="1")
        page = await first.opens(call)
        assert "水管爆了" in page, "a crash or a reload loses nothing"
        assert "110101199003074514" not in page
        await second.opens(call)
        assert second.status == 409
        await second.opens("/console/calls")
        await second.sends(f"{call.removeprefix('/console')}/take", over="yes")
        assert "水管爆了" in second.page
        page = await does(first, call, "think", words="我还在写", quietly="1")
        assert first.status == 409
        assert "水管爆了" in await second.opens(call)
        page = await does(first, call, "file", **PIPE, **ANA)
        assert first.status == 409
        assert await rows(storage, t.tickets) == []
        await does(second, call, "give-up", words="水管爆了，等回电")
        await first.opens("/console/calls")
        await first.sends(f"{call.removeprefix('/console')}/take")
        assert "等回电" in first.page


async def test_two_windows_of_one_operator_lose_no_word_of_either(storage: Storage) -> None:
    """The last one to write used to win, and the other's words were gone."""
    async with at_the_desk(storage) as first:
        call = await takes_a_call(first)
        second = Desk(first.client, first.staff_id)
        await second.opens(call)
        await does(first, call, "think", words="水管爆了", quietly="1")
        await does(first, call, "think", words="水管爆了，往楼下漏", quietly="1")
        assert first.status == 200, "a window whose answer was lost is not behind itself"
        await does(second, call, "think", words="厨房的，7栋2单元1204", quietly="1")
        assert second.status == 409
        [kept] = await rows(storage, t.calls)
        assert kept["noted"] == {"words": "水管爆了，往楼下漏"}
        page = await does(second, call, "file", words="厨房的，7栋2单元1204", kind="service_request:repair", **ANA)
        assert second.status == 409, "nothing is filed of half the words"
        assert await rows(storage, t.tickets) == []
        assert "水管爆了，往楼下漏\n厨房的，7栋2单元1204" in page
        second.page = page
        await does(second, call, "think", words="水管爆了，往楼下漏\n厨房的，7栋2单元1204", quietly="1")
        assert second.status == 200
        await does(first, call, "alarm", words="水管爆了，往楼下漏，有人触电")
        [alarm] = await rows(storage, t.alarms)
        [kept] = await rows(storage, t.calls)
        assert kept["noted"]["words"].split("\n") == [
            "水管爆了，往楼下漏",
            "厨房的，7栋2单元1204",
            "水管爆了，往楼下漏，有人触电",
        ], "an alarm waits for nobody to tidy up"
        assert alarm["kind"] == "electric"


async def test_two_who_take_a_ringing_call_at_once(any_storage: Storage) -> None:
    one, _ = await any_storage.run(hire, "周敏", "operator")
    two, _ = await any_storage.run(hire, "李强", "worker")
    looks, _ = await any_storage.run(hire, "赵云", "supervisor")
    await any_storage.run(telephone.take_in, Told("e", "c", "ringing", any_storage.clock(), number="13800000000"))
    [call] = await any_storage.read(calls.ringing)
    assert await any_storage.run(calls.take, call.id, staff_id=one)
    assert not await any_storage.run(calls.take, call.id, staff_id=two)
    assert await any_storage.run(calls.save, call.id, staff_id=one, revision=2, noted={"words": "水"}) == "kept"
    assert await any_storage.run(calls.save, call.id, staff_id=two, revision=2, noted={"words": "火"}) == "gone"
    await any_storage.run(telephone.take_in, Told("e2", "c", "ended", any_storage.clock()))
    kept = await any_storage.read(calls.get, call.id)
    assert kept is not None
    assert (kept.state, kept.noted, kept.hung_up_at) == ("open", {"words": "水"}, any_storage.clock()), (
        "a hang-up keeps it"
    )
    with pytest.raises(MayNot):
        await any_storage.run(calls.take, call.id, staff_id=looks)
    with pytest.raises(NotThere):
        await any_storage.run(calls.take, 99, staff_id=one)


# --- who is calling ---------------------------------------------------------------------------------------------------
async def test_who_called_before_is_covered_until_it_is_needed_and_each_look_is_kept(storage: Storage) -> None:
    filed = await storage.run(file_ticket, phone="023-00000000", title="厨房水管爆了")
    secret = await storage.run(file_ticket, phone="02300000000", title="举报物业", confidential=True)
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        page = await does(desk, call, "think", number="02300000000", quietly="1")
        assert "2 张以前的工单" in page
        assert filed.number not in page
        assert "厨房水管爆了" not in page
        desk.page = await does(desk, call, "look", number="02300000000", words="又漏了")
        assert filed.number in desk.page
        looks = [row for row in await rows(storage, t.audit) if row["action"] == "look_caller"]
        assert [(row["staff_id"], row["object"]) for row in looks] == [(desk.staff_id, call.rpartition("/")[2])]
        page = await does(desk, call, "add", number="02300000000", words="又漏了", to=filed.number)
        assert "又漏了" in page
        assert (await rows(storage, t.calls))[0]["outcome"] == "added"
        assert len(await rows(storage, t.tickets)) == 2
    async with at_the_desk(storage, name="李强", role="worker") as worker:
        call = await takes_a_call(worker)
        page = await does(worker, call, "look", place="7栋2单元1204", words="又漏了")
        assert filed.number in page, "by the flat as well"
        assert "举报物业" not in page
        assert secret.number in page


@pytest.mark.parametrize("wanted", ["number", "code", "0000", "7栋2单元1204", "02300000000", "王阿姨"])
async def test_how_an_old_one_stands_is_found_looked_at_and_read_out(wanted: str, storage: Storage) -> None:
    filed = await storage.run(file_ticket, phone="023-00000000", title="厨房水管爆了")
    await storage.run(lambda tx: tx.changed(t.residents.update().values(name="王阿姨")))
    secret = await storage.run(file_ticket, phone="02300000000", title="举报物业", confidential=True)
    find = {"number": f"工单 {filed.number}", "code": filed.claim_code.lower()}.get(wanted, wanted)
    async with at_the_desk(storage, name="李强", role="worker") as desk:
        call = await takes_a_call(desk)
        page = await does(desk, call, "think", words="我那个修得啷个样了", find=find, quietly="1")
        assert "看是谁、什么事" in page
        assert filed.number not in page.replace(find, "")
        desk.page = await does(desk, call, "look", words="我那个修得啷个样了", find=find)
        assert filed.number in desk.page
        assert "谁在办" in desk.page, "how it stands, to be read out"
        assert "举报物业" not in desk.page
        assert (secret.number in desk.page) == (wanted in ("7栋2单元1204", "02300000000")), (
            "no name, no tail tells of it"
        )
        page = await does(desk, call, "think", words="我那个", find="赵大爷", quietly="1")
        assert filed.number not in page, "whom one looks for next is a look of its own"
        page = await does(desk, call, "told", words="我那个修得啷个样了", find=find, to=filed.number)
        assert "算一次当场答复" in page
    [look] = [row for row in await rows(storage, t.audit) if row["action"] == "look_caller"]
    assert look["detail"]["by"] in ("ticket", "code", "tail", "flat", "number", "name")
    [kept] = await rows(storage, t.calls)
    assert (kept["outcome"], kept["ticket_id"], kept["noted"]) == ("answered", filed.id, {})
    assert len(await rows(storage, t.tickets)) == 2, "no second ticket of the same matter (WO-18)"


async def test_solved_or_not_is_said_by_voice_in_the_call_itself(storage: Storage) -> None:
    filed = await storage.run(file_ticket, phone="13800000000", title="厨房水管爆了")
    waits = {"state": State.CALLING_BACK, "call_at": storage.clock()}
    await storage.run(lambda tx: tx.changed(t.tickets.update().values(waits)))
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        fields = {"number": "13800000000", "words": "修是修了，还在滴"}
        await does(desk, call, "think", quietly="1", **fields)
        desk.page = await does(desk, call, "look", **fields)
        assert "没有解决" in desk.page
        assert "对方说的解决没有" in await does(desk, call, "not-solved", to=filed.number, **fields)
        [ticket] = await rows(storage, t.tickets)
        assert (ticket["redos"], ticket["call_at"]) == (1, None)
        call = await takes_a_call(desk)
        await does(desk, call, "solved", to=filed.number, **fields)
        assert desk.status == 409, "it waits for no word any more"


async def test_a_number_makes_nobody_the_resident_of_somebodys_chat(any_storage: Storage) -> None:
    def story(tx: Tx) -> tuple[int, list[int]]:
        visitor = web_sessions.begin(tx, token_hash="x")
        mine = tx.insert(t.residents, created_at=tx.now, phone="13800000000")
        tx.execute(t.chats.update().where(t.chats.c.id == visitor.chat_id).values(resident_id=mine))
        wang = callers.chat_for(tx, number="13800000000", name="王阿姨")
        found = [wang, callers.chat_for(tx, number="13800000000", name=None)]
        found += [
            callers.chat_for(tx, number="13800000000", name="李大爷"),
            callers.chat_for(tx, number=None, name=None),
        ]
        return visitor.chat_id, found

    web, found = await any_storage.run(story)
    assert web not in found
    assert found[0] == found[1], "the same number is the same caller"
    assert len(set(found)) == 3, "unless it is another name's, or nobody's"


# --- without a ticket -------------------------------------------------------------------------------------------------
async def test_answered_at_once_nothing_and_later_are_calls_too(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        call = await takes_a_call(desk)
        assert "先写一句" in await does(desk, call, "answered")
        await does(desk, call, "answered", words="问居委会几点上班", number="13800000000")
        call = await takes_a_call(desk)
        await does(desk, call, "nothing")
        call = await takes_a_call(desk)
        assert "得有电话号码" in await does(desk, call, "later", back_when="30m")
        await does(desk, call, "later", back_when="30m", number="13800000001", name="李四", back_wish="说停水的事")
        assert [row["outcome"] for row in await rows(storage, t.calls)] == ["answered", "nothing", "later"]
        assert "tel:13800000001" not in await desk.opens("/console/call-backs")
        clock.move(minutes=31)
        page = await desk.opens("/console/call-backs")
        assert "李四" in page
        assert "说停水的事" in page


async def test_ringing_back_with_attempts_until_it_is_over(any_storage: Storage, clock: FrozenClock) -> None:
    me, _ = await any_storage.run(hire, "周敏", "operator")
    told = Told("e", "c", "missed", any_storage.clock(), number="13800000000")
    await any_storage.run(telephone.take_in, told)

    async def tries(outcome: Any, revision: int) -> str | None:
        return await any_storage.run(ring_backs.tried, 1, staff_id=me, revision=revision, outcome=outcome, note="占线")

    assert await tries("no_answer", 1) == "again"
    assert await tries("no_answer", 1) is None, "pressed twice it is one try"
    assert await any_storage.read(ring_backs.waiting, staff_id=me) == 0
    clock.move(hours=4)
    [line] = await any_storage.read(ring_backs.listed, staff_id=me)
    assert [(one.outcome, one.staff, one.note) for one in line.tried] == [("no_answer", "周敏", "占线")]
    assert await tries("busy", 2) == "again"
    clock.move(days=1)
    assert await tries("no_answer", 3) == "not_reached"
    [over] = await any_storage.read(ring_backs.lately, staff_id=me)
    assert (over.outcome, over.tries, len(over.tried)) == ("not_reached", 3, 3)
    await any_storage.run(telephone.take_in, Told("e2", "c2", "missed", any_storage.clock(), number="13800000000"))
    await any_storage.run(telephone.take_in, Told("e3", "c3", "ringing", any_storage.clock(), number="13800000000"))
    [call] = await any_storage.read(calls.ringing)
    await any_storage.run(calls.take, call.id, staff_id=me)
    assert await any_storage.read(ring_backs.waiting, staff_id=me) == 0, "whoever rang again need not be rung"


async def test_ringing_back_at_the_desk(storage: Storage) -> None:
    await storage.run(telephone.take_in, Told("e", "c", "missed", storage.clock(), number="13800000000"))
    async with at_the_desk(storage) as desk:
        assert "13800000000" in await desk.opens("/console/call-backs")
        assert "先选打通没有" in await desk.sends("/ring-backs/1")
        await desk.sends("/ring-backs/1/call")
        assert 'name="number" value="13800000000"' in desk.page
        assert "要回拨的" in await desk.opens("/console/call-backs")
        assert desk.page.count("/console/ring-backs/") == 0


async def test_the_shift_in_figures(any_storage: Storage, clock: FrozenClock) -> None:
    me, _ = await any_storage.run(hire, "周敏", "operator")
    begins = any_storage.clock()
    for number, event in ((1, "missed"), (2, "ringing"), (3, "ringing")):
        told = Told(f"r{number}", f"c{number}", "ringing", begins, number=f"1380000000{number}")
        await any_storage.run(telephone.take_in, told)
        if event == "missed":
            clock.move(seconds=40)
            await any_storage.run(telephone.take_in, Told(f"m{number}", f"c{number}", "missed", any_storage.clock()))
    [call, _] = await any_storage.read(calls.ringing)
    await any_storage.run(calls.take, call.id, staff_id=me)
    clock.move(seconds=20)
    found = await any_storage.read(call_figures.shift, since=begins, until=begins + timedelta(days=1), staff_id=me)
    assert (found.calls, found.visits, found.missed, found.going, found.due) == (3, 0, 1, 2, 1)
    assert (found.longest, found.longest_now) == (timedelta(seconds=40), timedelta(seconds=60))
    assert (found.rang, found.picked_up, found.at_once) == (2, 1, 0), "one picked up after 40 seconds, one missed"
    after = await any_storage.read(
        call_figures.shift, since=any_storage.clock(), until=begins + timedelta(days=1), staff_id=me
    )
    assert (after.calls, after.rang, after.longest) == (0, 0, None), "a shift in which nothing rang has no rate"


def test_a_shift_goes_over_midnight_by_the_clock() -> None:
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    begins, ends = span_of("2026-11-23T22:00", "2026-11-24T06:00", now)
    assert (begins.astimezone(UTC).hour, ends - begins) == (14, timedelta(hours=8))
    assert span_of("2026-11-23", "2026-11-23", now)[1] - span_of("2026-11-23", "", now)[0] == timedelta(days=1)
    assert span_of("x", "2026-11-24T00:00", now) == span_of("", "", now), "an end before its beginning is no end"


# --- unread, forgotten ------------------------------------------------------------------------------------------------
async def test_an_answer_nobody_reads_becomes_a_text_or_a_call_once(any_storage: Storage, clock: FrozenClock) -> None:
    texts = load_catalogue()
    me, _ = await any_storage.run(hire, "周敏", "operator")
    filed = await any_storage.run(file_ticket, phone="13800000000", confidential=True)
    chat_id = (await rows(any_storage, t.tickets))[0]["chat_id"]
    answer = {"chat_id": chat_id, "text": "师傅明天来", "sender": "staff", "ticket_id": filed.id}
    await any_storage.run(messages.say, **answer)
    assert await any_storage.run(unread.watch, texts) == 0
    clock.move(hours=4, minutes=1)
    assert await any_storage.run(unread.watch, texts) == 1
    assert await any_storage.run(unread.watch, texts) == 0, "each silence once"
    [line] = await any_storage.read(ring_backs.listed, staff_id=me)
    assert (line.reason, line.number, line.phone) == ("unread", filed.number, "13800000000")
    seen = await any_storage.read(lambda tx: tx.scalar(select(t.chats.c.last_seq).where(t.chats.c.id == chat_id)))
    await any_storage.run(web_sessions.saw, chat_id=chat_id, seq=seen)
    await any_storage.run(unread.watch, texts)
    assert await any_storage.read(ring_backs.waiting, staff_id=me) == 0, "whoever has read need not be rung"
    await any_storage.run(texting.switch, True)
    await any_storage.run(messages.say, **answer)
    clock.move(hours=4, minutes=1)
    assert await any_storage.run(unread.watch, texts) == 1
    [letter] = await rows(any_storage, t.outbox)
    [said] = [one for one in await rows(any_storage, t.messages) if one["id"] == letter["message_id"]]
    assert "师傅" not in said["text"]
    assert filed.number not in said["text"], "of a confidential matter not even the number"
    assert await any_storage.read(ring_backs.waiting, staff_id=me) == 0
    await any_storage.run(lambda tx: tx.execute(t.outbox.update().values(state="dead", finished_at=tx.now)))
    assert await any_storage.run(unread.watch, texts) == 1, "a text that was lost is a call"
    assert await any_storage.run(unread.watch, texts) == 0, "and one only"
    [line] = await any_storage.read(ring_backs.listed, staff_id=me)
    assert (line.reason, line.number, line.phone) == ("lost", filed.number, "13800000000")


async def test_calls_are_forgotten_with_their_caller_and_with_time(any_storage: Storage, clock: FrozenClock) -> None:
    me, _ = await any_storage.run(hire, "周敏", "operator")
    told = Told("e", "c", "missed", any_storage.clock(), number="13800000009", recording="https://pbx.example/1")
    await any_storage.run(telephone.take_in, told)

    def calls_and_asks(tx: Tx) -> int:
        call_id = calls.begin(tx, staff_id=me, source="phone", number="13800000009")
        chat_id = callers.chat_for(tx, number="13800000009", name="王阿姨")
        calls.set_chat(tx, call_id, chat_id=chat_id)
        calls.save(tx, call_id, staff_id=me, revision=1, noted={"words": "水管爆了"})
        ring_backs.ask_for(tx, reason="asked", phone="13800000009", due_at=tx.now, call_id=call_id)
        calls.end(tx, call_id, "later")
        return chat_id

    def everything(tx: Tx) -> str:
        return str([[dict(row) for row in tx.all(select(table))] for table in (t.calls, t.ring_backs, t.residents)])

    chat_id = await any_storage.run(calls_and_asks)
    await any_storage.run(erasure.erase, chat_id=chat_id, row_id=0)
    left = await any_storage.read(everything)
    assert "水管爆了" not in left
    assert "王阿姨" not in left
    assert left.count("13800000009") == 2, "the missed call was nobody's in particular: its time ends it"
    clock.move(days=91)
    assert await any_storage.run(retention.sweep, "recordings") == 1
    await any_storage.run(ring_backs.tried, 1, staff_id=me, revision=1, outcome="reached")
    clock.move(days=181)
    assert await any_storage.run(retention.sweep, "calls") == 1
    assert await any_storage.run(retention.sweep, "calls") == 0
    assert "13800000009" not in await any_storage.read(everything)
    assert len(await rows(any_storage, t.calls)) == 2, "that there were calls stays"


async def test_fifty_calls_nobody_noted_do_not_cover_the_page(storage: Storage) -> None:
    for number in range(50):
        told = Told(f"e{number}", f"c{number}", "answered", storage.clock(), number="13800000000")
        await storage.run(telephone.take_in, told)
    await storage.run(telephone.take_in, Told("now", "now", "ringing", storage.clock(), line="9"))
    async with at_the_desk(storage) as desk:
        page = await desk.opens("/console")
        [first] = re.findall(r'<li class="rings.*?data-key="j"', await desk.opens("/console/calls"), re.S)
    assert "内线 9" in first, "the key takes who waits now, not what nobody noted yesterday"
    assert page.count('class="ringing') == 4
    assert "内线 9" in page, "what rings now stands first"
    assert "还有 48 个" in page
