"""What the figures of a ticket follow from, read from its row, its history, its promises and what its resident said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, exists, select

from knowledge.figures import Facts, Said
from storage.tables import call_backs, mediations, promise_notices, ticket_barred, ticket_events, tickets
from storage.transaction import Tx

TOLD = ("ask_return", "extend", "supervise", "withdraw", "decline", "transfer")
"""Steps whose having been taken counts."""
ENDS = {"withdraw": "withdrawn", "decline": "declined", "transfer": "transferred"}
LONGEST_BUILDING = 24


@dataclass(frozen=True, slots=True)
class Known:
    """One ticket's facts and where they are counted; a shielded one is counted in the whole's sums and nowhere else, for
    a line of few would tell of it (WO-24, ME-15)."""

    building: str
    route: str
    category: str
    unit: str
    topic: str
    facts: Facts
    place: tuple[int | None, str | None] = (None, None)
    """The community it was passed to, or its building: by whose hours its times are counted."""

    @property
    def matter(self) -> str:
        return f"{self.route}/{self.category}"

    @property
    def spot(self) -> str:
        return f"{self.building}|{self.matter}|{self.topic}" if self.building and self.topic else ""


def known(tx: Tx, ticket_ids: Sequence[int]) -> dict[int, Known]:
    """Of those that are there."""
    mediated = exists().where(mediations.c.ticket_id == tickets.c.id).label("mediated")
    barred = exists().where(ticket_barred.c.ticket_id == tickets.c.id).label("barred")
    rows = tx.all(select(tickets, mediated, barred).where(tickets.c.id.in_(ticket_ids)))
    said = {
        table.name: _by_ticket(tx.all(select(table).where(table.c.ticket_id.in_(ticket_ids)).order_by(table.c.id)))
        for table in (ticket_events, promise_notices, call_backs)
    }
    return {int(row["id"]): _known(row, said) for row in rows}


def _by_ticket(rows: Sequence[RowMapping]) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(int(row["ticket_id"]), []).append(row)
    return found


def _known(row: RowMapping, said: Mapping[str, Mapping[int, list[RowMapping]]]) -> Known:
    events, notices, heard = (said[table.name].get(int(row["id"]), []) for table in _TABLES)
    shielded = bool(row["confidential"] or row["mediated"] or row["barred"])
    return Known(
        building="" if shielded else str(row["building"] or "")[:LONGEST_BUILDING],
        route="" if shielded else str(row["route"]),
        category="" if shielded else str(row["category"] or ""),
        unit="" if shielded else str(row["lead_unit_id"] or ""),
        topic="" if shielded else str(row["topic"] or ""),
        place=(row["community_id"], row["building"]),
        facts=_facts(row, events, notices, heard, shielded=shielded),
    )


_TABLES = (ticket_events, promise_notices, call_backs)


def _facts(
    row: RowMapping,
    events: Sequence[RowMapping],
    notices: Sequence[RowMapping],
    heard: Sequence[RowMapping],
    *,
    shielded: bool,
) -> Facts:
    missed = [one for one in notices if one["notice"] == "late"]
    first = [one["due_at"] for one in missed if one["promise"] == "first_contact"]
    taken = {event["action"]: event for event in reversed(events) if event["action"] in TOLD}
    return Facts(
        source=str(row["source"]),
        route=str(row["route"]),
        opened_at=row["opened_at"],
        contact_due=min([*first, row["first_contact_due"]]),
        contact_missed=bool(first),
        contact_at=row["first_contact_at"],
        closed_at=row["closed_at"],
        ended=_ended(row, events),
        redos=int(row["redos"]),
        needs_reply=bool(row["needs_reply"]),
        needs_call_back=bool(row["needs_call_back"]),
        verdict=_last(heard, "solved"),
        rating=_last(heard, "satisfied"),
        calls_in_vain=any(not one["contacted"] and one["round"] == row["redos"] for one in heard),
        returned="ask_return" in taken,
        extended="extend" in taken,
        missed_at=min((one["at"] for one in missed if one["promise"] == "result"), default=None),
        supervised_at=taken["supervise"]["at"] if "supervise" in taken else None,
        in_mediation=bool(row["mediated"]),
        shielded=shielded,
        passed_at=max((one["at"] for one in events if one["action"] == "pass_accepted"), default=None),
    )


def _ended(row: RowMapping, events: Sequence[RowMapping]) -> str | None:
    """How it ended; once it is archived only its history says so."""
    if row["closed_at"] is None:
        return None
    if row["outcome"]:
        return str(row["outcome"])
    ends = [ENDS[event["action"]] for event in events if event["action"] in ENDS]
    return ends[-1] if ends else str(row["state"])


def _last(heard: Sequence[RowMapping], name: str) -> Said | None:
    given: list[Any] = [one for one in heard if one[name]]
    return Said(given[-1]["at"], int(given[-1]["round"]), str(given[-1][name])) if given else None
