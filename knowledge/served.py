"""The ledger of hours: what an entry may be, what corrections leave of it, and which of them are the same time twice.

Pure. Lines are only ever added; what counts is the sum of their minutes (VO-08). Travel is no service, breaks are out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from knowledge.volunteer_data import shipped

MINUTE = timedelta(minutes=1)


class BadEntry(ValueError):
    """Hours that cannot have been; ``code`` says why: order, breaks, too_long, future."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One service as it counts now: ``minutes`` with every correction, ``first`` as it was entered."""

    id: int
    volunteer_id: int
    occasion_id: int | None
    kind: str
    what: str
    category: str | None
    place: str | None
    starts_at: datetime
    ends_at: datetime
    breaks_minutes: int
    first: int
    minutes: int
    staff_id: int
    at: datetime
    newest: int
    """The newest line about it: it or its last correction."""

    @property
    def corrected(self) -> bool:
        return self.newest != self.id


def minutes_of(start: datetime, end: datetime, breaks: int, *, now: datetime) -> int:
    """Minutes served; BadEntry where they cannot have been."""
    if end <= start:
        raise BadEntry("order")
    if start > now:
        raise BadEntry("future")
    length = round((end - start) / MINUTE)
    if breaks < 0 or breaks >= length:
        raise BadEntry("breaks")
    if length - breaks > shipped().limits.longest_entry_minutes:
        raise BadEntry("too_long")
    return length - breaks


def entries(lines: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The ledger's lines, oldest first, folded: each service once, with what its corrections left of it."""
    found: dict[int, Entry] = {}
    names = [name for name in Entry.__dataclass_fields__ if name not in ("first", "newest")]
    for line in lines:
        root = line["corrects_id"]
        if root is None:
            values = {name: line[name] for name in names}
            found[line["id"]] = Entry(**values, first=line["minutes"], newest=line["id"])
        elif root in found:
            found[root] = _corrected(found[root], line)
    return list(found.values())


def _corrected(entry: Entry, line: Mapping[str, Any]) -> Entry:
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return Entry(**values | {"minutes": entry.minutes + line["minutes"], "newest": line["id"]})


def overlapping(known: Sequence[Entry], start: datetime, end: datetime, *, but: int | None = None) -> list[Entry]:
    """What counts already in the same time: nobody serves twice at once."""
    return [
        entry
        for entry in known
        if entry.id != but and entry.minutes > 0 and entry.starts_at < end and start < entry.ends_at
    ]


def total(known: Iterable[Entry]) -> int:
    return sum(entry.minutes for entry in known)
