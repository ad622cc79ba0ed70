"""One matter, several tickets: what is folded together comes apart as it was, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from knowledge.life import Refusal
from storage import desk_acts, erasure, incident_telling, incidents, linking, merging, messages, progress, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.desk_acts import Conflict, Done, Notice
from storage.engine import Storage
from storage.incident_telling import AT_ONCE, Said
from storage.staff import MayNot
from storage.tables import incidents as incident_table
from storage.tables import messages as message_table
from storage.tables import ticket_events, ticket_merges
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire


def row_of(tx: Tx, ticket_id: int) -> dict[str, Any]:
    row = tx.first(select(ticket_table).where(ticket_table.c.id == ticket_id))
    assert row is not None
    return {name: value for name, value in row.items() if name != "revision"}


def actions(tx: Tx, ticket_id: int) -> list[str]:
    query = select(ticket_events.c.action).where(ticket_events.c.ticket_id == ticket_id).order_by(ticket_events.c.id)
    return [str(action) for (action,) in tx.tuples(query)]


def heard(tx: Tx, chat_id: int) -> list[tuple[str, int | None]]:
    query = select(message_table.c.text, message_table.c.ticket_id).where(message_table.c.chat_id == chat_id)
    return [(str(text), about) for text, about in tx.tuples(query.order_by(message_table.c.id))]


def moved(_language: str, first: Any, second: Any) -> tuple[str, Any]:
    return f"{second['number']} → {first['number']}", ()


async def test_a_merge_that_is_undone_leaves_everything_as_it_was(any_storage: Storage, clock: FrozenClock) -> None:
    run, read = any_storage.run, any_storage.read
    member, _ = await run(hire, "周敏", "operator")
    other, _ = await run(hire, "李强", "worker")
    first = await run(file_ticket, urgency="P2")
    clock.move(minutes=3)
    second = await run(file_ticket, urgency="P1", title="又漏了")
    chat = await run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 1)
    await run(desk_acts.take, second.id, staff_id=other, revision=1)
    ask: dict[str, Any] = {
        "action": "ask_back",
        "revision": 2,
        "text": "几点在家？",
        "tell": lambda *_: Notice("几点在家？"),
    }
    await run(desk_acts.act, second.id, staff_id=other, **ask)
    was = [await read(row_of, one.id) for one in (first, second)]
    assert was[1]["due_at"] < was[0]["due_at"]

    asked: dict[str, Any] = {"staff_id": member, "revision": 1, "why": "报了两次", "tell": moved}
    assert await run(merging.merge, first.id, second.id, **asked | {"revision": 9}) == Conflict(1)
    assert await run(merging.merge, first.id, second.id, **asked) == Done("received")
    assert await run(merging.merge, second.id, first.id, **asked) == Done("merged", again=True), "sent twice"

    living, folded = await read(row_of, first.id), await read(row_of, second.id)
    assert (living["urgency"], living["due_at"], living["assigned_to"]) == ("P1", was[1]["due_at"], other)
    assert (folded["state"], folded["next_due"], folded["ask_at"]) == ("merged", None, None)
    assert (await read(heard, chat))[-1] == (f"{second.number} → {first.number}", second.id)
    found = await read(progress.of_number, second.number, chat_id=chat)
    assert found is not None
    assert (found.ticket["number"], found.asked) == (first.number, second.number)
    assert [row["number"] for row in await read(progress.mine, chat)] == [first.number]
    said = await run(messages.record, chat_id=chat, sender="resident", text="还在滴")
    assert await run(tickets.add_words, second.id, chat_id=chat, message_id=said), "the old button still reaches staff"
    assert (await read(heard, chat))[-1] == ("还在滴", first.id)

    clock.move(hours=2)
    assert await run(merging.undo, second.id, staff_id=other, why="看错了", tell=moved) == Done("received")
    assert await run(merging.undo, second.id, staff_id=other, why="", tell=moved) == merging.NOT_MERGED
    assert await read(row_of, second.id) == was[1]
    assert await read(row_of, first.id) == was[0] | {"unread": was[1]["unread"] + 1}, "said there, it stays there"
    assert (await read(heard, chat))[-2] == ("还在滴", first.id)
    assert await read(actions, first.id) == ["file", "merged_in", "add", "parted_from"]
    assert await read(actions, second.id) == ["file", "take", "ask_back", "merge", "part"]


async def test_what_one_resident_said_is_not_merged_under_anothers_eyes(any_storage: Storage) -> None:
    run, read = any_storage.run, any_storage.read
    member, _ = await run(hire, "周敏", "operator")
    mine = await run(file_ticket)
    theirs = await run(file_ticket, remote=FIRST_WEB_CHAT + 2, room="1105", phone="02311112222")
    asked: dict[str, Any] = {"staff_id": member, "revision": 1, "why": "", "tell": moved}
    refused = await run(merging.merge, mine.id, theirs.id, **asked)
    assert isinstance(refused, Refusal)
    assert "事件" in refused.zh
    tied: dict[str, Any] = {"staff_id": member, "kind": "same_cause", "why": "一根管子"}
    assert await run(linking.link, mine.id, theirs.id, **tied) == Done("received")
    assert await run(linking.link, theirs.id, mine.id, **tied) == Done("received", again=True)
    [link] = await read(linking.of_ticket, theirs.id, staff_id=member)
    assert (link.kind, link.other["number"], link.why, link.by) == ("same_cause", mine.number, "一根管子", "周敏")
    await run(linking.unlink, mine.id, link.id, staff_id=member)
    assert await read(linking.of_ticket, mine.id, staff_id=member) == []
    assert await read(actions, mine.id) == ["file", "link", "unlink"]


# --- one incident, many reporters -------------------------------------------------------------------------------------
PLAN = incidents.Plan(
    kind="outage",
    title="7栋停水",
    title_en=None,
    category="property",
    topic="water_cut",
    building="7",
    unit=None,
    known=None,
    known_en=None,
)


def told(said: Said, language: str, row: Any) -> tuple[str, Any]:
    return f"{said.text} {row['number'] if row else '邻居'}", ()


def breaks(said: Said, language: str, row: Any) -> tuple[str, Any]:
    if int(row["id"]) % 2:
        raise ConnectionError("in the middle")
    return told(said, language, row)


async def test_an_answer_to_all_is_heard_once_by_each_over_a_crash(any_storage: Storage) -> None:
    run, read = any_storage.run, any_storage.read
    member, _ = await run(hire, "周敏", "operator")
    named, _ = await run(hire, "赵大海", "worker")
    incident = await run(incidents.open_, PLAN, staff_id=member)
    assert await run(incidents.open_, PLAN, staff_id=member) == incident, "sent twice"
    water: dict[str, Any] = {"category": "property", "topic": "water_cut", "title": "停水", "phone": None}
    filed = [await run(file_ticket, remote=FIRST_WEB_CHAT + 100 + at, **water) for at in range(AT_ONCE + 4)]
    secret = await run(file_ticket, remote=FIRST_WEB_CHAT + 200, confidential=True, **water)
    await run(
        lambda tx: tx.execute(ticket_table.update().where(ticket_table.c.id == secret.id).values(assigned_to=named))
    )
    for one in filed:
        await run(incidents.join, incident, one.id, staff_id=member)
    with pytest.raises(MayNot):
        await run(incidents.join, incident, secret.id, staff_id=member)
    assert await run(incidents.join, incident, secret.id, staff_id=named) == Done("received")
    chats = [await run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 100 + at) for at in range(AT_ONCE + 4)]
    chats.append(await run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 200))

    said: dict[str, Any] = {"staff_id": member, "revision": 1, "action": "answer", "text": "已在抢修", "text_en": None}
    assert await run(incident_telling.answer, incident, make=told, **said) == Done("open")
    assert await run(incident_telling.answer, incident, make=told, **said) == Done("open", again=True)
    with pytest.raises(ConnectionError):
        await run(incident_telling.tell_some, breaks)
    assert await run(incident_telling.tell_some, told) == 5
    assert await run(incident_telling.tell_some, told) == 0

    everyone = [*filed, secret]
    for chat, one in zip(chats, everyone, strict=True):
        assert await read(heard, chat) == [(f"已在抢修 {one.number}", one.id)]
        row = await read(row_of, one.id)
        assert (row["first_contact_at"] is not None, row["assigned_to"]) == (True, named if one is secret else None)
    met, hidden = await read(incidents.members, incident, staff_id=member)
    assert (len(met), hidden) == (AT_ONCE + 5, 0)
    [_, *_, line] = await read(incidents.timeline, incident, staff_id=member)
    assert len((await read(incident_telling.heard, int(line["id"]))).unseen) == AT_ONCE + 5

    late = await run(file_ticket, remote=FIRST_WEB_CHAT + 300, **water)
    assert [
        row["id"] for row in await read(incidents.not_yet_in, await read(one_incident, incident), staff_id=member)
    ] == [late.id]
    await run(incidents.join, incident, late.id, staff_id=member)
    assert await run(incident_telling.tell_joined, incident, late.id, make=told)
    assert not await run(incident_telling.tell_joined, incident, late.id, make=told)


def one_incident(tx: Tx, incident_id: int) -> Any:
    return tx.first(select(incident_table).where(incident_table.c.id == incident_id))


async def test_what_was_folded_together_is_forgotten_together(storage: Storage, clock: FrozenClock) -> None:
    run, read = storage.run, storage.read
    member, _ = await run(hire, "周敏", "operator")
    first, second = await run(file_ticket), await run(file_ticket)
    chat = await run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 1)
    asked: dict[str, Any] = {"staff_id": member, "revision": 1, "why": "张姐说的", "tell": moved}
    await run(merging.merge, first.id, second.id, **asked)
    assert await run(erasure.erase, chat_id=chat, row_id=0)
    assert (await read(row_of, second.id))["room"] == "1204", "what is folded into an open matter waits for it"
    await run(tickets.withdraw, second.id, chat_id=chat)
    clock.move(days=8)
    await run(erasure.finish)
    for one in (first, second):
        row = await read(row_of, one.id)
        assert (row["description"], row["room"]) == (erasure.GONE, None)
    assert await read(lambda tx: tx.scalar(select(ticket_merges.c.why))) is None
    assert await run(merging.undo, second.id, staff_id=member, why="", tell=moved) == merging.FORGOTTEN
