"""What was said to a mediator stays as it was said: an edit is a correction beside it. What binds is not taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.mediation import Access, Reader, Side
from storage import mediation, mediation_life
from storage import tables as t
from storage.mediation import Word
from storage.transaction import Tx
from tests.desk_service import at_the_desk
from tests.scenarios.office import newest
from tests.scenarios.test_mediation import applies, own_words, the_case
from tests.scenarios.test_mediation_wall import Wall, reached, wall
from tests.town import COUNTER, Town

__all__ = ["wall"]


async def edits(who: Any, old: str, new: str) -> list[str]:
    """What they said before, edited: as either channel would bring it."""
    [kept] = [one for one in await who.thread() if one.sender == "resident" and one.text == old]
    said = who.words(new)
    whole = json.loads(said.payload)
    number = next(COUNTER)
    remote = await who.town.storage.read(_remote, kept.id)
    message = whole.pop("message") | {"message_id": remote, "edit_date": 1_790_000_001}
    payload = json.dumps(whole | {"edited_message": message, "update_id": 900_000 + number}, ensure_ascii=False)
    heard: list[str] = await who.sends(
        replace(said, key=f"edit:{number}", payload=payload, words=None, remote_message=None)
    )
    return heard


def _remote(tx: Any, message_id: int) -> int:
    known = select(t.deliveries.c.remote).where(t.deliveries.c.message_id == message_id)
    return int(tx.scalar(known) or message_id)


async def words(town: Town, case_id: int) -> list[Word]:
    return await town.storage.read(mediation.words_for, case_id, Reader(access=Access.ALL))


async def test_an_edit_is_a_new_word_marked_as_a_correction(ana: Any, town: Town) -> None:
    await applies(ana)
    first, second = "跟调解员说：昨晚吵到两点", "跟调解员说：昨晚吵到一点"
    await ana.says(first)
    assert "更正" in "\n".join(await edits(ana, first, second))
    case = await the_case(town)
    said = [word for word in await words(town, case.id) if "昨晚" in word.text]
    assert [("两点" in word.text, word.corrects) for word in said] == [(True, False), (False, True)]
    assert await edits(ana, second, second) == []
    assert len([word for word in await words(town, case.id) if "昨晚" in word.text]) == 2
    assert "昨晚吵到一点" in "\n".join(message.text for message in await ana.thread())
    async with at_the_desk(town.storage, name="方调解", role="mediator") as desk:
        await town.storage.run(lambda tx: tx.execute(t.mediations.update().values(mediator_id=desk.staff_id)))
        page = await desk.opens(f"/console/mediations/{case.id}")
    for part in ("昨晚吵到两点", "昨晚吵到一点", "更正（改了前面的话）"):
        assert part in page


async def test_what_was_released_stays_as_it_was_and_the_correction_crosses_alone(wall: Wall) -> None:
    ana, bob = wall.sides[Side.APPLICANT], wall.sides[Side.RESPONDENT]
    await ana.presses("再说一句")
    await ana.says("十点后安静就行")
    await ana.presses("可以转告对方")
    assert "十点后安静就行" in "\n".join(await bob.hears())
    heard = "\n".join(await edits(ana, "十点后安静就行", "紫藤：九点后安静才行"))
    assert "没有变" in heard
    assert "九点后" not in "".join((await reached(wall, Side.RESPONDENT)).values())
    await ana.presses("可以转告对方")
    crossed = "\n".join(await bob.hears())
    assert "更正：紫藤：九点后安静才行" in crossed


async def test_in_the_joint_thread_all_three_see_the_correction(wall: Wall) -> None:
    ana, bob = wall.sides[Side.APPLICANT], wall.sides[Side.RESPONDENT]
    agree = t.mediation_parties.update().values(joint=True)
    await wall.town.storage.run(lambda tx: tx.execute(agree))
    await ana.says("调解怎么样了")
    await ana.presses("对双方说")
    await ana.says("我愿意出毛毡")
    assert "我愿意出毛毡" in "\n".join(await bob.hears())
    assert "三方" in "\n".join(await edits(ana, "我愿意出毛毡", "我愿意出一半毛毡"))
    assert "更正：我愿意出一半毛毡" in "\n".join(await bob.hears())


async def test_after_the_end_an_edit_reaches_nobody(ana: Any, town: Town) -> None:
    await applies(ana)
    said = "跟调解员说：昨晚吵到两点"
    await ana.says(said)
    case = await the_case(town)
    await ana.says("不想谈了")
    await ana.presses("不谈了")
    assert "结束" in "\n".join(await edits(ana, said, "跟调解员说：改了"))
    assert "改了" not in await own_words(town, case)


# --- what binds ---------------------------------------------------------------------------------------------------------
async def in_force(town: Town, case_id: int) -> None:
    performing = t.mediations.update().where(t.mediations.c.id == case_id).values(state="performing")
    await town.storage.run(lambda tx: tx.execute(performing))


@pytest.mark.parametrize("side", list(Side))
async def test_what_was_agreed_is_not_stopped_by_one_side(side: Side, wall: Wall) -> None:
    who = wall.sides[side]
    await in_force(wall.town, wall.case.id)
    heard = "\n".join(await who.says("不想谈了"))
    assert "已经生效" in heard
    assert "重新谈" in heard
    assert "跟调解员说" in await who.buttons()
    found = await wall.town.storage.read(mediation.get, wall.case.id)
    assert found is not None
    assert found.is_open


async def test_the_ticket_of_an_agreement_in_force_is_not_taken_back(ana: Any, town: Town) -> None:
    await applies(ana)
    case, row = await the_case(town), await newest(town)
    await in_force(town, case.id)
    [*_, last] = [one for one in await ana.thread() if one.buttons]
    change = t.messages.update().where(t.messages.c.id == last.id)
    for action in ("withdraw", "gone"):
        old = change.values(buttons=[[{"text": "撤", "data": f"t:{row['id']}:{action}"}]])
        await town.storage.run(Tx.execute, old)
        assert "已经生效" in "\n".join(await ana.presses("撤"))
    assert (await newest(town))["state"] == row["state"]
    assert (await the_case(town)).is_open
    assert await town.storage.read(mediation_life.bound, case.ticket_id)
