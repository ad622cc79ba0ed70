"""Volunteers and their ledger on both databases: once is once, corrections are further lines, the forgotten name nobody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge import series
from knowledge.served import BadEntry
from knowledge.volunteers import Volunteer
from storage import erasure, export, occasions, own_data, retention, volunteer_hours, volunteers
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.staff import MayNot
from storage.tables import volunteer_hours as ledger
from storage.tables import volunteers as register
from storage.transaction import Tx
from storage.volunteer_hours import Changed, Overlaps
from storage.volunteers import Offer
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.scenarios.activities import plan

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # Saturday 9:00 in Chongqing, two days ago
END = START + timedelta(hours=3)


def signs_up(tx: Tx, /, remote: int = 1, **offered: Any) -> Volunteer:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + remote)
    return volunteers.sign_up(tx, chat_id=chat_id, offer=Offer(**offered), consent_version="1")


async def set_up(storage: Storage) -> tuple[Volunteer, int, int]:
    """A volunteer, an organiser and a shift."""
    member, _ = await storage.run(hire, "周敏", "operator")
    ana = await storage.run(signs_up, categories=("environment",), phone="13800000000", words="我来扫楼道")
    shift = await storage.run(occasions.create, plan(kind="shift", category="environment"), staff_id=member)
    return ana, member, shift


async def test_numbers_count_within_the_day_and_carry_a_check_digit(any_storage: Storage) -> None:
    found = [await any_storage.run(signs_up, remote) for remote in (1, 2)]
    assert [one.number[:14] for one in found] == ["LV-261123-0001", "LV-261123-0002"]
    assert all(series.parse("LV", one.number) == one.number for one in found)


async def test_whoever_comes_back_keeps_number_and_hours(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    await any_storage.run(
        volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
    )
    await any_storage.run(volunteers.leave, ana.id)
    again = await any_storage.run(signs_up, categories=("order",))
    assert (again.id, again.number, again.state, again.categories) == (ana.id, ana.number, "active", ("order",))
    assert await any_storage.read(volunteer_hours.total, again.id) == 180


async def test_the_same_occasion_brings_hours_once_however_often_it_is_confirmed(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    entered = await asyncio.gather(
        *(
            any_storage.run(
                volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
            )
            for _ in range(4)
        )
    )
    assert sorted(one.new for one in entered if one) == [False, False, False, True]
    assert await any_storage.read(volunteer_hours.total, ana.id) == 180


async def test_breaks_are_out_and_impossible_hours_are_refused(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    kept: dict[str, Any] = {"resident_id": ana.resident_id, "occasion_id": shift, "by": member}
    for start, end, breaks, why in (
        (END, START, 0, "order"),
        (START, END, 180, "breaks"),
        (START, END, -1, "breaks"),
        (START, START + timedelta(hours=17), 0, "too_long"),
        (START + timedelta(days=9), END + timedelta(days=9), 0, "future"),
    ):
        with pytest.raises(BadEntry, match=why):
            await any_storage.run(volunteer_hours.enter, start=start, end=end, breaks_minutes=breaks, **kept)
    entered = await any_storage.run(volunteer_hours.enter, start=START, end=END, breaks_minutes=30, **kept)
    assert entered is not None
    assert entered.minutes == 150


async def test_whoever_is_no_volunteer_has_no_hours_and_a_viewer_enters_none(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    looks, _ = await any_storage.run(hire, "看看", "viewer")
    kept: dict[str, Any] = {"occasion_id": shift, "start": START, "end": END}
    assert await any_storage.run(volunteer_hours.enter, resident_id=99_999, by=member, **kept) is None
    with pytest.raises(MayNot):
        await any_storage.run(volunteer_hours.enter, resident_id=ana.resident_id, by=looks, **kept)
    assert await any_storage.read(volunteer_hours.total, ana.id) == 0


async def test_hours_at_a_time_that_counts_already_need_a_second_look(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    await any_storage.run(
        volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
    )
    later = {"start": START + timedelta(hours=2), "end": END + timedelta(hours=1)}
    overlapping: dict[str, Any] = {"what": "清楼道", "by": member, **later}
    with pytest.raises(Overlaps) as refused:
        await any_storage.run(volunteer_hours.enter_by_hand, ana.id, **overlapping)
    assert [entry.occasion_id for entry in refused.value.found] == [shift]
    after: dict[str, Any] = {"what": "清楼道", "start": END, "end": END + timedelta(hours=1), "by": member}
    await any_storage.run(volunteer_hours.enter_by_hand, ana.id, **after)
    await any_storage.run(volunteer_hours.enter_by_hand, ana.id, **overlapping, despite=True)
    assert await any_storage.read(volunteer_hours.total, ana.id) == 180 + 60 + 120


async def test_a_correction_is_a_further_line_and_the_first_stays(any_storage: Storage, clock: FrozenClock) -> None:
    ana, member, shift = await set_up(any_storage)
    entered = await any_storage.run(
        volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
    )
    assert entered is not None
    kept: dict[str, Any] = {"reason": "签到表写错了", "by": member}
    await any_storage.run(volunteer_hours.correct, entered.entry_id, minutes=120, known=180, **kept)
    with pytest.raises(Changed):
        await any_storage.run(volunteer_hours.correct, entered.entry_id, minutes=60, known=180, **kept)
    with pytest.raises(BadEntry, match="reason"):
        await any_storage.run(volunteer_hours.correct, entered.entry_id, minutes=60, known=120, reason=" ", by=member)
    with pytest.raises(BadEntry, match="too_long"):
        await any_storage.run(volunteer_hours.correct, entered.entry_id, minutes=181, known=120, **kept)
    await any_storage.run(volunteer_hours.correct, entered.entry_id, minutes=0, known=120, **kept)
    rows = await any_storage.read(lambda tx: tx.tuples(select(ledger.c.kind, ledger.c.minutes).order_by(ledger.c.id)))
    assert rows == [("served", 180), ("correction", -60), ("reversed", -120)]
    assert await any_storage.read(volunteer_hours.total, ana.id) == 0


async def test_a_minor_serves_only_after_a_guardians_yes_and_a_code_works_once(any_storage: Storage) -> None:
    lin = await any_storage.run(signs_up, age="under18")
    assert (lin.state, lin.waits_for_guardian) == ("waiting", True)
    code = await any_storage.run(volunteers.make_guardian_code, lin.id)
    mother = await any_storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 50)
    assert await any_storage.run(volunteers.asked_by_code, code, chat_id=lin.chat_id) == "own"
    assert await any_storage.run(volunteers.asked_by_code, code, chat_id=mother) is not None
    said: dict[str, Any] = {"yes": True, "via": "code", "name": "林妈妈"}
    agreed = await any_storage.run(volunteers.guardian_answers, lin.id, **said)
    assert agreed is not None
    assert (agreed.state, agreed.guardian_name, agreed.waits_for_guardian) == ("active", "林妈妈", False)
    assert await any_storage.run(volunteers.guardian_answers, lin.id, **said) is None
    assert await any_storage.run(volunteers.asked_by_code, code, chat_id=mother) is None


async def test_a_guardians_no_ends_it_and_a_code_grows_old(any_storage: Storage, clock: FrozenClock) -> None:
    lin = await any_storage.run(signs_up, age="under14")
    code = await any_storage.run(volunteers.make_guardian_code, lin.id)
    refused = await any_storage.run(volunteers.guardian_answers, lin.id, yes=False, via="call")
    assert refused is not None
    assert refused.state == "left"
    mei = await any_storage.run(signs_up, 2, age="under18")
    code = await any_storage.run(volunteers.make_guardian_code, mei.id)
    clock.move(days=8)
    assert await any_storage.run(volunteers.asked_by_code, code, chat_id=lin.chat_id) is None


async def test_a_pause_ends_by_itself(any_storage: Storage, clock: FrozenClock) -> None:
    ana = await any_storage.run(signs_up)
    await any_storage.run(volunteers.pause, ana.id, until=clock.now + timedelta(days=30))
    assert await any_storage.run(volunteers.resume_due) == 0
    clock.move(days=31)
    assert await any_storage.run(volunteers.resume_due) == 1
    found = await any_storage.read(volunteers.get, ana.id)
    assert found is not None
    assert found.state == "active"


async def test_the_forgotten_leave_hours_of_nobody(any_storage: Storage, clock: FrozenClock) -> None:
    ana, member, shift = await set_up(any_storage)
    await any_storage.run(
        volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
    )
    mine = await any_storage.read(own_data.everything, ana.chat_id)
    assert [row["number"] for row in mine["volunteer"]] == [ana.number]
    assert [row["minutes"] for row in mine["hours"]] == [180]
    assert await any_storage.run(erasure.erase, chat_id=ana.chat_id, row_id=0)
    row = await any_storage.read(lambda tx: tx.first(select(register)))
    assert row is not None
    assert (row["phone"], row["skills"], row["state"]) == (None, "", "left")
    assert await any_storage.read(volunteer_hours.total, ana.id) == 180


async def test_whoever_left_is_forgotten_when_their_time_is_up(any_storage: Storage, clock: FrozenClock) -> None:
    ana = await any_storage.run(signs_up, phone="13800000000")
    bob = await any_storage.run(signs_up, 2, phone="13900000000")
    await any_storage.run(volunteers.leave, ana.id)
    clock.move(days=1096)
    assert await any_storage.run(retention.sweep, "volunteers") == 1
    assert await any_storage.run(retention.sweep, "volunteers") == 0
    rows = await any_storage.read(lambda tx: tx.tuples(select(register.c.id, register.c.phone).order_by(register.c.id)))
    assert rows == [(ana.id, None), (bob.id, "13900000000")]


async def test_the_export_is_the_register_with_hours_and_no_secret(any_storage: Storage) -> None:
    ana, member, shift = await set_up(any_storage)
    await any_storage.run(
        volunteer_hours.enter, resident_id=ana.resident_id, occasion_id=shift, start=START, end=END, by=member
    )
    await any_storage.run(signs_up, 2, age="under18")
    rows = (await any_storage.read(export.page, "volunteers")).rows
    assert [(row["number"], row["minutes"], row["state"]) for row in rows] == [
        (ana.number, 180, "active"),
        ("LV-261123-0002-" + rows[1]["number"][-1], 0, "waiting"),
    ]
    assert not any("code" in name for name in export.columns("volunteers"))
