"""What each step of a ticket's life does beside its state: units, clocks, more time, supervision, the end (WO-05…17).

One function a step, run inside ``desk_acts.act``: the ticket's further columns, or why the step cannot be. A step that has
none here only changes the state.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping

from knowledge import units as rules
from knowledge.parties import SAID_BY, Party
from storage import assigning, end_steps, time_steps, unit_steps, units
from storage.staff import Member
from storage.step import Effect, Given
from storage.transaction import Tx

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


EFFECTS: Mapping[str, Effect] = {
    "answer": end_steps.answer,
    "ask_back": end_steps.ask_back,
    "decline": end_steps.decline,
    "transfer": end_steps.transfer,
    "assign": unit_steps.assign,
    "reassign": unit_steps.reassign,
    "designate": unit_steps.designate,
    "keep": unit_steps.keep,
    "sign": unit_steps.sign,
    "ask_return": unit_steps.ask_return,
    "assist": unit_steps.assist,
    "report": unit_steps.report,
    "ask_extension": time_steps.ask_extension,
    "extend": time_steps.extend,
    "refuse_extension": time_steps.refuse_extension,
    "follow_up": time_steps.follow_up,
    "check": end_steps.check,
    "send_back": end_steps.send_back,
    "finish": end_steps.finish,
    "redo": end_steps.again,
    "reopen": end_steps.again,
    "close": end_steps.close,
    "withdraw": end_steps.withdraw,
    "archive": end_steps.archive,
    "supervise": end_steps.supervise,
    "end_supervision": end_steps.end_supervision,
}
