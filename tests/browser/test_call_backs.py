"""A clerk's morning of call-backs, by keyboard alone: who is ringing is seen, the form is filled without the mouse."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from storage import tables as t
from storage import telephone
from storage.telephone import Told
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.desk_service import file_ticket


def a_morning(tx: Tx) -> None:
    filed = file_ticket(tx, phone="13800000052")
    due = {"state": "calling_back", "call_at": tx.now - timedelta(hours=1)}
    tx.execute(t.tickets.update().where(t.tickets.c.number == filed.number).values(due))
    telephone.take_in(tx, Told("m1", "m1", "missed", tx.now, number="13800000021"))
    tx.execute(t.ring_backs.update().values(due_at=tx.now))


def came_of_it(tx: Tx) -> tuple[str, str, str]:
    kept = tx.first(select(t.call_backs.c.solved, t.call_backs.c.satisfied))
    ring = tx.first(select(t.ring_backs.c.outcome))
    assert kept is not None
    assert ring is not None
    return str(kept["solved"]), str(kept["satisfied"]), str(ring["outcome"])


def test_a_verdict_and_a_missed_call_without_the_mouse(signed: Page, desk: DeskService) -> None:
    desk.run(a_morning)
    page, keys = signed, signed.keyboard
    page.goto("/console/call-backs")
    for key in ("j", "t"):
        keys.press(key)
    expect(page.get_by_text("您正在打这个电话")).to_be_visible()
    keys.press("j")
    keys.press("Enter")
    for _ in range(3):
        keys.press("ArrowRight")  # answered
    keys.press("Tab")
    keys.press("Space")  # solved
    keys.press("Tab")
    keys.press("Space")
    keys.press("ArrowRight")  # satisfied, the second of five
    keys.press("Tab")
    keys.type("水不漏了")
    keys.press("Enter")
    expect(page.get_by_text("记下了：已解决，办结。")).to_be_visible()
    keys.press("j")
    keys.press("Enter")
    keys.press("Space")  # reached
    keys.press("Tab")
    keys.type("没事了")
    keys.press("Enter")
    expect(page.get_by_text("没有要回拨的")).to_be_visible()
    assert desk.run(came_of_it) == ("solved", "satisfied", "reached")
