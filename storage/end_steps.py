"""Supervision, redoing, the end (WO-14, WO-17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from knowledge import closing, emergencies
from knowledge import units as rules
from knowledge.closing import Closed
from knowledge.deadlines import REDO
from knowledge.life import Refusal, State
from storage import call_backs, clocks, signing_for
from storage.offices import office_for
from storage.step import At, Values
from storage.transaction import Tx


def supervised(row: RowMapping, tx: Tx) -> Values:
    """Under supervision from now on; what is left of the promise, three working days at most (WO-17)."""
    made = REDO.after(tx.now, office_for(tx, row), f"WO-17 {REDO.words('en')}")
    sooner = row["state"] == State.CALLING_BACK or tx.now < row["due_at"] <= made.due_at
    return {"supervised_at": row["supervised_at"] or tx.now} | ({} if sooner else clocks.promised(made))


def supervise(at: At) -> Values | Refusal:
    if at.row["supervised_at"] is not None:
        return Refusal("same", "这张工单已经在督办。", "It is under supervision already.")
    return supervised(at.row, at.tx)


def end_supervision(at: At) -> Values | Refusal:
    if at.row["supervised_at"] is None:
        return Refusal("same", "这张工单没有在督办。", "It is not under supervision.")
    return {"supervised_at": None}


def send_back(at: At) -> Values | Refusal:
    """What was fed back is not good enough: three working days at most (WO-14)."""
    made = REDO.after(at.tx.now, office_for(at.tx, at.row), f"WO-14 redo {REDO.words('en')}")
    return {} if at.tx.now < at.row["due_at"] <= made.due_at else clocks.promised(made)


def check(at: At) -> Values | Refusal:
    return {**clocks.finished(at.row, at.tx), "follow_up_at": None}


def may_close(tx: Tx, row: RowMapping) -> bool:
    return not row["needs_call_back"] or row["anonymous"] or call_backs.failed(tx, row) >= closing.shipped().tries


def close(at: At) -> Values | Refusal:
    """By hand only where nobody can be asked: whoever wants no call (WO-15), is nameless, or could not be reached."""
    if not may_close(at.tx, at.row):
        return Refusal(
            "verdict",
            "先回访：居民说解决了，或者几次打不通，才能办结。",
            "Call back first: it closes when its resident says it is solved, or could not be reached several times.",
        )
    return {**_OVER, "outcome": Closed.NOT_CONFIRMED.value}


def decline(at: At) -> Values | Refusal:
    if at.given.reason not in rules.shipped().declining:
        return Refusal("reason", "请选不予受理的理由。", "Choose why it is not accepted.")
    return dict(_OVER)


def transfer(at: At) -> Values | Refusal:
    if at.given.line not in emergencies.lines():
        return Refusal("line", "请选转给哪个电话。", "Choose the line it is passed to.")
    return dict(_OVER)


def withdraw(_at: At) -> Values | Refusal:
    return dict(_OVER)


_OVER: Mapping[str, Any] = {**clocks.QUIET, "waiting_since": None, "supervised_at": None, "follow_up_at": None}


def archive(at: At) -> Values | Refusal:
    signing_for.end_parts(at.tx, [at.ticket_id])
    return {}


def finish(at: At) -> Values | Refusal:
    return {**clocks.finished(at.row, at.tx), "follow_up_at": None}


def again(at: At) -> Values | Refusal:
    return {
        **clocks.QUIET,
        **clocks.redo(at.row, at.tx),
        "closed_at": None,
        "outcome": None,
        "redos": at.row["redos"] + 1,
    }


def ask_back(at: At) -> Values | Refusal:
    return clocks.asked_back(at.row, at.tx)


def answer(at: At) -> Values | Refusal:
    return clocks.answered(at.row, at.tx) if at.row["waiting_resident"] else {}
