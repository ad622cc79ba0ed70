"""What the forms of the duty say: communities, posts, hours, instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from handlers.web.console.gates import Form, Stop
from handlers.web.console.wording import CHINA
from knowledge.duty import Post
from storage.duty import Town

PHONE = frozenset("0123456789+-() ")


def town_of(written: str | None) -> Town:
    """A community's number; none where none has been entered."""
    if not written or written == "none":
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 16):
        raise Stop(422, "bad_form")
    return int(written)


def post_of(form: Form) -> Post:
    written = form.fields.get("post", "")
    if written not in tuple(Post):
        raise Stop(422, "bad_form")
    return Post(written)


def moment_of(written: str) -> datetime | None:
    """An instant as a form sends it, 2026-11-27T09:00 in Chongqing; None for anything else."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return None if found.tzinfo is not None else found.replace(tzinfo=CHINA).astimezone(UTC)


def hour_of(written: str) -> time | None:
    try:
        found = time.fromisoformat(written)
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0, tzinfo=None)


def date_of(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def days_of(form: Form) -> list[int]:
    """The weekdays that were ticked."""
    return [day for day in range(7) if form.fields.get(f"day_{day}")]


def phone_of(form: Form) -> str | None:
    """A number as it was typed; None for what is none."""
    written = form.text("phone", longest=32)
    return written if not written or (set(written) <= PHONE and sum(map(str.isdigit, written)) >= 3) else None
