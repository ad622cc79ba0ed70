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
