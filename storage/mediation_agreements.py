"""An agreement from its first draft to the day it takes effect (ME-10, ME-11).

Each wording that the sides have seen is a row of its own, so that no confirmation outlives a change. A written one takes
effect when both have signed, the mediator has signed, the committee's seal is on it and the signed sheet lies in the file;
an oral one on the day it was agreed. Before either, both sides have been read it and said that it is what they agreed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select

from knowledge import course
from knowledge.agreements import Agreement, complete, findings, for_court, packed, unpacked
from knowledge.mediation import Refusal, State, Who
from knowledge.signing import Signing, in_force_on
from storage import mediation, mediation_asks, mediation_visits
from storage.mediation import Case, Stale
from storage.mediation_course import done, in_hand, names, not_now, refused
from storage.offices import Offices
from storage.tables import mediation_agreements as agreements
from storage.tables import mediation_visits as visits
from storage.transaction import Tx

WRITING = (State.MEDIATING, State.AGREED)
SIGNED = ("signed_applicant", "signed_respondent", "signed_mediator", "sealed")


def latest(tx: Tx, case_id: int) -> RowMapping | None:
    """The newest version of a case, held until the commit."""
    return tx.first(_newest(case_id).with_for_update())


def newest(tx: Tx, case_id: int) -> RowMapping | None:
    """The same, to be looked at only."""
    return tx.first(_newest(case_id))


def _newest(case_id: int) -> Select[Any]:
    query = select(agreements).where(agreements.c.mediation_id == case_id)
    return query.order_by(agreements.c.version.desc()).limit(1)


def of_case(tx: Tx, case_id: int) -> list[RowMapping]:
    """Every version, the oldest first."""
    return list(tx.all(select(agreements).where(agreements.c.mediation_id == case_id).order_by(agreements.c.version)))


def get(tx: Tx, agreement_id: int) -> RowMapping | None:
    return tx.first(select(agreements).where(agreements.c.id == agreement_id))


def text_of(row: RowMapping) -> Agreement:
    return unpacked(row["form"], row["content"])


def write(
    tx: Tx, case_id: int, *, staff_id: int, revision: int | None, agreement: Agreement
) -> RowMapping | Refusal | Stale:
    """Keep a draft. A wording nobody was shown is written over; one that was becomes another version, and what was said
    to the last counts no more. The row."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    before = latest(tx, case.id)
    trouble = not_now(case, WRITING)
    if trouble is not None:
        return trouble
    values = {"form": agreement.form, "content": packed(agreement), "written_by": staff_id, "written_at": tx.now}
    if before is not None and before["state"] == "draft":
        _set(tx, before["id"], **values)
    else:
        _next(tx, case, before, values, staff_id)
    done(tx, case, "draft", actor="staff", staff_id=staff_id)
    kept = latest(tx, case.id)
    assert kept is not None
    return kept


def _next(tx: Tx, case: Case, before: RowMapping | None, values: Mapping[str, Any], staff_id: int) -> None:
    if before is not None:
        replace(tx, case, before, staff_id)
    version = before["version"] + 1 if before else 1
    tx.insert(agreements, mediation_id=case.id, version=version, state="draft", **values)


def replace(tx: Tx, case: Case, row: RowMapping, staff_id: int) -> None:
    """That wording holds no more; where both had confirmed it, they talk again. One that was in force and could not be
    kept gives way to the new one, and is not asked after any more."""
    _set(tx, row["id"], state="replaced")
    mediation_asks.close(tx, "agreement", int(row["id"]))
    mediation_visits.give_up(tx, case.id)
    if case.state is State.AGREED:
        note = "协议文字有改动，原来的确认作废"
        mediation.step(tx, case, "talk_again", {Who.MEDIATOR}, actor="staff", staff_id=staff_id, note=note)


def put(
    tx: Tx, case_id: int, *, staff_id: int, revision: int | None, today: date
) -> list[RowMapping] | Refusal | Stale:
    """Put the draft before both sides, once nothing that stops it is left; the sides to be asked."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = latest(tx, case.id)
    if row is None or row["state"] != "draft":
        return refused("没有可以给双方看的草稿。", "There is no draft to put before them.")
    found = findings(text_of(row), parties=names(case), today=today)
    trouble = not_now(case, (State.MEDIATING,))
    if trouble is not None or not complete(found):
        return trouble or refused("协议还不全，请先补齐。", "The agreement is not complete yet.")
    _set(tx, row["id"], state="put", put_at=tx.now)
    done(tx, case, "put", actor="staff", staff_id=staff_id)
    return mediation_asks.put(tx, case.id, "agreement", int(row["id"]))


def settle(tx: Tx, case: Case, agreement_id: int, asked: Mapping[str, RowMapping]) -> str:
    """``confirmed`` when both said that it is what they agreed; ``change`` when one wants it changed; else ``waiting``."""
    row = tx.first(select(agreements).where(agreements.c.id == agreement_id).with_for_update())
    if row is None or row["state"] != "put":
        return "over"
    if any(one["answer"] == "change" for one in asked.values()):
        return "change"
    if not mediation_asks.both(asked, "yes"):
        return "waiting"
    _set(tx, agreement_id, state="confirmed", confirmed_at=tx.now)
    mediation_asks.close(tx, "agreement", agreement_id)
    mediation.step(tx, case, "agree", {Who.MEDIATOR}, actor="system")
    return "confirmed"


# --- taking effect ----------------------------------------------------------------------------------------------------
def signing(row: RowMapping) -> Signing:
    applicant, respondent, mediator, seal = (row[name] for name in SIGNED)
    return Signing(applicant, respondent, mediator, seal, filed=row["scan_blob_id"] is not None)


def sign(
    tx: Tx,
    case_id: int,
    *,
    staff_id: int,
    revision: int | None,
    days: Mapping[str, date | None],
    scan: int | None = None,
) -> str | Refusal | Stale:
    """Enter which signatures and the seal are on the sheet, and the signed sheet itself: ``in_force`` once all is there,
    else ``signing``. A day in the future is refused."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = latest(tx, case.id)
    trouble = _to_sign(case, row, "written") or _future(days.values(), course.day_of(tx.now))
    if row is None or trouble is not None:
        return trouble or refused("没有协议。", "There is no agreement.")
    values: dict[str, Any] = {name: day for name, day in days.items() if name in SIGNED and day is not None}
    if scan is not None:
        values["scan_blob_id"] = scan
    if values:
        _set(tx, row["id"], **values)
    done(tx, case, "sign", actor="staff", staff_id=staff_id)
    return _if_whole(tx, case.id)


