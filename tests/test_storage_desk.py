"""The desk's units on both databases: what staff see, do once, and may not do."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, select

from knowledge.life import Refusal
from storage import (
    conversations,
    desk,
    desk_acts,
    desk_alarms,
    desk_talks,
    messages,
    queue_kinds,
    queues,
    staff,
    tickets,
)
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.desk_acts import Conflict, Done, Notice
from storage.engine import Storage
from storage.queues import Wanted
from storage.staff import MayNot
from storage.tables import messages as message_table
from storage.tables import sign_in_links, staff_sessions
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire


def tell(language: str, due_at: datetime) -> Notice:
    return Notice(f"{language} {due_at:%H}", [[{"text": "看", "data": "t:1:show"}]])


def act(tx: Tx, ticket_id: int, staff_id: int, action: str, revision: int, text: str | None = None) -> object:
    return desk_acts.act(tx, ticket_id, staff_id=staff_id, action=action, revision=revision, text=text, tell=tell)


async def test_a_link_is_kept_as_a_hash_and_used_once(any_storage: Storage) -> None:
    member, token = await any_storage.run(hire, "周敏", "operator")
    first, second = await asyncio.gather(any_storage.run(staff.enter, token), any_storage.run(staff.enter, token))
    session = first or second
    assert session
    assert not (first and second)
    signed = await any_storage.read(staff.signed_in, session)
    assert signed is not None
    assert (signed.member.id, signed.member.may_act) == (member, True)
    stored = await any_storage.read(
        lambda tx: [tx.scalar(select(sign_in_links.c.token_hash)), tx.scalar(select(staff_sessions.c.token_hash))]
    )
    assert token not in stored
    assert session not in stored


async def test_a_new_link_voids_the_earlier_one(any_storage: Storage) -> None:
    member, token = await any_storage.run(hire, "周敏", "operator")
    fresh = await any_storage.run(staff.make_link, member)
    assert await any_storage.run(staff.enter, token) is None
    assert await any_storage.run(staff.enter, fresh)


async def test_names_and_roles_are_held_to(any_storage: Storage) -> None:
    await any_storage.run(hire, "周敏", "operator")
    for name, role in ((" 周敏 ", "worker"), ("", "worker"), ("李强", "king"), ("李强", "resident")):
        with pytest.raises(ValueError, match=r"role|name"):
            await any_storage.run(staff.add, name=name, role=role)


async def test_of_two_who_act_at_once_one_is_first(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    one, _ = await any_storage.run(hire, "周敏", "operator")
    two, _ = await any_storage.run(hire, "李强", "worker")
    results = await asyncio.gather(
        any_storage.run(act, filed.id, one, "finish", 1, "好了"), any_storage.run(act, filed.id, two, "accept", 1)
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Done"]
    assert Conflict(2) in results
    said = select(func.count()).where(message_table.c.sender != "resident")
    assert await any_storage.read(lambda tx: tx.scalar(said)) == 1


async def test_the_same_step_again_is_done_not_a_conflict(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    member, _ = await any_storage.run(hire, "周敏", "operator")
    assert await any_storage.run(act, filed.id, member, "answer", 1, "在路上") == Done("received")
    assert await any_storage.run(act, filed.id, member, "answer", 1, "在路上") == Done("received", again=True)
    assert isinstance(await any_storage.run(act, filed.id, member, "answer", 1, "改口了"), Conflict)


async def test_an_illegal_step_is_refused_in_words_and_changes_nothing(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    member, _ = await any_storage.run(hire, "李强", "worker")
    refused = await any_storage.run(act, filed.id, member, "reopen", 1, "为什么")
    assert isinstance(refused, Refusal)
    assert refused.kind == "role"
    assert isinstance(await any_storage.run(act, filed.id, member, "accept", 1), Done)


@pytest.mark.parametrize("role", ["viewer", "supervisor"])
async def test_whoever_only_looks_is_stopped_in_every_unit(any_storage: Storage, role: str) -> None:
    filed = await any_storage.run(file_ticket)
    member, _ = await any_storage.run(hire, "王芳", role)
    with pytest.raises(MayNot):
        await any_storage.run(act, filed.id, member, "accept", 1)
    with pytest.raises(MayNot):
        await any_storage.run(desk_acts.add_note, filed.id, staff_id=member, text="x")
    with pytest.raises(MayNot):
        await any_storage.run(desk_acts.uncover, filed.number, staff_id=member, reason="x")
    with pytest.raises(MayNot):
        await any_storage.run(desk_alarms.take_alarm, 1, staff_id=member)
    page = await any_storage.read(desk.ticket_page, filed.number, staff_id=member)
    assert page is not None
    assert page.ticket["state"] == "received"


async def test_filters_and_counts_agree(any_storage: Storage, clock: FrozenClock) -> None:
    member, _ = await any_storage.run(hire, "周敏", "operator")
    for place, urgency in enumerate(("P0", "P1", "P2", "P3")):
        await any_storage.run(file_ticket, urgency=urgency, remote=FIRST_WEB_CHAT + place)
    await any_storage.run(act, 1, member, "accept", 1)
    await any_storage.run(act, 2, member, "ask_back", 1, "在哪里？")
    await any_storage.run(act, 3, member, "finish", 1, "好了")
    counts = await any_storage.read(queue_kinds.counts, staff_id=member)
    numbers = {"all": 3, "unassigned": 1, "mine": 2, "waiting": 1, "unread": 0, "p0": 1, "climbed": 0, "verdict": 1}
    others = ("unit", "to_sign", "returns", "extensions", "to_check", "supervised", "follow_up", "unseen")
    assert counts == numbers | {"overdue": 0, "soon": 2} | dict.fromkeys(others, 0)
    for chosen in queue_kinds.QUEUES:
        page = await any_storage.read(queues.page, Wanted(chosen), staff_id=member, role="operator")
        assert len(page.rows) == counts.get(chosen, 0), chosen
    clock.move(minutes=61)
    assert (await any_storage.read(queue_kinds.counts, staff_id=member))["unseen"] == 3, "what we said an hour ago"
    await any_storage.run(lambda tx: messages.record(tx, chat_id=2, sender="resident", text="厨房"))
    assert (await any_storage.read(queue_kinds.counts, staff_id=member))["unseen"] == 2, (
        "who has written since has seen it"
    )


async def test_a_resident_answering_is_unread_until_somebody_looks(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(act, filed.id, member, "ask_back", 1, "在哪里？")

    def answer(tx: Tx) -> None:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
        said = messages.record(tx, chat_id=chat_id, sender="resident", text="厨房")
        tickets.add_words(tx, filed.id, chat_id=chat_id, message_id=said)

    await any_storage.run(answer)
    page = await any_storage.read(desk.ticket_page, filed.number, staff_id=member)
    assert page is not None
    assert [message.text for message in page.thread][-1] == "厨房"
    assert (page.ticket["waiting_resident"], page.ticket["unread"], page.ticket["revision"]) == (False, 1, 3)
    await any_storage.run(desk.saw, filed.id)
    page = await any_storage.read(desk.ticket_page, filed.number, staff_id=member)
    assert page is not None
    assert (page.ticket["unread"], page.ticket["revision"]) == (0, 3), "looking is no change"


async def test_one_of_two_takes_a_conversation_and_a_reply_is_said_once(
    any_storage: Storage, clock: FrozenClock
) -> None:
    def call(tx: Tx) -> int:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
        return conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")[0]

    talk = await any_storage.run(call)
    one, _ = await any_storage.run(hire, "周敏", "operator")
    two, _ = await any_storage.run(hire, "李强", "worker")
    took = await asyncio.gather(
        *(
            any_storage.run(desk_talks.take_talk, talk, staff_id=who, over=False, words=lambda language: "来了")
            for who in (one, two)
        )
    )
    assert sorted(took) == ["held", "taken"]
    holder = (one, two)[took.index("taken")]
    replies = [any_storage.run(desk_talks.reply, talk, staff_id=holder, text="请讲", key="k1234567") for _ in range(3)]
    assert await asyncio.gather(*replies) == [True, True, True]
    found = await any_storage.read(desk_talks.talk, talk)
    assert found is not None
    assert [message.text for message in found[1]] == ["来了", "请讲"]
    gone = await any_storage.run(
        desk_talks.hand_back,
        talk,
        staff_id=holder,
        farewell=lambda language, draft, unnoticed: desk_acts.Notice("再见"),
    )
    assert gone == "done"
    assert not await any_storage.run(desk_talks.reply, talk, staff_id=holder, text="还有", key="k7654321")
