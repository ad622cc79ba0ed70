"""When the next backup is due, which copies are kept, and when there is none to rely on (``data/backups.yaml``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from knowledge.datafiles import DATA, read

CHINA = ZoneInfo("Asia/Shanghai")
LAST_HOUR = 23


@dataclass(frozen=True, slots=True)
class Rules:
    hour: int
    stale: timedelta
    again: timedelta
    daily: int
    weekly: int
    monthly: int


@cache
def shipped() -> Rules:
    return load(DATA / "backups.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    data = read(path).only("hour", "stale_hours", "again_minutes", "keep")
    keep = data["keep"].only("daily", "weekly", "monthly")
    counts = (keep[name].integer(least=1, most=366) for name in ("daily", "weekly", "monthly"))
    return Rules(
        data["hour"].integer(least=0, most=LAST_HOUR),
        timedelta(hours=data["stale_hours"].integer(least=1, most=1000)),
        timedelta(minutes=data["again_minutes"].integer(least=1, most=1440)),
        *counts,
    )


def last_slot(now: datetime, hour: int) -> datetime:
    """The last time a nightly backup should have begun."""
    today = now.astimezone(CHINA).replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def is_due(now: datetime, *, hour: int, tried_at: datetime | None, verified_at: datetime | None) -> bool:
    """``tried_at``: when the last one began, however it ended; ``verified_at``: the newest that could be restored."""
    slot = last_slot(now, hour)
    if verified_at is not None and verified_at >= slot:
        return False
    return tried_at is None or tried_at < slot or now - tried_at >= shipped().again


def is_stale(now: datetime, verified_at: datetime | None) -> bool:
    return verified_at is None or now - verified_at > shipped().stale


def kept(copies: Iterable[tuple[int, datetime]]) -> set[int]:
    """Of verified copies (id, when) those that stay: the newest of each of the last days, weeks and months there are."""
    newest, rules = sorted(copies, key=lambda copy: (copy[1], copy[0]), reverse=True), shipped()
    spans: Sequence[tuple[Callable[[datetime], object], int]] = (
        (lambda at: at.date(), rules.daily),
        (lambda at: at.isocalendar()[:2], rules.weekly),
        (lambda at: (at.year, at.month), rules.monthly),
    )
    staying: set[int] = set()
    for span_of, count in spans:
        of_spans: dict[object, int] = {}
        for id, at in newest:
            of_spans.setdefault(span_of(at.astimezone(CHINA)), id)
        staying.update(list(of_spans.values())[:count])
    return staying
