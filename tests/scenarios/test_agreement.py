"""Two neighbours from the first appointment to the last visit, each on their own channel, their mediator at the desk."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from knowledge.mediation import State
from storage import mediation, own_data, residents, staff
from storage.mediation import Case
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import group_heard, opens_group, passes
from tests.town import Town

SECRET = "我老汉儿心脏不好，这话莫给楼上说"
FELT = {
    "who_1": "respondent",
    "what_1": "椅脚包毛毡，晚上十点后不拖椅子",
    "way_1": "自己买来包好",
    "by_1": "2026-12-07",
}
TEXT = {"form": "written", "facts": "楼上夜里拖椅子", "dispute": "夜里太吵，睡不好", **FELT}
SHEET = b"%PDF-1.4\n%%EOF\n"
TODAY = dict.fromkeys(("signed_applicant", "signed_respondent", "signed_mediator", "sealed"), "2026-11-25")


class Story:
    """Ana below, Bo above, and the mediator's desk."""

    def __init__(self, town: Town, ana: Any, bo: Any, desk: Desk, case_id: int) -> None:
        self.town, self.ana, self.bo, self.desk, self.case_id = town, ana, bo, desk, case_id

    async def case(self) -> Case:
        found = await self.town.storage.read(mediation.get, self.case_id)
        assert found is not None
        return found

    async def at_desk(self, form: str, /, **fields: str) -> str:
        await self.opens("/agreement" if form in ("/agreement", "/put") else "/course")
        page = await self.desk.sends(form, **fields)
        await self.town.works()
        return page

    async def opens(self, rest: str = "/course") -> str:
        return await self.desk.opens(f"/console/mediations/{self.case_id}{rest}")

    async def signs(self) -> str:
        await self.opens()
        address, hidden = self.desk.form("/sign")
        files = {"file": ("协议.pdf", SHEET, "application/pdf")}
        response = await self.desk.client.post(address, data=hidden | TODAY, files=files, follow_redirects=True)
        await self.town.works()
        return response.text

    async def days_pass(self, clock: FrozenClock, **span: float) -> None:
        """Time goes by; whoever is at the desk signs in again."""
        await passes(self.town, clock, **span)
        token = await self.town.storage.run(staff.make_link, self.desk.staff_id)
        await self.desk.client.post("/console/enter", data={"token": token})


async def applies(ana: Any) -> None:
    """From the first sentence to the application."""
    await ana.says("我是刘孃孃，7栋1204，楼上天天半夜拖椅子，" + SECRET)
    if "同意吗" in await ana.sees():
        await ana.presses("同意")
    await ana.submits()
    await ana.presses("申请调解")
    await ana.says("楼上1304，希望十点后别拖椅子")
    assert "申请好了" in "\n".join(await ana.presses("可以问对方"))


@pytest.fixture
async def story(ana: Any, town: Town) -> AsyncIterator[Story]:
    """Both agreed to have it mediated; what Ana told the mediator is hers."""
    bo = await town.resident("telegram" if ana.channel == "web" else "web")
    await opens_group(town)
    home = {"name": "何师傅", "building": "7", "unit": "2", "room": "1304"}
    await town.storage.run(residents.remember, chat_id=bo.chat_id, **home)
    await applies(ana)
    async with at_the_desk(town.storage, name="方调解", role="mediator") as desk:
        for form in ("/take", "/accept", "/invite"):
            await desk.opens("/console/mediations/1")
            await desk.sends(form)
        await town.works()
        assert "噪音" in await bo.sees()
        assert SECRET not in await bo.sees()
        assert "愿意" in "\n".join(await bo.presses("愿意谈谈"))
        yield Story(town, ana, bo, desk, 1)


