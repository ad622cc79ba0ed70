"""Committees, groups, building heads, partners and rooms of a community: entered, changed, ended. Ended ones are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge.bodies import KINDS
from knowledge.norms import Present
from storage import estates, staff, towns
from storage.access import NotThere
from storage.tables import buildings, community_bodies
from storage.transaction import Tx


def of(tx: Tx, community_id: int) -> list[RowMapping]:
    """Those that are there now."""
    mine = (community_bodies.c.community_id == community_id) & community_bodies.c.ended_at.is_(None)
    return list(tx.all(select(community_bodies).where(mine).order_by(community_bodies.c.id)))


def present(rows: Sequence[RowMapping], names: Sequence[str]) -> Present:
    """How many of each kind, and which of these buildings have no head."""
    looked_after = {name for row in rows if row["kind"] == "head" for name in row["buildings"]}
    return Present(Counter(row["kind"] for row in rows), tuple(name for name in names if name not in looked_after))


def add(tx: Tx, community_id: int, *, by: int, **given: Any) -> int:
    """ValueError for no name, no such kind, or buildings that are not this community's."""
    estates.manages(tx, by, community_id)
    if given.get("kind") not in KINDS:
        raise ValueError("no such kind")
    values = _values(tx, community_id, given)
    made = tx.insert(
        community_bodies, community_id=community_id, kind=given["kind"], made_at=tx.now, made_by=by, **values
    )
    staff.note(tx, by, "add_body", str(community_id), kind=given["kind"], body=made)
    towns.changed(tx)
    return made


def change(tx: Tx, body_id: int, community_id: int, *, by: int, **given: Any) -> None:
    estates.manages(tx, by, community_id)
    values = _values(tx, community_id, given)
    if not tx.changed(community_bodies.update().where(_this(body_id, community_id)).values(values)):
        raise NotThere
    staff.note(tx, by, "change_body", str(community_id), body=body_id)
    towns.changed(tx)


def end(tx: Tx, body_id: int, community_id: int, *, by: int) -> None:
    estates.manages(tx, by, community_id)
    if not tx.changed(community_bodies.update().where(_this(body_id, community_id)).values(ended_at=tx.now)):
        raise NotThere
    staff.note(tx, by, "end_body", str(community_id), body=body_id)
    towns.changed(tx)


def _this(body_id: int, community_id: int) -> Any:
    return (
        (community_bodies.c.id == body_id)
        & (community_bodies.c.community_id == community_id)
        & community_bodies.c.ended_at.is_(None)
    )


def _values(tx: Tx, community_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
    name, named = given.get("name") or "", list(dict.fromkeys(given.get("buildings") or ()))
    if not name:
        raise ValueError("no name")
    ours = select(buildings.c.name).where(buildings.c.community_id == community_id)
    strange = set(named) - {str(one) for (one,) in tx.tuples(ours)}
    if strange:
        raise ValueError(f"not this community's: {sorted(strange)}")
    kept = ("person", "phone", "hours", "area_m2", "note", "since", "until")
    return {"name": name, "buildings": named} | {key: given.get(key) or None for key in kept}
