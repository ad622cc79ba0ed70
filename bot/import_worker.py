"""Checks the files staff bring, and carries out what they confirmed: in the background, told how far it is, one at a time.

What a process leaves behind is taken up by another, or by itself when it starts again: a look begins anew, and what was
confirmed happens in one transaction, so that it has happened or it has not.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence

import structlog

from bot.stepping import Stepping
from knowledge.sheet_yaml import ENDINGS, read_rows
from knowledge.sheets import Change, Finding, Lists, Reading, Record, compare, shipped
from knowledge.workbooks import read_sheet
from storage import imports
from storage.carriers import CARRIERS
from storage.carrying import NotSo
from storage.engine import Storage, StorageClosed
from storage.imports import Import, Task

TELL_EVERY = 1.0
"""Seconds."""
log = structlog.get_logger()


class Lost(Exception):
    """Somebody else works at it by now, or it was dropped."""


class ImportWorker(Stepping):
    """Safe to run in several processes: each import is held by one."""

    TOPICS = (imports.TOPIC,)
    POLL = 10.0

    def __init__(self, storage: Storage, *, owner: str) -> None:
        super().__init__(storage)
        self._owner = owner

    async def step(self) -> bool:
        """One import as far as it goes now; False when there is none."""
        task = await self._storage.run(imports.take_up, self._owner)
        if task is None:
            return await self._storage.run(imports.sweep)
        try:
            await (self._check(task) if task.job.state == "waiting" else self._carry_out(task.job))
        except Lost:
            log.info("import is somebody else's", id=task.job.id)
        except StorageClosed:
            raise
        except Exception as error:  # noqa: BLE001 - a supervised edge: neither the text nor a value, both may name people
            where = "".join(traceback.format_tb(error.__traceback__)[-4:])
            log.error("import failed", id=task.job.id, error=type(error).__name__, where=where)
            await self._settle(task.job, "failed")
        return True

    async def _check(self, task: Task) -> None:
        job, sheet = task.job, shipped()[task.job.kind]
        lists = await self._storage.read(CARRIERS[job.kind].lists, job.community_id)
        seen = [0]
        read_it = read_rows if sheet.yaml and job.file_name.lower().endswith(ENDINGS) else read_sheet
        reading = asyncio.create_task(
            asyncio.to_thread(read_it, task.content or b"", sheet, lists, lambda rows: seen.__setitem__(0, rows))
        )
        while not (await asyncio.wait({reading}, timeout=TELL_EVERY))[0]:
            await self._told(job, seen[0], 0)
        read = reading.result()
        if not (read.wrong and job.whole):  # a full list of which rows could not be read lacks those
            read.find(*await self._storage.read(imports.misfits, job, read))
        if read.wrong:
            await self._refuse(job, read)
        else:
            await self._compare(job, read, lists)

    async def _refuse(self, job: Import, read: Reading) -> None:
        listed = [one.plain() for one in read.findings]
        await self._settle(job, "refused", findings=listed, wrong=read.wrong, total=read.rows, done=read.rows)

    async def _compare(self, job: Import, read: Reading, lists: Lists) -> None:
        wanted = ((key, record) for key, (_, record) in read.records.items())
        sheet, now = shipped()[job.kind], await self._now(job)
        changes, same = await asyncio.to_thread(compare, sheet, lists, now, wanted, whole=job.whole)
        while await self._storage.run(imports.clear, job.id):
            continue
        for begin in range(0, len(changes), imports.AT_ONCE):
            await self._told(job, begin, len(changes))
            if not await self._storage.run(
                imports.stage, job.id, self._owner, changes[begin : begin + imports.AT_ONCE]
            ):
                raise Lost
        counts = counted(changes) | {"same": same}
        await self._settle(job, "ready", counts=counts, total=read.rows, done=read.rows)

    async def _now(self, job: Import) -> dict[str, Record]:
        """What there is, part by part: nobody else's reading waits for all of it."""
        carrier, now = CARRIERS[job.kind], dict[str, Record]()
        for part in await self._storage.read(carrier.parts, job.community_id):
            now |= await self._storage.read(carrier.current, job.community_id, part)
        return now

    async def _told(self, job: Import, done: int, total: int) -> None:
        if not await self._storage.run(imports.moved, job.id, self._owner, done=done, total=total):
            raise Lost

    async def _carry_out(self, job: Import) -> None:
        try:
            await self._storage.run(imports.carry_out, job.id, owner=self._owner)
        except NotSo as error:
            found = [] if error.code == imports.MOVED_ON else [Finding(0, "", error.code, error.key).plain()]
            await self._settle(job, "stale", findings=found, wrong=len(found))

    async def _settle(self, job: Import, state: str, **values: object) -> None:
        await self._storage.run(imports.settle, job.id, state, owner=self._owner, **values)


def counted(changes: Sequence[Change]) -> dict[str, int]:
    kinds = [one.kind for one in changes]
    return {kind: kinds.count(kind) for kind in ("new", "changed", "gone")}