async def meets(story: Story, clock: FrozenClock) -> None:
    """Names are put right; a time is proposed, moved because Bo works, agreed, reminded of, held and written up."""
    at = {"day": "2026-11-24", "from": "09:30", "until": "11:00", "place": "社区调解室"}
    await story.at_desk("/parties/applicant", name="刘桂芳", building="7", room="1204")
    await story.at_desk("/parties/respondent", name="何建国", building="7", room="1304")
    await story.at_desk("/sessions", **at)
    assert "明天 09:30到11:00" in await story.ana.sees()
    await story.ana.presses("能来")
    assert "等对方也说好" in await story.ana.sees()
    await story.bo.presses("换个时间")
    await story.bo.says("后天下午三点嘛")
    assert "后天下午三点嘛" in await story.bo.sees()
    assert "后天下午三点嘛" in await story.opens()
    await story.at_desk("/sessions", **at | {"day": "2026-11-25", "from": "15:00", "until": "16:00"})
    assert "时间想改一下" in await story.ana.sees()
    await story.ana.says("要得")
    await story.bo.says("我能来")
    for one in (story.ana, story.bo):
        assert "约好了" in await one.sees()
    await story.ana.says("我们约的好久？")
    assert "周三 15:00到16:00" in await story.ana.sees()
    await passes(story.town, clock, hours=29.5)
    for one in (story.ana, story.bo):
        assert "提醒您" in await one.sees()
    await story.days_pass(clock, days=1)
    page = await story.at_desk(
        "/record", record="双方说开了，何师傅愿意包椅脚。", outcome="agreed", present_applicant="yes"
    )
    assert "记录存进卷宗了" in page


async def agrees(story: Story) -> None:
    """Written, read to both, changed because Bo wants another day, read again and confirmed."""
    await story.at_desk("/agreement", **TEXT)
    await story.at_desk("/put")
    assert "对方：椅脚包毛毡" in await story.ana.sees()
    assert "您：椅脚包毛毡" in await story.bo.sees()
    await story.ana.says("没错，就这样")
    await story.bo.presses("有地方要改")
    assert "只有调解员看得到" in await story.bo.sees()
    await story.at_desk("/agreement", **TEXT | {"by_1": "2026-12-10"})
    for one in (story.ana, story.bo):
        assert "前面的确认都不算了" in await one.sees()
    await story.at_desk("/put")
    for one in (story.ana, story.bo):
        assert "2026年12月10日前" in await one.sees()
        await one.presses("没错，就这样")
    for one in (story.ana, story.bo):
        assert "签字或者按手印" in await one.sees()
    await story.bo.says("协议再念一遍")
    assert "您：椅脚包毛毡" in await story.bo.sees()


async def test_two_neighbours_from_the_first_appointment_to_the_filed_case(story: Story, clock: FrozenClock) -> None:
    await meets(story, clock)
    await agrees(story)
    assert "协议生效了" in await story.signs()
    for one in (story.ana, story.bo):
        assert "2026年11月25日起算数" in await one.sees()
        assert "最晚2026年12月25日" in await one.sees()
    await story.days_pass(clock, days=16)
    assert "做到了吗" in await story.ana.sees()
    await story.ana.presses("还没有")
    assert "调解员会去催" in await story.ana.sees()
    await story.bo.says("已经做好了")
    await story.opens()
    visit = "/visits/1"
    await story.at_desk(visit, outcome="not_yet", how="还差两把椅子", steps="当面催了")
    for one in (story.ana, story.bo):
        assert "还没有做到" in await one.sees()
    await story.days_pass(clock, days=8)
    await story.at_desk("/visits/2", outcome="performed", how="都包好了", satisfied="satisfied")
    for one in (story.ana, story.bo):
        assert "已经做到" in await one.sees()
    assert "归档了" in await story.at_desk("/file")
    assert (await story.case()).state is State.FILED
    whole = await story.opens("/print/all")
    assert [whole.count(f'id="sheet-{sheet}"') for sheet in ("index", "application", "rights", "agreement")] == [1] * 4
    assert SECRET not in "\n".join(message.text for message in await story.bo.thread())


async def test_the_court_is_reminded_of_on_day_twenty_and_for_the_last_time_before_it_shuts(
    story: Story, clock: FrozenClock
) -> None:
    await meets(story, clock)
    await agrees(story)
    await story.signs()
    await passes(story.town, clock, days=21)
    assert "协议生效二十天了" in "\n".join(await story.bo.hears())
    await passes(story.town, clock, hours=1)
    assert "司法确认" not in "\n".join(await story.bo.hears())  # once
    await passes(story.town, clock, days=9)
    assert "请抓紧：最晚2026年12月25日" in "\n".join(await story.bo.hears())
    await passes(story.town, clock, days=3)
    assert "三十天过了" in "\n".join(await story.bo.hears())


