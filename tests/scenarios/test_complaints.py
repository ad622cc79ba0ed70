"""Journey 8 as stories: suggesting, praising, complaining - and whoever is complained of never sees it (WO-24)."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.web.console import conversation_routes
from storage import conversations, desk, desk_acts, desk_talks, messages, queue_kinds, queues, staff, stepping_aside
from storage.desk_acts import Notice
from storage.queues import Wanted
from storage.tables import ticket_barred, tickets
from tests.desk_service import hire
from tests.scenarios.test_first_slice import PIPE, all_of
from tests.town import Town

RUDE = "投诉窗口的周敏态度差，骂人"


async def complains(ana: Any, words: str = RUDE) -> str:
    heard = await ana.says(words)
    heard += await ana.presses("同意")
    heard += await ana.presses("要保密")
    if "别的事" in await ana.buttons():
        heard += await ana.presses("跳过")
    return "\n".join([*heard, *await ana.presses("提交")])


async def staff_of(town: Town) -> dict[str, int]:
    everybody = [("周敏", "operator"), ("李强", "operator"), ("陈刚", "worker"), ("何平", "mediator")]
    everybody += [("吴静", "supervisor"), ("罗兰", "admin")]
    return {name: (await town.storage.run(hire, name, role))[0] for name, role in everybody}


async def who_sees(town: Town, members: dict[str, int], number: str) -> set[str]:
    """Who finds the ticket in the queue; the page agrees with it for everybody."""
    seen = set()
    for name, id in members.items():
        rows = (await town.storage.read(queues.page, Wanted(), staff_id=id, role="operator")).rows
        page = await town.storage.read(desk.ticket_page, number, staff_id=id)
        found = await town.storage.read(queues.page, Wanted(words=number), staff_id=id, role="operator")
        assert bool(page) == bool(found.rows) == any(row.number == number for row in rows)
        counted = await town.storage.read(queue_kinds.counts, staff_id=id)
        assert counted["all"] == len(rows)
        seen |= {name} if page else set()
    return seen


async def test_a_suggestion_goes_to_the_committee_with_a_promise(ana: Any, town: Town) -> None:
    await ana.says("建议在中心广场多装几个凳子")
    await ana.presses("同意")
    assert "登记好了" in "\n".join(await ana.presses("提交"))
    [ticket] = await all_of(town, tickets)
    assert (ticket["route"], ticket["urgency"]) == ("suggestion", "P3")


async def test_praise_is_taken_and_passed_on(ana: Any, town: Town) -> None:
    await ana.says("表扬一下7栋的保洁大姐，楼道扫得很干净")
    assert "表扬" in "\n".join(await ana.presses("同意"))
    assert "转达给本人" in "\n".join(await ana.presses("提交"))
    [ticket] = await all_of(town, tickets)
    assert (ticket["route"], ticket["confidential"]) == ("praise", False)


async def test_thanks_that_name_somebody_are_offered_to_be_passed_on(ana: Any, town: Town) -> None:
    assert "不客气" in "\n".join(await ana.says("谢谢3栋的网格员小王帮我妈买药"))
    await ana.presses("替我转达")
    await ana.presses("同意")
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["route"] == "praise"


async def test_plain_thanks_open_no_form(ana: Any, town: Town) -> None:
    assert await ana.says("谢谢你哈") == ["不客气，有事随时说。"]


async def test_confidence_is_offered_first_and_who_will_see_it_is_said_plainly(ana: Any) -> None:
    heard = "\n".join(await ana.says(RUDE))
    assert "只给居务监督委员会和社区负责人看" in heard
    assert "需要替您保密吗" in "\n".join(await ana.presses("同意"))


async def test_the_one_complained_of_and_their_desk_never_see_it(ana: Any, town: Town) -> None:
    members = await staff_of(town)
    await complains(ana)
    [ticket] = await all_of(town, tickets)
    assert await who_sees(town, members, ticket["number"]) == {"吴静", "罗兰"}


@pytest.mark.parametrize(
    ("words", "sees"),
    [
        ("投诉物业乱收费", {"周敏", "李强", "何平", "吴静", "罗兰"}),
        ("投诉3栋楼栋长乱收钱", {"周敏", "李强", "何平", "吴静", "罗兰"}),
        ("投诉居委会主任偏心", {"吴静"}),
        ("投诉社区的罗兰收红包", {"吴静"}),
        ("投诉窗口的小吴骂人", {"罗兰"}),
    ],
)
async def test_who_steps_aside_depends_on_whom_it_is_about(words: str, sees: set[str], town: Town) -> None:
    ana, members = await town.resident("web"), await staff_of(town)
    await complains(ana, words)
    [ticket] = await all_of(town, tickets)
    assert await who_sees(town, members, ticket["number"]) == sees


async def test_whoever_comes_later_under_that_name_does_not_see_it_either(town: Town) -> None:
    ana = await town.resident("web")
    await town.storage.run(hire, "周敏", "admin")
    await complains(ana)
    [ticket] = await all_of(town, tickets)
    later, _ = await town.storage.run(hire, "孙立", "operator")
    assert await town.storage.read(desk.ticket_page, ticket["number"], staff_id=later) is None
    assert {row["role"] or row["name"] for row in await all_of(town, ticket_barred)} >= {"周敏", "operator"}


async def test_no_step_can_be_taken_on_what_one_must_not_see(town: Town) -> None:
    ana, members = await town.resident("web"), await staff_of(town)
    await complains(ana)
    [ticket] = await all_of(town, tickets)

    def close(staff_id: int) -> Any:
        return town.storage.run(
            desk_acts.act, ticket["id"], staff_id=staff_id, action="finish", revision=ticket["revision"], text="好",
            tell=lambda language, due_at: Notice("好"),
        )  # fmt: skip

    with pytest.raises(LookupError):
        await close(members["周敏"])
    await close(members["罗兰"])


async def test_whoever_takes_the_conversation_later_does_not_read_the_complaint_there(town: Town) -> None:
    ana, members = await town.resident("web"), await staff_of(town)
    await complains(ana)
    await ana.says("转人工")
    [(talk_id, last)] = [(talk.id, talk.last_words) for talk in await town.storage.read(desk_talks.talks)]
    assert last == "转人工"
    found = await town.storage.read(desk_talks.talk, talk_id)
    assert found is not None
    for name, reads in (("周敏", False), ("吴静", True)):
        said = await town.storage.read(stepping_aside.without_barred, found[1], staff_id=members[name])
        assert any("态度差" in message.text for message in said) == reads, name


async def test_whoever_takes_a_call_in_the_middle_of_a_complaint_about_them_reads_none_of_it(town: Town) -> None:
    """The draft stood beside the conversation, whoever took it."""
    ana, members = await town.resident("web"), await staff_of(town)
    await ana.says(RUDE)
    await ana.presses("同意")
    await ana.says("转人工")
    [talk_id] = [talk.id for talk in await town.storage.read(desk_talks.talks)]
    for name, reads in (("周敏", False), ("李强", False), ("吴静", True)):
        member = await town.storage.read(staff.get, members[name])
        assert member is not None
        found = await town.storage.read(desk_talks.talk, talk_id, member=member)
        assert found is not None
        assert any("态度差" in message.text for message in found[1]) == reads, name
        assert any(message.text == "转人工" for message in found[1]), "what was said to whoever comes stays"
        page = await town.storage.read(conversation_routes._look, talk_id, member)
        assert page is not None
        assert (page[4] is not None) == reads, name


async def test_other_tickets_and_words_stay_seen(town: Town) -> None:
    ana, members = await town.resident("web"), await staff_of(town)
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert await who_sees(town, members, ticket["number"]) == set(members)
    await town.storage.run(conversations.ask_for_person, chat_id=ana.chat_id, reason="asked")
    said = await town.storage.read(messages.latest, chat_id=ana.chat_id)
    assert await town.storage.read(stepping_aside.without_barred, said, staff_id=members["周敏"]) == said


async def test_the_one_who_complained_follows_it_as_anything_else(ana: Any, town: Town) -> None:
    told = await complains(ana)
    [ticket] = await all_of(town, tickets)
    assert ticket["number"] in told
    assert ticket["number"] in "\n".join(await ana.says("我的工单"))


async def test_on_both_databases(any_town: Town) -> None:
    ana, members = await any_town.resident("web"), await staff_of(any_town)
    await complains(ana)
    [ticket] = await all_of(any_town, tickets)
    assert await who_sees(any_town, members, ticket["number"]) == {"吴静", "罗兰"}
