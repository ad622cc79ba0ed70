"""The service catalogue as a sheet: one row for each field that may be changed, known by category and field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from knowledge import catalogue
from knowledge.catalogue_edits import ROUTE, BadEdit, differing, edited
from knowledge.catalogue_edits import standing as laid
from knowledge.sheets import Change, Finding, Record
from storage import catalogue as kept
from storage.carrying import Asked, Lists, NotSo, Reason, Rows, few
from storage.import_changes import Changes
from storage.transaction import Tx


def lists(tx: Tx, community_id: int | None) -> Lists:
    return {}


def current(tx: Tx) -> dict[str, Record]:
    edits = kept.standing(tx)
    rows = (
        {"category": id, "field": part.path, "zh": part.zh, "en": part.en}
        for id in catalogue.as_shipped(ROUTE)
        for part in laid(id, edits.get(id, {}))
    )
    return {f"{row['category']} {row['field']}": row for row in rows}


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """Fields there are not, and what a category could not say; a field the file lacks stays as it is."""
    now = current(tx)
    found = [Finding(row, "field", "no_field", key) for key, (row, _) in rows.items() if key not in now]
    if not found:
        for id, wanted in _by_category(now | {key: record for key, (_, record) in rows.items()}).items():
            try:
                edited(id, differing(id, wanted))
            except BadEdit as bad:
                number = rows[f"{id} {bad.path}"][0] if f"{id} {bad.path}" in rows else 0
                found.append(Finding(number, "zh" if number else "", f"edit_{bad.code}", bad.value or id))
    return found


def _by_category(rows: Mapping[str, Record]) -> dict[str, dict[str, tuple[str, str]]]:
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in rows.values():
        found[row["category"]][row["field"]] = (row["zh"], row["en"])
    return found


def apply(tx: Tx, changes: Sequence[Change], *, by: int, import_id: int | None) -> None:
    """A new version of each category that changes. What the file lacked is as it ships again."""
    rows = current(tx)
    for one in changes:
        rows[one.key] = one.after or _shipped(one.key)
    touched = {one.key.split(" ")[0] for one in changes}
    for id, wanted in _by_category(rows).items():
        if id in touched:
            try:
                kept.change(tx, id, differing(id, wanted), by=by, reason=f"xlsx {import_id or ''}".strip())
            except BadEdit as bad:
                raise NotSo("not_possible", f"{id} {bad.path}") from bad


def _shipped(key: str) -> Record:
    category, field = key.split(" ")
    part = next(one for one in laid(category, {}) if one.path == field)
    return {"category": category, "field": field, "zh": part.zh, "en": part.en}


def built_upon(tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]:
    return []


CARRIER = few(lists=lists, current=current, misfits=misfits, apply=apply, built_upon=built_upon, whole=False)
