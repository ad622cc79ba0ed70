"""From a resident's words to an application for mediation, in both channels: rights first, free words at every step."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from knowledge.mediation import Reader, Side
from storage import mediation
from storage import tables as t
from storage.mediation import Case
from tests.town import Town

NOISE = "7栋1204，楼上天天半夜拖椅子，吵得睡不着"


async def files_noise(ana: Any, words: str = NOISE) -> str:
    """The dispute is registered; mediation has been offered."""
    await ana.says(words)
    if "同意吗" in await ana.sees():
        await ana.presses("同意")
    heard = "\n".join(await ana.submits())
    assert "登记好了" in heard, heard
    return heard


async def applies(ana: Any, about: str = "楼上1304，希望十点后别拖椅子") -> str:
    await files_noise(ana)
    await ana.presses("申请调解")
    await ana.says(about)
    return "\n".join(await ana.presses("可以问对方"))


async def the_case(town: Town) -> Case:
    [case] = await town.storage.read(mediation.cases)
    return case


async def own_words(town: Town, case: Case, side: Side = Side.APPLICANT) -> str:
    read = await town.storage.read(mediation.words_for, case.id, Reader(side=side))
    return "\n".join(word.text for word in read)


async def test_rights_come_first_then_one_sentence_then_whether_to_ask_the_other_side(ana: Any, town: Town) -> None:
    heard = await files_noise(ana)
    for told in ("不收钱", "自愿", "随时可以不谈", "选调解员", "打官司"):
        assert told in heard
    assert await town.storage.read(mediation.cases) == []
    assert "一句话" in "\n".join(await ana.presses("申请调解"))
    asked = "\n".join(await ana.says("楼上1304，希望十点后别拖椅子"))
    assert "一句都不转" in asked
    assert "噪音" in asked
    assert "申请好了" in "\n".join(await ana.presses("可以问对方"))
    case = await the_case(town)
    assert (case.kind, case.respondent.building, case.respondent.room) == ("noise", "7", "1304")
    assert case.contact_consent_at is not None
    assert case.applicant.told_version == "2026-11"
    words = await own_words(town, case)
    assert "拖椅子" in words
    assert "十点后" in words


@pytest.mark.parametrize("yes", ["要", "好的", "申请", "可以嘛"])
async def test_words_do_as_well_as_buttons(yes: str, ana: Any, town: Town) -> None:
    await files_noise(ana)
    assert "一句话" in "\n".join(await ana.says(yes))
    await ana.says("楼上那家，想让他们晚上安静点")
    assert "申请好了" in "\n".join(await ana.says("可以"))
    assert (await the_case(town)).respondent.place_note == "楼上那家"


async def test_who_asked_for_mediation_is_not_asked_whether_they_want_it(ana: Any, town: Town) -> None:
    heard = await files_noise(ana, "楼上1304跟我吵了几回了，社区能不能出面调解一下，我住7栋1204")
    assert "不收钱" in heard
    assert "一句话" in heard
    assert "申请调解" not in await ana.buttons()


async def test_what_was_said_before_the_application_is_not_asked_again(ana: Any, town: Town) -> None:
    await ana.says("7栋1204，楼上天天半夜拖椅子，想请社区调解一下")
    if "同意吗" in await ana.sees():
        await ana.presses("同意")
    assert "补充" in "\n".join(await ana.says("1304那户"))
    await ana.says("希望他们十点以后安静点")
    heard = "\n".join(await ana.submits())
    assert "不收钱" in heard
    assert "一句话" not in heard
    assert "1304那户" in heard
    assert "十点以后安静点" in heard
    assert "申请好了" in "\n".join(await ana.says("可以"))
    case = await the_case(town)
    assert (case.respondent.building, case.respondent.room) == ("7", "1304")


async def test_what_was_heard_wrong_is_said_again(ana: Any, town: Town) -> None:
    await ana.says("7栋1204，楼上1304天天半夜拖椅子，想请社区调解一下，希望他们铺个垫子")
    if "同意吗" in await ana.sees():
        await ana.presses("同意")
    await ana.submits()
    assert "一句都不转" in "\n".join(await ana.says("不对，是1404，希望他们十点后安静"))
    await ana.says("可以")
    case = await the_case(town)
    assert case.respondent.room == "1404"


@pytest.mark.parametrize(("said", "told"), [("先劝一劝", "先劝一劝"), ("不用了", "不申请"), ("算了", "不申请")])
async def test_who_does_not_want_it_keeps_a_ticket_and_finds_the_way_back(
    said: str, told: str, ana: Any, town: Town
) -> None:
    await files_noise(ana)
    assert told in "\n".join(await ana.says(said))
    assert await town.storage.read(mediation.cases) == []
    assert "一句话" in "\n".join(await ana.says("申请调解"))


async def test_a_question_in_between_is_answered_and_the_offer_waits(ana: Any, town: Town) -> None:
    await files_noise(ana)
    heard = "\n".join(await ana.says("社区用房面积标准是多少？"))
    assert "二(一)" in heard
    assert "要申请调解吗" in heard
    await ana.presses("申请调解")


async def test_pressed_twice_it_is_one_application(ana: Any, town: Town) -> None:
    await files_noise(ana)
    await ana.presses("申请调解", times=2)
    await ana.says("楼上1304，安静点")
    heard = await ana.presses("可以问对方", times=3)
    assert len([one for one in heard if "申请好了" in one]) == 1
    assert len(await town.storage.read(mediation.cases)) == 1


async def test_not_yet_is_kept_and_nobody_may_be_asked(ana: Any, town: Town) -> None:
    await files_noise(ana)
    await ana.presses("申请调解")
    await ana.says("楼上1304，安静点")
    assert "没有您同意，不会去找对方" in "\n".join(await ana.presses("先别问，先跟我谈"))
    assert (await the_case(town)).contact_consent_at is None


@pytest.mark.parametrize(
    ("said", "door"),
    [
        ("7栋1204楼上天天吵，法院已经立案了，你们再调解一下", "12348"),
        ("7栋1204楼上天天吵，派出所都处罚了他还吵", "民警"),
        ("7栋1204邻居敲诈我，不给钱就天天放音响吵我", "110"),
    ],
)
async def test_what_may_not_be_mediated_is_told_its_way_at_once(said: str, door: str, ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says(said))
    if "同意吗" in heard:
        heard += "\n".join(await ana.presses("同意"))
    assert door in heard
    assert await town.storage.read(mediation.cases) == []


async def test_violence_is_an_emergency_and_never_a_mediation(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("我老公又打我，帮我们调解一下"))
    assert "110" in heard
    assert [row["kind"] for row in await all_of(town, t.alarms)] == ["domestic_violence"]
    assert await town.storage.read(mediation.cases) == []


async def test_danger_in_the_middle_of_the_application_goes_before_it(ana: Any, town: Town) -> None:
    await files_noise(ana)
    await ana.presses("申请调解")
    heard = "\n".join(await ana.says("楼上拿刀来砍门了！"))
    assert "110" in heard
    assert await town.storage.read(mediation.cases) == []


async def test_the_ticket_shows_the_mediation_and_the_way_to_the_mediator(ana: Any, town: Town) -> None:
    await applies(ana)
    shown = "\n".join(await ana.says("我的工单"))
    assert "调解：已申请" in shown
    assert "跟调解员说" in await ana.buttons()
    await ana.presses("跟调解员说")
    assert "只有调解员看得到" in "\n".join(await ana.says("昨天晚上又吵到两点"))
    assert "昨天晚上又吵到两点" in await own_words(town, await the_case(town))


@pytest.mark.parametrize("words", ["跟调解员说：他家椅子没有脚垫", "告诉调解员他家椅子没有脚垫"])
async def test_one_sentence_is_enough_to_tell_the_mediator(words: str, ana: Any, town: Town) -> None:
    await applies(ana)
    assert "只有调解员看得到" in "\n".join(await ana.says(words))
    assert "他家椅子没有脚垫" in await own_words(town, await the_case(town))


async def test_another_mediator_and_in_private_are_one_sentence_each(ana: Any, town: Town) -> None:
    await applies(ana)
    assert "居委会" in "\n".join(await ana.says("能不能换个调解员"))
    assert "不公开" in "\n".join(await ana.says("不要公开"))
    case = await the_case(town)
    assert (case.other_mediator_asked, case.closed_session) == ("applicant", True)


async def test_stopping_is_asked_once_and_ends_it(ana: Any, town: Town) -> None:
    await applies(ana)
    assert "确定" in "\n".join(await ana.says("不想谈了"))
    heard = "\n".join(await ana.presses("不谈了", times=2))
    assert "结束了" in heard
    assert "12345" in heard  # the noise chain goes on elsewhere
    assert (await the_case(town)).ending == "withdrawn_by_applicant"
    [ticket] = await all_of(town, t.tickets)
    assert ticket["state"] == "closed"


async def all_of(town: Town, table: Any) -> list[dict[str, Any]]:
    rows = await town.storage.read(lambda tx: tx.all(select(table).order_by(*table.primary_key.columns)))
    return [dict(row) for row in rows]
