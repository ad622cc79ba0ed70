"""The admin's screen: roles, places and subjects, somebody's way in, and what happens to the work of who leaves."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from storage import conversations, desk_talks, leaving, own_sign_in, scopes, sessions, staff
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.tables import ticket_events
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
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
        await admin.sends("/disable")
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
        await admin.sends("/disable")
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
        await admin.sends("/scopes", what=f"community:{own.community}")
        assert "望江家园" in admin.page
        assert (await worker.client.get(f"/console/tickets/{other.ticket}")).status_code == 404
        await admin.sends("/scopes", what="subject:noise")
        assert (await worker.client.get(f"/console/tickets/{own.ticket}")).status_code == 404
        for _ in range(2):
            await admin.opens(address)
            line = re.search(r"/scopes/\d+/take", admin.page)
            assert line is not None
            await admin.sends(line[0])
        assert (await worker.client.get(f"/console/tickets/{other.ticket}")).status_code == 200
        await admin.sends("/role", role="viewer")
        assert (await worker.client.get("/console/conversations")).status_code == 403
        for what in ("community:999", "building:x", "subject:weather", "planet:1", ""):
            await admin.sends("/scopes", what=what)
            assert admin.status in (404, 422)
            await admin.opens(address)
        await admin.sends("/role", role="emperor")
        assert admin.status == 422


async def test_the_last_admin_stays(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin:
        await admin.opens(f"/console/staff/{admin.staff_id}")
        page = await admin.sends("/role", role="viewer")
        assert (admin.status, "最后一个管理员" in page) == (409, True)
        csrf = admin.form("/sign-out")[1]
        for act in ("disable", "reset"):
            assert (await admin.client.post(f"/console/staff/{admin.staff_id}/{act}", data=csrf)).status_code == 409
        second, _ = await storage.run(hire, "罗兰", "admin")
        await admin.opens(f"/console/staff/{second}")
        await admin.sends("/scopes", what="subject:noise")
        await admin.opens(f"/console/staff/{admin.staff_id}")
        await admin.sends("/scopes", what="subject:noise")
        assert admin.status == 409, "somebody stays responsible for everything"
        await admin.opens(f"/console/staff/{second}")
        await admin.sends("/disable")
        assert admin.status == 200
        member = await storage.read(staff.get, second)
        assert member is not None
        assert member.disabled_at is not None


async def test_an_admin_held_to_a_place_gives_nobody_more(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="罗兰", role="admin") as held:
        await admin.opens(f"/console/staff/{held.staff_id}")
        await admin.sends("/scopes", what=f"community:{own.community}")
        for address, what in ((held.staff_id, f"community:{other.community}"), (admin.staff_id, "subject:noise")):
            await held.opens(f"/console/staff/{address}")
            await held.sends("/scopes", what=what)
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
