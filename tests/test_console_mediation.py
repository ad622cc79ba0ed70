"""The mediation desk over HTTP: the list, one case for each kind of colleague, and every step a mediator takes there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from handlers.clocks.mediations import watch
from handlers.texts.catalogue import load_catalogue
from knowledge.mediation import Side, State
from storage import alarms, mediation, mediation_desk, mediation_talk, messages, sending, staff
from storage import tables as t
from storage.chats import find_or_open
from storage.engine import Storage
from storage.mediation import Case
from storage.mediation_opening import Whereabouts
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.mediation_cases import APPLICANT_SAID, Household, Room, above, applies, below, moves_in, says


class CaseRoom(Room):
    """The case as it was just applied for."""

    async def opens(self) -> str:
        return await self.desk.opens(self.here)

    async def sends(self, form: str, **fields: str) -> str:
        await self.opens()
        return await self.desk.sends(form, **fields)

    async def case(self) -> Case:
        return await self.storage.run(mediation.held, self.case_id)

    async def heard(self, home: Household) -> list[str]:
        said = await self.storage.read(messages.latest, chat_id=home.chat_id)
        return [message.text for message in said if message.sender != "resident"]

    async def says(self, side: Side, text: str) -> int:
        return await self.storage.run(says, await self.case(), side, text)

    async def talking(self) -> None:
        """Taken, accepted, asked in the chat, willing."""
        await self.sends("/take")
        await self.sends("/accept")
        await self.sends("/invite")
        await self.sends("/begin", note="打电话说愿意")


@pytest.fixture
async def room(storage: Storage) -> AsyncIterator[CaseRoom]:
    async with at_the_desk(storage, name="方调解", role="mediator") as desk:

        def story(tx: Tx) -> tuple[Household, Household, int]:
            one, other = below(tx), above(tx)
            return one, other, applies(tx, one).id

        one, other, case_id = await storage.run(story)
        yield CaseRoom(desk, case_id, one, other, storage)


async def test_a_case_goes_from_the_list_to_both_talking(room: CaseRoom) -> None:
    listed = await room.desk.opens("/console/mediations")
    assert "指定调解员" in listed
    assert APPLICANT_SAID not in listed + await room.opens(), "before it is theirs a mediator reads no word"
    page = await room.sends("/take")
    assert APPLICANT_SAID in page
    assert "看看能不能受理" in page
    page = await room.sends("/accept")
    assert "（2026）望人调字第1号" in page
    assert "（2026）望人调字第1号" in (await room.heard(room.one))[-1]
    assert "请对方来谈" in page
    page = await room.sends("/invite")
    assert "等对方答复" in page
    invited = (await room.heard(room.other))[-1]
    assert "噪音" in invited
    assert "不收钱" in invited
    page = await room.sends("/begin", note="他在电话里说愿意")
    assert "调解中" in page
    assert "都愿意谈" in (await room.heard(room.one))[-1]


async def test_a_code_is_shown_once_and_opens_the_case_to_whoever_brings_it(room: CaseRoom) -> None:
    await room.storage.run(lambda tx: tx.execute(t.residents.update().values(building=None)))
    await room.sends("/take")
    await room.sends("/accept")
    page = await room.sends("/invite")
    [code] = re.findall(r"<code>([0-9A-Z-]{14})</code>", page)
    assert code not in await room.opens()
    assert (await room.case()).state is State.INVITING


async def test_without_consent_the_desk_offers_no_invitation(room: CaseRoom) -> None:
    await room.storage.run(lambda tx: tx.execute(t.mediations.update().values(contact_consent_at=None)))
    await room.sends("/take")
    page = await room.sends("/accept")
    assert "/invite" not in page
    page = await room.sends("/consent", note="今天电话里说的")
    assert "/invite" in page


async def test_the_mediator_writes_to_one_side_and_only_that_side_hears_it(room: CaseRoom) -> None:
    await room.talking()
    page = await room.sends("/say", text="您先说说经过", thread="applicant")
    assert "您先说说经过" in page
    assert "您先说说经过" in (await room.heard(room.one))[-1]
    assert not any("您先说说经过" in said for said in await room.heard(room.other))


async def test_the_same_form_twice_says_it_once(room: CaseRoom) -> None:
    await room.talking()
    await room.opens()
    for _ in range(2):
        await room.desk.posts("/say", text="您好", thread="applicant")
    assert sum("您好" in said and "方调解" in said for said in await room.heard(room.one)) == 1


async def test_a_word_is_passed_on_by_one_press_and_a_private_one_after_a_look(room: CaseRoom) -> None:
    await room.talking()
    await room.says(Side.APPLICANT, "他电话13912345678，让他自己说")
    await room.opens()
    refused = await room.desk.client.post(f"{room.here}/release", data=room.desk.form("/release")[1] | {"word": "2"})
    assert "看过，可以转" in refused.text
    assert not any("13912345678" in said for said in await room.heard(room.other))
    await room.opens()
    address, hidden = room.desk.form("/release")
    await room.desk.client.post(address, data=hidden | {"word": "2", "looked": "yes"})
    assert any("13912345678" in said for said in await room.heard(room.other))


async def test_what_was_said_on_the_telephone_stands_in_their_thread(room: CaseRoom) -> None:
    await room.talking()
    page = await room.sends("/heard", side="respondent", text="他说家里有小孩，会注意")
    assert "他说家里有小孩" in page
    assert not any("小孩" in said for said in await room.heard(room.one))


async def test_the_joint_thread_is_there_when_both_agreed(room: CaseRoom) -> None:
    await room.talking()
    assert "三方一起" not in await room.opens()
    await room.sends("/joint")
    assert "一起说" in (await room.heard(room.other))[-1]
    for side in Side:
        await room.storage.run(mediation_talk.agree_to_joint, await room.case(), side, yes=True)
    page = await room.opens()
    assert "三方一起" in page
    address, hidden = room.desk.form("/say")
    await room.desk.client.post(address, data=hidden | {"thread": "joint", "text": "周三晚上见"})
    assert "周三晚上见" in (await room.heard(room.one))[-1]
    assert "周三晚上见" in (await room.heard(room.other))[-1]


@pytest.mark.parametrize(
    ("action", "ending", "told"),
    [("fail", "failed", "没有谈拢"), ("stop", "stopped_by_party", "调解结束了"), ("expire", "expired", "期限到了")],
)
async def test_an_end_tells_both_and_names_the_other_ways(action: str, ending: str, told: str, room: CaseRoom) -> None:
    await room.talking()
    await room.sends("/end", action=action, why="谈了三次")
    assert (await room.case()).ending == ending
    for home in (room.one, room.other):
        said = (await room.heard(home))[-1]
        assert told in said
        assert "12345" in said
        assert "谈了三次" not in said


async def test_what_is_not_for_mediation_is_declined_with_its_reason(room: CaseRoom) -> None:
    await room.sends("/take")
    await room.sends("/end", action="decline", why="法院已经立案了")
    assert "法院已经立案了" in (await room.heard(room.one))[-1]
    assert await room.heard(room.other) == []


async def test_an_end_without_a_reason_is_not_taken(room: CaseRoom) -> None:
    await room.talking()
    assert "请写明原因" in await room.sends("/end", action="fail", why=" ")
    assert (await room.case()).is_open


async def test_stepping_aside_hands_it_on_and_shuts_it(room: CaseRoom) -> None:
    await room.talking()
    await room.sends("/aside", why="是我表哥")
    await room.opens()
    assert room.desk.status == 404
    assert str(room.case_id) not in re.findall(
        r"/console/mediations/(\d+)", await room.desk.opens("/console/mediations")
    )


async def test_a_form_made_before_somebody_was_faster_changes_nothing(room: CaseRoom) -> None:
    await room.sends("/take")
    await room.opens()
    address, hidden = room.desk.form("/accept")
    await room.storage.run(lambda tx: mediation.change(tx, room.case_id))
    answer = await room.desk.client.post(address, data=hidden)
    assert answer.status_code == 409
    assert "最新的样子" in answer.text
    assert (await room.case()).state is State.APPLIED


async def test_in_danger_nobody_is_asked(room: CaseRoom) -> None:
    await room.sends("/take")
    await room.sends("/accept")
    await room.storage.run(
        alarms.raise_alarm, chat_id=room.one.chat_id, message_id=None, kind="domestic_violence", rule="test"
    )
    page = await room.sends("/invite")
    assert "先救人" in page
    assert (await room.case()).state is State.ACCEPTED
    assert await room.heard(room.other) == []


async def test_a_side_that_blocked_the_bot_is_shown_as_such(room: CaseRoom, clock: FrozenClock) -> None:
    await room.talking()
    await room.storage.run(sending.blocked, room.one.chat_id, at=clock.now)
    assert "屏蔽了机器人" in await room.opens()


# --- who may --------------------------------------------------------------------------------------------------------------
async def test_an_admin_names_a_mediator_and_sees_flats_but_no_words(room: CaseRoom) -> None:
    async with at_the_desk(room.storage, name="管理", role="admin") as admin:
        page = await admin.opens(room.here)
        assert "1304" in page
        assert APPLICANT_SAID not in page
        assert "何师傅" not in page
        await admin.sends("/name", mediator=str(room.desk.staff_id))
    assert (await room.case()).mediator_id == room.desk.staff_id
    assert APPLICANT_SAID in await room.opens()


async def test_who_must_step_aside_is_not_offered_and_not_taken(room: CaseRoom) -> None:
    async with at_the_desk(room.storage, name="邻居调解", role="mediator") as near, \
            at_the_desk(room.storage, name="管理", role="admin") as admin:  # fmt: skip
        await admin.opens("/console/mediations")
        await admin.sends("/homes", member=str(near.staff_id), flat="7栋2单元1304")
        page = await admin.opens(room.here)
        assert "邻居调解" not in page
        refused = await admin.posts("/name", mediator=str(near.staff_id))
        assert "回避" in refused.text
        await near.opens(room.here)
        assert near.status == 404
        assert f"/console/mediations/{room.case_id}" not in await near.opens("/console/mediations")


@pytest.mark.parametrize("role", ["operator", "worker", "supervisor", "mediator"])
async def test_colleagues_see_number_kind_state_and_clock_and_no_more(role: str, room: CaseRoom) -> None:
    await room.talking()
    await room.says(Side.APPLICANT, "只对调解员说的话")
    async with at_the_desk(room.storage, name="同事", role=role) as desk:
        page = await desk.opens(room.here)
        assert "（2026）望人调字第1号" in page
        assert "调解中" in page
        for hidden in (APPLICANT_SAID, "只对调解员说的话", "1304", "1204", "何师傅", "刘孃孃", "13800000001"):
            assert hidden not in page
        for form in ("/say", "/heard", "/release", "/invite", "/end", "/aside", "/join", "/joint", "/begin"):
            data = {"csrf": "", "revision": "1", "thread": "applicant", "text": "x", "word": "1", "side": "applicant"}
            answer = await desk.client.post(room.here + form, data=data)
            assert answer.status_code == 403, form


async def test_the_ticket_leads_to_the_mediation_desk(room: CaseRoom) -> None:
    case = await room.case()
    async with at_the_desk(room.storage, name="接线", role="operator") as desk:
        page = await desk.opens(f"/console/tickets/{case.number}")
        assert "只有调解员能看" in page
        assert APPLICANT_SAID not in page


async def test_a_mediator_who_is_out_leaves_an_alarm_on_the_desk(room: CaseRoom) -> None:
    await room.talking()
    await room.storage.run(staff.disable, room.desk.staff_id)
    async with at_the_desk(room.storage, name="管理", role="admin") as admin:
        listed = await admin.opens("/console/mediations")
        assert "原来的调解员走了" in listed
        assert "指定调解员" in listed


async def test_two_applications_about_each_other_are_one_case_on_the_desk(room: CaseRoom) -> None:
    def files_too(tx: Tx) -> Any:
        other = Whereabouts(building="7", unit="2", room="1204")
        return applies(tx, room.other, about=other, said="楼下敲管子", room="1304").id

    assert await room.storage.run(files_too) == room.case_id
    await room.sends("/take")
    page = await room.sends("/accept")
    assert "双方都申请了" in page
    assert "楼下敲管子" in page
    assert "受理了" in (await room.heard(room.other))[-1]
    await room.sends("/begin")
    assert "双方都愿意谈" in (await room.heard(room.one))[-1]
    heard = "\n".join(await room.heard(room.one) + await room.heard(room.other))
    assert "楼下敲管子" not in heard
    assert APPLICANT_SAID not in heard


async def test_a_strangers_home_changes_nothing(room: CaseRoom) -> None:
    await room.storage.run(lambda tx: moves_in(tx, 7, building="9", unit="1", room="101"))
    await room.storage.run(
        lambda tx: mediation_desk.set_home(tx, room.desk.staff_id, building="9", unit="1", room="101")
    )
    await room.sends("/take")
    assert room.desk.status == 200


async def test_a_case_nobody_mediates_is_told_of_in_the_staff_group_once(room: CaseRoom, clock: FrozenClock) -> None:
    group = await room.storage.run(find_or_open, channel="telegram", remote=-4711, kind="staff")
    clock.move(hours=25)
    for _ in range(2):
        await room.storage.run(watch, load_catalogue())
    told = [message.text for message in await room.storage.read(messages.latest, chat_id=group)]
    assert len(told) == 1
    assert (await room.case()).number in told[0]
    assert APPLICANT_SAID not in told[0]


# --- two about each other -----------------------------------------------------------------------------------------------
async def two_applications(room: CaseRoom) -> int:
    """The neighbour above applies too, and names nobody: nothing joins the two by itself. The second case."""

    def story(tx: Tx) -> int:
        about = Whereabouts(place_note="楼下那家")
        return applies(tx, room.other, about=about, said="楼下天天敲管子，雪松", room="1304").id

    return await room.storage.run(story)


async def test_two_about_each_other_are_joined_by_the_mediator_who_has_both(room: CaseRoom) -> None:
    await room.sends("/take")
    await room.sends("/accept")
    second = await two_applications(room)
    await room.desk.opens(f"/console/mediations/{second}")
    assert 'action="/console/mediations/2/join"' not in room.desk.page
    await room.desk.sends("/take")
    page = await room.desk.sends("/join", **{"with": str(room.case_id)})
    assert "合成一件了" in page
    case = await room.case()
    assert (case.respondent.chat_id, case.respondent.willing) == (room.other.chat_id, True)
    assert "受理了" in (await room.heard(room.other))[-1]
    assert "雪松" not in "\n".join(await room.heard(room.one))
    assert APPLICANT_SAID not in "\n".join(await room.heard(room.other))
    assert (await room.storage.run(mediation.held, second)).ending == "joined"


async def test_who_has_only_one_of_them_or_must_step_aside_joins_nothing(room: CaseRoom) -> None:
    await room.sends("/take")
    second = await two_applications(room)
    token = room.desk.form("/accept")[1]
    sent = {"csrf": token["csrf"], "revision": "1", "with": str(room.case_id)}
    here = f"/console/mediations/{second}/join"
    assert (await room.desk.client.post(here, data=sent)).status_code == 403  # nobody has the second yet
    await room.desk.opens(f"/console/mediations/{second}")
    await room.desk.sends("/take")
    home = {"building": "7", "unit": "2", "room": "1204"}
    await room.storage.run(mediation_desk.set_home, room.desk.staff_id, **home)
    assert (await room.desk.client.post(here, data=sent | {"revision": "2"})).status_code == 403
    assert (await room.storage.run(mediation.held, second)).state is State.APPLIED


async def test_an_application_is_not_joined_with_one_about_somebody_else(room: CaseRoom) -> None:
    await room.talking()

    def third(tx: Tx) -> int:
        home = moves_in(tx, 3, name="周孃孃", building="7", unit="2", room="1404")
        return applies(tx, home, about=Whereabouts(place_note="楼下"), room="1404").id

    second = await room.storage.run(third)
    await room.desk.opens(f"/console/mediations/{second}")
    page = await room.desk.sends("/take")
    assert "/join" not in page
    case = await room.storage.run(mediation.held, second)
    sent = {"csrf": room.desk.form("/accept")[1]["csrf"], "revision": str(case.revision), "with": str(room.case_id)}
    answered = await room.desk.client.post(f"/console/mediations/{second}/join", data=sent)
    assert answered.status_code == 409
    assert "不能合成一件" in answered.text
