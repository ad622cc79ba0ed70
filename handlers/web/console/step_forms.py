"""What the form of a step says: what was filled in."""

from __future__ import annotations

from datetime import date

from handlers.web.console.gates import Form
from storage.step import Given


def given(form: Form) -> Given:
    """What was chosen beside the words; what is no number or day is nothing."""
    assists = (name.removeprefix("assist-") for name in form.fields if name.startswith("assist-"))
    return Given(
        unit_id=_number(form.fields.get("unit", "")),
        person=_number(form.fields.get("person", "")),
        assists=tuple(sorted(filter(None, map(_number, assists)))),
        until=_day(form.fields.get("until", "")),
        said_by=form.text("said_by", longest=60),
        reason=form.fields.get("reason", "")[:32],
        line=form.fields.get("line", "")[:16],
    )


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
