"""The service catalogue as it stands here: what ships, with an admin's edits over it. No upgrade takes an edit away.

Every change has its reason and version, and counts in every process within a second of its commit (``TOPIC``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from knowledge.catalogue_edits import Edits, edited, parts
from storage import staff
from storage.access import member_for
from storage.tables import catalogue_versions
from storage.tables import staff as staff_table
from storage.transaction import Tx

TOPIC = "catalogue"
LONGEST_REASON = 300


class Meanwhile(Exception):
    """Somebody changed it since it was looked at; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """One change: what was edited from then on; ``shipped``: what those fields said in the file then."""

    version: int
    edits: dict[str, dict[str, str]]
    shipped: dict[str, list[str]]
    reason: str
    at: datetime
    who: str


def standing(tx: Tx) -> dict[str, Edits]:
    """The edits of every category that has some."""
    newest = select(func.max(catalogue_versions.c.id)).group_by(catalogue_versions.c.category)
    query = select(catalogue_versions.c.category, catalogue_versions.c.edits)
    rows = tx.tuples(query.where(catalogue_versions.c.id.in_(newest)).order_by(catalogue_versions.c.category))
    return {str(category): edits for category, edits in rows if edits}


def versions(tx: Tx, category: str) -> list[Version]:
    """The newest first."""
    names = ("version", "edits", "shipped", "reason", "at")
    query = select(*(catalogue_versions.c[name] for name in names), staff_table.c.name)
    query = query.join(staff_table, staff_table.c.id == catalogue_versions.c.staff_id)
    query = query.where(catalogue_versions.c.category == category).order_by(catalogue_versions.c.version.desc())
    return [Version(*row) for row in tx.tuples(query)]


def number(tx: Tx, category: str) -> int:
    """The newest version's; 0 where it is as it ships."""
    query = select(func.max(catalogue_versions.c.version)).where(catalogue_versions.c.category == category)
    return int(tx.scalar(query) or 0)


def change(tx: Tx, category: str, edits: Edits, *, by: int, reason: str, version: int | None = None) -> int:
    """From now on these edits stand, and no others; the version's number. ``version``: what was looked at. `BadEdit`,
    Meanwhile."""
    member_for(tx, by, "catalogue", "act")
    last = number(tx, category)
    if version is not None and version != last:
        raise Meanwhile
    edited(category, edits)
    ships = {part.path: [part.zh, part.en] for part in parts(category) if part.path in edits}
    row: dict[str, Any] = {"category": category, "edits": dict(edits), "shipped": ships, "reason": reason}
    tx.insert(catalogue_versions, version=last + 1, staff_id=by, at=tx.now, **row)
    staff.note(tx, by, "change_catalogue", category, version=last + 1, fields=sorted(edits), reason=reason)
    tx.wake(TOPIC)
    tx.wake("desk")
    return last + 1


def outdated(category: str, found: Version | None) -> Mapping[str, tuple[list[str], list[str]]]:
    """Edited fields whose shipped words have changed since: what they said then, and say now."""
    now = {part.path: [part.zh, part.en] for part in parts(category)}
    held = found.shipped if found else {}
    return {path: (said, now[path]) for path, said in held.items() if path in now and now[path] != said}