def _if_whole(tx: Tx, case_id: int) -> str:
    case, row = mediation.held(tx, case_id), latest(tx, case_id)
    assert row is not None
    on = in_force_on(signing(row))
    if on is None:
        return "signing"
    _take_effect(tx, case, row, on)
    return "in_force"


def agree_orally(tx: Tx, case_id: int, *, staff_id: int, revision: int | None, on: date) -> str | Refusal | Stale:
    """The day both agreed by word of mouth: from then on it binds (ME-11)."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = latest(tx, case.id)
    trouble = _to_sign(case, row, "oral") or _future([on], course.day_of(tx.now))
    if row is None or trouble is not None:
        return trouble or refused("没有协议。", "There is no agreement.")
    _take_effect(tx, case, row, on)
    return "in_force"


def _to_sign(case: Case, row: RowMapping | None, form: str) -> Refusal | None:
    if row is None or row["state"] != "confirmed" or case.state is not State.AGREED:
        return refused("要双方都看过、确认了，才到这一步。", "Both have to confirm it first.")
    if row["form"] != form:
        return refused("这份协议不是这种形式。", "This agreement has the other form.")
    return None


def _future(days: Any, today: date) -> Refusal | None:
    if any(day is not None and day > today for day in days):
        return refused("日期还没到。", "That day is still to come.")
    return None


def _take_effect(tx: Tx, case: Case, row: RowMapping, on: date) -> None:
    """From that day on it binds: its performance is followed up by its own dates (ME-12)."""
    _set(tx, row["id"], state="in_force", in_force_on=on, in_force_at=tx.now)
    mediation.step(tx, case, "perform", {Who.MEDIATOR}, actor="staff")
    terms, office = text_of(row).terms, Offices(tx).of_ticket_id(case.ticket_id)
    asked = course.visits([None if term.lasting else term.by for term in terms], on, office=office)
    for place, moments in enumerate(asked, 1):
        for moment in moments:
            later = max(moment, course.soonest(tx.now, office=office))
            tx.insert(visits, mediation_id=case.id, agreement_id=row["id"], term=place, due_at=later)


# --- the court --------------------------------------------------------------------------------------------------------
def court(
    tx: Tx, case_id: int, *, staff_id: int, revision: int | None, applied_on: date | None, confirmed_on: date | None
) -> RowMapping | Refusal | Stale:
    """Enter that both applied to the court together, and that it confirmed the agreement (ME-13)."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = latest(tx, case.id)
    if row is None or row["state"] != "in_force":
        return refused("协议生效后才能申请司法确认。", "Only an agreement in force can be confirmed.")
    trouble = _future([applied_on, confirmed_on], course.day_of(tx.now)) or _too_late(row, applied_on)
    if trouble is not None:
        return trouble
    values = {"court_applied_on": applied_on or row["court_applied_on"]}
    _set(tx, row["id"], **values, court_confirmed_on=confirmed_on or row["court_confirmed_on"])
    done(tx, case, "court", actor="staff", staff_id=staff_id)
    return row


def _too_late(row: RowMapping, applied_on: date | None) -> Refusal | None:
    if applied_on is None or row["in_force_on"] <= applied_on <= course.court(row["in_force_on"]).last_day:
        return None
    return refused("要在生效后三十天内申请。", "It has to be within thirty days of taking effect.")


def before_court(tx: Tx, since: datetime) -> list[RowMapping]:
    """Written agreements in force since then for which nobody has gone to court yet, held."""
    return list(tx.all(select(agreements).where(way_to_court(since)).with_for_update(skip_locked=True)))


def way_to_court(since: datetime) -> ColumnElement[bool]:
    open_way = (agreements.c.state == "in_force") & (agreements.c.form == "written")
    return open_way & agreements.c.court_applied_on.is_(None) & (agreements.c.in_force_at >= since)


def confirmable(case: Case, row: RowMapping) -> bool:
    """True where nothing in it is known to keep a court from confirming it (ME-13)."""
    return for_court(findings(text_of(row), parties=names(case), today=row["in_force_on"]))


def _set(tx: Tx, agreement_id: int, **values: Any) -> None:
    tx.execute(agreements.update().where(agreements.c.id == agreement_id).values(values))
