"""An old woman with a burst pipe: a name where the place is asked, a sigh at the consent, "has nobody come yet?"."""

from __future__ import annotations

from typing import Any

import pytest

from storage.tables import alarms, appointments, drafts, residents, tickets
from tests.conftest import FrozenClock
from tests.scenarios.test_first_slice import PIPE, all_of
from tests.town import Town

SUMMARY = "请您看看对不对"


async def heard(saying: Any) -> str:
    return "\n".join(await saying)


async def registered(ana: Any) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("提交")


async def test_a_name_is_no_place(ana: Any, town: Town) -> None:
    """It was taken for one: "地点：我叫李秀英"."""
    await ana.says("厨房水管爆了")
    await ana.presses("同意")
    said = await heard(ana.says("我叫李秀英"))
    assert "李秀英" in said
    assert "在哪里" in said
    assert SUMMARY in await heard(ana.says("7栋1204"))
    assert [row["name"] for row in await all_of(town, residents)] == ["李秀英"]
    [draft] = await all_of(town, drafts)
    assert "place_note" not in draft["answers"]


async def test_a_flat_and_then_its_building(ana: Any) -> None:
    """The flat was forgotten when the building came after it."""
    await ana.says("厨房水管爆了")
    await ana.presses("同意")
    assert "哪一栋" in await heard(ana.says("1204"))
    assert "地点：7栋1204" in await heard(ana.says("7栋"))


async def test_a_place_said_at_the_summary_is_where_it_is(ana: Any) -> None:
    """It was written behind the description."""
    await ana.says("厨房水管爆了，在7栋")
    await ana.presses("同意")
    said = await heard(ana.says("1204"))
    assert "地点：7栋1204" in said
    assert "内容：厨房水管爆了，在7栋\n电话" in said


@pytest.mark.parametrize("words", ["跳过", "没有"])
async def test_nothing_to_pass_over_at_the_summary_is_not_written_down(words: str, ana: Any) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    assert f"内容：{PIPE}\n电话" in await heard(ana.says(words))


async def test_words_while_consent_is_asked_wait_with_the_matter(ana: Any, town: Town) -> None:
    """Place and telephone were answered with "这个我还不会答", and lost."""
    await ana.says("厨房水管爆了")
    assert "就是问您一句" in await heard(ana.says("啥意思"))
    assert {"同意", "不同意"} <= set(await ana.buttons())
    assert "还差您一句" in await heard(ana.says("7栋1204"))
    await ana.says("13912345678")
    said = await heard(ana.says("同意"))
    assert "地点：7栋1204" in said
    assert "13912345678" in said
    assert not await all_of(town, tickets)


@pytest.mark.parametrize(("words", "kept"), [("同意", True), ("agree", True), ("我不同意", False)])
async def test_the_notice_is_answered_in_words(words: str, kept: bool, ana: Any, town: Town) -> None:
    """ "我不同意" called a person."""
    await ana.says("你好")
    await ana.says(words)
    [row] = await all_of(town, residents)
    assert (row["consented_at"] is not None, row["refused_at"] is not None) == (kept, not kept)


async def test_who_gives_a_name_is_greeted_by_it_and_nothing_is_kept_unasked(ana: Any, town: Town) -> None:
    assert "您好，李秀英" in await heard(ana.says("我叫李秀英"))
    assert not [row for row in await all_of(town, residents) if row["name"]]
    await ana.says("同意")
    await ana.says("我叫李秀英，住7栋1204")
    [row] = await all_of(town, residents)
    assert (row["name"], row["building"], row["room"]) == ("李秀英", "7", "1204")


async def test_asking_where_everybody_is_shows_the_matter_and_rings_no_alarm(ana: Any, town: Town) -> None:
    """ "怎么还没来人" after a burst pipe was taken for danger."""
    await registered(ana)
    for words in ("怎么还没来人", "你们好久来"):
        assert "说好的" in await heard(ana.says(words))
    assert not await all_of(town, alarms)


async def test_with_nothing_filed_the_same_words_are_heard_as_before(ana: Any) -> None:
    assert "说好的" not in await heard(ana.says("怎么还没来人"))


async def test_still_leaking_goes_to_the_matter_and_taking_back_asks_once(ana: Any, town: Town) -> None:
    await registered(ana)
    assert "LX-" in await heard(ana.says("还在漏"))
    [ticket] = await all_of(town, tickets)
    assert ticket["unread"] == 1
    await ana.says("不修了 撤了")
    await ana.presses("是的，撤回")
    [ticket] = await all_of(town, tickets)
    assert ticket["state"] == "withdrawn"


@pytest.mark.parametrize("words", ["算了不找了", "不用了"])
async def test_no_person_after_all(words: str, ana: Any, clock: FrozenClock, town: Town) -> None:
    """The time stayed kept, and they were greeted."""
    clock.move(hours=12)  # 22:00
    await ana.says("转人工")
    await ana.says(words)
    [kept] = await all_of(town, appointments)
    assert kept["state"] == "dropped"


async def test_activities_stand_in_the_greeting(ana: Any) -> None:
    assert "有什么活动" in await heard(ana.says("你好"))
