"""Journey 1 as stories: the greeting, the poster, the privacy notice and its refusal, the language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from knowledge import privacy
from knowledge.privacy import privacy_notice
from storage.tables import chats, consents, drafts, residents, tickets
from tests.scenarios.conftest import build_town
from tests.scenarios.test_first_slice import PIPE, QUESTION, all_of
from tests.town import Town

SMALL_SCREEN = 13
"""Lines of about twenty signs that a 360 x 740 phone shows above the buttons."""
SENSITIVE = "我想申请低保，家里没有收入了"


def lines(text: str, width: int = 21) -> int:
    return sum(-(-max(len(line), 1) // width) for line in text.splitlines())


async def test_the_greeting_fits_one_small_screen_and_shows_every_door(ana: Any, town: Town) -> None:
    hello = (await ana.says("/start"))[0]
    assert lines(hello) <= SMALL_SCREEN
    for door in ("报修", "查政策", "调解", "报名", "转人工", "110"):
        assert door in hello
    assert {"报修、反映问题", "问政策", "我的工单", "找人工", "我的资料", "English"} <= set(await ana.buttons())


@pytest.mark.both_channels
async def test_a_posters_building_is_offered_as_the_place_and_never_taken_for_granted(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("/start b7"))
    assert ("7栋" in heard) == (ana.channel == "telegram")  # the chat page has greeted by itself
    [chat] = await all_of(town, chats)
    assert chat["building"] == "7"
    assert await all_of(town, residents) == []  # a poster tells nothing about who lives where


@pytest.mark.parametrize("link", ["/start b99", "/start b7;DROP", "/start claim", "/start b" + "7" * 40])
async def test_a_link_to_no_building_is_a_plain_hello(link: str, ana: Any, town: Town) -> None:
    assert "我是连心" in "\n".join(await ana.says(link))
    [chat] = await all_of(town, chats)
    assert chat["building"] is None


@pytest.mark.both_channels
async def test_the_short_notice_leads_to_the_whole_one_of_the_same_version(ana: Any, town: Town) -> None:
    await ana.says(QUESTION)
    assert "隐私告知全文" in await ana.buttons()
    if ana.channel == "telegram":
        await ana.presses("隐私告知全文")
    else:
        await ana.says("隐私告知")
    whole = await ana.sees()
    assert privacy_notice().version in whole
    for said in ("谁来负责", "望桐社区", "您的权利", "留多久", "12345", "2年"):
        assert said in whole


async def test_a_new_version_is_shown_and_asked_anew_but_not_to_whoever_refused(
    ana: Any, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await town.resident(ana.channel)
    for each, answer in ((ana, "同意"), (bob, "不同意")):
        await each.says(QUESTION)
        await each.presses(answer)
    newer = replace(privacy_notice(), version="2027-01-01")
    for place in ("storage.chats", "handlers.residents.privacy"):
        monkeypatch.setattr(f"{place}.privacy_notice", lambda: newer)
    heard = await ana.says("社区居委会一般配几个人？")
    assert "有改动" in heard[-1]
    assert "有改动" not in "\n".join(await bob.says("社区居委会一般配几个人？"))
    await ana.says(PIPE)
    assert "您同意吗" in await ana.sees()  # what was agreed to is not what is asked now
    await ana.presses("同意")
    assert "请您看看对不对" in await ana.sees()
    assert privacy.privacy_notice().version != newer.version


async def test_consent_is_taken_back_in_words_and_nobody_nags(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    heard = "\n".join(await ana.says("我不同意了"))
    assert "撤回了" in heard
    [draft] = await all_of(town, drafts)
    assert draft["state"] == "cancelled"
    assert [row["answer"] for row in await all_of(town, consents)] == ["given", "withdrawn"]
    later = "\n".join(await ana.says(QUESTION))
    assert "二(一)" in later
    assert "隐私" not in later
    assert "您同意吗" in "\n".join(await ana.says(PIPE))  # asked again only for what needs it


async def test_a_sensitive_matter_is_asked_about_separately_and_a_no_files_nothing(ana: Any, town: Town) -> None:
    await self_to_summary(ana)
    asked = "\n".join(await ana.presses("提交"))
    assert "敏感" in asked
    assert "收入和家里的难处" in asked
    assert await all_of(town, tickets) == []
    heard = "\n".join(await ana.presses("不同意"))
    assert "没有登记" in heard
    assert await all_of(town, tickets) == []
    assert [(row["about"], row["answer"]) for row in await all_of(town, consents)][-1] == ("assistance", "refused")


@pytest.mark.parametrize("way", ["button", "words"])
async def test_agreed_separately_it_is_filed_at_once_and_only_once(way: str, ana: Any, town: Town) -> None:
    await self_to_summary(ana)
    await ana.presses("提交")
    told = await (ana.presses("单独同意", times=2) if way == "button" else ana.says("同意"))
    assert "登记好了" in "\n".join(told)
    assert len(await all_of(town, tickets)) == 1
    assert [(row["about"], row["answer"]) for row in await all_of(town, consents)][-1] == ("assistance", "given")


async def self_to_summary(ana: Any) -> None:
    """A request about relief, up to its summary, whatever is asked on the way."""
    await ana.says(SENSITIVE)
    await ana.presses("同意")
    for _ in range(6):
        offered = await ana.buttons()
        if "提交" in offered:
            return
        if "低保" in offered:
            await ana.presses("低保")
        else:
            await ana.says("两口人，7栋1204，没有收入")
    raise AssertionError(await ana.sees())


async def test_whoever_writes_english_is_answered_in_english_and_can_go_back(ana: Any, town: Town) -> None:
    heard = await ana.says("How big must the community rooms be for a hundred households?")
    assert "Source:" in heard[0]
    assert "You wrote in English" in "\n".join(heard)
    assert "中文" in await ana.buttons()
    await ana.presses("中文")
    heard = await ana.says("How big must the community rooms be for a hundred households?")
    assert "依据" in heard[0]  # chosen is chosen: nobody guesses any more


@pytest.mark.parametrize(("order", "language"), [("请说英文", "en"), ("English please", "en"), ("/en", "en")])
async def test_the_language_is_switched_in_words(order: str, language: str, ana: Any, town: Town) -> None:
    assert "English from now on" in "\n".join(await ana.says(order))
    assert "用中文" in "\n".join(await ana.says("说中文"))


async def test_a_person_is_called_in_the_callers_language_and_then_the_bot_is_silent(ana: Any, town: Town) -> None:
    assert "called someone" in "\n".join(await ana.says("call a real person please"))
    assert await ana.says("it is about the water bill of my flat") == []


async def test_one_english_word_switches_nothing(ana: Any, town: Town) -> None:
    assert "您好" in "\n".join(await ana.says("hello"))


async def test_arriving_on_both_databases(any_town: Town, matcher: Any, answerer: Any) -> None:
    ana = await any_town.resident("telegram")
    await ana.says("/start b7")
    ana.town = build_town(any_town.storage, matcher, answerer)
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("提交")
    assert "登记好了" in await ana.sees()
    assert [row["answer"] for row in await all_of(any_town, consents)] == ["given"]
