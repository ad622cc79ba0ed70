"""The admin's screen: roles, places and subjects, somebody's way in, and what happens to the work of who leaves."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from storage import conversations, desk_talks, leaving, own_sign_in, scopes, sessions, staff
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.tables import duty_people, duty_weeks, ticket_barred, ticket_events
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, desk_browser, file_ticket, hire
from tests.two_communities import two_communities
from tests.web_service import SEAL, web_parts


def busy(tx: Tx, staff_id: int) -> str:
    """One ticket and one conversation in hand; the ticket's number."""
    filed = file_ticket(tx)
    tx.execute(
        ticket_table.update().where(ticket_table.c.id == filed.id).values(assigned_to=staff_id, state="handling")
    )
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    talk, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")
    conversations.take(tx, talk, staff_id=staff_id)
    return filed.number


async def test_what_somebody_has_in_hand_is_said_before_and_in_the_queue_after(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        number = await storage.run(busy, worker.staff_id)
        due = await storage.read(lambda tx: tx.scalar(select(ticket_table.c.due_at)))
        page = await admin.opens(f"/console/staff/{worker.staff_id}")
        assert "1 张没办完的工单，回到“未分派”" in page
        assert "1 个正在说的对话" in page
        other, _ = await storage.run(hire, "吴明", "worker")
        await admin.opens(f"/console/staff/{worker.staff_id}")
        page = await admin.sends("/disable", reason="", to_tickets=str(other))
        assert (admin.status, "请写明原因" in page) == (422, True)
        assert re.search(rf'value="{other}" selected', page), "the form again, as it was filled in"
        await admin.sends("/disable", reason="离岗", to_tickets="")
        assert (await worker.client.get("/console")).status_code == 303
        assert number in await admin.opens("/console?filter=unassigned")
        assert "同事停用，退回未分派" in await admin.opens(f"/console/tickets/{number}")
        assert await storage.read(desk_talks.waiting) == 1
        row = await storage.read(lambda tx: tx.first(select(ticket_table)))
        assert row is not None
        assert (row["assigned_to"], row["state"], row["due_at"]) == (None, "handling", due), "promises run on"
        assert await storage.read(leaving.in_hand, worker.staff_id) == leaving.InHand(0, 0, 0, 0, 0)


async def test_a_colleague_comes_back_by_a_fresh_link_only(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        await admin.opens(f"/console/staff/{worker.staff_id}")
        await admin.sends("/disable", reason="离岗")
        with pytest.raises(AssertionError, match="no form"):
            admin.form("/link")
        await admin.sends("/enable")
        assert (await worker.client.get("/console")).status_code == 303
        page = await admin.sends("/link")
        found = re.search(r'value="http://desk(/console/enter\?token=([^"]+))"', page)
        assert found is not None
        assert (await worker.client.post("/console/enter", data={"token": found[2]})).status_code == 303
        assert (await worker.client.get("/console")).status_code == 200


async def test_a_reset_takes_everything_back_to_a_link(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        await storage.run(own_sign_in.begin_factor, worker.staff_id, seal=SEAL)
        await admin.opens(f"/console/staff/{worker.staff_id}")
        page = await admin.sends("/reset")
        assert "enter?token=" in page
        assert (await worker.client.get("/console")).status_code == 303
        state = await storage.read(own_sign_in.state, worker.staff_id)
        assert (state.password_at, state.secret, state.codes) == (None, None, 0)
        assert await storage.read(sessions.listed, worker.staff_id) == []


async def test_roles_and_scopes_count_at_once_in_open_sessions(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        address = f"/console/staff/{worker.staff_id}"
        await admin.opens(address)
        await admin.sends("/scopes", reason="调岗", what=f"community:{own.community}")
        assert "望江家园" in admin.page
        assert (await worker.client.get(f"/console/tickets/{other.ticket}")).status_code == 404
        await admin.sends("/scopes", reason="调岗", what="subject:noise")
        assert (await worker.client.get(f"/console/tickets/{own.ticket}")).status_code == 404
        for _ in range(2):
            await admin.opens(address)
            line = re.search(r"/scopes/\d+/take", admin.page)
            assert line is not None
            await admin.sends(line[0])
        assert (await worker.client.get(f"/console/tickets/{other.ticket}")).status_code == 200
        await admin.sends("/role", reason="调岗", role="viewer")
        assert (await worker.client.get("/console/conversations")).status_code == 403
        for what in ("community:999", "building:x", "subject:weather", "planet:1", ""):
            await admin.sends("/scopes", reason="调岗", what=what)
            assert admin.status in (404, 422)
            await admin.opens(address)
        await admin.sends("/role", reason="调岗", role="emperor")
        assert admin.status == 422


async def test_the_last_admin_stays(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin:
        await admin.opens(f"/console/staff/{admin.staff_id}")
        page = await admin.sends("/role", reason="调岗", role="viewer")
        assert (admin.status, "最后一个管理员" in page) == (409, True)
        csrf = admin.form("/sign-out")[1]
        for act in ("disable", "reset"):
            assert (await admin.client.post(f"/console/staff/{admin.staff_id}/{act}", data=csrf)).status_code == 409
        second, _ = await storage.run(hire, "罗兰", "admin")
        await admin.opens(f"/console/staff/{second}")
        await admin.sends("/scopes", reason="调岗", what="subject:noise")
        await admin.opens(f"/console/staff/{admin.staff_id}")
        await admin.sends("/scopes", reason="调岗", what="subject:noise")
        assert admin.status == 409, "somebody stays responsible for everything"
        await admin.opens(f"/console/staff/{second}")
        await admin.sends("/disable", reason="离岗")
        assert admin.status == 200
        member = await storage.read(staff.get, second)
        assert member is not None
        assert member.disabled_at is not None


async def test_an_admin_held_to_a_place_gives_nobody_more(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="罗兰", role="admin") as held:
        await admin.opens(f"/console/staff/{held.staff_id}")
        await admin.sends("/scopes", reason="调岗", what=f"community:{own.community}")
        for address, what in ((held.staff_id, f"community:{other.community}"), (admin.staff_id, "subject:noise")):
            await held.opens(f"/console/staff/{address}")
            await held.sends("/scopes", reason="调岗", what=what)
            assert held.status == 403
        await held.opens("/console/staff")
        await held.sends("/add", name="自己的人", role="admin")
        assert held.status == 403
        assert (await held.client.get(f"/console/tickets/{other.ticket}")).status_code == 404


async def test_an_admin_ends_sessions_and_not_their_own_by_mistake(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        await admin.opens(f"/console/staff/{worker.staff_id}")
        await admin.sends("/end")
        assert (await worker.client.get("/console")).status_code == 303
        token = await storage.run(staff.make_link, admin.staff_id)
        async with desk_browser(web_parts(storage)) as phone:
            await phone.post("/console/enter", data={"token": token})
            await admin.opens(f"/console/staff/{admin.staff_id}")
            await admin.sends("/end-all")
            assert admin.status == 200
            assert (await phone.get("/console")).status_code == 303


async def test_put_back_on_both_databases(any_storage: Storage) -> None:
    member, _ = await any_storage.run(hire, "李强", "worker")
    await any_storage.run(busy, member)
    await any_storage.run(scopes.give, member, by=member, subject="noise")
    assert (await any_storage.read(leaving.in_hand, member)).tickets == 1
    assert await any_storage.run(staff.disable, member)
    events = select(ticket_events.c.action, ticket_events.c.actor).order_by(ticket_events.c.id.desc()).limit(1)
    assert await any_storage.read(lambda tx: tx.tuples(events)) == [("put_back", "bot")]
    assert not await any_storage.run(staff.disable, member)
    assert (
        len(
            await any_storage.read(
                lambda tx: tx.tuples(select(ticket_events).where(ticket_events.c.action == "put_back"))
            )
        )
        == 1
    )


async def test_who_leaves_hands_over_to_whom_an_admin_chooses(storage: Storage, clock: FrozenClock) -> None:
    """And what the chosen one may not have goes back to the line; the reason and the numbers are kept."""
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        other, _ = await storage.run(hire, "张丽", "worker")
        number = await storage.run(busy, worker.staff_id)
        secret = await storage.run(file_ticket, title="投诉张丽", remote=FIRST_WEB_CHAT + 2)

        def prepare(tx: Tx) -> None:
            mine = {"assigned_to": worker.staff_id, "state": "handling"}
            tx.execute(ticket_table.update().where(ticket_table.c.id == secret.id).values(mine))
            tx.insert(ticket_barred, ticket_id=secret.id, role=None, name="张丽")
            person = {"added_at": tx.now, "community_id": None}
            leaver = tx.insert(duty_people, staff_id=worker.staff_id, **person)
            tx.insert(duty_people, staff_id=other, **person)
            shift = {"post": "first", "weekday": 0, "begins": "18:00", "ends": "08:00", "since": "2026-11-02"}
            tx.insert(duty_weeks, person_id=leaver, made_at=tx.now, **shift)

        await storage.run(prepare)
        await admin.opens(f"/console/staff/{worker.staff_id}")
        assert (await admin.posts("/disable", reason="")).status_code == 422
        assert (await admin.posts("/disable", reason="离岗", to_tickets=str(worker.staff_id))).status_code == 404
        await admin.opens(f"/console/staff/{worker.staff_id}")
        await admin.sends("/disable", reason="离岗", to_tickets=str(other), to_duty=str(other))
        held = dict(await storage.read(lambda tx: tx.tuples(select(ticket_table.c.number, ticket_table.c.assigned_to))))
        assert held == {number: other, secret.number: None}
        shifts = await storage.read(lambda tx: tx.tuples(select(duty_weeks.c.person_id, duty_weeks.c.until)))
        assert shifts == [(1, "2026-11-23"), (2, None)]
        page = await admin.opens("/console/audit?action=hand_over_work")
        assert "交接工作" in page
        clock.move(days=91)
        await admin.client.post("/console/enter", data={"token": await storage.run(staff.make_link, admin.staff_id)})
        assert "90 天没用过" in await admin.opens("/console/staff")


async def test_an_invitation_is_taken_back(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage, role="admin") as admin:
        new, token = await storage.run(hire, "新人", "worker")
        assert "邀请链接还没用" in await admin.opens(f"/console/staff/{new}")
        assert "邀请链接还没用" not in await admin.sends("/link/cancel")
        async with desk_browser(web_parts(storage)) as late:
            await late.post("/console/enter", data={"token": token})
            assert (await late.get("/console")).status_code == 303
        clock.move(hours=2)
        await admin.opens(f"/console/staff/{new}")
        assert (await admin.posts("/link")).status_code == 403, "after a while it is asked who they are"
