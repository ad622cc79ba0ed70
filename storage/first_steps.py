"""An empty house is set up step by step: what is done is seen from what is there, and only skipping is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import exists, func, select

from knowledge.calendar import CHINA, official
from storage import estates, facts, office_time, staff
from storage.access import member_for
from storage.tables import buildings, communities, duty_people, office_hours
from storage.tables import staff as staff_table
from storage.transaction import Tx

FACT = "first_steps"
Step = Literal["community", "buildings", "hours", "calendar", "duty", "colleagues", "posters"]
State = Literal["done", "skipped", "open"]


def _any(column: Any, *which: Any) -> Callable[[Tx], bool]:
    return lambda tx: bool(tx.scalar(select(exists().where(column.is_not(None), *which))))


def _year_known(tx: Tx) -> bool:
    """This year's holidays are announced, or were entered."""
    today = tx.now.astimezone(CHINA).date()
    return official(today) is not None or today.year in office_time.years(tx)


def _colleagues(tx: Tx) -> bool:
    working = select(func.count()).select_from(staff_table).where(staff_table.c.disabled_at.is_(None))
    return int(tx.scalar(working)) > 1


DONE: Mapping[Step, Callable[[Tx], bool]] = {
    "community": _any(communities.c.id),
    "buildings": _any(buildings.c.id),
    "hours": _any(office_hours.c.id),
    "calendar": _year_known,
    "duty": _any(duty_people.c.phone),
    "colleagues": _colleagues,
    "posters": lambda _tx: False,
}
"""In the order they are gone through. That posters hang is only known once somebody says so."""
STEPS: tuple[Step, ...] = tuple(DONE)


@dataclass(frozen=True, slots=True)
class Progress:
    """``community``: where the next steps lead, once there is one."""

    states: Mapping[Step, State]
    community: int | None

    @property
    def next(self) -> Step | None:
        return next((step for step, state in self.states.items() if state == "open"), None)


def progress(tx: Tx) -> Progress:
    skipped = _kept(tx)
    states: dict[Step, State] = {
        step: "done" if is_done(tx) or skipped.get(step) == "done" else "skipped" if step in skipped else "open"
        for step, is_done in DONE.items()
    }
    return Progress(states, tx.scalar(select(func.min(communities.c.id))))


def _kept(tx: Tx) -> dict[str, str]:
    return dict(facts.get(tx, FACT) or {})


def pressing(tx: Tx) -> bool:
    """Whether an admin is told on every page: no community yet, or a house begun here and not set up to the end."""
    if not tx.scalar(select(exists().where(communities.c.id > 0))):
        return True
    return bool(facts.get(tx, FACT)) and progress(tx).next is not None


def begin(tx: Tx, *, by: int, estate: Mapping[str, str], community: Mapping[str, str]) -> int:
    """The estate with its first community: both, or nothing. ValueError, Taken."""
    made = estates.add_estate(tx, by=by, **estate)
    first = estates.add_community(tx, by=by, estate_id=made, **community)
    facts.put(tx, FACT, {**_kept(tx), "begun": "yes"})
    return first


def set_aside(tx: Tx, step: Step, *, by: int, how: str) -> None:
    """``how``: skipped, done (where only somebody's word tells), or open again."""
    member_for(tx, by, "setup", "act")
    kept = {name: state for name, state in _kept(tx).items() if name != step}
    facts.put(tx, FACT, kept if how == "open" else kept | {step: how})
    staff.note(tx, by, "first_step", step, how=how)
    tx.wake("desk")
