"""Running the service from the console: how it is, in plain words, and the nightly backup that was really restored."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.backup_worker import FIRST, BackupWorker, folder_of
from bot.settings import Settings
from handlers.texts.catalogue import load_catalogue
from handlers.web.console.running_words import said, size
from handlers.web.console.wording import Wording
from knowledge import backups, running
from knowledge.running import Facts, Process, Queue
from storage import backup_runs, inbox, leases, staff
from storage.engine import Storage
from storage.sqlite import SQLiteStorage
from storage.tables import audit
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, desk_app, file_ticket, hire
from tests.web_service import web_parts

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def process(**given: object) -> Process:
    row = {"owner": "desk:7:ab", "version": "1", "started_at": NOW, "seen_at": NOW, "ticked_at": NOW}
    return Process(**(row | {"free": 1 << 40, "total": 1 << 41, "database": 5} | given))  # type: ignore[arg-type]


WELL = Facts(processes=[process()], verified_at=NOW - timedelta(hours=7), since=NOW - timedelta(days=90))
HOOK = {"username": "bot", "webhook": "https://a/t", "wanted": "https://a/t", "waiting": 3, "last_error": "TLS"}


@pytest.mark.parametrize(
    ("facts", "worst"),
    [
        (WELL, None),
        (replace(WELL, processes=[]), "processes_none"),
        (replace(WELL, processes=[process(seen_at=NOW - 3 * MINUTE)]), "processes_none"),
        (replace(WELL, processes=[process(), process(owner="b:1:c", version="2")]), "processes_versions"),
        (replace(WELL, processes=[process(), process(owner="b:1:c", seen_at=NOW - 9 * MINUTE)]), "processes_silent"),
        (replace(WELL, processes=[process(ticked_at=NOW - 5 * MINUTE)]), "scheduler_late"),
        (replace(WELL, processes=[process(free=1000)]), "disk_full"),
        (replace(WELL, queues=[Queue("web", "in", 2, NOW - 6 * MINUTE)]), "queues_stuck"),
        (replace(WELL, queues=[Queue("web", "in", 2, NOW)]), None),
        (replace(WELL, parked=1), "parked_some"),
        (replace(WELL, doubtful=1), "letters_lost"),
        (replace(WELL, telegram={"trouble": "refused"}, telegram_at=NOW), "telegram_refused"),
        (replace(WELL, telegram=HOOK, telegram_at=NOW), "telegram_webhook_error"),
        (replace(WELL, telegram=HOOK | {"wanted": ""}, telegram_at=NOW), "telegram_other_webhook"),
        (replace(WELL, telegram=HOOK, telegram_at=NOW - 60 * MINUTE), "telegram_old_look"),
        (replace(WELL, verified_at=NOW - timedelta(hours=27)), "backup_old"),
        (replace(WELL, verified_at=None), "backup_none"),
        (replace(WELL, verified_at=None, since=NOW), "backup_not_yet"),
    ],
)
def test_what_is_wrong_comes_first_and_is_said_in_both_languages(facts: Facts, worst: str | None) -> None:
    found = running.judge(facts, NOW)
    first = None if found[0].verdict == "ok" else f"{found[0].subject}_{found[0].code}"
    assert first == worst
    for language in ("zh", "en"):
        words = [said(one, Wording(load_catalogue("console")[language], NOW)) for one in found]
        assert all(one.text and "{" not in one.text + one.advice for one in words)
        assert words[0].advice or first in (None, "backup_not_yet")


def test_sizes_as_people_say_them() -> None:
    assert [size(count) for count in (None, 999, 5 << 20, 300 << 30)] == ["—", "999 B", "5.0 MB", "300 GB"]


def test_seven_days_four_weeks_twelve_months_are_kept() -> None:
    nights = [(day, NOW - timedelta(days=day)) for day in range(500)]
    staying = backups.kept(nights)
    assert {0, 1, 2, 3, 4, 5, 6} <= staying
    assert len(staying) <= 7 + 4 + 12
    assert max(staying) > 300
    assert backups.kept([(id, at) for id, at in nights if id in staying]) == staying, "thinning out twice takes no more"


def test_a_night_is_made_good_and_a_failed_one_tried_again_later() -> None:
    night = NOW.astimezone(backups.CHINA).replace(hour=3)
    assert backups.is_due(NOW, hour=3, tried_at=None, verified_at=night - timedelta(days=1))
    assert not backups.is_due(NOW, hour=3, tried_at=night, verified_at=night)
    assert not backups.is_due(NOW, hour=3, tried_at=NOW - 30 * MINUTE, verified_at=None)
    assert backups.is_due(NOW, hour=3, tried_at=NOW - 61 * MINUTE, verified_at=None)
    assert not backups.is_due(NOW, hour=11, tried_at=None, verified_at=night - timedelta(hours=1))


# --- the night --------------------------------------------------------------------------------------------------------
@asynccontextmanager
async def machine(tmp_path: Path, sqlite_file: Path, clock: FrozenClock) -> AsyncIterator[tuple[Settings, Storage]]:
    settings = Settings(_env_file=None, data_dir=tmp_path / "machine")  # type: ignore[call-arg]
    settings.data_dir.mkdir()
    shutil.copy(sqlite_file, settings.sqlite_path)
    storage = SQLiteStorage(settings.sqlite_path, clock=clock)
    await storage.open()
    try:
        yield settings, storage
    finally:
        await storage.close()


@asynccontextmanager
async def admin_at(storage: Storage, folder: Path) -> AsyncIterator[Desk]:
    member, token = await storage.run(hire, "管理员甲", "admin")
    transport = httpx.ASGITransport(desk_app(web_parts(storage, backups=folder)))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        client.headers["Accept-Language"] = "zh-CN"
        await client.post("/console/enter", data={"token": token})
        yield Desk(client, member)


async def test_every_night_a_backup_that_was_restored(tmp_path: Path, sqlite_file: Path, clock: FrozenClock) -> None:
    async with (
        machine(tmp_path, sqlite_file, clock) as (settings, storage),
        admin_at(storage, folder_of(settings)) as desk,
    ):
        await storage.run(file_ticket, title="厨房水管爆了")
        worker = BackupWorker(storage, settings, owner="here:1:aa")
        assert not await worker.step(), "a service that has just started has other things to do"
        clock.move(seconds=FIRST.total_seconds())
        assert await worker.step()
        assert not await worker.step(), "one a night"
        assert "恢复过，对得上" in await desk.opens("/console/backups")
        assert "真正恢复过" in await desk.opens("/console/health")

        clock.move(hours=27)
        await storage.run(leases.hold, "backups", owner="there:2:bb", span=timedelta(hours=1))
        assert not await worker.step(), "another process sees to it"
        assert "超过 26 小时" in await desk.opens("/console/health")
        await storage.run(leases.let_go, "backups", owner="there:2:bb")

        half = folder_of(settings) / "lianxin-x.untried"
        half.write_bytes(b"half")
        await storage.run(backup_runs.next_one, owner="here:9:dead")
        clock.move(minutes=61)
        assert await worker.step(), "what a killed process began is begun anew"
        assert not half.exists()
        page = await desk.opens("/console/backups")
        assert "做到一半服务停了" in page

        await desk.sends("/backups/now")
        assert "disabled" in desk.page, "one at a time"
        assert await worker.step()
        newest = (await storage.read(backup_runs.listed))[0]
        assert (newest.kind, newest.state, newest.who) == ("hand", "verified", "管理员甲")
        await desk.client.post("/console/enter", data={"token": await storage.run(staff.make_link, desk.staff_id)})
        await desk.opens("/console/backups")
        refused = await desk.posts(f"/backups/{newest.id}/download", reason="")
        assert refused.status_code == 422
        given = await desk.posts(f"/backups/{newest.id}/download", reason="搬到新电脑")
        assert given.content.startswith(b"SQLite format 3")
        clock.move(hours=2)
        refused = await desk.posts(f"/backups/{newest.id}/download", reason="再来一次")
        assert (refused.status_code, refused.content[:6]) == (403, b"<!doct"), "after a while it is asked who they are"
        taken = [row["detail"]["reason"] for row in await storage.read(_audited, "download_backup")]
        assert taken == ["搬到新电脑"]

        file = folder_of(settings) / str(newest.file)
        file.write_bytes(file.read_bytes()[:-5000])
        await desk.opens("/console/backups")
        await desk.sends(f"/backups/{newest.id}/rehearse")
        assert await worker.step()
        assert "没做成" in await desk.opens("/console/backups"), "a rehearsal tells the truth"
        await desk.sends("/backups/hour", hour="5")
        assert await storage.read(backup_runs.hour) == 5
        for _ in range(9):
            clock.move(days=1)
            await worker.step()
        kept = len(list(folder_of(settings).glob("*.db")))
        assert kept < 12, "old ones go"


def _audited(tx: Tx, action: str) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.all(select(audit).where(audit.c.action == action))]


async def test_a_parked_update_is_set_aside_with_a_reason(storage: Storage, tmp_path: Path) -> None:
    came = inbox.Arrival(channel="web", key="k", remote=2**53, payload="{}", words="绝密")
    await storage.run(inbox.take_in, [came])
    await storage.run(inbox.park, 1, error="ValueError")
    async with admin_at(storage, tmp_path) as desk:
        page = await desk.opens("/console/health")
        assert "卡住的来信" in page
        assert "绝密" not in page
        await desk.posts("/updates/1/aside", reason=" ")
        assert (await storage.read(inbox.depth))["parked"] == 1, "not without a reason"
        assert "/updates/1/aside" not in await desk.sends("/updates/1/aside", reason="电话里办了")
    assert [row["detail"] for row in await storage.read(_audited, "set_aside_update")] == [{"reason": "电话里办了"}]


# --- the audit --------------------------------------------------------------------------------------------------------
def test_every_act_in_the_audit_has_words() -> None:
    acts = set()
    for module in (Path(__file__).parents[1] / "storage").glob("*.py"):
        own = "faq_" if re.search(r"import .*\bnote\b", text := module.read_text("utf-8")) else ""
        found = re.findall(r"(staff\.|\s)note\(\s*tx,\s*[\w.]+,\s*f?\"([a-z_{}]+)\"", text)
        acts |= {own + act for by, act in found if by == "staff." or own}
    assert len(acts) > 120, "they are found"
    for texts in load_catalogue("console").languages.values():
        known = tuple(key.removeprefix("audit_did.") for key in texts.words)
        assert [act for act in acts if act not in known and not _family(act, known)] == []


def _family(act: str, known: tuple[str, ...]) -> bool:
    """Whether an act that is put together has words for at least one of what it can be."""
    before, blank, after = act.partition("{")
    return bool(blank) and any(one.startswith(before) and one.endswith(after.partition("}")[2]) for one in known)


async def test_the_audit_is_searched_taken_out_and_knows_it(
    any_storage: Storage, tmp_path: Path, clock: FrozenClock
) -> None:
    storage = any_storage

    def much(tx: Tx) -> int:
        other = staff.add(tx, name="李强", role="worker")
        lines = [{"staff_id": other, "action": "open_file", "object": str(n)} for n in range(70)]
        for line in [
            *lines,
            {"staff_id": other, "action": "uncover", "object": "LX-1", "detail": {"reason": "核对100%漏水"}},
        ]:
            tx.insert(audit, at=tx.now, **line)
        return other

    other = await storage.run(much)
    clock.move(days=2)
    async with admin_at(storage, tmp_path) as desk:
        for asked in (
            "words=核对100%",
            f"who={other}&action=uncover",
            "object=LX-1",
            "until=2026-11-23&action=uncover",
        ):
            page = await desk.opens(f"/console/audit?{asked.replace('%', '%25')}")
            assert page.count("核对100%漏水") == 1, asked
        assert "没有这样的记录" in await desk.opens("/console/audit?since=2026-11-24&action=uncover")
        assert "没有这样的记录" in await desk.opens("/console/audit?words=%25%25")
        page = await desk.opens("/console/audit?action=open_file&who=x&since=soon")
        older = re.search(r'href="([^"]+below=[^"]+)"', page)
        assert older is not None
        page += await desk.opens(older[1].replace("&amp;", "&"))
        assert [page.count(f"<td>{n}</td>") for n in range(70)] == [1] * 70, "two pages, each line once"
        assert (await desk.posts("/audit/export", format="csv", reason="")).status_code == 422
        await desk.opens("/console/audit?action=uncover")
        given = await desk.posts("/audit/export", format="csv", reason="检查组要")
        assert "核对100%漏水" in given.text
        assert given.text.count("\n") == 2
        assert len(await storage.read(_audited, "search_audit")) >= 5
        assert "检查组要" in await desk.opens("/console/audit?action=export")
