"""The console shows what goes with a request: for whom, when, how many; and no complaint to whom it is about."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from knowledge.life import Role
from knowledge.stepping_aside import Barred
from storage import blobs, joining, redirects, stepping_aside, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.drafts import open_draft
from storage.engine import Storage
from storage.tickets import Filed
from storage.transaction import Tx
from tests.desk_service import at_the_desk, file_ticket


def complaint(tx: Tx) -> Filed:
    words = "窗口周敏骂人"
    filed = file_ticket(tx, category="petition", title=f"投诉信访：{words}", description=words, confidential=True)
    barred = Barred(frozenset({Role.WORKER}), frozenset({"周敏"}))
    stepping_aside.bar(
        tx, filed.id, barred, chat_id=find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1), since=1
    )
    return filed


def neighbour_joins(tx: Tx, filed: Filed) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 2)
    draft = open_draft(tx, chat_id=chat_id, form="service_request", step="similar", answers={})
    assert joining.join(tx, filed.id, chat_id=chat_id, draft_id=draft, draft_revision=1, said_id=None)


async def test_for_whom_when_and_how_many_stand_on_the_page(storage: Storage) -> None:
    visit = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    facts: dict[str, Any] = {"on_behalf": "我妈", "visit_words": "明天下午", "visit_from": visit, "visit_until": visit}
    filed = await storage.run(file_ticket, topic="water_cut", **facts)
    await storage.run(neighbour_joins, filed)
    async with at_the_desk(storage) as desk:
        page = await desk.opens(f"/console/tickets/{filed.number}")
        assert all(words in page for words in ("我妈（联系代办人）", "明天下午", "明天 14:00", "2 户", "邻居也反映"))


async def test_secrecy_asked_for_and_anonymity_are_said(storage: Storage) -> None:
    secret = await storage.run(file_ticket, confidential=True)
    nameless = await storage.run(file_ticket, confidential=True, anonymous=True, phone=None)
    async with at_the_desk(storage) as desk:
        assert "不能说是谁反映的" in await desk.opens(f"/console/tickets/{secret.number}")
        assert "匿名" in await desk.opens(f"/console/tickets/{nameless.number}")


async def test_a_complaint_is_not_there_for_whom_it_is_about(storage: Storage) -> None:
    filed, other = await storage.run(complaint), await storage.run(file_ticket)
    here = f"/console/tickets/{filed.number}"
    photo = await storage.run(
        lambda tx: blobs.store(tx, chat_id=1, kind="photo", mime="image/png", name="a.png", content=b"x")
    )
    await storage.run(lambda tx: tickets.attach(tx, filed.id, [photo]))
    async with at_the_desk(storage, name="周敏") as about, at_the_desk(storage, name="李强") as colleague:
        for desk, seen in ((about, False), (colleague, True)):
            assert (here in await desk.opens("/console")) == seen
            assert (here in await desk.opens(f"/console?q={filed.number}")) == seen
            await desk.opens(here)
            assert (desk.status == 200) == seen
        assert (await about.client.get(f"/console/blobs/{photo}")).status_code == 404
        await about.opens(f"/console/tickets/{other.number}")
        _, own = about.form("/act")
        for step in ("act", "uncover"):
            typed = own | {"action": "answer", "text": "好", "reason": "看看"}
            assert (await about.client.post(f"{here}/{step}", data=typed)).status_code == 404


async def test_the_supervision_committee_handles_complaints_and_nothing_else(storage: Storage) -> None:
    filed, other = await storage.run(complaint), await storage.run(file_ticket)
    async with at_the_desk(storage, name="监督委员会", role="supervisor") as desk:
        await desk.opens(f"/console/tickets/{filed.number}")
        csrf = desk.form("/act")[1]["csrf"]
        await desk.sends("/uncover", reason="核实情况")
        await desk.sends("/act", action="answer", text="我们已经在核实，三天内答复您。")
        assert "三天内答复您" in desk.page
        page = await desk.opens(f"/console/tickets/{other.number}")
        assert re.findall(r'name="action" value="(\w+)"', page) == ["supervise"], "to watch, not to act (WO-17)"
        typed = {"csrf": csrf, "action": "answer", "text": "好", "revision": "1"}
        assert (await desk.client.post(f"/console/tickets/{other.number}/act", data=typed)).status_code == 403


async def test_what_belongs_elsewhere_is_listed_without_words(storage: Storage) -> None:
    def turned_away(tx: Tx) -> None:
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
        for category, reason in (("household", "duty"), ("household", "duty"), ("legal", "in_court")):
            noted = redirects.note(
                tx, chat_id=chat_id, message_id=None, route="service_request", category=category, reason=reason
            )
            redirects.settle(tx, noted, chat_id=chat_id, outcome="own_way")

    async with at_the_desk(storage, role="viewer") as desk:
        assert "还没有" in await desk.opens("/console/redirects")
        await storage.run(turned_away)
        page = await desk.opens("/console/redirects")
        assert all(
            words in page for words in ("户籍与流动人口", "不在社区职责内", "按那边的程序走", "自己去办", "<b>2</b>")
        )
