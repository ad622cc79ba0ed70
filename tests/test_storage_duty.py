"""The roster kept, taken over and handed over; whom an alarm calls, and who could not be reached."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from knowledge.duty import Post
from storage import alarm_calls, alarms, duty, duty_handovers, duty_plan, scopes, staff
from storage.access import NotThere
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.staff import MayNot
from storage.tables import alarms as alarm_table
from storage.tables import audit, conversations
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.two_communities import two_communities

EVERY_DAY = range(7)


class Office:
    """Who works here, and how things stand."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.ids: dict[str, int] = {}
        self.people: dict[str, int] = {}

    async def does(self, unit: Any, *given: Any, **named: Any) -> Any:
        return await self.storage.run(unit, *given, **named)

    async def opens(self) -> None:
        for name, role in (("周敏", "operator"), ("李强", "worker"), ("王芳", "admin"), ("赵云", "supervisor")):
            self.ids[name], _ = await self.does(hire, name, role)
        for name in ("周敏", "李强", "王芳"):
            assert await self.does(duty_plan.add_person, None, by=self.ids["王芳"], colleague=self.ids[name]) is None
        named = {"name": "街道值班室", "phone": "023-00000000"}
        assert await self.does(duty_plan.add_person, None, by=self.ids["王芳"], **named) is None
        self.people = {one.name: one.id for one in (await self.plan()).people.values()}

    async def plan(self) -> duty.Plan:
        return await self.storage.read(duty.plan, None)

    async def writes(self, post: Post, name: str, **more: Any) -> Any:
        week = {"days": EVERY_DAY, "begins": time(0), "ends": time(0), "since": date(2026, 11, 23)} | more
        by = self.ids["王芳"]
        return await self.does(duty_plan.add_shifts, None, by=by, post=post, person_id=self.people[name], **week)

    async def on(self, post: Post) -> list[str]:
        return [one.name for one in (await self.plan()).on(post, self.storage.clock())]

    async def alarm(self, number: int = 1) -> int:
        def rings(tx: Tx) -> int:
            chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + number)
            return alarms.raise_alarm(tx, chat_id=chat_id, message_id=None, kind="fire", rule="fire").id

        return int(await self.does(rings))

    async def called(self, alarm_id: int) -> list[tuple[str, str]]:
        return [(call.post.value, call.name) for call in await self.storage.read(alarm_calls.of, [alarm_id])]

    async def silent(self, alarm_id: int) -> list[str]:
        return [call.name for call in await self.storage.read(alarm_calls.unreached, [alarm_id])]


@pytest.fixture
async def office(any_storage: Storage) -> Office:
    opened = Office(any_storage)
    await opened.opens()
    return opened


async def test_the_week_its_changes_and_the_gaps_they_leave(office: Office, clock: FrozenClock) -> None:
    admin, worker = office.ids["王芳"], office.ids["李强"]
    assert await office.writes(Post.FIRST, "周敏") is None
    assert await office.writes(Post.FIRST, "周敏") == "same"
    assert await office.writes(Post.FIRST, "街道值班室") == "not_fit", "nobody outside takes an alarm"
    assert await office.on(Post.FIRST) == ["周敏"]
    ill = {"kind": "illness", "starts": clock.now, "ends": clock.now + timedelta(days=1)}
    with pytest.raises(MayNot):
        await office.does(duty_plan.away, None, by=worker, person_id=office.people["周敏"], **ill)
    assert (
        await office.does(duty_plan.away, None, by=office.ids["周敏"], person_id=office.people["周敏"], **ill) is None
    )
    [gap] = [one for one in (await office.plan()).gaps(clock.now) if one.post is Post.FIRST]
    assert (gap.ends - gap.starts, gap.missing) == (timedelta(days=1), (office.people["周敏"],))
    swap = {"post": Post.FIRST, "person_id": office.people["李强"], "starts": clock.now}
    wrong = swap | {"ends": clock.now - timedelta(hours=1)}
    assert await office.does(duty_plan.stand_in, None, by=admin, **wrong) == "bad_time"
    assert await office.does(duty_plan.stand_in, None, by=admin, **swap, ends=clock.now + timedelta(hours=8)) is None
    assert await office.on(Post.FIRST) == ["李强"]
    _, change = await office.storage.read(duty_plan.changes, None)
    with pytest.raises(MayNot):
        await office.does(duty_plan.cancel, None, change["id"], by=office.ids["赵云"])
    assert await office.does(duty_plan.cancel, None, change["id"], by=worker) is None, "it is their own"
    assert await office.does(duty_plan.cancel, None, change["id"], by=worker) == "over"
    assert await office.on(Post.FIRST) == []
    clock.move(days=2)
    assert await office.on(Post.FIRST) == ["周敏"]
    await office.does(staff.disable, office.ids["周敏"])
    assert await office.on(Post.FIRST) == []
    assert (await office.plan()).gaps(clock.now)[0].missing == (office.people["周敏"],)


async def test_a_shift_ends_on_a_day_and_is_not_deleted(office: Office, clock: FrozenClock) -> None:
    await office.writes(Post.FIRST, "周敏", days=[0], begins=time(18), ends=time(9))
    [line] = await office.storage.read(duty_plan.shifts, None)
    by = {"by": office.ids["王芳"], "until": date(2026, 11, 30)}
    assert await office.does(duty_plan.end_shift, None, line["id"], **by) is None
    assert await office.does(duty_plan.end_shift, None, line["id"], **by) == "over"
    clock.move(hours=9)
    assert await office.on(Post.FIRST) == ["周敏"]
    clock.move(days=7)
    assert await office.on(Post.FIRST) == []


