"""Whoever says that nobody need answer, or telephone afterwards, is taken at their word (WO-15)."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.circumstances import wants_no_call_back, wants_no_reply
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import does, newest, passes
from tests.town import Town

LAMP = "11栋楼道灯不亮了，不用回访"


@pytest.mark.parametrize("text", ["不用回复我", "不必答复了", "莫回话", "No reply needed", "you don't need to reply"])
def test_no_reply(text: str) -> None:
    assert wants_no_reply(text)


@pytest.mark.parametrize("text", ["不用回访", "别打电话回访", "不用给我打电话", "please don't call me back"])
def test_no_call_back(text: str) -> None:
    assert wants_no_call_back(text)


@pytest.mark.parametrize("text", ["你们怎么不回复", "什么时候回访", "why does nobody call me back", "回复我一下"])
def test_anything_else_is_none(text: str) -> None:
    assert not wants_no_reply(text)
    assert not wants_no_call_back(text)


async def test_it_stands_in_the_summary_and_on_the_desk(ana: Any, town: Town) -> None:
    await ana.says("11栋楼道灯不亮了，电话13912345678")
    await ana.presses("同意")
    assert "不用回访" not in await ana.sees()
    await ana.says("不用回复我")
    assert "不用回话" in await ana.sees(), "also said later, and then it is no word about the lamp"
    filed = "\n".join(await ana.presses("提交"))
    assert "有人和您联系" not in filed
    ticket = await newest(town)
    assert (ticket["needs_reply"], ticket["needs_call_back"]) == (False, True)
    assert "不用回" not in ticket["description"]
    async with at_the_desk(town.storage) as desk:
        assert "不用回话" in await desk.opens(f"/console/tickets/{ticket['number']}")


async def test_nobody_calls_and_it_ends_as_not_confirmed(ana: Any, town: Town, clock: FrozenClock) -> None:
    await ana.says(LAMP)
    await ana.presses("同意")
    assert "不用回访" in await ana.sees()
    await ana.presses("提交")
    number = (await newest(town))["number"]
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "accept")
        await does(desk, number, "finish", "换了灯泡")
        for _ in range(12):
            await passes(town, clock, days=1)
            assert number not in await desk.opens("/console/call-backs"), "nobody is to call"
    ticket = await newest(town)
    assert (ticket["state"], ticket["outcome"]) == ("closed", "not_confirmed")
    heard = "\n".join(await ana.hears())
    assert "就没有打电话" in heard
    assert heard.count("没能确认") == 1
    assert "重新办" in "\n".join(await ana.presses("没有解决"))
