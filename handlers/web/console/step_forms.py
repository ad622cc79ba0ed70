"""What the form of a step says: the groups steps stand in, the fields each has, and what was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from handlers.web.console.gates import Form
from storage.work_steps import Given

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "talk": ("answer", "ask_back"),
    "work": ("sign", "handle", "feed_back", "finish", "report", "assist", "ask_extension", "ask_return"),
    "decide": (
        *("assign", "check", "send_back", "extend", "refuse_extension", "reassign", "keep", "designate", "follow_up"),
        *("redo", "close", "supervise", "end_supervision", "decline", "transfer", "withdraw", "reopen", "archive"),
    ),
})  # fmt: skip
"""Every step of the desk but those that need one press only, in the order they are offered; a note has its own form."""
ONE_PRESS = ("accept", "take")
SILENT = frozenset({"accept", "take", "sign", "handle", "assign", "keep", "check", "decline", "transfer", "archive"})
"""Words may be left out."""
FIELDS: Mapping[str, frozenset[str]] = MappingProxyType({
    "unit": frozenset({"assign", "reassign", "designate", "assist", "report"}),
    "person": frozenset({"assign", "reassign", "designate"}),
    "assists": frozenset({"assign", "reassign", "designate"}),
    "until": frozenset({"extend", "ask_extension", "follow_up"}),
    "said_by": frozenset({"sign", "ask_return"}),
    "reason": frozenset({"decline"}),
    "line": frozenset({"transfer"}),
})  # fmt: skip
WAITING: Mapping[str, str] = MappingProxyType({
    "fed_back": "check",
    "return_asked": "keep",
    "extension_asked": "extend",
    "assigned": "sign",
    "accepted": "assign",
})  # fmt: skip
"""In these states somebody waits for this step: it is picked when the page opens."""


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
