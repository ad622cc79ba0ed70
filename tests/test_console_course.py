"""A mediation's course at the mediator's desk, over HTTP: from the first appointment to the printed file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from handlers.clocks.mediations import watch
from handlers.mediation_telling import follow
from handlers.texts.catalogue import load_catalogue
from knowledge.mediation import State
from storage import mediation, mediation_agreements, mediation_asks, mediation_visits, messages, staff
from storage.engine import Storage
from storage.mediation import Case
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.mediation_cases import Household, Room, above, applies, below, talking

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TERM = {
    "who_1": "respondent",
    "what_1": "晚上十点后不拖椅子，椅脚包上毛毡",
    "way_1": "自己买毛毡包好",
    "by_1": "2026-12-04",
}
WRITTEN = {"form": "written", "facts": "楼上夜里拖椅子", "dispute": "夜里太吵", **TERM}


class CaseRoom(Room):
    """The case as it goes on."""

    async def signs_in_again(self) -> None:
        """A session is good for a week."""
        token = await self.storage.run(staff.make_link, self.desk.staff_id)
        await self.desk.client.post("/console/enter", data={"token": token})

    async def case(self) -> Case:
        found = await self.storage.read(mediation.get, self.case_id)
        assert found is not None
        return found

    async def opens(self, rest: str = "/course") -> str:
        return await self.desk.opens(self.here + rest)

    async def sends(self, form: str, /, **fields: str) -> str:
        """A form of the course's page, as it is now."""
        await self.opens("/agreement" if form in ("/agreement", "/put") else "/course")
        return await self.desk.sends(form, **fields)

    async def answers(self, kind: Any, **said: str) -> None:
        """Both sides press their buttons; the desk's own words come of it."""

        def press(tx: Tx) -> None:
            for side, answer in said.items():
                rows = [row for key, row in mediation_asks.all_of(tx, self.case_id).items() if key[0] == kind]
                row = max((row for row in rows if row["side"] == side), key=lambda row: row["id"])
                kept = mediation_asks.answer(tx, row["id"], chat_id=row["chat_id"], said=answer, via="button")
                assert kept is not None
                follow(tx, load_catalogue(), kept)

        await self.storage.run(press)

    async def heard(self, home: Household) -> str:
        said = await self.storage.read(messages.latest, chat_id=home.chat_id)
        return [message.text for message in said if message.sender != "resident"][-1]


@pytest.fixture
async def room(storage: Storage) -> AsyncIterator[CaseRoom]:
    async with at_the_desk(storage, name="方调解", role="mediator") as desk:

        def story(tx: Tx) -> tuple[Household, Household, int]:
            one, other = below(tx), above(tx)
            return one, other, talking(tx, applies(tx, one), desk.staff_id).id

        one, other, case_id = await storage.run(story)
        yield CaseRoom(desk, case_id, one, other, storage)


async def test_an_appointment_is_put_to_both_and_written_up(room: CaseRoom, clock: FrozenClock) -> None:
    page = await room.sends("/sessions", day="2026-11-25", **{"from": "09:30", "until": "11:00", "place": "社区调解室"})
    assert "已经问双方了" in page
    assert "周三 09:30到11:00" in await room.heard(room.other)
    await room.answers("session", applicant="yes", respondent="yes")
    assert "约好了" in await room.heard(room.one)
    assert "已约定" in await room.opens()
    clock.move(days=2)
    page = await room.sends("/record", record="双方说了经过，愿意包椅脚。", outcome="agreed", present_applicant="yes")
    assert "记录存进卷宗了" in page
    assert "把说好的写成协议" in page
    printed = await room.opens("/print/session")
    assert "双方说了经过" in printed
    assert "申请人 刘孃孃" in printed


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2026-11-20", "from": "09:30", "until": "11:00", "place": "社区"}, "这个时间已经过了"),
        ({"day": "2026-11-25", "from": "11:00", "until": "09:30", "place": "社区"}, "结束要在开始之后"),
        ({"day": "2026-11-25", "from": "11:00", "until": "12:30", "place": " "}, "请填哪天"),
        ({"day": "someday", "from": "11:00", "until": "12:30", "place": "社区"}, "不完整"),
    ],
)
async def test_a_time_that_cannot_be_is_not_proposed(room: CaseRoom, fields: dict[str, str], said: str) -> None:
    assert said in await room.sends("/sessions", **fields)
    assert room.desk.status in (409, 422)


