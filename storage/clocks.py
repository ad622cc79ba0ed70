"""What a step does to a ticket's clocks: columns and their new values, to be written by the unit that takes the step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from knowledge import closing
from knowledge.calendar import Promise
from knowledge.deadlines import REDO, after_waiting
from storage.offices import office_for
from storage.transaction import Tx

Values = dict[str, Any]
QUIET: Mapping[str, int | None] = {"ask_at": None, "reminders": 0, "call_at": None}
"""Nobody waits for the resident."""


def finished(row: RowMapping, tx: Tx) -> Values:
    """The resident is asked for their verdict; silence is reminded of."""
    remind_at = closing.shipped().verdict.remind_after.after(tx.now, office_for(tx, row), "WO-14").due_at
    return {**QUIET, "ask_at": remind_at, "waiting_since": None}


def not_seen(row: RowMapping, tx: Tx) -> Values:
    """They have not looked yet: asked again after the stated time."""
    return {**QUIET, "ask_at": closing.shipped().ask_again_after.after(tx.now, office_for(tx, row), "WO-14").due_at}


def reminded(row: RowMapping, tx: Tx) -> Values:
    """Asked once more; after further silence a person calls."""
    asking = closing.shipped().question if row["waiting_resident"] else closing.shipped().verdict
    call_at = asking.call_after.after(tx.now, office_for(tx, row), "WO-14").due_at
    return {"ask_at": None, "reminders": row["reminders"] + 1, "call_at": call_at}


def asked_back(row: RowMapping, tx: Tx) -> Values:
    """A question to the resident: from now on the clock is not ours."""
    remind_at = closing.shipped().question.remind_after.after(tx.now, office_for(tx, row), "WO-14").due_at
    return {**QUIET, "ask_at": remind_at, "waiting_since": row["waiting_since"] or tx.now}


def answered(row: RowMapping, tx: Tx) -> Values:
    """The resident answered, or is not waited for any more: the clock goes on, less the time they took."""
    since = row["waiting_since"]
    if since is None:
        return dict(QUIET)
    due = after_waiting(row["due_at"], since=since, now=tx.now, urgency=row["urgency"], office=office_for(tx, row))
    return {**QUIET, "waiting_since": None, "due_at": due}


def promised(promise: Promise) -> Values:
    """A new promise for the result."""
    return {"due_at": promise.due_at, "due_rule": promise.rule, "due_provisional": promise.provisional}


def extended(row: RowMapping, promise: Promise, tx: Tx) -> Values:
    """Put off once; what the resident still owes is counted from now."""
    since = tx.now if row["waiting_resident"] else None
    return {**promised(promise), "extensions": row["extensions"] + 1, "waiting_since": since}


def redo(row: RowMapping, tx: Tx) -> Values:
    """A matter taken up again gets the term of a redo (WO-SLA, WO-18)."""
    return {**promised(REDO.after(tx.now, office_for(tx, row), f"WO-18 redo {REDO.words('en')}")), "extensions": 0}
