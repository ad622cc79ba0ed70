"""A resident with a keypad telephone: the signed webhook in, the service that sends texts out, and staff between."""

from __future__ import annotations

from sqlalchemy import select

from storage import callers, messages, parcels, text_talk
from storage import tables as t
from storage.transaction import Tx
from tests.by_text import keypads
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import does, newest, passes, raw, ticket
from tests.town import Town

WANG, MACHINE = "13800000011", "13800000012"
FLOOD = 100
PIPE = "7栋2单元1204厨房水管爆了，水往客厅流"


async def rung(town: Town) -> list[tuple[str, str]]:
    """Whom staff are to ring, and why."""
    columns = select(t.ring_backs.c.phone, t.ring_backs.c.reason).where(t.ring_backs.c.state == "open")
    return await town.storage.read(lambda tx: tx.tuples(columns.order_by(t.ring_backs.c.id)))


async def test_from_the_burst_pipe_to_the_verdict_on_a_keypad(any_town: Town, clock: FrozenClock) -> None:
    town = any_town
    async with keypads(town) as texts, at_the_desk(town.storage) as desk:
        wang = texts.phone(WANG)
        [asked] = await wang.texts(PIPE)
        assert "回1同意 回2不同意" in asked
        [told] = await wang.texts("1")
        filed = await newest(town)
        assert filed["number"] in told
        assert filed["claim_code"] in told
        assert (filed["phone"], filed["room"], filed["urgency"]) == (WANG, "1204", "P1")
        await does(desk, filed["number"], "accept")
        await does(desk, filed["number"], "answer", "师傅半小时到，请先关总阀。")
        assert "师傅半小时到" in "\n".join(await wang.hears())
        await does(desk, filed["number"], "finish", "换了一截管子。")
        [asked] = await wang.hears()
        assert "换了一截管子" in asked
        assert "回1" in asked
        [again] = await wang.texts("还在漏")
        assert "重" in again or "再" in again
        now = await ticket(town, filed["number"])
        assert (now["redos"], now["level"] > filed["level"]) == (1, True), "not solved climbs"
        assert "还在漏" in await desk.opens(f"/console/tickets/{filed['number']}")
        await does(desk, filed["number"], "finish", "接头也换了。")
        [asked] = await wang.hears()
        [thanked] = await wang.texts("1")
        assert (await ticket(town, filed["number"]))["outcome"] == "solved"
        assert "回5非常不满意" in thanked
        assert await wang.texts("1") != []
        assert (await raw(town))[-1]["satisfied"] is not None
        assert all(len(told["text"]) <= 300 for told, _ in texts.service.got)
        [stale] = await wang.texts("2")
        assert "过了" in stale, "a number that answers nothing any more is told so"


async def test_a_question_is_answered_with_its_clause_in_two_texts_length(town: Town) -> None:
    async with keypads(town) as texts:
        [answer] = await texts.phone(WANG).texts("居务公开多久公开一次")
    assert "渝民发〔2013〕30号" in answer
    assert len(answer) <= 134


async def test_whoever_wants_a_person_or_no_texts_gets_that(town: Town, clock: FrozenClock) -> None:
    async with keypads(town) as texts, at_the_desk(town.storage) as desk:
        wang = texts.phone(WANG)
        assert "给您打电话" in (await wang.texts("人工"))[0]
        assert await rung(town) == [(WANG, "asked")]
        await wang.texts(PIPE)
        await wang.texts("同意")
        number = (await newest(town))["number"]
        assert "不再给您发短信" in (await wang.texts("退订"))[0]
        await does(desk, number, "accept")
        await does(desk, number, "answer", "师傅半小时到。")
        assert await wang.hears() == [], "obeyed"
        [asked] = await wang.texts("居务公开多久公开一次")
        assert "30号" in asked, "who asks is answered"
        await wang.texts("恢复短信")
        await does(desk, number, "answer", "师傅到楼下了。")
        assert "到楼下了" in "\n".join(await wang.hears())


async def test_a_machine_at_the_other_end_is_not_played_with(town: Town, clock: FrozenClock) -> None:
    async with keypads(town) as texts:
        bot = texts.phone(MACHINE)
        assert await bot.texts("【自动回复】我正在开车，稍后回复您") == []
        [said] = await bot.texts("居务公开多久公开一次")
        assert await bot.texts(said) == [], "our own text come back"
        assert await bot.texts("居务公开多久公开一次") == [], "the same words are answered once"
        answered = 0
        for count in range(60):
            answered += len(await bot.texts(f"第{count}次问：低保要等好久才批下来"))
        assert answered <= 12
        assert (MACHINE, "asked") in await rung(town), "then a person rings"
        kept = await town.storage.read(
            lambda tx: tx.tuples(select(t.inbox.c.state).where(t.inbox.c.channel == "phone"))
        )
        assert [state for (state,) in kept] == ["done"] * 64, "and all of it is heard"
        [danger] = await bot.texts("7栋1204着火了")
        assert "119" in danger


