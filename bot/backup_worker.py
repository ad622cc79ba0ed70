"""Each night a backup that is really restored for a trial before it counts; and whenever an admin asks for one.

One process of several does it. What a killed one left half done is marked as cut off and its files are swept away.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import structlog

from bot import backup
from bot.settings import Settings
from bot.stepping import Stepping
from knowledge.backups import CHINA
from storage import backup_runs, leases
from storage.backup_runs import Run
from storage.checksums import Sum
from storage.engine import Storage, StorageError

log = structlog.get_logger()
LEASE, SPAN, RENEW = "backups", timedelta(minutes=2), 30.0
FIRST = timedelta(minutes=5)
"""A service that has just started has other things to do than last night's backup."""
TROUBLES = (backup.BackupFailed, StorageError, OSError)


def folder_of(settings: Settings) -> Path:
    return settings.data_dir / "backups"


class BackupWorker(Stepping):
    """Runs what is wanted or due, on a thread of its own."""

    TOPICS = (backup_runs.TOPIC,)
    POLL = 30.0

    def __init__(self, storage: Storage, settings: Settings, *, owner: str) -> None:
        super().__init__(storage)
        self._settings, self._owner = settings, owner
        self._started = storage.clock()

    async def step(self) -> bool:
        """One backup or rehearsal; False when none is due, or another process sees to it."""
        if self._stopping or not await self._hold():
            return False
        try:
            settled = self._storage.clock() - self._started >= FIRST
            run = await self._storage.run(backup_runs.next_one, owner=self._owner, night=settled)
            if run is None:
                return False
            await asyncio.to_thread(self._sweep)
            await self._do(run)
            await self._thin_out()
            return True
        finally:
            await self._storage.run(leases.let_go, LEASE, owner=self._owner)

    async def _hold(self) -> bool:
        return await self._storage.run(leases.hold, LEASE, owner=self._owner, span=SPAN)

    async def _do(self, run: Run) -> None:
        work = asyncio.get_running_loop().run_in_executor(None, self._work(run))
        while not (await asyncio.wait({work}, timeout=RENEW))[0]:
            await self._hold()
        try:
            file, whole = work.result()
        except TROUBLES as problem:
            log.error("backup failed", run=run.id, kind=run.kind, error=str(problem))
            await self._storage.run(backup_runs.failed, run.id, trouble=str(problem))
            return
        rows, size = sum(one.rows for one in whole.values()), file.stat().st_size
        kept = backup_runs.Kept(file.name, size, rows, len(whole))
        await self._storage.run(backup_runs.verified, run.id, kept)
        log.info("backup verified", run=run.id, kind=run.kind, rows=rows)

    def _work(self, run: Run) -> Callable[[], tuple[Path, dict[str, Sum]]]:
        return (lambda: self._rehearse(run)) if run.kind == "rehearsal" else (lambda: self._save(run))

    def _save(self, run: Run) -> tuple[Path, dict[str, Sum]]:
        """The file gets its name only when it could be restored."""
        here = folder_of(self._settings)
        here.mkdir(parents=True, exist_ok=True)
        file = here / f"lianxin-{run.at.astimezone(CHINA):%Y%m%d-%H%M}-{run.id}.db"
        untried = file.with_suffix(".untried")
        backup.take(self._settings, untried, self._go_on)
        whole = backup.rehearse(self._settings, untried)
        untried.replace(file)
        return file, dict(whole.tables)

    def _go_on(self, _done: int, _all: int) -> None:
        if self._stopping:
            raise backup.BackupFailed("cut_off")

    def _rehearse(self, run: Run) -> tuple[Path, dict[str, Sum]]:
        of = next((one for one in folder_of(self._settings).glob(f"*-{run.of_id}.db")), None)
        if of is None:
            raise backup.BackupFailed("elsewhere")
        return of, dict(backup.rehearse(self._settings, of).tables)

    def _sweep(self) -> None:
        """What a killed process left: we hold the lease, so nobody writes here now."""
        for left in folder_of(self._settings).glob(".*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
        for left in folder_of(self._settings).glob("*.untried"):
            left.unlink(missing_ok=True)

    async def _thin_out(self) -> None:
        machine = self._owner.partition(":")[0]
        for run_id, name in await self._storage.read(backup_runs.over, machine=machine):
            with contextlib.suppress(FileNotFoundError):
                (folder_of(self._settings) / name).unlink()
            await self._storage.run(backup_runs.gone, run_id)
