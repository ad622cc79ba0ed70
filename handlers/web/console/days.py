"""Days as forms send them."""

from __future__ import annotations

from datetime import date, datetime, time

from handlers.web.console.wording import CHINA

MORNING = time(9)


def day_of(written: str) -> datetime | None:
    """Nine in the morning of a day written as 2026-11-27; None for anything else."""
    try:
        return datetime.combine(date.fromisoformat(written), MORNING, CHINA)
    except ValueError:
        return None


def at_midnight(written: str, now: datetime) -> datetime:
    """The beginning of a day written as 2026-11-27, in China; of today for anything else."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = now.astimezone(CHINA).date()
    return datetime.combine(day, time(0), CHINA)
