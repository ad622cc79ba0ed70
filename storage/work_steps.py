"""What each step of a ticket's life does beside its state: units, clocks, more time, supervision, the end (WO-05…17).

One function a step, run inside ``desk_acts.act``: the ticket's further columns, or why the step cannot be. A step that has
none here only changes the state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import closing, emergencies
from knowledge import units as rules
from knowledge.calendar import Promise
from knowledge.closing import Closed
from knowledge.deadlines import REDO, extension
from knowledge.life import Refusal, State
from knowledge.parties import SAID_BY, SAY_WHO, Party, owes_who
from storage import assigning, call_backs, clocks, signing_for, units
from storage.offices import office_for
from storage.staff import Member
from storage.tables import extension_asks
from storage.transaction import Tx

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What a step's form says beside its words."""

    unit_id: int | None = None
    person: int | None = None
    assists: tuple[int, ...] = ()
    until: date | None = None
    said_by: str = ""
    reason: str = ""
    line: str = ""


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class At:
    """One step on one ticket."""

    tx: Tx
    row: RowMapping
    member: Member
    party: Party
    given: Given
    text: str

    @property
    def ticket_id(self) -> int:
        return int(self.row["id"])


Effect = Callable[[At], Values | Refusal]


NAMES_UNITS = frozenset({"assign", "reassign", "designate", "assist", "report"})


def noted(tx: Tx, action: str, given: Given, text: str | None) -> str | None:
    """What stands in the history: the words, and what was chosen with them."""
    chosen: list[str] = []
    if action in NAMES_UNITS:
        chosen = [unit.zh for unit in (units.get(tx, id) for id in (given.unit_id, *given.assists)) if unit]
    elif action == "decline" and given.reason in rules.shipped().declining:
        chosen = [rules.shipped().declining[given.reason].name.zh]
    elif action == "transfer" and given.line:
        chosen = [given.line]
    elif given.said_by and action in SAID_BY:
        chosen = [given.said_by]
    elif given.until is not None and action in ("ask_extension", "follow_up"):
        chosen = [given.until.isoformat()]
    return "：".join(filter(None, ("、".join(chosen), text))) or None


def party_of(tx: Tx, row: RowMapping, member: Member) -> Party:
    """Whose steps this member may take: ``desk`` by their role, or as whoever of the house follows an outside unit."""
    lead = units.get(tx, row["lead_unit_id"])
    parts = {part["unit_id"]: part["part"] for part in assigning.parts(tx, int(row["id"]))}
    mine = parts.get(member.unit_id) if member.unit_id is not None else None
    here = lead is not None and lead.here
    follows = row["assigned_to"] == member.id and not member.guest
    return Party(
        desk=not member.guest and (member.role in ("admin", "operator") or (follows and not here)),
        leads=(lead is not None and lead.id == member.unit_id) or (follows and lead is None),
        assists=mine == assigning.ASSIST,
        led=lead is not None,
        here=here,
    )


# --- who does it -------------------------------------------------------------------------------------------------------
def _assign(at: At) -> Values | Refusal:
    return _lead(at, at.given.unit_id)


def _lead(at: At, unit_id: int | None, *, designated: bool = False) -> Values | Refusal:
    given = at.given
    return assigning.lead(
        at.tx,
        at.row,
        by=at.member.id,
        unit_id=unit_id,
        person=given.person,
        assists=given.assists,
        designated=designated,
    )


def _reassign(at: At) -> Values | Refusal:
    return assigning.LEADS_ALREADY if at.given.unit_id == at.row["lead_unit_id"] else _assign(at)


def _designate(at: At) -> Values | Refusal:
    """It may not be sent back any more (WO-10); whoever asked to may be the one."""
    return _lead(at, at.given.unit_id or at.row["lead_unit_id"], designated=True)


def _keep(at: At) -> Values | Refusal:
    """It stays where it was, which signs for it anew."""
    part = assigning.main_part(at.tx, at.ticket_id)
    if part is not None:
        sign_by = rules.shipped().sign[at.row["urgency"]].after(at.tx.now, office_for(at.tx, at.row), "WO-05").due_at
        assigning.write(at.tx, part, sign_by=sign_by, sign_asked=0, signed_at=None, signed_by=None, signed_word=None)
    return {}


def _sign(at: At) -> Values | Refusal:
    if owes_who("sign", at.party) and not at.given.said_by:
        return SAY_WHO
    part = assigning.main_part(at.tx, at.ticket_id)
    if part is not None:
        word = at.given.said_by or None
        assigning.write(
            at.tx, part, signed_at=at.tx.now, signed_by=at.member.id, signed_word=word, sign_by=None, sign_asked=0
        )
    return {"assigned_to": at.row["assigned_to"] or at.member.id}


