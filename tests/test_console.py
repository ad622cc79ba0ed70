"""The staff console over its own HTTP: a worker's day, and everybody who must not get in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from handlers.texts.catalogue import load_catalogue
from handlers.web.console.events import follow
from handlers.web.console.gates import SIGN_IN
from handlers.web.pages import TEMPLATES
from storage import alarms, blobs, conversations, dead_letters, inbox, messages, parcels, sending, staff, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.messages import Message
from storage.tables import audit, chats, ticket_events
from storage.tables import outbox as outbox_table
from storage.tables import tickets as ticket_table
from storage.tickets import Filed
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import a_photo, at_the_desk, desk_browser, file_ticket, hire
from tests.web_service import web_parts

EVIL = "<script>alert('水')</script> & \"引号\""


def row_of(tx: Tx, number: str) -> Any:
    return tx.first(select(ticket_table).where(ticket_table.c.number == number))


def heard(tx: Tx, remote: int = FIRST_WEB_CHAT + 1, channel: str = "web") -> list[Message]:
    """What staff and the bot said to a resident."""
    thread = messages.latest(tx, chat_id=find_or_open(tx, channel=channel, remote=remote))
    return [message for message in thread if message.sender != "resident"]


def answers(tx: Tx, filed: Filed, text: str) -> None:
    """The resident says more, as the residents' handlers would have it."""
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    message_id = messages.record(tx, chat_id=chat_id, sender="resident", text=text)
    tickets.add_words(tx, filed.id, chat_id=chat_id, message_id=message_id)


async def test_a_burst_pipe_from_queue_to_closed(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket)
    ticket = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk:
        queue = await desk.opens("/console")
        assert all(words in queue for words in (filed.number, "厨房水管爆了", "7栋2单元1204", "还剩 30 分钟"))
        page = await desk.opens(ticket)
        assert "水往客厅流" in page

        clock.move(minutes=5)
        assert "已受理，正在通知居民" in await desk.sends("/act", action="accept")
        row = await storage.read(row_of, filed.number)
        assert (row["state"], row["assigned_to"], row["first_contact_at"]) == ("accepted", desk.staff_id, clock.now)

        await desk.sends("/act", action="ask_back", text="总阀能关上吗？")
        row = await storage.read(row_of, filed.number)
        assert row["waiting_resident"]
        assert "等居民回话" in await desk.opens("/console?filter=waiting")

        await storage.run(answers, filed, "关不动，锈死了")
        assert "1 条新话" in await desk.opens("/console")
        assert "关不动，锈死了" in await desk.opens(ticket)
        assert "1 条新消息" not in await desk.opens("/console")

        await desk.opens(ticket)
        await desk.sends("/act", action="finish", text="换了新水管，试过不漏了")
        assert filed.number not in await desk.opens("/console")
        assert filed.number in await desk.opens("/console?filter=verdict")
    said = await storage.read(heard)
    assert [message.sender for message in said] == ["bot", "staff", "staff"]
    assert "总阀能关上吗？" in said[1].text
    assert "换了新水管" in said[2].text
    buttons = [button["data"] for line in said[2].buttons or () for button in line]
    assert buttons == [f"t:{filed.id}:ok:0", f"t:{filed.id}:no:0", f"t:{filed.id}:unseen:0"]
    assert all(message.ticket_id == filed.id for message in said)


async def test_each_step_reaches_telegram_and_everybody_who_follows_in_their_language(storage: Storage) -> None:
    filed = await storage.run(file_ticket, remote=4711, channel="telegram")

    def follow_in_english(tx: Tx) -> None:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 9)
        tx.execute(chats.update().where(chats.c.id == chat_id).values(language="en"))
        tickets.claim(tx, chat_id=chat_id, number=filed.number, code=filed.claim_code)

    await storage.run(follow_in_english)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        await desk.sends("/act", action="answer", text="师傅下午到")
        page = await desk.opens(f"/console/tickets/{filed.number}")
    assert "的答复" in (await storage.read(heard, 4711, "telegram"))[0].text
    assert "About ticket" in (await storage.read(heard, FIRST_WEB_CHAT + 9))[0].text
    assert await storage.read(lambda tx: tx.scalar(select(func.count()).select_from(outbox_table))) == 1
    assert page.count("师傅下午到") == 1, "heard in two chats, it is still one thing said"


