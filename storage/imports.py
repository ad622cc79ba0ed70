"""Imports: a file is checked line by line and compared first, and changes nothing; what is confirmed happens in one
transaction, whole, or not at all.

An import is ``waiting`` to be checked, then ``refused`` (with what is wrong) or ``ready`` (with what would change);
``confirmed`` it waits to be carried out, and is ``done`` - or ``stale``, where what it was compared with has changed since.
A process that dies leaves it waiting or confirmed, and another takes it up. What was done can be taken back as long as
nothing was built upon it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select

from knowledge.sheets import Change, Finding, Reading
from storage import leases, staff
from storage.access import NotThere, member_for
from storage.belonging import imports_of
from storage.carriers import CARRIERS
from storage.carrying import Asked, NotSo, Reason
from storage.import_changes import Changes
from storage.tables import communities, import_rows, imports
from storage.tables import staff as staff_table
from storage.transaction import Tx
from storage.within import unlimited, whole_within

TOPIC = "imports"
WORK = ("waiting", "confirmed")
NOTHING_LEFT = ("refused", "stale", "failed", "dropped", "lapsed", "taken_back")
MOVED_ON = "moved_on"
"""Why a confirmed one did not happen: what it was compared with is not there any more."""
HELD = timedelta(minutes=2)
"""Somebody who has not said for so long how far they are has died."""
ATTEMPTS = 3
LAPSES = timedelta(hours=24)
"""What nobody confirms is forgotten: a list of people does not lie about."""
TAKEN_BACK_WITHIN = timedelta(days=30)
AT_ONCE = 1000
SHOWN = 30
BASES = ("housing_authority", "consent", "contract")
"""On which ground personal data may be had: given by the housing authority as the notice says (S-12), consent, contract."""
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Import:
    """One import as staff see it; the file itself stays inside."""

    id: int
    kind: str
    community_id: int | None
    staff_id: int
    file_name: str
    sha256: str
    size: int
    whole: bool
    state: str
    done: int
    total: int
    wrong: int
    findings: list[list[Any]] | None
    counts: dict[str, int] | None
    basis: str | None
    basis_note: str | None
    reason: str | None
    created_at: datetime
    checked_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: int | None
    ended_at: datetime | None
    taken_back_at: datetime | None
    taken_back_by: int | None

    @property
    def found(self) -> list[Finding]:
        return [Finding(*one) for one in self.findings or ()]

    @property
    def goes_on(self) -> bool:
        return self.state in WORK


_SHOWN = tuple(imports.c[name] for name in Import.__dataclass_fields__)


class Task(NamedTuple):
    """What a worker has taken up."""

    job: Import
    content: bytes | None


class TooLate(Exception):
    """It is not in a state for this any more; nothing was changed."""


# --- who may ----------------------------------------------------------------------------------------------------------
def allowed(tx: Tx, staff_id: int, kind: str, community_id: int | None, act: str = "act") -> None:
    """Whoever brings in or takes out a whole list is responsible for all of it. MayNot, NotThere."""
    member_for(tx, staff_id, "import", act)
    if not CARRIERS[kind].of_community:
        if community_id is not None or not tx.scalar(select(unlimited(staff_id))):
            raise NotThere
    elif community_id not in dict(communities_of(tx, staff_id)):
        raise NotThere


def communities_of(tx: Tx, staff_id: int) -> list[tuple[int, str]]:
    """Those all of which is theirs."""
    query = select(communities.c.id, communities.c.name).where(whole_within(communities.c.id, staff_id))
    return [(int(key), str(name)) for key, name in tx.tuples(query.order_by(communities.c.id))]


# --- a file arrives ---------------------------------------------------------------------------------------------------
def begin(
    tx: Tx, *, staff_id: int, kind: str, community_id: int | None, file_name: str, content: bytes, whole: bool
) -> int:
    """Keep the file until it is settled; nothing of it counts yet."""
    allowed(tx, staff_id, kind, community_id)
    digest = hashlib.sha256(content).hexdigest()
    row: dict[str, Any] = {"kind": kind, "community_id": community_id, "file_name": file_name[:200], "sha256": digest}
    row |= {"size": len(content), "content": content, "whole": whole and CARRIERS[kind].whole, "state": "waiting"}
    key = tx.insert(imports, staff_id=staff_id, created_at=tx.now, **row)
    staff.note(tx, staff_id, "import_begin", str(key), kind=kind, sha256=digest)
    tx.wake(TOPIC)
    return key


def get(tx: Tx, import_id: int) -> Import | None:
    row = tx.first(select(*_SHOWN).where(imports.c.id == import_id))
    return Import(**row) if row else None


def file_of(tx: Tx, import_id: int) -> bytes | None:
    """The file as it was brought; None once it is settled."""
    return tx.scalar(select(imports.c.content).where(imports.c.id == import_id))  # type: ignore[no-any-return]


def listed(tx: Tx, *where: ColumnElement[bool]) -> list[tuple[Import, str]]:
    """The newest first, each with who brought it."""
    query = select(*_SHOWN, staff_table.c.name.label("who")).join(staff_table, staff_table.c.id == imports.c.staff_id)
    rows = tx.all(query.where(*where).order_by(imports.c.id.desc()).limit(SHOWN))
    return [(Import(**{name: row[name] for name in Import.__dataclass_fields__}), str(row["who"])) for row in rows]


def changes(tx: Tx, import_id: int, *, after: int = 0, limit: int | None = None) -> list[tuple[int, Change]]:
    """What would change or has changed, in the order of the file; what goes last. ``after``: the number of a change."""
    query = select(import_rows.c.id, import_rows.c.key, import_rows.c.before, import_rows.c.after)
    query = query.where(import_rows.c.import_id == import_id, import_rows.c.id > after).order_by(import_rows.c.id)
    return [(int(row[0]), Change(*row[1:])) for row in tx.tuples(query if limit is None else query.limit(limit))]


# --- working at it ----------------------------------------------------------------------------------------------------
def take_up(tx: Tx, owner: str) -> Task | None:
    """The oldest that nobody works at, held for ``HELD``. One that has brought down whoever took it up is given up."""
    for row in tx.all(select(imports).where(imports.c.state.in_(WORK)).order_by(imports.c.id)):
        if not leases.hold(tx, _lease(row["id"]), owner=owner, span=HELD):
            continue
        if row["attempts"] >= ATTEMPTS:
            settle(tx, int(row["id"]), "failed", owner=owner)
            continue
        this = imports.c.id == row["id"]
        tx.execute(imports.update().where(this).values(attempts=row["attempts"] + 1, done=0))
        job = get(tx, int(row["id"]))
        assert job is not None
        return Task(job, row["content"])
    return None


def _lease(import_id: int) -> str:
    return f"import {import_id}"


def moved(tx: Tx, import_id: int, owner: str, *, done: int, total: int) -> bool:
    """So far; False when it is somebody else's by now, or was dropped."""
    if not leases.hold(tx, _lease(import_id), owner=owner, span=HELD):
        return False
    tx.wake("desk")
    this = (imports.c.id == import_id) & imports.c.state.in_(WORK)
    return bool(tx.changed(imports.update().where(this).values(done=done, total=total)))