async def agreed(room: CaseRoom, **fields: str) -> None:
    """Written, put before both, and confirmed by both."""
    await room.sends("/agreement", **(WRITTEN | fields))
    await room.sends("/put")
    await room.answers("agreement", applicant="yes", respondent="yes")


async def test_a_draft_shows_what_is_missing_and_only_a_whole_one_is_read_to_both(room: CaseRoom) -> None:
    page = await room.sends("/agreement", **(WRITTEN | {"by_1": "", "what_1": "尽快包好，不得起诉"}))
    for weight in ("还缺", "不能这样约定", "没写清楚"):
        assert weight in page
    with pytest.raises(AssertionError, match="no form"):
        room.desk.form("/put")
    page = await room.sends("/agreement", **WRITTEN)
    assert "写全了" in page
    assert "念给双方了" in await room.sends("/put")
    told = await room.heard(room.other)
    assert "您：晚上十点后不拖椅子" in told
    assert "对方：晚上十点后不拖椅子" in await room.heard(room.one)


async def test_a_change_after_both_confirmed_voids_it_and_both_hear_so(room: CaseRoom) -> None:
    await agreed(room)
    assert (await room.case()).state is State.AGREED
    await room.sends("/agreement", **(WRITTEN | {"by_1": "2026-12-08"}))
    assert "前面的确认都不算了" in await room.heard(room.one)
    assert (await room.case()).state is State.MEDIATING
    assert "签字生效" not in await room.opens()


async def signs(room: CaseRoom, days: dict[str, str] | None = None, *, file: bytes | None = PDF) -> httpx.Response:
    await room.opens()
    address, hidden = room.desk.form("/sign")
    files = {"file": ("协议.pdf", file, "application/pdf")} if file else None
    return await room.desk.client.post(address, data=hidden | (days or {}), files=files, follow_redirects=True)


ALL = dict.fromkeys(("signed_applicant", "signed_respondent", "signed_mediator", "sealed"), "2026-11-23")


async def test_it_is_in_force_with_everything_there_and_not_before(room: CaseRoom) -> None:
    await agreed(room)
    response = await signs(room, ALL, file=None)
    assert "还没有齐" in response.text
    assert (await room.case()).state is State.AGREED
    response = await signs(room)
    assert "协议生效了" in response.text
    assert (await room.case()).state is State.PERFORMING
    told = await room.heard(room.other)
    assert "2026年11月23日起算数" in told
    assert "最晚2026年12月23日" in told
    scan = re.search(r'href="(/console/mediations/\d+/scans/\d+)"', response.text)
    assert scan is not None
    assert (await room.desk.client.get(scan[1])).content == PDF


async def test_a_signed_sheet_is_a_photo_or_a_pdf(room: CaseRoom) -> None:
    await agreed(room)
    response = await signs(room, ALL, file=b"MZ this is a program")
    assert response.status_code == 415
    assert (await room.case()).state is State.AGREED


async def test_a_visit_is_recorded_and_the_case_filed(room: CaseRoom, clock: FrozenClock) -> None:
    await agreed(room)
    await signs(room, ALL)
    clock.move(days=14)
    await room.signs_in_again()
    await room.storage.run(ask_after)
    assert "做到了吗" in await room.heard(room.one)
    await room.answers("visit", applicant="not_yet", respondent="performed")
    [visit] = await room.storage.read(mediation_visits.of_case, room.case_id)
    page = await room.sends(f"/visits/{visit['id']}", outcome="not_yet", how="上门看过，毛毡还没包", again="2026-12-10")
    assert "还没有做到" in await room.heard(room.one)
    assert "归档结案" not in page
    again = (await room.storage.read(mediation_visits.outstanding, room.case_id))[0]
    page = await room.sends(f"/visits/{again['id']}", outcome="performed", how="包好了，夜里安静")
    assert "归档结案" in page
    page = await room.sends("/file")
    assert "归档了" in page
    assert (await room.case()).ending == "performed"
    assert "归档" in await room.heard(room.other)
    whole = await room.opens("/print/all")
    for sheet in ("卷内目录", "受理登记表", "权利义务告知书", "人民调解协议书", "回访记录"):
        assert sheet in whole
    assert whole.count('id="sheet-visit-') == 2


def ask_after(tx: Tx) -> None:
    watch(tx, load_catalogue())


