"""What stands around every page is the same whether a glance has said that there is nothing, or everything is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from handlers.web.console.desk_pages import Frame, frame
from knowledge import reach
from storage import desk_glance, staff
from storage import tables as t
from storage.engine import Storage
from storage.staff import Signed
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.two_communities import two_communities

LATER: tuple[dict[str, int], ...] = ({}, {"hours": 3}, {"days": 3}, {"days": 40})
SEEN = {"conversation", "appointment", "call_back", "volunteer", "mediation", "health", "disclosure", "incident"}
"""What goes on in the two communities, and how a badge says so."""


def look_around(tx: Tx) -> list[Frame]:
    """As everybody who works here has it."""
    everyone = [member for member in staff.everyone(tx) if member.disabled_at is None]
    return [frame(tx, Signed(member, "csrf", "session")) for member in everyone]


def a_day_goes_by(tx: Tx) -> None:
    """What waits is taken, ended, decided: one thing of each kind is left as it is, the others are over."""
    for table, over in (
        (t.alarms, {"ended_at": tx.now}),
        (t.conversations, {"state": "ended", "ended_at": tx.now}),
        (t.incidents, {"state": "closed"}),
        (t.disclosure_asks, {"state": "answered"}),
        (t.inbox, {"state": "done"}),
        (t.outbox, {"state": "sent"}),
    ):
        last = select(func.max(table.c.id)).scalar_subquery()
        tx.execute(table.update().where(table.c.id != last).values(over))


async def test_a_glance_says_no_only_where_there_is_nothing(
    any_storage: Storage, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in sorted(reach.STAFF_ROLES):
        await any_storage.run(hire, f"{role}在岗", role)
    assert await same_as_asking_everything(any_storage, monkeypatch) == set(), "on an empty desk nothing waits"
    await any_storage.run(two_communities)
    seen = set()
    for span in LATER:
        clock.move(**span)
        seen |= await same_as_asking_everything(any_storage, monkeypatch)
    assert seen >= SEEN
    await any_storage.run(a_day_goes_by)
    assert await same_as_asking_everything(any_storage, monkeypatch)


async def same_as_asking_everything(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The kinds of which somebody is told that something waits."""
    found = await storage.read(look_around)
    with monkeypatch.context() as asking:
        asking.setattr(desk_glance, "glance", lambda tx, signed: frozenset(desk_glance.THERE) - {"no_password"})
        asked = await storage.read(look_around)
    for glanced, whole in zip(found, asked, strict=True):
        assert glanced.counts == whole.counts
        assert (glanced.alarms, glanced.requests, glanced.elsewhere) == (whole.alarms, whole.requests, whole.elsewhere)
        assert (glanced.to_set_up, glanced.unknown_year) == (whole.to_set_up, whole.unknown_year)
    return {kind for each in found for kind, number in each.counts.items() if number}
