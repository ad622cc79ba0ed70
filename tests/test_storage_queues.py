"""Queues and search on both databases: pages, counts, words, and what is found by nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge.life import State, is_open
from storage import desk_acts, erasure, messages, queue_kinds, queues, residents, search, tickets, writing
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.queues import Page, Place, Wanted
from storage.tables import ticket_barred, ticket_grams
from storage.tables import tickets as ticket_table
from storage.tables.tickets import OPEN_STATES
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire


def numbers(page: Page) -> list[str]:
    return [row.number for row in page.rows]


async def found(
    storage: Storage, words: str, *, role: str = "operator", queue: str = "all", **facets: str
) -> list[int]:
    wanted = Wanted(queue, words, facets)
    return [row.id for row in (await storage.read(queues.page, wanted, staff_id=0, role=role)).rows]


def many(tx: Tx, /, number: int, **changed: Any) -> None:
    for place in range(number):
        file_ticket(tx, remote=FIRST_WEB_CHAT + 1, title=f"第{place}件", **changed)


def close(tx: Tx, *ids: int) -> None:
    for place, ticket_id in enumerate(ids):
        over = {"state": "closed", "closed_at": tx.now - timedelta(minutes=place)}
        tx.execute(ticket_table.update().where(ticket_table.c.id == ticket_id).values(over))


def test_the_desks_indices_hold_the_open_states() -> None:
    assert ", ".join(repr(state.value) for state in State if is_open(state)) == OPEN_STATES


@pytest.mark.parametrize("queue", ["all", "closed"])
async def test_a_page_begins_behind_the_one_before(
    any_storage: Storage, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "PAGE", 3)
    await any_storage.run(many, 8)
    if queue == "closed":
        await any_storage.run(close, *range(1, 9))
    seen, place = [], None
    for rows in (3, 3, 2):
        page = await any_storage.read(queues.page, Wanted(queue), staff_id=0, role="operator", after=place)
        assert len(page.rows) == rows
        seen += numbers(page)
        place = page.more
        await any_storage.run(many, 1, urgency="P0")  # what comes in above moves nothing below
    assert place is None
    assert len(set(seen)) == 8


async def test_a_place_of_another_order_is_the_beginning(any_storage: Storage) -> None:
    await any_storage.run(many, 2)
    page = await any_storage.read(queues.page, Wanted(), staff_id=0, role="operator", after=Place((1, 2)))
    assert len(page.rows) == 2


async def test_every_queue_holds_what_it_says(any_storage: Storage, clock: FrozenClock) -> None:
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(many, 4)

    def set_up(tx: Tx) -> None:
        changed: dict[int, dict[str, Any]] = {
            1: {"assigned_to": member, "first_contact_due": tx.now - timedelta(minutes=1)},
            2: {"first_contact_due": tx.now + timedelta(hours=3)},
            3: {"waiting_resident": True, "first_contact_due": tx.now - timedelta(days=1)},
            4: {"first_contact_at": tx.now, "due_at": tx.now + timedelta(days=9), "unread": 2},
        }
        for ticket_id, values in changed.items():
            tx.execute(ticket_table.update().where(ticket_table.c.id == ticket_id).values(values))

    await any_storage.run(set_up)
    held = {"mine": [1], "overdue": [1], "soon": [2], "waiting": [3], "unread": [4]}
    for queue, ids in held.items():
        page = await any_storage.read(queues.page, Wanted(queue), staff_id=member, role="operator")
        assert [row.id for row in page.rows] == ids, queue
    counted = await any_storage.read(queue_kinds.counts, staff_id=member)
    assert {name: counted[name] for name in held} == {name: len(ids) for name, ids in held.items()}


async def test_counting_stops_where_nobody_counts_any_more(
    any_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_kinds, "ENOUGH", 3)
    await any_storage.run(many, 5)
    assert (await any_storage.read(queue_kinds.counts, staff_id=0))["all"] == 3


async def test_two_characters_english_numbers_and_places_are_found(any_storage: Storage) -> None:
    await any_storage.run(file_ticket, description="Water 100% on the floor")
    await any_storage.run(file_ticket, remote=FIRST_WEB_CHAT + 2, title="其他", description="1000 units", building="12")
    number = "LX-" + str(await any_storage.read(lambda tx: tx.scalar(select(ticket_table.c.number))))[3:9]
    for words, ids in {
        "water": [1],
        "100%": [1],
        "厨房": [1],
        "7栋漏水": [],
        "7栋水管": [1],
        "七号楼厨房": [1],
        "12栋": [2],
        "1204": [2, 1],
        "7栋2单元1204": [1],
        "0000": [2, 1],
        number: [2, 1],
        number.lower() + " 水管": [1],
        "'--": [],
        "水": [],
    }.items():
        assert await found(any_storage, words) == ids, words


async def test_words_and_a_queue_and_what_it_must_be_like_narrow_together(any_storage: Storage) -> None:
    await any_storage.run(many, 3)
    await any_storage.run(file_ticket, building="9", urgency="P0", title="水管")
    await any_storage.run(close, 2)
    assert await found(any_storage, "水管", queue="p0") == [4]
    assert await found(any_storage, "水管", queue="closed") == [2]
    assert await found(any_storage, "水管", building="9") == [4]
    assert await found(any_storage, "", building="9") == [4]
    assert await found(any_storage, "", queue="closed", building="9") == []


async def test_what_is_said_later_is_found_and_what_is_edited_away_is_not(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)

    def talk(tx: Tx) -> int:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
        said = messages.record(tx, chat_id=chat_id, sender="resident", text="天花板在滴水")
        tickets.add_words(tx, filed.id, chat_id=chat_id, message_id=said)
        messages.say(tx, chat_id=chat_id, sender="bot", text="您好，谢谢您", ticket_id=filed.id)
        return said

    said = await any_storage.run(talk)
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(desk_acts.add_note, filed.id, staff_id=member, text="总阀锈死")
    assert await found(any_storage, "滴水") == [filed.id]
    assert await found(any_storage, "锈死") == [filed.id]
    assert await found(any_storage, "谢谢") == []
    await any_storage.run(messages.revise, said, text="天花板裂了")
    assert await found(any_storage, "滴水") == []
    assert await found(any_storage, "裂了") == [filed.id]


@pytest.mark.parametrize(
    "secret", [{"confidential": True}, {"anonymous": True}, {"route": "dispute", "category": "noise"}]
)
async def test_what_is_covered_is_found_by_its_number_only(any_storage: Storage, secret: dict[str, Any]) -> None:
    filed = await any_storage.run(file_ticket, **secret)
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(desk_acts.add_note, filed.id, staff_id=member, text="总阀锈死")
    for words in ("水管", "7栋", "1204", "0000", "锈死", "2单元"):
        assert await found(any_storage, words) == [], words
    assert await found(any_storage, filed.number) == [filed.id]
    if secret.get("confidential"):
        assert await found(any_storage, "", building="7") == []


async def test_flats_and_telephones_are_found_by_those_who_may_see_them(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket, description="厨房漏水", phone="02300005678")
    for words in ("1204", "5678", "02300005678"):
        assert await found(any_storage, words) == [filed.id]
        for role in ("viewer", "supervisor", "building_head"):
            assert await found(any_storage, words, role=role) == [], (words, role)
    assert await found(any_storage, "漏水", role="supervisor") == [filed.id]
    assert await found(any_storage, filed.number, role="viewer") == [filed.id]


async def test_whom_it_is_about_finds_it_by_nothing(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    member, _ = await any_storage.run(hire, "李强", "worker")
    await any_storage.run(lambda tx: tx.insert(ticket_barred, ticket_id=filed.id, role=None, name="李强"))
    for wanted in (Wanted(), Wanted(words="水管"), Wanted(words=filed.number), Wanted(facets={"building": "7"})):
        assert (await any_storage.read(queues.page, wanted, staff_id=member, role="worker")).rows == []
    assert (await any_storage.read(queue_kinds.counts, staff_id=member))["all"] == 0


async def test_nothing_together_is_looked_for_in_pairs(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket, title="漏水", description="漏水，在厨房那边")
    page = await any_storage.read(queues.page, Wanted(words="厨房漏水"), staff_id=0, role="operator")
    assert (numbers(page), page.loose) == ([filed.number], True)


async def test_a_long_walk_stops_and_goes_on_from_there(any_storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "SPAN", 3)
    await any_storage.run(file_ticket, building="9", title="水管")
    await any_storage.run(many, 9)
    await any_storage.run(close, *range(1, 11))
    for wanted in (Wanted("closed", facets={"building": "9"}), Wanted(words="厨房", facets={"building": "9"})):
        place, pages, seen = None, 0, []
        while pages == 0 or place is not None:
            page = await any_storage.read(queues.page, wanted, staff_id=0, role="operator", after=place)
            seen += [row.id for row in page.rows]
            assert page.stopped == (page.more is not None)
            place, pages = page.more, pages + 1
        assert seen == [1], wanted
        assert pages > 2


async def test_who_is_deleted_is_found_by_nothing_any_more(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    await any_storage.run(close, filed.id)

    def follower(tx: Tx) -> int:
        """A neighbour's words in somebody else's ticket."""
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 7)
        residents.of_chat(tx, chat_id)
        messages.record(tx, chat_id=chat_id, sender="resident", text="我家天花板也滴水", ticket_id=filed.id)
        return chat_id

    neighbour = await any_storage.run(follower)
    assert await found(any_storage, "滴水") == [filed.id]
    assert await any_storage.run(erasure.erase, chat_id=neighbour, row_id=0)
    assert await found(any_storage, "滴水") == []
    assert await found(any_storage, "水管") == [filed.id]
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(writing.keep, filed.id, staff_id=member, action="answer", text="7栋1204的水管")
    await any_storage.run(erasure.anonymise, filed.id)
    assert await any_storage.read(writing.draft, filed.id, staff_id=member) is None
    kept = await any_storage.read(lambda tx: {gram for (gram,) in tx.tuples(select(ticket_grams.c.gram))})
    assert "水管" not in kept
    assert not {"*1204", "*0000"} & kept
    assert await found(any_storage, filed.number) == [filed.id]


async def test_renewing_changes_nothing_that_is_right(any_storage: Storage) -> None:
    filed = await any_storage.run(file_ticket)
    count = select(func.count()).select_from(ticket_grams)
    before = await any_storage.read(lambda tx: tx.scalar(count))
    await any_storage.run(search.renew, filed.id)
    assert await any_storage.read(lambda tx: tx.scalar(count)) == before > 10


async def test_no_queue_reads_what_is_over(storage: Storage) -> None:
    """SQLite says how it will find the rows: by an index of open tickets, never by going through the table."""

    def plan(tx: Tx, queue: str) -> str:
        order = queues._order(queue)
        condition = queue_kinds.stands_in(tx, queue, 1)
        listed = queues._rows(order).where(condition).order_by(*order.by).limit(51)
        counted = select(queue_kinds._some(condition))
        dialect = tx.connection.dialect
        plans = []
        for statement in (listed, counted):
            compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            values = [compiled.params[name] for name in compiled.positiontup or ()]
            given = [str(value) for value in values]
            plans += [row[3] for row in tx.sqlite.execute(f"EXPLAIN QUERY PLAN {compiled}", given)]  # type: ignore[union-attr]
        return "\n".join(plans)

    for queue in queue_kinds.QUEUES:
        steps = await storage.read(plan, queue)
        looks = [step for step in steps.split("\n") if "tickets" in step]
        assert all("INDEX ix_tickets_" in step for step in looks), (queue, steps)
        assert queue in SORTED or "TEMP B-TREE" not in steps, (queue, steps)


SORTED = {"verdict", "to_sign", "returns", "extensions", "to_check"}
"""Of one state each: few enough to be sorted."""