async def test_an_answer_does_not_pass_for_sent_before_telegram_has_taken_it(storage: Storage) -> None:
    filed = await storage.run(file_ticket, remote=4711, channel="telegram")
    address = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as desk:
        await desk.opens(address)
        assert "答复正在送给居民" in await desk.sends("/act", action="answer", text="师傅下午到")
        assert desk.page.count('<span class="fate on_its_way">正在送出') == 1
        [parcel] = await storage.run(parcels.claim, owner="t", channel="telegram", limit=9)
        await storage.run(sending.bury, parcel, error="gone")
        assert "没有送到" in await desk.opens(address)
        await storage.run(dead_letters.resend, parcel.id)
        [parcel] = await storage.run(parcels.claim, owner="t", channel="telegram", limit=9)
        await storage.run(sending.sent, parcel, remote_messages=[7], pause=timedelta(0))
        assert 'class="away"' not in await desk.opens(address)


async def test_two_people_on_one_ticket_and_nothing_typed_is_lost(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    address = f"/console/tickets/{filed.number}"
    async with at_the_desk(storage) as first, at_the_desk(storage, name="李强", role="worker") as second:
        await first.opens(address)
        await second.opens(address)
        await first.sends("/act", action="finish", text="办好了")
        page = await second.sends("/act", action="answer", text=f"我马上到 {EVIL}")
        assert second.status == 409
        assert "刚才有人动过这张工单" in page
        assert "我马上到 &lt;script&gt;" in page
        assert "待回访" in page
        page = await second.sends("/act", action="accept")
        assert second.status == 409
        assert "待回访" in page
        assert "不能“受理”" in page
    assert len(await storage.read(heard)) == 1


async def test_a_form_sent_twice_counts_once(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        for fields in (
            {"action": "accept"},
            {"action": "answer", "text": "在路上"},
            {"action": "note", "text": "带扳手"},
        ):
            page = await desk.opens(f"/console/tickets/{filed.number}")
            await desk.sends("/act", **fields)
            desk.page = page
            await desk.sends("/act", **fields)
            assert desk.status == 200
    actions = select(ticket_events.c.action).order_by(ticket_events.c.id)
    assert await storage.read(lambda tx: [row["action"] for row in tx.all(actions)]) == [
        "file",
        "accept",
        "answer",
        "note",
    ]
    assert len(await storage.read(heard)) == 2


async def test_a_note_is_for_staff_only_and_words_are_required(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        assert "带扳手" in await desk.sends("/act", action="note", text="带扳手")
        assert "还没有写内容" in await desk.sends("/act", action="answer", text="  \n ")
        await desk.sends("/act", action="answer", text="长" * 3001)
        assert desk.status == 422
    assert await storage.read(heard) == []


async def test_sending_back_gives_a_new_promise(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        await desk.sends("/act", action="finish", text="好了")
        clock.move(days=2)
        await desk.sends("/act", action="redo", text="又漏了")
    row = await storage.read(row_of, filed.number)
    assert (row["state"], row["closed_at"]) == ("handling", None)
    assert row["due_at"] > clock.now


@pytest.mark.parametrize("role", ["viewer", "supervisor"])
async def test_who_may_only_look_sees_no_form_and_is_refused_all_the_same(storage: Storage, role: str) -> None:
    filed = await storage.run(file_ticket)
    await storage.run(answers, filed, "还在漏")
    async with at_the_desk(storage, role=role) as desk:
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "可以查看，不能办理" in page
        assert set(re.findall('name="action" value="([a-z_]+)"', page)) <= {"supervise"}, (
            "who watches over work does none"
        )
        _, fields = desk.form("/sign-out")
        for address, more in (
            (f"/console/tickets/{filed.number}/act", {"action": "accept", "revision": "2"}),
            (f"/console/tickets/{filed.number}/uncover", {"reason": "想看看"}),
            ("/console/conversations/1/take", {}),
            ("/console/alarms/1/take", {}),
            ("/console/health/letters/1/resend", {}),
            ("/console/staff/add", {"name": "我", "role": "admin"}),
        ):
            refused = await desk.client.post(address, data=fields | more)
            assert refused.status_code == 403, address
            assert "您的身份不能做这一步" in refused.text
    row = await storage.read(row_of, filed.number)
    assert (row["state"], row["unread"]) == ("received", 1), "looking on does not make new words old"


async def test_a_forged_or_missing_token_does_nothing(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        for csrf in ("", "forged", "é"):
            await desk.sends("/act", action="accept", csrf=csrf)
            assert desk.status == 403
            assert "没有执行" in desk.page
            await desk.opens(f"/console/tickets/{filed.number}")
    assert (await storage.read(row_of, filed.number))["state"] == "received"


async def test_a_link_opens_once_and_looking_does_not_use_it(storage: Storage, clock: FrozenClock) -> None:
    member, token = await storage.run(hire, "周敏", "operator")
    async with desk_browser(web_parts(storage)) as client:
        for _ in range(2):
            preview = await client.get(f"/console/enter?token={token}")
            assert (preview.status_code, "登录" in preview.text) == (200, True)
            assert "set-cookie" not in preview.headers
        entered = await client.post("/console/enter", data={"token": token})
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert (await client.get("/console")).status_code == 200

        client.cookies.clear()
        again = await client.post("/console/enter", data={"token": token})
        assert again.status_code == 410
        assert "已经用过" in again.text
        assert "lianxin staff link" in again.text
        assert "set-cookie" not in again.headers

        late = await storage.run(staff.make_link, member)
        clock.move(hours=24)
        expired = await client.get(f"/console/enter?token={late}")
        assert (expired.status_code, "过期" in expired.text) == (410, True)
        assert (await client.get("/console/enter?token=guess")).status_code == 404


async def test_another_site_cannot_sign_somebody_in(storage: Storage) -> None:
    _, token = await storage.run(hire, "周敏", "operator")
    async with desk_browser(web_parts(storage)) as client:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert (await client.post("/console/enter", data={"token": token}, headers=headers)).status_code == 403
        assert await storage.read(staff.look_at_link, token) == "good"


async def test_signing_out_and_being_shut_out_end_the_session(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        await desk.opens("/console")
        assert "登录工作台" in await desk.sends("/sign-out")
        assert (await desk.client.get("/console")).status_code == 303
        await storage.run(staff.disable, other.staff_id)
        assert (await other.client.get("/console")).status_code == 303
    async with at_the_desk(storage, name="王芳") as third:
        clock.move(days=8)
        assert (await third.client.get("/console")).status_code == 303


async def test_a_resident_in_danger_is_on_every_page_until_somebody_looks(storage: Storage) -> None:
    def danger(tx: Tx) -> None:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 5)
        said = messages.record(tx, chat_id=chat_id, sender="resident", text=f"厨房有煤气味 {EVIL}")
        alarms.raise_alarm(tx, chat_id=chat_id, message_id=said, kind="gas", rule="gas", place="12栋0602")
        conversations.ask_for_person(tx, chat_id=chat_id, reason="emergency")

    await storage.run(danger)
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        for address in ("/console", "/console/conversations", "/console/conversations/1", "/console/health"):
            page = await desk.opens(address)
            assert 'data-untaken="1"' in page
            assert "12栋0602" in page
            assert "厨房有煤气味 &lt;script&gt;" in page
            assert 'href="/console/conversations/1"' in page
        await other.opens("/console")
        assert "周敏 已接手" in await desk.sends("/alarms/1/take")
        await other.sends("/alarms/1/take")
        assert (other.status, "已经有同事接手" in other.page) == (409, True)
        assert "紧急警报" not in await desk.sends("/alarms/1/end", outcome="handled")


async def test_a_conversation_is_taken_spoken_in_and_handed_back(storage: Storage, clock: FrozenClock) -> None:
    def call(tx: Tx) -> None:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
        said = messages.record(tx, chat_id=chat_id, sender="resident", text="转人工，找你们主任")
        talk, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")
        conversations.add(tx, conversation_id=talk, message_id=said)

    await storage.run(call)
    clock.move(minutes=7)
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        page = await desk.opens("/console/conversations")
        assert all(words in page for words in ("第 1 位", "已等 7 分钟", "找你们主任", "居民要求"))
        await other.opens("/console/conversations")
        page = await desk.sends("/1/take")
        await desk.sends("/reply", text="您好，请讲")
        desk.page = page
        await desk.sends("/reply", text="您好，请讲")
        assert desk.page.count("您好，请讲") == 1, "the form was sent twice, the words are said once"
        page = await other.sends("/1/take")
        assert (other.status, "同事正在接待" in page) == (409, True)
        await desk.opens("/console/conversations/1")
        await desk.sends("/hand-back")
    said = [message.text for message in await storage.read(heard)]
    assert said[1] == "您好，请讲"
    assert len(said) == 3
    assert "机器人" in said[2]
    assert await storage.read(lambda tx: conversations.is_held(tx, 1)) is False


async def test_words_for_a_conversation_that_went_to_a_colleague_are_kept_in_the_box(storage: Storage) -> None:
    await storage.run(
        lambda tx: conversations.ask_for_person(
            tx, chat_id=find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1), reason="asked"
        )
    )
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        await desk.opens("/console/conversations/1")
        await desk.sends("/take")
        await other.opens("/console/conversations/1")
        await other.sends("/take")
        page = await desk.sends("/reply", text="我写了很久的话")
        assert desk.status == 409
        assert "我写了很久的话</textarea>" in page


async def test_a_confidential_caller_is_covered_until_a_reason_is_given(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(
        file_ticket, confidential=True, route="dispute", category="family", title="7栋1204家里吵架", phone="02312345678"
    )
    picture = await storage.run(
        lambda tx: blobs.store(tx, chat_id=1, kind="photo", mime="image/jpeg", content=a_photo())
    )
    await storage.run(lambda tx: tickets.attach(tx, filed.id, [picture]))
    async with at_the_desk(storage) as desk:
        for address in ("/console", f"/console/tickets/{filed.number}"):
            page = await desk.opens(address)
            assert not any(secret in page for secret in ("02312345678", "2单元", "1204家里", "/console/blobs/"))
        assert filed.number not in await desk.opens("/console?q=1204")
        assert (await desk.client.get(f"/console/blobs/{picture}")).status_code == 404
        await desk.opens(f"/console/tickets/{filed.number}")
        page = await desk.sends("/uncover", reason="要打电话确认安全")
        assert all(shown in page for shown in ("02312345678", "7栋2单元1204"))
        assert (await desk.client.get(f"/console/blobs/{picture}")).status_code == 200
        clock.move(minutes=16)
        assert "02312345678" not in await desk.opens(f"/console/tickets/{filed.number}")
    rows = await storage.read(lambda tx: tx.all(select(audit.c.action, audit.c.object, audit.c.detail)))
    kept: list[tuple[Any, ...]] = [tuple(row.values()) for row in rows]
    assert ("uncover", filed.number, {"reason": "要打电话确认安全"}) in kept
    assert ("open_file", str(picture), None) in kept


async def test_files_are_served_to_staff_only_where_staff_have_business(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    own = await storage.run(lambda tx: blobs.store(tx, chat_id=1, kind="photo", mime="image/jpeg", content=a_photo()))
    private = await storage.run(
        lambda tx: blobs.store(tx, chat_id=1, kind="photo", mime="image/jpeg", content=a_photo())
    )
    await storage.run(lambda tx: tickets.attach(tx, filed.id, [own]))
    async with at_the_desk(storage) as desk:
        assert f'href="/console/blobs/{own}"' in await desk.opens(f"/console/tickets/{filed.number}")
        response = await desk.client.get(f"/console/blobs/{own}")
        assert response.content == a_photo()
        assert response.headers["cache-control"] == "no-store"
        assert (await desk.client.get(f"/console/blobs/{private}")).status_code == 404
        assert (await desk.client.get("/console/blobs/0")).status_code == 404


async def test_what_went_wrong_can_be_tried_again_and_shows_no_token(storage: Storage) -> None:
    def trouble(tx: Tx) -> None:
        inbox.take_in(tx, [inbox.Arrival(channel="web", key="k", remote=FIRST_WEB_CHAT + 1, payload="{}")])
        inbox.park(tx, 1, error="ClientError https://api.example/bot42:AAtoken-secret/sendMessage")
        chat_id = find_or_open(tx, channel="telegram", remote=4711)
        messages.say(tx, chat_id=chat_id, text="查询码 7KQM-2XRT")
        sending.bury(tx, parcels.claim(tx, owner="t", channel="telegram", limit=1)[0], error="blocked")

    await storage.run(trouble)
    async with at_the_desk(storage) as desk:
        page = await desk.opens("/console/health")
        assert "AAtoken-secret" not in page
        assert "7KQM-2XRT" not in page
        await desk.sends("/updates/1/retry")
        await desk.sends("/letters/1/resend")
        assert "一切正常" in desk.page
        assert await storage.read(inbox.depth) == {"pending": 1, "parked": 0}
        assert (await storage.read(dead_letters.depth))["pending"] == 1


async def test_search_finds_numbers_places_and_words_and_takes_signs_as_they_are(storage: Storage) -> None:
    pipe = await storage.run(file_ticket)
    light = await storage.run(
        file_ticket,
        remote=FIRST_WEB_CHAT + 2,
        title="楼道灯不亮",
        description="100%黑",
        building="11",
        unit=None,
        room=None,
    )
    async with at_the_desk(storage) as desk:
        for words, found in (
            (pipe.number, pipe),
            (pipe.number[3:14].lower(), pipe),
            ("7栋1204", pipe),
            ("7栋2单元", pipe),
            ("厨房 客厅", pipe),
            ("楼道", light),
            ("100%", light),
        ):
            page = await desk.opens(f"/console?q={httpx.QueryParams({'q': words})['q']}".replace("%", "%25"))
            other = light if found is pipe else pipe
            assert found.number in page, words
            assert other.number not in page, words
        assert "一个字太少" in await desk.opens("/console?q=1%25%25x")
        assert "没有找到" in await desk.opens("/console?q=电梯")
        assert "一个字太少" in await desk.opens("/console?q=_%5C")


async def test_the_most_pressing_comes_first(storage: Storage, clock: FrozenClock) -> None:
    calm = await storage.run(file_ticket, urgency="P3")
    clock.move(minutes=1)
    danger = await storage.run(file_ticket, urgency="P0", remote=FIRST_WEB_CHAT + 2)
    first = await storage.run(file_ticket, urgency="P2", remote=FIRST_WEB_CHAT + 3)
    async with at_the_desk(storage) as desk:
        shown = re.findall(r'class="number">(LX-[\d-]+)', await desk.opens("/console"))
        assert shown == [danger.number, first.number, calm.number]
        assert re.findall(r'class="number">(LX-[\d-]+)', await desk.opens("/console?filter=p0")) == [danger.number]


async def test_residents_words_are_never_markup(storage: Storage) -> None:
    filed = await storage.run(
        file_ticket,
        title=EVIL,
        description=EVIL,
        place_note=EVIL,
        details={"where": EVIL, "what": [EVIL]},
        phone='1" onx="',
    )
    await storage.run(answers, filed, EVIL)
    async with at_the_desk(storage) as desk:
        for address in ("/console", f"/console/tickets/{filed.number}", "/console?q=<script>alert('水')"):
            page = await desk.opens(address)
            assert "<script>alert" not in page
            assert 'onx=""' not in page


async def test_pages_run_nothing_inline_and_are_not_kept(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage, role="admin") as desk:
        for address in ("/console", f"/console/tickets/{filed.number}", "/console/health", "/console/staff", SIGN_IN):
            response = await desk.client.get(address)
            assert response.headers["cache-control"] == "no-store"
            assert "unsafe" not in response.headers["content-security-policy"]
            assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", response.text)
            for local in re.findall(r'(?:src|href)="(/static/[^"]+)"', response.text):
                assert (await desk.client.get(local)).status_code == 200
            assert not re.findall(r'(?:src|href)="(?:https?:)?//', response.text)


async def test_an_admin_hires_hands_out_a_link_and_shuts_out(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as desk, at_the_desk(storage, name="李强", role="worker") as worker:
        assert (await worker.client.get("/console/staff")).status_code == 403
        await desk.opens("/console/staff")
        await desk.sends("/staff/add", name="张丽", role="operator")
        await desk.sends("/3/link")
        found = re.search(r'value="http://desk(/console/enter\?token=[^"]+)"', desk.page)
        assert found
        async with desk_browser(web_parts(storage)) as newcomer:
            assert "点一下就登录" in (await newcomer.get(found[1])).text
        await desk.opens("/console/staff/2")
        assert "请写明原因" in await desk.sends("/2/disable")
        await desk.opens("/console/staff/2")
        await desk.sends("/2/disable", reason="调去别处了")
        assert (await worker.client.get("/console")).status_code == 303


async def test_the_desk_hears_of_changes_and_stops_hearing_when_out(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        parts = web_parts(storage)
        events = follow(parts, desk.client.cookies["lianxin_desk"])
        assert "retry" in await anext(events)
        assert "event: desk" in await anext(events)
        await storage.run(file_ticket)
        assert "event: desk" in await anext(events)
        await storage.run(staff.disable, desk.staff_id)
        await storage.run(file_ticket, remote=FIRST_WEB_CHAT + 2)
        assert "event: over" in await anext(events)
        assert [event async for event in events] == []
        assert len(parts.streams) == 0


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    catalogue = load_catalogue("console")
    chinese, english = catalogue["zh"].words, catalogue["en"].words
    assert chinese.keys() == english.keys()
    for key, words in chinese.items():
        assert words
        assert english[key]
        blanks = (set(re.findall(r"{(\w+)}", words)), set(re.findall(r"{(\w+)}", english[key])))
        if key.startswith("time."):
            continue  # a language may leave out a part of a date
        assert blanks[0] == blanks[1], key


def test_every_word_a_template_names_exists() -> None:
    words = load_catalogue("console")["zh"]
    for template in (TEMPLATES / "console").glob("*.html"):
        for key, joined in re.findall(r"t\('([a-z_]+\.\w+)'( ~)?", template.read_text("utf-8")):
            known = any(each.startswith(key) for each in words.words) if joined else words.has(key)
            assert known, f"{template.name}: {key}"


async def test_english_is_spoken_and_remembered(storage: Storage) -> None:
    filed = await storage.run(file_ticket)
    async with at_the_desk(storage) as desk:
        assert "Tickets" in await desk.opens("/console?lang=en")
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert "In the resident&#39;s own words" in page
        assert "Bldg 7 Unit 2 1204" in page