def misfits(tx: Tx, job: Import, reading: Reading) -> list[Finding]:
    """What is wrong with rows that are right by themselves: there is no such building, the last admin would go."""
    asked = Asked(job.community_id, job.staff_id, job.whole)
    return CARRIERS[job.kind].misfits(tx, asked, reading.records)


def stage(tx: Tx, import_id: int, owner: str, some: Sequence[Change]) -> bool:
    """Keep some of what would change. False: it is somebody else's."""
    if not leases.hold(tx, _lease(import_id), owner=owner, span=HELD):
        return False
    rows = [{"import_id": import_id, "key": one.key, "before": one.before, "after": one.after} for one in some]
    if rows:
        tx.execute(import_rows.insert(), rows)
    return True


def clear(tx: Tx, import_id: int) -> bool:
    """Nothing is kept of a look that was broken off; False when there is no more of it."""
    return _clear(tx, import_rows.c.import_id == import_id)


def sweep(tx: Tx) -> bool:
    """Nor of what came to nothing, was taken back or is too old for it: some at a time; False when there is no more."""
    over = or_(imports.c.state.in_(NOTHING_LEFT), imports.c.ended_at < tx.now - TAKEN_BACK_WITHIN)
    return _clear(tx, import_rows.c.import_id.in_(select(imports.c.id).where(over)))


def _clear(tx: Tx, which: ColumnElement[bool]) -> bool:
    some = [int(key) for (key,) in tx.tuples(select(import_rows.c.id).where(which).limit(AT_ONCE))]
    return bool(some) and tx.changed(import_rows.delete().where(import_rows.c.id.in_(some))) > 0


def settle(tx: Tx, /, import_id: int, state: str, *, owner: str, **values: Any) -> None:
    """It has come to this; whoever waits sees it."""
    ends: dict[str, Any] = {"checked_at": tx.now} if state in ("ready", "refused") else {"ended_at": tx.now}
    if state != "refused":
        ends["content"] = None
    this = (imports.c.id == import_id) & imports.c.state.in_(WORK)
    tx.execute(imports.update().where(this).values(state=state, attempts=0, **ends, **values))
    leases.let_go(tx, _lease(import_id), owner=owner)
    tx.wake("desk")