DESIGNATED = Refusal(
    "designated",
    "这张工单已经指定由您的单位承办，不能再退。",
    "Your unit was designated: it may not send this back.",
)


def _ask_return(at: At) -> Values | Refusal:
    """With a reason, within two working days of being given it, and never once designated (WO-10)."""
    part = assigning.main_part(at.tx, at.ticket_id)
    if part is None:
        return assigning.NO_UNIT
    if part["designated"]:
        return DESIGNATED
    if at.tx.now > part["return_by"]:
        return Refusal(
            "too_late",
            "派单超过 2 个工作日，不能再申请退回。",
            "More than two working days after it was given, it may not be sent back.",
        )
    if owes_who("ask_return", at.party) and not at.given.said_by:
        return SAY_WHO
    assigning.write(at.tx, part, returns=part["returns"] + 1, sign_by=None)
    return {}


def _assist(at: At) -> Values | Refusal:
    return assigning.assist(at.tx, at.row, by=at.member.id, unit_id=at.given.unit_id)


def _report(at: At) -> Values | Refusal:
    mine = at.member.unit_id if at.party.assists else at.given.unit_id
    return assigning.report(at.tx, at.row, unit_id=mine, text=at.text)


# --- more time ---------------------------------------------------------------------------------------------------------
TIME: Mapping[str, tuple[str, str]] = {
    "day": ("请选延到哪一天。", "Choose the new date."),
    "again": ("这张工单已经延过一次，不能再延。", "It was extended once and cannot be again."),
    "late": (
        "期限已经过了，不能再延（延期要在到期之前）。",
        "The deadline has passed: more time is asked for before it.",
    ),
    "not_later": ("新日期要晚于现在的期限。", "The new date has to be later than the deadline."),
    "too_far": ("最多只能延 10 个工作日。", "Ten working days at most."),
    "closed": ("那天不上班，请换一天。", "Nobody works on that day: choose another."),
    "far": (
        "日期太远了，请选近一些，到时候再看一次。",
        "That is too far off: choose a nearer day and look again then.",
    ),
    "past": ("请选今天以后的日期。", "Choose a day after today."),
}


def _no_time(code: str) -> Refusal:
    return Refusal("time", *TIME[code])


def _later(at: At) -> Promise | Refusal:
    """The promise an extension makes (WO-13)."""
    if at.given.until is None:
        return _no_time("day")
    found = extension(
        at.row["due_at"], at.given.until, now=at.tx.now, taken=at.row["extensions"], office=office_for(at.tx, at.row)
    )
    return _no_time(found) if isinstance(found, str) else found


def _ask_extension(at: At) -> Values | Refusal:
    found = _later(at)
    if isinstance(found, Refusal):
        return found
    who = {"asked_by": at.member.id, "unit_id": at.row["lead_unit_id"], "asked_at": at.tx.now}
    at.tx.insert(extension_asks, ticket_id=at.ticket_id, until=found.due_at, reason=at.text, **who)
    return {}


def _extend(at: At) -> Values | Refusal:
    found = _later(at)
    if isinstance(found, Refusal):
        return found
    _decide(at, granted=True)
    return clocks.extended(at.row, found, at.tx)


def _refuse_extension(at: At) -> Values | Refusal:
    _decide(at, granted=False)
    return {}


def _decide(at: At, *, granted: bool) -> None:
    waiting = (extension_asks.c.ticket_id == at.ticket_id) & extension_asks.c.decided_at.is_(None)
    said = {"decided_at": at.tx.now, "decided_by": at.member.id, "granted": granted}
    at.tx.execute(extension_asks.update().where(waiting).values(said))


def asked_for(tx: Tx, ticket_id: int) -> RowMapping | None:
    """The more time that waits for the desk's word."""
    waiting = (extension_asks.c.ticket_id == ticket_id) & extension_asks.c.decided_at.is_(None)
    return tx.first(select(extension_asks).where(waiting).order_by(extension_asks.c.id.desc()))


def _follow_up(at: At) -> Values | Refusal:
    """It cannot be solved for now: measures and a day, and it is looked at again then (WO-13)."""
    until = at.given.until
    if until is None:
        return _no_time("day")
    due = office_for(at.tx, at.row).closing(until)
    if due is None or due <= at.tx.now:
        return _no_time("closed" if due is None else "past")
    if due > at.tx.now + timedelta(days=rules.shipped().follow_up_at_most_days):
        return _no_time("far")
    _decide(at, granted=False)
    return {
        **clocks.promised(Promise(due, "WO-13 follow-up", office_for(at.tx, at.row).is_provisional(until))),
        "follow_up_at": due,
    }


