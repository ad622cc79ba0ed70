"""What the forms of the office's time say, of the house or of one community: some days, or opening hours from a day on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from handlers.web.console.duty_forms import date_of, hour_of
from handlers.web.console.gates import Form
from knowledge.calendar import CHINA, Hours, in_order
from storage import office_plan
from storage.transaction import Tx

LONGEST = 200
MOST_DAYS = 31
Change = Callable[[Tx], None]


@dataclass(frozen=True, slots=True)
class Days:
    """``what``: open, shut, back."""

    days: list[date]
    what: str
    reason: str
    by: int

    @property
    def back(self) -> bool:
        return self.what == "back"

    def change(self, community_id: int | None = None) -> Change:
        given: dict[str, Any] = {"by": self.by, "community_id": community_id}

        def unit(tx: Tx) -> None:
            for day in self.days:
                if self.back:
                    office_plan.take_back_day(tx, day, **given)
                else:
                    office_plan.set_day(tx, day, is_open=self.what == "open", reason=self.reason, **given)

        return unit


@dataclass(frozen=True, slots=True)
class NewHours:
    since: date
    spans: Hours
    reason: str
    by: int

    def change(self, community_id: int | None = None) -> Change:
        given: dict[str, Any] = {"by": self.by, "reason": self.reason, "community_id": community_id}

        def unit(tx: Tx) -> None:
            office_plan.set_hours(tx, self.since, self.spans, **given)

        return unit


def days_of(form: Form) -> Days | None:
    """None where something is missing, or the days are the wrong way round or too many."""
    first, reason = date_of(form.fields.get("day", "")), form.text("reason", longest=LONGEST)
    what, written = form.fields.get("what", ""), form.fields.get("last", "")
    last = date_of(written) if written else first
    if first is None or last is None or what not in ("open", "shut", "back") or not (reason or what == "back"):
        return None
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return Days(days, what, reason, form.staff_id) if 0 < len(days) <= MOST_DAYS else None


def hours_of(form: Form, now: datetime) -> NewHours | None:
    """From today or a later day on; None for what cannot be."""
    since, spans, reason = date_of(form.fields.get("since", "")), _spans(form), form.text("reason", longest=LONGEST)
    if since is None or since < now.astimezone(CHINA).date() or spans is None or not reason:
        return None
    return NewHours(since, spans, reason, form.staff_id)


def _spans(form: Form) -> Hours | None:
    """Morning and afternoon; the afternoon may be left out."""
    names = ("from1", "to1", "from2", "to2") if form.fields.get("from2") or form.fields.get("to2") else ("from1", "to1")
    moments = [hour_of(form.fields.get(name, "")) for name in names]
    known = [moment for moment in moments if isinstance(moment, time)]
    spans = tuple(zip(known[::2], known[1::2], strict=True)) if len(known) == len(moments) else ()
    return spans if in_order(spans) else None