async def test_an_oral_agreement_is_registered_with_its_day(room: CaseRoom) -> None:
    lasting = {"form": "oral", "dispute": "夜里太吵", "who_1": "both", "what_1": "晚上十点后不吵", "lasting_1": "yes"}
    await room.sends("/agreement", **lasting)
    await room.sends("/put")
    await room.answers("agreement", applicant="yes", respondent="yes")
    assert "协议生效了" in await room.sends("/oral", on="2026-11-23")
    row = await room.storage.read(mediation_agreements.of_case, room.case_id)
    assert row[-1]["in_force_on"] == date(2026, 11, 23)
    assert "口头调解协议登记表" in await room.opens("/print/all")


async def test_more_time_is_asked_of_both_and_a_no_leaves_it(room: CaseRoom) -> None:
    before = (await room.case()).settle_by
    await room.sends("/extension", until="2027-01-10", reason="等漏水鉴定")
    assert "到2027年1月10日" in await room.heard(room.one)
    await room.answers("extension", applicant="no")
    assert "期限不变" in await room.heard(room.other)
    assert (await room.case()).settle_by == before


async def test_a_side_in_no_chat_is_heard_by_the_mediator(room: CaseRoom) -> None:
    def leaves(tx: Tx) -> None:
        case = mediation.held(tx, room.case_id)
        mediation.change_party(tx, case.respondent, chat_id=None)

    await room.storage.run(leaves)
    await room.sends("/sessions", day="2026-11-25", **{"from": "09:30", "until": "11:00", "place": "社区"})
    asked = await room.storage.read(mediation_asks.all_of, room.case_id)
    theirs = next(row for row in asked.values() if row["side"] == "respondent")
    page = await room.sends(f"/asks/{theirs['id']}", said="yes", via="phone", words="要得")
    assert "记下了" in page
    await room.answers("session", applicant="yes")
    assert "已约定" in await room.opens()


async def test_nobody_else_opens_the_course_a_sheet_or_a_scan(room: CaseRoom) -> None:
    await agreed(room)
    response = await signs(room, ALL)
    scan = re.search(r'href="(/console/mediations/\d+/scans/\d+)"', response.text)
    assert scan is not None
    for name, role in (("周敏", "mediator"), ("王主任", "admin"), ("小李", "operator")):
        async with at_the_desk(room.storage, name=name, role=role) as other:
            for address in (f"{room.here}/course", f"{room.here}/agreement", f"{room.here}/print/all", scan[1]):
                await other.opens(address)
                assert other.status == 403, (role, address)
                assert "毛毡" not in other.page
            blob = scan[1].rsplit("/", 1)[1]
            await other.opens(f"/console/blobs/{blob}")
            assert other.status == 404


async def test_every_look_is_kept_and_an_old_form_changes_nothing(room: CaseRoom) -> None:
    await room.opens()
    stale = room.desk.form("/sessions")
    await room.sends("/extension", until="2027-01-10", reason="等漏水鉴定")
    fields = {"day": "2026-11-25", "from": "09:30", "until": "11:00", "place": "社区"}
    response = await room.desk.client.post(stale[0], data=stale[1] | fields)
    assert response.status_code == 409
    assert "刚才有人动过" in response.text


async def test_figures_count_and_rank_nobody(room: CaseRoom) -> None:
    await agreed(room)
    await signs(room, ALL)
    page = await room.desk.opens("/console/mediations/figures")
    assert "1 / 1" in page
    assert "噪音" in page
    assert "方调解" not in re.sub(r"<header.*?</header>", "", page, flags=re.S)
    assert await room.storage.read(staff.named, "方调解") is not None


async def test_a_paper_in_the_folder_counts_and_a_scan_is_named_for_printing(room: CaseRoom) -> None:
    await agreed(room)
    await signs(room, ALL)
    assert "缺" in await room.opens("/print/index")
    await room.sends("/papers", document="identity", note="双方身份证复印件在卷里")
    printed = await room.opens("/print/index")
    assert "双方身份证复印件在卷里" in printed
    assert "另附 PDF" in await room.opens("/print/all")
    assert "请选材料" in await room.sends("/papers", document="identity")
    assert "请选材料" in await room.sends("/papers", document="agreement", note="自己写的")


async def test_the_mediator_puts_a_name_right_as_the_papers_have_it(room: CaseRoom) -> None:
    page = await room.sends("/parties/respondent", name="何建国", building="7", unit="2", room="1304")
    assert "改好了" in page
    assert (await room.case()).respondent.name == "何建国"
    await agreed(room)
    assert "对方当事人 何建国" in await room.opens("/print/agreement")
    await room.opens()
    await room.desk.client.post(f"{room.here}/course/parties/landlord", data=room.desk.form("/parties/applicant")[1])
    assert (await room.case()).applicant.name == "刘孃孃"
