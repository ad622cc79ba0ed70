"""Asking volunteers to come: each at most once an occasion, nobody in the quiet hours, and a no is as good as a yes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from knowledge.volunteers import Fit, Volunteer, may_serve, ranked, send_at
from storage import occasions, staff, volunteers
from storage.belonging import volunteers_of
from storage.tables import chats, occasion_entries, residents, volunteer_invitations
from storage.tables import volunteers as register
from storage.transaction import Tx

invitations = volunteer_invitations


@dataclass(frozen=True, slots=True)
class Asked:
    """How one invitation stands: waiting for the morning, sent, answered yes or no."""

    volunteer_id: int
    send_at: datetime
    sent_at: datetime | None
    answer: str | None

    @property
    def stands(self) -> str:
        return self.answer or ("sent" if self.sent_at else "waits")


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who fits; ``asked`` None: not asked for this occasion. ``name`` as staff know them."""

    fit: Fit
    asked: Asked | None
    name: str | None


def who_fits(tx: Tx, occasion_id: int, *where: ColumnElement[bool], limit: int = 30) -> list[Who]:
    """Those who may serve at a shift and have no place in it, best first. LookupError where there is no such occasion."""
    occasion = occasions.get(tx, occasion_id)
    if occasion is None:
        raise LookupError(f"no occasion {occasion_id}")
    placed = select(occasion_entries.c.resident_id).where(
        occasion_entries.c.occasion_id == occasion_id, occasion_entries.c.state.in_(("joined", "waiting"))
    )
    free = register.c.state.in_(("active", "paused")) & register.c.resident_id.not_in(placed)
    known = [volunteers.volunteer_of(row) for row in tx.all(select(register).where(free, *where))]
    best = ranked(known, occasion, now=tx.now)[:limit]
    asked, names = of_occasion(tx, occasion_id), _names(tx, [fit.volunteer for fit in best])
    return [Who(fit, asked.get(fit.volunteer.id), names.get(fit.volunteer.resident_id)) for fit in best]


def _names(tx: Tx, known: Iterable[Volunteer]) -> dict[int, str | None]:
    found = {one.resident_id: one.name for one in known}
    query = select(residents.c.id, residents.c.name).where(residents.c.id.in_(list(found)))
    return found | {key: found[key] or name for key, name in tx.tuples(query)}


def of_occasion(tx: Tx, occasion_id: int) -> dict[int, Asked]:
    """By volunteer."""
    names = ("volunteer_id", "send_at", "sent_at", "answer")
    query = select(*(invitations.c[name] for name in names)).where(invitations.c.occasion_id == occasion_id)
    return {int(row["volunteer_id"]): Asked(**row) for row in tx.all(query)}


def invite(tx: Tx, occasion_id: int, *, volunteer_ids: Sequence[int], by: int) -> int:
    """Ask these; how many are asked anew. Whoever may not serve, was asked before, or lives elsewhere is passed over."""
    staff.actor(tx, by)
    occasion = occasions.get(tx, occasion_id)
    if occasion is None or occasion.state != "open" or occasion.starts_at <= tx.now:
        return 0
    theirs = select(register.c.id).where(register.c.id.in_(volunteer_ids), volunteers_of(by))
    known = [volunteers.get(tx, int(id)) for (id,) in tx.tuples(theirs.order_by(register.c.id))]
    able = [one for one in known if one and not may_serve(one, occasion)]
    made = sum(_write(tx, one.id, occasion_id, by) for one in able)
    staff.note(tx, by, "invite", str(occasion_id), number=made)
    tx.wake("desk")
    return made


def _write(tx: Tx, volunteer_id: int, occasion_id: int, by: int) -> int:
    row = {"volunteer_id": volunteer_id, "occasion_id": occasion_id, "staff_id": by, "at": tx.now}
    wanted = tx.inserting(invitations).values(row | {"send_at": send_at(tx.now)})
    once = wanted.on_conflict_do_nothing(index_elements=["volunteer_id", "occasion_id"])
    return int(tx.scalar(once.returning(invitations.c.id)) is not None)


def waiting(tx: Tx) -> ColumnElement[bool]:
    """What was held until now and is neither sent nor dropped."""
    return invitations.c.sent_at.is_(None) & ~invitations.c.dropped & (invitations.c.send_at <= tx.now)


def due(tx: Tx) -> list[tuple[int, Volunteer, Any, str]]:
    """What is to be sent now, each marked as sent: its id, to whom, for which occasion, in which language. What has lost
    its sense meanwhile is dropped."""
    query = select(invitations, chats.c.language).join(register, register.c.id == invitations.c.volunteer_id)
    query = query.join(chats, chats.c.id == register.c.chat_id).where(waiting(tx)).order_by(invitations.c.id)
    found = []
    for row in tx.all(query.with_for_update(skip_locked=True, of=invitations)):
        volunteer, occasion = volunteers.get(tx, row["volunteer_id"]), occasions.get(tx, row["occasion_id"])
        sense = volunteer and occasion and occasion.state == "open" and occasion.starts_at > tx.now
        if not sense or volunteer is None or occasion is None or may_serve(volunteer, occasion):
            tx.execute(invitations.update().where(invitations.c.id == row["id"]).values(dropped=True))
            continue
        tx.execute(invitations.update().where(invitations.c.id == row["id"]).values(sent_at=tx.now))
        tx.execute(register.update().where(register.c.id == volunteer.id).values(asked_at=tx.now))
        found.append((int(row["id"]), volunteer, occasion, str(row["language"])))
    return found


def answer(tx: Tx, invitation_id: int, *, chat_id: int, yes: bool) -> int | None:
    """A volunteer's answer; the occasion's id, None where the invitation is not theirs."""
    mine = volunteers.of_chat(tx, chat_id)
    row = tx.first(select(invitations).where(invitations.c.id == invitation_id))
    if row is None or mine is None or row["volunteer_id"] != mine.id:
        return None
    values = {"answer": "yes" if yes else "no", "answered_at": tx.now}
    tx.execute(invitations.update().where(invitations.c.id == invitation_id).values(values))
    tx.wake("desk")
    return int(row["occasion_id"])