async def test_services_and_our_own_number_are_no_residents(town: Town) -> None:
    async with keypads(town) as texts:
        for number in ("10086", "95588", "106980095188", "4001234567", "anonymous"):
            assert await texts.phone(number).texts("【某银行】您的验证码是123456") == []
        assert await texts.phone(WANG).texts("测试", to=WANG) == []
        assert await texts.phone("02367654321").texts("低保怎么申请") == [], "a landline cannot be texted, but is heard"
    heard = await town.storage.read(lambda tx: tx.tuples(select(t.messages.c.text)))
    assert ("低保怎么申请",) in heard
    assert len([one for one in heard if "验证码" in one[0]]) == 0


async def test_after_violence_nothing_goes_out_and_a_person_reads_what_comes(town: Town, clock: FrozenClock) -> None:
    async with keypads(town) as texts, at_the_desk(town.storage) as desk:
        her = texts.phone(WANG)
        assert await her.texts("他又打我，莫给我打电话") == []
        [alarm] = await town.storage.read(lambda tx: tx.all(select(t.alarms)))
        assert alarm["kind"] == "domestic_violence"
        clock.move(days=3)
        assert await her.texts("社区还在吗") == []
        assert await her.texts("7栋1204着火了") == [], "heard, and silent all the same"
        assert len(await town.storage.read(lambda tx: tx.all(select(t.alarms)))) == 2
        assert await rung(town) == [], "nor is that number rung by itself"
        await desk.opens("/console/conversations")
        assert desk.status == 200


async def test_several_behind_one_number_and_several_matters(town: Town, clock: FrozenClock) -> None:
    """A text answers whom we texted last; which of two matters is meant is asked, not guessed."""

    def two_callers(tx: Tx) -> tuple[int, int]:
        names = ("王阿姨", "李叔")
        first, second = (callers.chat_for(tx, number=WANG, name=name) for name in names)
        return first, second

    async with keypads(town) as texts, at_the_desk(town.storage) as desk:
        wang = texts.phone(WANG)
        _, second = await town.storage.run(two_callers)
        await texts.tells(event="text", **{"from": MACHINE}, text="在吗")  # texts come in here
        await town.storage.run(messages.say, chat_id=second, text="李叔，您的事有进展。", sender="staff")
        await wang.hears()
        await wang.texts(PIPE)
        assert await town.storage.read(text_talk.chat_for, WANG, "好了") == second
        await wang.texts("1")
        await wang.texts("3栋2单元楼道灯不亮了")
        await wang.texts("1")
        numbers = [row["number"] for row in await town.storage.read(lambda tx: tx.all(select(t.tickets)))]
        assert len(numbers) == 2
        for number in numbers:
            await does(desk, number, "accept")
            await does(desk, number, "finish", "修好了。")
            await passes(town, clock, minutes=1)
        await wang.hears()
        [which] = await wang.texts("1")
        states = {(await ticket(town, number))["state"] for number in numbers}
        assert "closed" not in states
        assert "回1" in which
        assert "回2" in which
        await wang.texts("2")
        outcomes = [(await ticket(town, number))["outcome"] for number in numbers]
        assert sorted(map(str, outcomes)) == ["None", "solved"]


async def test_what_no_telephone_should_send(town: Town) -> None:
    """Empty, very long, emoji alone, GBK, the same twice, without words: a plain answer each, and nobody is stuck."""
    async with keypads(town) as texts:
        wang = texts.phone(WANG)
        assert await wang.texts("   ") == []
        assert len(await wang.texts("漏水" * 900)) == 1
        assert len(await wang.texts("😀👍")) == 1
        first = await texts.tells(event="text", **{"from": WANG}, text="在吗", id="same")
        again = await texts.tells(event="text", **{"from": WANG}, text="在吗", id="same")
        assert (first.status_code, again.status_code) == (200, 409)
        missing = await texts.tells(event="text", **{"from": WANG})
        assert (missing.status_code, missing.json()["error"]["code"]) == (422, "invalid")
        assert (await texts.tells(event="text", **{"from": WANG}, text="水" * 9000)).status_code == 413


async def test_a_text_that_never_arrived_becomes_a_call(town: Town, clock: FrozenClock) -> None:
    async with keypads(town) as texts, at_the_desk(town.storage) as desk:
        wang = texts.phone(WANG)
        await wang.texts(PIPE)
        await wang.texts("1")
        number = (await newest(town))["number"]
        await does(desk, number, "accept")
        await does(desk, number, "answer", "师傅半小时到。")
        await wang.hears()
        last = texts.service.got[-1][0]["id"]
        assert (await texts.tells(event="text_status", text=last, status="failed")).status_code == 200
        assert (await texts.tells(event="text_status", text="not-ours", status="failed")).status_code == 200
        await passes(town, clock, minutes=5)
        assert await rung(town) == [(WANG, "lost")]
        assert "没有送到" in await desk.opens(f"/console/tickets/{number}")
        await texts.tells(event="text_status", text=last, status="delivered")
        assert "送到了" in await desk.opens(f"/console/tickets/{number}")
        await texts.tells(event="text_status", text=last, status="failed")
        assert "送到了" in await desk.opens(f"/console/tickets/{number}"), "a late report takes nothing back"