async def test_tonights_duty_is_taken(office: Office, clock: FrozenClock) -> None:
    await office.writes(Post.FIRST, "周敏")
    night = {"post": Post.FIRST, "until": clock.now + timedelta(hours=12)}
    assert await office.does(duty_plan.take_over, None, by=office.ids["李强"], **night) is None
    assert await office.does(duty_plan.take_over, None, by=office.ids["李强"], **night) == "same"
    assert await office.on(Post.FIRST) == ["李强"]
    with pytest.raises(MayNot):
        await office.does(duty_plan.take_over, None, by=office.ids["赵云"], **night)
    clock.move(hours=12)
    assert await office.on(Post.FIRST) == ["周敏"]


async def test_a_duty_handed_over_is_theirs_when_the_next_has_accepted_with_what_is_open(
    office: Office, clock: FrozenClock
) -> None:
    await office.writes(Post.FIRST, "周敏")
    giver, taker = office.ids["周敏"], office.ids["李强"]
    alarm_id = await office.alarm()
    await office.does(alarms.take, alarm_id, staff_id=giver)
    talk = {"chat_id": 1, "state": "held", "reason": "emergency", "opened_at": clock.now, "taken_by": giver}
    await office.does(lambda tx: tx.insert(conversations, **talk))
    offer = {"post": Post.FIRST, "person_id": office.people["李强"], "until": clock.now + timedelta(hours=10)}
    assert await office.does(duty_handovers.offer, None, by=taker, **offer) == "not_on"
    for _ in range(2):
        assert await office.does(duty_handovers.offer, None, by=giver, **offer, note="8栋火已灭，等物业") is None
    [waits] = await office.storage.read(duty_handovers.waiting, None)
    assert (waits.alarms, waits.taker_name, waits.note) == ((alarm_id,), "李强", "8栋火已灭，等物业")
    assert await office.storage.read(duty_handovers.for_me, taker) == 1
    assert await office.on(Post.FIRST) == ["周敏"], "until it is accepted nothing has changed"
    assert await office.does(duty_handovers.answer, waits.id, by=giver, said="accepted") == "not_on"
    assert await office.does(duty_handovers.answer, waits.id, by=taker, said="accepted") is None
    assert await office.does(duty_handovers.answer, waits.id, by=taker, said="declined") == "over"
    assert await office.on(Post.FIRST) == ["李强"]
    held = await office.storage.read(lambda tx: (tx.all(alarm_table.select()), tx.all(conversations.select())))
    assert [row["taken_by"] for rows in held for row in rows] == [taker, taker]
    actions = [row["action"] for row in await office.storage.read(lambda tx: tx.all(audit.select()))]
    assert actions.count("duty_offer") == 2
    assert {"duty_accepted", "take_alarm"} <= set(actions)


async def test_an_alarm_calls_one_post_after_the_other_and_says_who_was_not_reached(
    office: Office, clock: FrozenClock
) -> None:
    for post, name in (
        (Post.FIRST, "周敏"),
        (Post.SECOND, "李强"),
        (Post.COMMITTEE, "王芳"),
        (Post.SUBDISTRICT, "街道值班室"),
    ):
        assert await office.writes(post, name) is None
    alarm_id = await office.alarm()
    assert await office.called(alarm_id) == [("first", "周敏")]
    await office.does(alarm_calls.seen, office.ids["周敏"])
    expected = {2: "李强", 5: "王芳", 10: "街道值班室"}
    for minute in range(1, 12):
        clock.move(minutes=1)
        await office.does(alarms.due)
        if minute in expected:
            assert (await office.called(alarm_id))[-1][1] == expected[minute], "on the minute"
    calls = await office.storage.read(alarm_calls.of, [alarm_id])
    assert [call.times for call in calls] == [7, 6, 4, 1], "each once a post, however often it repeats"
    assert await office.silent(alarm_id) == ["李强", "王芳", "街道值班室"]
    assert await office.does(alarm_calls.rung, calls[1].id, staff_id=office.ids["周敏"])
    assert not await office.does(alarm_calls.rung, calls[1].id, staff_id=office.ids["周敏"])
    assert await office.silent(alarm_id) == ["王芳", "街道值班室"]
    await office.does(alarms.take, alarm_id, staff_id=office.ids["周敏"])
    assert await office.silent(alarm_id) == []


async def test_with_nobody_on_call_everybody_with_the_role_is_called(office: Office) -> None:
    assert await office.called(await office.alarm()) == [("first", "周敏"), ("first", "李强"), ("first", "王芳")]


async def test_each_community_has_its_own(any_storage: Storage) -> None:
    own, other = await any_storage.run(two_communities)
    admin, _ = await any_storage.run(hire, "王芳", "admin")
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(scopes.give, member, by=admin, community_id=other.community)
    assert await any_storage.read(duty.towns, member) == [(other.community, "康居西城")]
    assert [await any_storage.read(duty.town_of, place.chat) for place in (own, other)] == [
        own.community,
        other.community,
    ]
    with pytest.raises(NotThere):
        await any_storage.run(duty_plan.add_person, own.community, by=member, colleague=member)
    until = any_storage.clock() + timedelta(hours=3)
    assert await any_storage.run(duty_plan.take_over, other.community, by=member, post=Post.FIRST, until=until) is None
    for place, names in ((own, []), (other, ["周敏"])):
        plan = await any_storage.read(duty.plan, place.community)
        assert [one.name for one in plan.on(Post.FIRST, any_storage.clock())] == names
