"""What a mediator should do now in a case, from the first appointment on: one thing, and since when it waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from knowledge import course
from knowledge.agreements import complete, findings
from knowledge.mediation import State
from knowledge.signing import lacking
from storage import mediation_agreements, mediation_asks, mediation_extensions, mediation_sessions, mediation_visits
from storage.mediation import Case
from storage.mediation_course import names
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Next:
    """``key``: ``next.<key>`` in the console's words; ``waits``: it is for the sides to answer, not for the desk;
    ``since`` it has been so, or at which instant it is due."""

    key: str
    since: datetime | None = None
    waits: bool = False


def next_step(tx: Tx, case: Case) -> Next | None:
    """None before the mediation has begun and after its end: those steps are not of its course."""
    if case.state is State.MEDIATING:
        return _while_talking(tx, case)
    if case.state is State.AGREED:
        return _to_sign(tx, case)
    if case.state is State.PERFORMING:
        return _to_follow(tx, case)
    return None


def _while_talking(tx: Tx, case: Case) -> Next:
    if case.settle_by is not None and case.settle_by <= tx.now and not mediation_extensions.open_one(tx, case.id):
        return Next("term_over", case.settle_by)
    session = mediation_sessions.open_one(tx, case.id)
    if session is not None:
        return _about_session(tx, session)
    version = mediation_agreements.newest(tx, case.id)
    if version is not None and version["state"] in ("draft", "put"):
        return _about_wording(tx, case, version)
    held = any(row["state"] == "held" for row in mediation_sessions.of_case(tx, case.id))
    return Next("draft" if held else "propose", case.accepted_at)


def _about_session(tx: Tx, row: RowMapping) -> Next:
    if row["at"] <= tx.now:
        return Next("write_up", row["at"])
    asked = mediation_asks.of(tx, "session", int(row["id"]))
    if any(one["answer"] in ("no", "other") for one in asked.values()):
        return Next("other_time", row["proposed_at"])
    if row["state"] == "agreed":
        return Next("session_coming", row["at"], waits=True)
    late = tx.now - row["proposed_at"] > course.shipped().answer_session
    return Next("no_answer" if late else "session_asked", row["proposed_at"], waits=not late)


def _about_wording(tx: Tx, case: Case, row: RowMapping) -> Next:
    if row["state"] == "put":
        asked = mediation_asks.of(tx, "agreement", int(row["id"]))
        if any(one["answer"] == "change" for one in asked.values()):
            return Next("change", row["put_at"])
        late = tx.now - row["put_at"] > timedelta(days=2)
        return Next("no_confirmation" if late else "confirming", row["put_at"], waits=not late)
    found = findings(mediation_agreements.text_of(row), parties=names(case), today=course.day_of(tx.now))
    return Next("put" if complete(found) else "complete", row["written_at"])


def _to_sign(tx: Tx, case: Case) -> Next:
    row = mediation_agreements.newest(tx, case.id)
    if row is None or row["state"] != "confirmed":
        return Next("draft", case.accepted_at)
    if row["form"] == "oral":
        return Next("register_oral", row["confirmed_at"])
    missing = lacking(mediation_agreements.signing(row))
    return Next("sign" if len(missing) > 1 else f"sign_{missing[0]}", row["confirmed_at"])


def _to_follow(tx: Tx, case: Case) -> Next:
    left = mediation_visits.outstanding(tx, case.id)
    if not left:
        return Next("file")
    first = left[0]
    coming = first["due_at"] > tx.now
    return Next("visit_coming" if coming else "visit", first["due_at"], waits=coming)