# --- carrying it out --------------------------------------------------------------------------------------------------
def confirm(tx: Tx, import_id: int, *, by: int, reason: str, basis: str | None, note: str) -> None:
    """What was looked at may happen. TooLate when it is not ready (any more)."""
    job = _mine(tx, import_id, by)
    ready = (imports.c.id == import_id) & (imports.c.state == "ready")
    values = {"state": "confirmed", "confirmed_at": tx.now, "confirmed_by": by, "reason": reason, "done": 0}
    values |= {"basis": basis, "basis_note": note or None}
    if not tx.changed(imports.update().where(ready).values(values)):
        raise TooLate
    staff.note(tx, by, "import_confirm", str(import_id), kind=job.kind, **(job.counts or {}))
    tx.wake(TOPIC)


def carry_out(tx: Tx, import_id: int, *, owner: str) -> bool:
    """Everything it would change, now; False when it is somebody else's, or has been. `NotSo` and nothing has changed,
    where a row is not as it was when it was shown."""
    job = get(tx, import_id)
    if job is None or job.state != "confirmed" or not leases.hold(tx, _lease(import_id), owner=owner, span=HELD):
        return False
    assert job.confirmed_by is not None
    count = _apply(tx, job, Changes(import_id), by=job.confirmed_by)
    settle(tx, import_id, "done", owner=owner, done=count, total=count)
    staff.note(tx, job.confirmed_by, "import_done", str(import_id), kind=job.kind, **(job.counts or {}))
    return True


def _apply(tx: Tx, job: Import, changes: Changes, *, by: int) -> int:
    count, brought = changes.count(tx), None if changes.back else job.id
    if CARRIERS[job.kind].apply(tx, job.community_id, changes, by=by, import_id=brought) < count:
        raise NotSo(MOVED_ON, "")
    return count


def drop(tx: Tx, import_id: int, *, by: int) -> None:
    """It shall not happen, and the file is gone. TooLate once it was confirmed."""
    _mine(tx, import_id, by)
    before = (imports.c.id == import_id) & imports.c.state.in_(("waiting", "ready", "refused"))
    values = {"state": "dropped", "content": None, "ended_at": tx.now, "findings": None}
    if not tx.changed(imports.update().where(before).values(values)):
        raise TooLate
    staff.note(tx, by, "import_drop", str(import_id))
    tx.wake(TOPIC)


def obstacles(tx: Tx, import_id: int) -> list[Reason]:
    """Why it cannot be taken back: the code of the words, and the key of a row; empty when it can."""
    job = get(tx, import_id)
    if job is None or not _is_in_time(tx, job):
        return [("too_late", "")]
    carrier, back = CARRIERS[job.kind], Changes(import_id, back=True)
    since = [("changed_since", key) for key in carrier.since(tx, job.community_id, back)]
    return since or carrier.built_upon(tx, job.community_id, back)


def _is_in_time(tx: Tx, job: Import) -> bool:
    return job.state == "done" and job.ended_at is not None and tx.now - job.ended_at <= TAKEN_BACK_WITHIN


def take_back(tx: Tx, import_id: int, *, by: int) -> None:
    """Everything as it was before. TooLate where something was built upon it."""
    job, back = _mine(tx, import_id, by), Changes(import_id, back=True)
    if not _is_in_time(tx, job) or CARRIERS[job.kind].built_upon(tx, job.community_id, back):
        raise TooLate
    try:
        _apply(tx, job, back, by=by)
    except NotSo as error:
        raise TooLate from error
    values = {"state": "taken_back", "taken_back_at": tx.now, "taken_back_by": by}
    tx.execute(imports.update().where(imports.c.id == import_id).values(values))
    staff.note(tx, by, "import_take_back", str(import_id), kind=job.kind, **(job.counts or {}))
    tx.wake("desk")
    tx.wake(TOPIC)


def _mine(tx: Tx, import_id: int, by: int) -> Import:
    member_for(tx, by, "import", "act")
    row = tx.first(select(*_SHOWN).where(imports.c.id == import_id, imports_of(by)))
    if row is None:
        raise NotThere
    return Import(**row)


def lapse(tx: Tx) -> int:
    """What nobody confirmed in time is forgotten; how many."""
    idle = imports.c.state.in_(("ready", "refused")) & (imports.c.created_at < tx.now - LAPSES)
    values = {"state": "lapsed", "content": None, "findings": None, "ended_at": tx.now}
    tx.wake(TOPIC)
    return tx.changed(imports.update().where(idle).values(values))