# --- supervision, redoing, the end -------------------------------------------------------------------------------------
def supervised(row: RowMapping, tx: Tx) -> Values:
    """Under supervision from now on; what is left of the promise, three working days at most (WO-17)."""
    made = REDO.after(tx.now, office_for(tx, row), f"WO-17 {REDO.words('en')}")
    sooner = row["state"] == State.CALLING_BACK or tx.now < row["due_at"] <= made.due_at
    return {"supervised_at": row["supervised_at"] or tx.now} | ({} if sooner else clocks.promised(made))


def _supervise(at: At) -> Values | Refusal:
    if at.row["supervised_at"] is not None:
        return Refusal("same", "这张工单已经在督办。", "It is under supervision already.")
    return supervised(at.row, at.tx)


def _end_supervision(at: At) -> Values | Refusal:
    if at.row["supervised_at"] is None:
        return Refusal("same", "这张工单没有在督办。", "It is not under supervision.")
    return {"supervised_at": None}


def _send_back(at: At) -> Values | Refusal:
    """What was fed back is not good enough: three working days at most (WO-14)."""
    made = REDO.after(at.tx.now, office_for(at.tx, at.row), f"WO-14 redo {REDO.words('en')}")
    return {} if at.tx.now < at.row["due_at"] <= made.due_at else clocks.promised(made)


def _check(at: At) -> Values | Refusal:
    return {**clocks.finished(at.row, at.tx), "follow_up_at": None}


def may_close(tx: Tx, row: RowMapping) -> bool:
    return not row["needs_call_back"] or row["anonymous"] or call_backs.failed(tx, row) >= closing.shipped().tries


def _close(at: At) -> Values | Refusal:
    """By hand only where nobody can be asked: whoever wants no call (WO-15), is nameless, or could not be reached."""
    if not may_close(at.tx, at.row):
        return Refusal(
            "verdict",
            "先回访：居民说解决了，或者几次打不通，才能办结。",
            "Call back first: it closes when its resident says it is solved, or could not be reached several times.",
        )
    return {**_OVER, "outcome": Closed.NOT_CONFIRMED.value}


def _decline(at: At) -> Values | Refusal:
    if at.given.reason not in rules.shipped().declining:
        return Refusal("reason", "请选不予受理的理由。", "Choose why it is not accepted.")
    return dict(_OVER)


def _transfer(at: At) -> Values | Refusal:
    if at.given.line not in emergencies.lines():
        return Refusal("line", "请选转给哪个电话。", "Choose the line it is passed to.")
    return dict(_OVER)


def _withdraw(_at: At) -> Values | Refusal:
    return dict(_OVER)


_OVER: Mapping[str, Any] = {**clocks.QUIET, "waiting_since": None, "supervised_at": None, "follow_up_at": None}


def _archive(at: At) -> Values | Refusal:
    signing_for.end_parts(at.tx, [at.ticket_id])
    return {}


def _finish(at: At) -> Values | Refusal:
    return {**clocks.finished(at.row, at.tx), "follow_up_at": None}


def _again(at: At) -> Values | Refusal:
    return {
        **clocks.QUIET,
        **clocks.redo(at.row, at.tx),
        "closed_at": None,
        "outcome": None,
        "redos": at.row["redos"] + 1,
    }


def _ask_back(at: At) -> Values | Refusal:
    return clocks.asked_back(at.row, at.tx)


def _answer(at: At) -> Values | Refusal:
    return clocks.answered(at.row, at.tx) if at.row["waiting_resident"] else {}


EFFECTS: Mapping[str, Effect] = {
    "answer": _answer,
    "ask_back": _ask_back,
    "decline": _decline,
    "transfer": _transfer,
    "assign": _assign,
    "reassign": _reassign,
    "designate": _designate,
    "keep": _keep,
    "sign": _sign,
    "ask_return": _ask_return,
    "assist": _assist,
    "report": _report,
    "ask_extension": _ask_extension,
    "extend": _extend,
    "refuse_extension": _refuse_extension,
    "follow_up": _follow_up,
    "check": _check,
    "send_back": _send_back,
    "finish": _finish,
    "redo": _again,
    "reopen": _again,
    "close": _close,
    "withdraw": _withdraw,
    "archive": _archive,
    "supervise": _supervise,
    "end_supervision": _end_supervision,
}
