"""Who does it: given to units that lead and assist, signed for, sent back, reported on (WO-05, WO-10, WO-12)."""

from __future__ import annotations

from knowledge import units as rules
from knowledge.life import Refusal
from knowledge.parties import SAY_WHO, owes_who
from storage import assigning
from storage.offices import office_for
from storage.step import At, Values


def assign(at: At) -> Values | Refusal:
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


def reassign(at: At) -> Values | Refusal:
    return assigning.LEADS_ALREADY if at.given.unit_id == at.row["lead_unit_id"] else assign(at)


def designate(at: At) -> Values | Refusal:
    """It may not be sent back any more (WO-10); whoever asked to may be the one."""
    return _lead(at, at.given.unit_id or at.row["lead_unit_id"], designated=True)


def keep(at: At) -> Values | Refusal:
    """It stays where it was, which signs for it anew."""
    part = assigning.main_part(at.tx, at.ticket_id)
    if part is not None:
        sign_by = rules.shipped().sign[at.row["urgency"]].after(at.tx.now, office_for(at.tx, at.row), "WO-05").due_at
        assigning.write(at.tx, part, sign_by=sign_by, sign_asked=0, signed_at=None, signed_by=None, signed_word=None)
    return {}


def sign(at: At) -> Values | Refusal:
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


def ask_return(at: At) -> Values | Refusal:
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


def assist(at: At) -> Values | Refusal:
    return assigning.assist(at.tx, at.row, by=at.member.id, unit_id=at.given.unit_id)


def report(at: At) -> Values | Refusal:
    mine = at.member.unit_id if at.party.assists else at.given.unit_id
    return assigning.report(at.tx, at.row, unit_id=mine, text=at.text)
