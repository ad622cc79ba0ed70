"""How the service runs, judged: what is well, what wants a look, what is bad - by codes that texts put into plain words.

Pure: the facts come from storage.running.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from knowledge import backups

Verdict = Literal["ok", "warn", "bad"]
MEBIBYTE = 1 << 20
LITTLE_SPACE, NO_SPACE = 1024 * MEBIBYTE, 200 * MEBIBYTE
SILENT = timedelta(minutes=2)
"""A process renews its line twice a minute."""
FORGOTTEN = timedelta(hours=24)
"""After which one that is silent is no longer spoken of."""
LATE = timedelta(minutes=2)
"""The scheduler looks every fifteen seconds."""
LONG_WAIT = timedelta(minutes=5)
MANY_WAITING = 100
OLD_LOOK = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    owner: str
    version: str
    started_at: datetime
    seen_at: datetime
    ticked_at: datetime | None = None
    free: int | None = None
    total: int | None = None
    database: int | None = None

    @property
    def name(self) -> str:
        """The machine and the number of the process."""
        return self.owner.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one channel, and since when the oldest of it does."""

    channel: str
    way: Literal["in", "out"]
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    processes: Sequence[Process] = ()
    queues: Sequence[Queue] = ()
    parked: int = 0
    dead: int = 0
    doubtful: int = 0
    telegram: Mapping[str, Any] | None = None
    telegram_at: datetime | None = None
    texts: bool = False
    verified_at: datetime | None = None
    since: datetime | None = None
    """When this installation began: a night must have gone by before a missing backup is bad."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``code`` says what was found, and ``values`` stand in its words."""

    subject: str
    verdict: Verdict
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def judge(facts: Facts, now: datetime) -> list[Finding]:
    """Everything, what is bad first."""
    order = {"bad": 0, "warn": 1, "ok": 2}
    return sorted(_each(facts, now), key=lambda finding: order[finding.verdict])


def _each(facts: Facts, now: datetime) -> Iterator[Finding]:
    yield from _processes(facts.processes, now)
    yield _queues(facts.queues, now)
    yield _letters(facts)
    yield Finding(
        "parked", "warn" if facts.parked else "ok", "some" if facts.parked else "none", {"count": facts.parked}
    )
    yield telegram(facts.telegram, facts.telegram_at, now)
    yield Finding("texts", "ok", "on" if facts.texts else "off")
    yield _backup(facts, now)


def _processes(processes: Sequence[Process], now: datetime) -> Iterator[Finding]:
    alive = [one for one in processes if now - one.seen_at <= SILENT]
    silent = [one for one in processes if SILENT < now - one.seen_at <= FORGOTTEN]
    if not alive:
        yield Finding("processes", "bad", "none")
    elif len({one.version for one in alive}) > 1:
        yield Finding("processes", "warn", "versions", {"versions": " · ".join(sorted({one.version for one in alive}))})
    else:
        yield Finding("processes", "ok", "alive", {"count": len(alive)})
    for one in silent:
        yield Finding("processes", "warn", "silent", {"name": one.name, "at": one.seen_at})
    yield _scheduler(alive, now)
    yield _disk(alive)


def _scheduler(alive: Sequence[Process], now: datetime) -> Finding:
    ticks = [one.ticked_at for one in alive if one.ticked_at is not None]
    if not ticks:
        return Finding("scheduler", "warn", "never")
    late = now - max(ticks)
    return Finding("scheduler", "bad", "late", {"span": late}) if late > LATE else Finding("scheduler", "ok", "well")


def _disk(alive: Sequence[Process]) -> Finding:
    """Of the fullest disk among the machines."""
    known = [one for one in alive if one.free is not None]
    if not known:
        return Finding("disk", "warn", "unknown")
    least = min(known, key=lambda one: one.free or 0)
    values = {"free": least.free, "total": least.total, "database": least.database, "name": least.name}
    if (least.free or 0) < NO_SPACE:
        return Finding("disk", "bad", "full", values)
    return Finding("disk", "warn" if (least.free or 0) < LITTLE_SPACE else "ok", "space", values)


def _queues(queues: Sequence[Queue], now: datetime) -> Finding:
    waiting = sum(queue.count for queue in queues)
    oldest = min((queue.oldest for queue in queues if queue.oldest), default=None)
    if oldest is not None and now - oldest > LONG_WAIT:
        return Finding("queues", "bad", "stuck", {"count": waiting, "span": now - oldest})
    return Finding("queues", "ok", "moving", {"count": waiting})


def _letters(facts: Facts) -> Finding:
    values = {"dead": facts.dead, "doubtful": facts.doubtful}
    lost = facts.dead or facts.doubtful
    return Finding("letters", "warn" if lost else "ok", "lost" if lost else "none", values)


def telegram(said: Mapping[str, Any] | None, at: datetime | None, now: datetime) -> Finding:
    """``said``: what the last look at Telegram found (bot.pulse); None where Telegram is off."""
    if said is None:
        return Finding("telegram", "ok", "off")
    values = {"bot": said.get("username", ""), "at": at, "waiting": said.get("waiting", 0)}
    if at is None or now - at > OLD_LOOK:
        return Finding("telegram", "warn", "old_look", values)
    if trouble := said.get("trouble"):
        return Finding("telegram", "bad", str(trouble), values)
    hook, wanted, error = said.get("webhook", ""), said.get("wanted", ""), said.get("last_error") or ""
    if hook != wanted:
        return Finding("telegram", "warn", "other_webhook" if hook else "no_webhook", values | {"webhook": hook})
    if error and hook and values["waiting"]:
        return Finding("telegram", "bad", "webhook_error", values | {"error": error})
    if values["waiting"] > MANY_WAITING:
        return Finding("telegram", "warn", "many_waiting", values)
    return Finding("telegram", "ok", "well", values)


def _backup(facts: Facts, now: datetime) -> Finding:
    if facts.verified_at is None:
        old = backups.is_stale(now, facts.since) and facts.since is not None
        return Finding("backup", "bad" if old else "warn", "none" if old else "not_yet")
    stale = backups.is_stale(now, facts.verified_at)
    return Finding("backup", "bad" if stale else "ok", "old" if stale else "well", {"at": facts.verified_at})
