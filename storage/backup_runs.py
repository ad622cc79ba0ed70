"""Backups and rehearsals, from wish to outcome: which are wanted, which runs, what came of it, and which one to rely on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from knowledge import backups
from storage import facts, staff
from storage.access import member_for
from storage.tables import backup_runs as runs
from storage.tables import staff as staff_table
from storage.transaction import Tx

TOPIC = "backups"
HOUR = "backup_hour"
SHOWN = 40
COPIES = ("night", "hand")


@dataclass(frozen=True, slots=True)
class Run:
    """One of them; ``who`` wanted it, where somebody did."""

    id: int
    kind: str
    state: str
    at: datetime
    ended_at: datetime | None
    owner: str | None
    file: str | None
    size: int | None
    rows: int | None
    tables: int | None
    trouble: str | None
    gone_at: datetime | None
    of_id: int | None
    who: str | None

    @property
    def machine(self) -> str:
        return (self.owner or "").partition(":")[0]

    @property
    def to_be_had(self) -> bool:
        return self.kind in COPIES and self.state == "verified" and self.gone_at is None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a copy is, once it could be restored."""

    file: str
    size: int
    rows: int
    tables: int


@dataclass(frozen=True, slots=True)
class Standing:
    """``verified_at``: when the newest copy was made that could really be restored."""

    hour: int
    verified_at: datetime | None
    stale: bool
    busy: bool
    runs: list[Run]


def hour(tx: Tx) -> int:
    chosen = facts.get(tx, HOUR)
    return backups.shipped().hour if chosen is None else int(chosen)


def set_hour(tx: Tx, value: int, *, staff_id: int) -> None:
    """ValueError for one the day does not have."""
    member_for(tx, staff_id, "backup", "act")
    if not 0 <= value <= backups.LAST_HOUR:
        raise ValueError(f"no such hour: {value}")
    staff.note(tx, staff_id, "backup_hour", None, was=hour(tx), hour=value)
    facts.put(tx, HOUR, value)


def verified_at(tx: Tx) -> datetime | None:
    good = (runs.c.kind.in_(COPIES), runs.c.state == "verified", runs.c.gone_at.is_(None))
    found: datetime | None = tx.scalar(select(runs.c.at).where(*good).order_by(runs.c.at.desc()).limit(1))
    return found


def began_at(tx: Tx) -> datetime | None:
    """When this installation began: the first night is still to come."""
    found: datetime | None = tx.scalar(select(func.min(staff_table.c.created_at)))
    return found


def wants_somebody(tx: Tx) -> bool:
    """The newest copy that could be restored is too old, or there never was one."""
    return backups.is_stale(tx.now, verified_at(tx) or began_at(tx) or tx.now)


def standing(tx: Tx) -> Standing:
    newest = verified_at(tx)
    busy = tx.scalar(select(func.count()).select_from(runs).where(runs.c.state.in_(("wanted", "running"))))
    return Standing(hour(tx), newest, wants_somebody(tx), bool(busy), listed(tx))


def listed(tx: Tx) -> list[Run]:
    """The newest first."""
    names = [name for name in Run.__slots__ if name != "who"]
    query = select(*(runs.c[name] for name in names), staff_table.c.name)
    query = query.outerjoin(staff_table, staff_table.c.id == runs.c.staff_id)
    return [Run(*row) for row in tx.tuples(query.order_by(runs.c.id.desc()).limit(SHOWN))]


def get(tx: Tx, run_id: int) -> Run | None:
    return next((run for run in listed(tx) if run.id == run_id), None)


def want(tx: Tx, kind: str, *, staff_id: int, of_id: int | None = None) -> bool:
    """Somebody asks for one now; False while one is wanted or runs."""
    member_for(tx, staff_id, "backup", "act")
    if standing(tx).busy:
        return False
    if kind == "rehearsal" and not ((copy := get(tx, of_id or 0)) and copy.to_be_had):
        raise LookupError(f"no backup {of_id}")
    run_id = tx.insert(runs, kind=kind, state="wanted", at=tx.now, of_id=of_id, staff_id=staff_id)
    staff.note(tx, staff_id, "want_backup" if kind == "hand" else "want_rehearsal", str(of_id or run_id))
    tx.wake(TOPIC)
    return True


def next_one(tx: Tx, *, owner: str, night: bool = True) -> Run | None:
    """What is to be done now, begun for ``owner``: what somebody wants, else the night's, unless it is too early for that
    (``night`` False). For whoever holds the lease."""
    cut_off(tx)
    wanted = tx.scalar(select(runs.c.id).where(runs.c.state == "wanted").order_by(runs.c.id).limit(1))
    if wanted is None:
        if not night:
            return None
        tried = tx.scalar(select(func.max(runs.c.at)).where(runs.c.kind == "night"))
        if not backups.is_due(tx.now, hour=hour(tx), tried_at=tried, verified_at=verified_at(tx)):
            return None
        wanted = tx.insert(runs, kind="night", state="wanted", at=tx.now)
    tx.execute(runs.update().where(runs.c.id == wanted).values(state="running", owner=owner))
    tx.wake("desk")
    return get(tx, int(wanted))


def cut_off(tx: Tx) -> int:
    """Whoever holds the lease and asks for work does none: what still runs was cut off."""
    values = {"state": "failed", "trouble": "cut_off", "ended_at": tx.now}
    return tx.changed(runs.update().where(runs.c.state == "running").values(values))


def verified(tx: Tx, run_id: int, kept: Kept) -> None:
    values = {**asdict(kept), "state": "verified", "ended_at": tx.now}
    tx.execute(runs.update().where(runs.c.id == run_id, runs.c.state == "running").values(values))
    tx.wake("desk")


def failed(tx: Tx, run_id: int, *, trouble: str) -> None:
    values = {"state": "failed", "trouble": trouble[:300], "ended_at": tx.now}
    tx.execute(runs.update().where(runs.c.id == run_id, runs.c.state == "running").values(values))
    tx.wake("desk")


def over(tx: Tx, *, machine: str) -> list[tuple[int, str]]:
    """Copies on this machine whose time is over, with the names of their files; one by hand stays a week in any case."""
    good = (runs.c.kind.in_(COPIES), runs.c.state == "verified", runs.c.gone_at.is_(None))
    found = tx.tuples(select(runs.c.id, runs.c.at, runs.c.file, runs.c.owner).where(*good))
    by_hand = (runs.c.kind == "hand") & (runs.c.at > tx.now - timedelta(days=backups.shipped().daily))
    staying = backups.kept((id, at) for id, at, _, _ in found)
    staying.update(id for (id,) in tx.tuples(select(runs.c.id).where(by_hand)))
    mine = [(int(id), str(file), str(owner)) for id, _, file, owner in found if id not in staying]
    return [(id, file) for id, file, owner in mine if owner.partition(":")[0] == machine]


def gone(tx: Tx, run_id: int) -> None:
    tx.execute(runs.update().where(runs.c.id == run_id).values(gone_at=tx.now))


def downloaded(tx: Tx, run_id: int, *, staff_id: int, reason: str) -> Run:
    """Before the first byte leaves: the audit knows who took everything, and why. LookupError where there is none."""
    member_for(tx, staff_id, "backup", "act")
    run = get(tx, run_id)
    if run is None or not run.to_be_had:
        raise LookupError(f"no backup {run_id}")
    staff.note(tx, staff_id, "download_backup", str(run_id), reason=reason, size=run.size)
    return run