async def test_more_time_needs_both(story: Story, clock: FrozenClock) -> None:
    before = (await story.case()).settle_by
    await story.at_desk("/extension", until="2027-01-15", reason="等鉴定结果")
    await story.ana.says("同意延长")
    assert (await story.case()).settle_by == before
    await story.bo.presses("同意延")
    for one in (story.ana, story.bo):
        assert "期限到2027年1月15日" in await one.sees()
    await story.at_desk("/extension", until="2027-02-15", reason="还在等")
    await story.bo.says("不想再拖了")
    assert "期限不变" in await story.ana.sees()


async def test_a_month_without_a_result_is_told_once_to_desk_and_sides(story: Story, clock: FrozenClock) -> None:
    await passes(story.town, clock, days=24)
    assert any("的期限" in said for said in await group_heard(story.town))
    await passes(story.town, clock, days=7)
    assert "期限到了" in await story.ana.sees()
    count = len(await story.ana.thread())
    await passes(story.town, clock, days=1)
    assert len(await story.ana.thread()) == count


async def test_a_press_too_late_or_twice_or_from_another_chat_changes_nothing(story: Story, clock: FrozenClock) -> None:
    at = {"day": "2026-11-24", "from": "09:30", "until": "11:00", "place": "社区调解室"}
    await story.at_desk("/sessions", **at)
    asked = (await story.ana.thread())[-1]
    data = asked.buttons[0][0]["data"] if asked.buttons else ""
    await story.ana.presses("能来", times=2)
    await story.at_desk("/sessions", **at | {"day": "2026-11-25"})
    heard = await story.ana.presses_data(asked, data)
    assert "能来" not in "\n".join(heard)
    await story.bo.presses_data(asked, data)
    page = await story.opens()
    assert page.count("还没答") == 2


async def test_other_words_go_their_own_way_while_something_is_asked(story: Story) -> None:
    at = {"day": "2026-11-24", "from": "09:30", "until": "11:00", "place": "社区调解室"}
    await story.at_desk("/sessions", **at)
    await story.bo.says("我家厨房水管爆了")
    assert "方便吗" not in await story.bo.sees()
    await story.bo.says("我来不了")
    assert "另找时间" in await story.bo.sees()


async def test_on_the_whole_way_neither_side_reaches_what_the_other_said(story: Story, clock: FrozenClock) -> None:
    """Their words to the mediator, their answers in words, and why something is to be changed: in no message, in no file
    of one's own data, in no line of the staff group, on no page of a colleague's."""
    of_bo = ("椅子是我老娘的轮椅", "后天下午三点嘛", "餐椅包就行了噻，莫写沙发")
    await story.bo.says(f"跟调解员说：{of_bo[0]}")
    await meets(story, clock)
    await story.at_desk("/agreement", **TEXT)
    await story.at_desk("/put")
    await story.bo.presses("有地方要改")
    await story.bo.says(of_bo[2])
    assert "只有调解员看得到" in await story.bo.sees()
    heard = await words_of(story, story.ana) + "\n".join(await group_heard(story.town))
    assert [said for said in of_bo if said in heard] == []
    assert SECRET not in await words_of(story, story.bo)
    async with at_the_desk(story.town.storage, name="周敏", role="mediator") as other:
        for rest in ("/course", "/agreement", "/print/all"):
            await other.opens(f"/console/mediations/{story.case_id}{rest}")
            assert other.status == 403
        figures = await other.opens("/console/mediations/figures")
        assert not [said for said in (*of_bo, SECRET, "何建国") if said in figures]


async def words_of(story: Story, one: Any) -> str:
    """Everything somebody has been shown, and all that "my data" gives them."""
    shown = "\n".join(message.text for message in await one.thread())
    kept = await story.town.storage.read(own_data.everything, one.chat_id)
    return shown + json.dumps(kept, ensure_ascii=False, default=str)
