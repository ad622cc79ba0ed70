"""Appointments of a mediation: proposed to both, agreed when both can, moved, held, and what came of it (ME-04, ME-06).

One is open in a case at a time. Another time is another row; who was asked about the old one is asked anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select

from knowledge.mediation import Refusal, State
from storage import mediation_asks
from storage.mediation import Case, Stale
from storage.mediation_course import done, in_hand, not_now, refused
from storage.tables import mediation_sessions as sessions
from storage.tables import mediations
from storage.transaction import Tx

OPEN = ("asked", "agreed")
MEETING = (State.MEDIATING, State.AGREED)
OUTCOMES = ("agreed", "again", "no_agreement", "not_held")
LONGEST = timedelta(hours=8)
FURTHEST = timedelta(days=60)


def propose(
    tx: Tx, case_id: int, *, staff_id: int, revision: int | None, at: datetime, until: datetime, place: str
) -> list[RowMapping] | Refusal | Stale:
    """A time and place for both; it takes the place of an open one. The sides to be asked."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    trouble = not_now(case, MEETING) or _impossible(at, until, tx.now)
    if trouble is not None:
        return trouble
    before = open_one(tx, case.id)
    if before is not None:
        _set(tx, before["id"], state="moved")
        mediation_asks.close(tx, "session", int(before["id"]))
    row = {"at": at, "until": until, "place": place, "state": "asked", "moved_from": before["id"] if before else None}
    made = tx.insert(sessions, mediation_id=case.id, proposed_by=staff_id, proposed_at=tx.now, **row)
    done(tx, case, "move_session" if before else "propose", actor="staff", staff_id=staff_id)
    return mediation_asks.put(tx, case.id, "session", made)


def _impossible(at: datetime, until: datetime, now: datetime) -> Refusal | None:
    if at <= now:
        return refused("这个时间已经过了。", "That time has passed.")
    if until <= at or until - at > LONGEST:
        return refused("结束要在开始之后，一次最多八小时。", "It has to end after it begins, within eight hours.")
    if at > now + FURTHEST:
        return refused("太远了，请约在六十天以内。", "Too far off: within sixty days, please.")
    return None


def drop(tx: Tx, case_id: int, *, staff_id: int, revision: int | None) -> RowMapping | Refusal | Stale:
    """The open one does not take place; the row, for both to be told."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = open_one(tx, case.id)
    if row is None:
        return refused("现在没有约好的时间。", "There is no appointment.")
    _set(tx, row["id"], state="dropped")
    mediation_asks.close(tx, "session", int(row["id"]))
    done(tx, case, "drop_session", actor="staff", staff_id=staff_id)
    return row


def write_up(
    tx: Tx,
    case_id: int,
    session_id: int,
    *,
    staff_id: int,
    revision: int | None,
    present: Sequence[str],
    record: str,
    outcome: str,
    open_door: bool = False,
) -> RowMapping | Refusal | Stale:
    """What was said and came of a session that has begun; written once. ``present``: sides, and others by their names.
    Nobody else listens where a party asked for that (ME-06)."""
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = get(tx, case.id, session_id)
    if row is None or row["state"] not in OPEN:
        return refused("这次的记录已经写过，或者没有开成。", "It was written up before, or did not take place.")
    if row["at"] > tx.now:
        return refused("还没到时间，开完再写记录。", "It has not begun yet.")
    if open_door and case.closed_session:
        return refused("有一方要求不公开，不能写成公开调解。", "A party asked for a closed session.")
    values = {"present": list(present), "record": record, "outcome": outcome, "open_door": open_door}
    _set(tx, row["id"], state="held", recorded_by=staff_id, recorded_at=tx.now, **values)
    mediation_asks.close(tx, "session", int(row["id"]))
    done(tx, case, "write_up", actor="staff", staff_id=staff_id)
    return row


def settle(tx: Tx, case: Case, session_id: int, asked: Mapping[str, RowMapping]) -> str:
    """What the sides' answers make of it: ``agreed`` when both can, ``trouble`` when one cannot, else ``waiting``."""
    row = get(tx, case.id, session_id)
    if row is None or row["state"] not in OPEN:
        return "over"
    answers = {one["answer"] for one in asked.values()}
    state = "agreed" if answers == {"yes"} else "asked"
    if state != row["state"]:
        _set(tx, session_id, state=state)
        done(tx, case, "session_agreed" if state == "agreed" else "session_open", actor="system")
    if answers & {"no", "other"}:
        return "trouble"
    return "agreed" if state == "agreed" else "waiting"


def _set(tx: Tx, session_id: int, **values: object) -> None:
    tx.execute(sessions.update().where(sessions.c.id == session_id).values(values))


def get(tx: Tx, case_id: int, session_id: int) -> RowMapping | None:
    query = select(sessions).where(sessions.c.id == session_id, sessions.c.mediation_id == case_id)
    return tx.first(query.with_for_update())


def open_one(tx: Tx, case_id: int) -> RowMapping | None:
    """The proposed or agreed one of a case."""
    return tx.first(select(sessions).where(sessions.c.mediation_id == case_id, sessions.c.state.in_(OPEN)))


def of_case(tx: Tx, case_id: int) -> list[RowMapping]:
    return list(tx.all(select(sessions).where(sessions.c.mediation_id == case_id).order_by(sessions.c.id)))


def agreed_before(tx: Tx, moment: datetime) -> list[RowMapping]:
    """Sessions that begin by then and are not begun, held so that each reminder goes once."""
    still = select(mediations.c.id).where(mediations.c.ended_at.is_(None))
    coming = (sessions.c.state == "agreed") & (sessions.c.at > tx.now) & (sessions.c.at <= moment)
    coming &= sessions.c.mediation_id.in_(still)
    return list(tx.all(select(sessions).where(coming).order_by(sessions.c.id).with_for_update(skip_locked=True)))


def reminded(tx: Tx, session_id: int, count: int) -> None:
    _set(tx, session_id, reminded=count)
