"""How long data stays, from the desk: looked at without touching, shortened within the rules, held back where needed."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from knowledge.retention import rules
from storage import retention, retention_due, retention_terms
from storage import tables as t
from storage.engine import Storage
from storage.erasure import GONE
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, file_ticket


async def test_a_term_is_looked_at_shortened_and_what_is_held_stays(storage: Storage, clock: FrozenClock) -> None:
    free = await storage.run(file_ticket, title="水管爆了")
    held = await storage.run(file_ticket, title="电梯坏了")

    def close(tx: Tx) -> None:
        tx.execute(t.tickets.update().values(state="closed", closed_at=tx.now - timedelta(days=400)))

    await storage.run(close)
    async with at_the_desk(storage, role="admin") as desk:
        await desk.opens("/console/retention")
        assert (await storage.read(retention_due.forecast))["cases"].today == 0
        assert "最多 730 天" in await desk.sends("/terms/cases", days="731", reason="想多留")
        assert "最短 365 天" in await desk.sends("/terms/cases", days="30", reason="想少留")
        assert (await desk.posts("/terms/cases", days="390", reason="")).status_code == 422
        page = await desk.sends("/terms/cases", days="390", reason="用不着那么久")
        assert "用不着那么久" in page
        cases = (await storage.read(retention_due.forecast))["cases"]
        assert (cases.today, cases.month) == (2, 2)
        assert "13个月" in re.sub(r"\s", "", await desk.opens("/privacy"))
        await desk.opens("/console/retention")
        assert "没有这张工单" in await desk.sends("/console/retention/holds", number="LX-000000-0000-0", reason="x")
        page = await desk.sends("/console/retention/holds", number=held.number.lower(), reason="法院要")
        assert "法院要" in page
        await Scheduler(storage, load_catalogue()).tick()
        said = dict(await storage.read(_titles))
        assert (said[free.number], said[held.number]) == (GONE, "电梯坏了")
        assert "办结的事里的姓名、电话、房号和内容 1" in await desk.opens("/console/retention")
        await desk.sends("/holds/1/lift", reason="判完了")
        assert await storage.run(retention.sweep, "cases") == 1
        await desk.opens("/console/retention")
        await desk.sends("/terms/cases", days="", reason="照原来")
    assert (await storage.read(retention_terms.in_force))["cases"] == rules()["cases"]


def _titles(tx: Tx) -> list[tuple[str, str]]:
    return [(number, title) for number, title in tx.tuples(select(t.tickets.c.number, t.tickets.c.title))]


async def test_every_kind_can_be_looked_at_on_either_database(any_storage: Storage) -> None:
    assert set(await any_storage.read(retention_due.forecast)) == set(rules())
    assert [await any_storage.run(retention.sweep, kind) for kind in rules()] == [0] * len(rules())