async def test_after_an_outage_everything_goes_once_in_order_and_only_what_is_still_so(
    town: Town, clock: FrozenClock
) -> None:
    async with keypads(town) as texts, at_the_desk(town.storage, role="admin") as desk:
        wang = texts.phone(WANG)
        await wang.texts(PIPE)
        await wang.texts("1")
        number = (await newest(town))["number"]
        await does(desk, number, "accept")
        await wang.hears()
        texts.service.answers = [403] * 9
        await does(desk, number, "answer", "师傅半小时到。")
        await does(desk, number, "answer", "师傅堵车，再等十分钟。")
        await does(desk, number, "finish", "换了一截管子。")
        await texts.settles()
        texts.service.answers = []
        before = len(texts.service.got)
        await passes(town, clock, minutes=5)
        assert await rung(town) == [(WANG, "lost")]
        await passes(town, clock, days=2)
        await passes(town, clock, days=4)
        await desk.opens("/console/call-backs")
        await desk.sends(
            f"/call-backs/{number}", contacted="yes", about="verdict", solved="solved", satisfied="satisfied"
        )
        assert (await ticket(town, number))["outcome"] == "solved"
        await desk.opens("/console/health")
        await desk.sends("/letters/resend")
        await texts.settles()
        heard = [told["text"] for told, _ in texts.service.got[before:]]
        assert ["半小时到" in heard[0], "再等十分钟" in heard[1]] == [True, True]
        assert not [one for one in heard if "回1" in one and "没解决" in one], "nobody is asked what they have answered"
        await desk.opens("/console/health")
        assert desk.status == 200
        await passes(town, clock, hours=1)
        assert (WANG, "lost") not in await rung(town), "nobody need be rung about it any more"


async def test_killed_between_the_post_and_the_note_the_same_letter_goes_under_the_same_id(
    town: Town, clock: FrozenClock
) -> None:
    async with keypads(town) as texts:
        wang = texts.phone(WANG)
        await wang.texts("在吗")
        chat_id = await town.storage.read(text_talk.chat_for, WANG, "")
        await texts.settles()
        await town.storage.run(messages.say, chat_id=chat_id, text="明天来", sender="staff")
        [parcel] = await town.storage.run(parcels.claim, owner="a process that dies now", channel="phone", limit=1)
        await texts.worker._deliver(parcel)
        clock.move(minutes=4)
        await texts.worker._recover()
        await texts.settles()
        got = [key for told, key in texts.service.got if told["text"] == "明天来"]
        assert len(got) == 2
        assert len(set(got)) == 1


async def test_who_says_no_to_being_registered_is_still_answered(town: Town) -> None:
    async with keypads(town) as texts, at_the_desk(town.storage):
        wang = texts.phone(WANG)
        await wang.texts(PIPE)
        assert "政策" in (await wang.texts("2"))[0]
        assert "30号" in (await wang.texts("居务公开多久公开一次"))[0]
        assert await town.storage.read(lambda tx: tx.all(select(t.tickets))) == []
        chat_id = await town.storage.read(text_talk.chat_for, WANG, "")
        await town.storage.run(messages.say, chat_id=chat_id, text="您好", sender="staff")
        assert await wang.hears() == [], "and gets nothing unasked"


async def test_a_flood_from_one_number_is_all_taken_and_little_of_it_answered(town: Town) -> None:
    async with keypads(town) as texts:
        for number in range(FLOOD):
            told = await texts.tells(event="text", **{"from": MACHINE}, text=f"低保要带哪些东西去办 {number}")
            assert told.status_code == 200
        answered = await texts.phone(MACHINE).hears()
    assert 0 < len(answered) <= 12
    kept = await town.storage.read(lambda tx: tx.tuples(select(t.inbox.c.state).where(t.inbox.c.channel == "phone")))
    assert [state for (state,) in kept] == ["done"] * FLOOD


async def test_an_english_speaker_is_answered_in_english_with_the_question_whole(town: Town) -> None:
    async with keypads(town) as texts:
        anna = texts.phone(WANG)
        [asked] = await anna.texts("Hello, my kitchen tap in building 7 unit 2 flat 1204 is dripping")
        assert asked.startswith("[Lianxin]")
        assert "Do you agree?" in asked
        assert "Reply 1: " in asked
        assert len(asked) <= 306
        [told] = await anna.texts("1")
        assert (await newest(town))["claim_code"] in told


async def test_a_number_that_chooses_nothing_and_an_order_that_sounds_like_danger(town: Town) -> None:
    """ "1" once more was answered as a question of its own, and "别发了" raised an alarm."""
    async with keypads(town) as texts:
        wang = texts.phone(WANG)
        await wang.texts("楼上天天半夜跳绳吵得睡不着，5栋2单元")
        assert "工单号" in (await wang.texts("1"))[0]
        assert "过了" in (await wang.texts("1"))[0]
        assert "不再给您发短信" in (await wang.texts("别发了"))[0]
        assert await town.storage.read(lambda tx: tx.all(select(t.alarms))) == []
