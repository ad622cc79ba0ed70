"""The steps this person may take on this ticket now, and what the page's form needs to know for them.

What is not offered is not hidden: the units refuse it in words, whoever sends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping

from handlers.step_tables import FIELDS, GROUPS, ONE_PRESS, WAITING
from knowledge import catalogue, emergencies
from knowledge import units as rules
from knowledge.life import State, allowed
from knowledge.parties import Party, may_take, owes_who
from storage import assigning, end_steps, time_steps, units, work_steps
from storage.desk import TicketPage
from storage.sight import handler, watcher
from storage.staff import Member
from storage.tickets import OPEN
from storage.transaction import Tx
from storage.units import Unit

NOBODY = Party(desk=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A unit that has the ticket now, and what it has done with it."""

    unit: Unit
    row: RowMapping

    @property
    def leads(self) -> bool:
        return bool(self.row["part"] == assigning.MAIN)


@dataclass(frozen=True, slots=True)
class Offer:
    """``likely``: whom such a matter goes to; ``asked``: more time that waits for a word; ``said``: what the unit said of
    it last, done or sent back."""

    steps: tuple[str, ...] = ()
    party: Party = NOBODY
    parts: Sequence[Part] = ()
    units: Sequence[Unit] = ()
    likely: int | None = None
    people: Mapping[int, Sequence[Member]] = field(default_factory=dict)
    asked: RowMapping | None = None
    said: str = ""

    def group(self, name: str) -> list[str]:
        return [step for step in GROUPS[name] if step in self.steps]

    @property
    def spoken(self) -> list[str]:
        return [step for name in GROUPS for step in self.group(name)]

    def having(self, field: str) -> list[str]:
        """The steps that have this field."""
        owed = [step for step in self.spoken if step in FIELDS[field]]
        return [step for step in owed if owes_who(step, self.party)] if field == "said_by" else owed

    def picked(self, state: str) -> str:
        step = WAITING.get(state, "")
        return step if step in self.steps else next(iter(self.spoken), "")

    @property
    def assisting(self) -> list[Unit]:
        return [part.unit for part in self.parts if not part.leads]

    @property
    def declining(self) -> Sequence[rules.Declining]:
        return tuple(rules.shipped().declining.values())

    @property
    def lines(self) -> Sequence[emergencies.EmergencyLine]:
        return tuple(emergencies.lines().values())


def offer(tx: Tx, page: TicketPage, member: Member) -> Offer:
    row, acting = page.ticket, handler(member, page.ticket) or watcher(member)
    if acting is None:
        return Offer()
    party, parts = work_steps.party_of(tx, row, acting), _parts(tx, int(row["id"]))
    if page.sight == "outline" and acting.may_act:
        return Offer(("take",) if row["assigned_to"] is None else (), parts=parts)
    may = [unit for unit in units.listed(tx) if assigning.why_not(tx, row, unit) is None]
    return Offer(
        steps=_in_order(_steps(tx, page, member, acting, party)),
        party=party,
        parts=parts,
        units=may,
        likely=_likely(may, row),
        people={unit.id: units.people(tx, unit.id) for unit in may if unit.here},
        asked=time_steps.asked_for(tx, int(row["id"])),
        said=_said(page),
    )


def _steps(tx: Tx, page: TicketPage, member: Member, acting: Member, party: Party) -> set[str]:
    row = page.ticket
    steps = {step.action for step in allowed(row["state"], acting.role) if may_take(step.action, party) is None}
    steps -= _superfluous(tx, row, party, steps)
    if acting.may_act:
        mine = row["assigned_to"] == member.id or row["state"] not in OPEN or party.assists
        steps |= {"note"} if mine else {"note", "take"}
    return steps


def _superfluous(tx: Tx, row: RowMapping, party: Party, steps: set[str]) -> set[str]:
    """What would be refused, or is done by another step that is offered."""
    found = {"end_supervision" if row["supervised_at"] is None else "supervise"}
    if row["extensions"] or "extend" in steps:
        found |= {"ask_extension"} | ({"extend"} if row["extensions"] else set())
    if not party.led or party.on_behalf:
        found |= {"feed_back"}
    if row["state"] != State.RETURN_ASKED:
        found |= {"designate"}
    if not party.assists and all(part["reported_at"] or part["part"] == "main" for part in _rows(tx, row)):
        found |= {"report"}
    if not end_steps.may_close(tx, row):
        found |= {"close"}
    return found


def _rows(tx: Tx, row: RowMapping) -> Sequence[RowMapping]:
    return assigning.parts(tx, int(row["id"]))


def _in_order(steps: set[str]) -> tuple[str, ...]:
    return tuple(step for step in (*ONE_PRESS, *(one for group in GROUPS.values() for one in group)) if step in steps)


def _parts(tx: Tx, ticket_id: int) -> list[Part]:
    found = ((units.get(tx, row["unit_id"]), row) for row in assigning.parts(tx, ticket_id))
    return [Part(unit, row) for unit, row in found if unit is not None]


def _likely(may: Sequence[Unit], row: RowMapping) -> int | None:
    """The first of those such a matter goes to that may lead it; whoever has it already is not meant."""
    kind = catalogue.category(str(row["route"]), row["category"])
    ids = {unit.key: unit.id for unit in may if unit.id != row["lead_unit_id"]}
    return next((ids[key] for key in rules.suggested(kind) if key in ids and rules.may_lead(key, kind) is None), None)


def _said(page: TicketPage) -> str:
    """The words somebody waits for an answer to."""
    action = {State.FED_BACK: "feed_back", State.RETURN_ASKED: "ask_return"}.get(State(page.ticket["state"]))
    found = (event.note for event in reversed(page.events) if event.action == action and event.note)
    return next(found, "") or ""
