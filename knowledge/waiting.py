"""How long somebody may wait for a person before it climbs, and to whom (WO-SLA, PI-11, PI-20, EM-03).

Pure. The minutes are data (`data/waiting.yaml`), each with the rule it comes from; `DataError` names file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.datafiles import DATA, Field, read
from knowledge.escalation import Level

_COUNTS = {"office": True, "clock": False}
_A_LONG_TIME = 24 * 60


@dataclass(frozen=True, slots=True)
class Ladder:
    """The minutes after which each level hears of something nobody takes; `office`: counted in office hours only."""

    rule: str
    office: bool
    minutes: Mapping[Level, int]

    def due(self, level: Level, since: datetime, office: OfficeCalendar = OFFICE) -> datetime:
        """When `level` hears of what has waited since `since` (aware)."""
        minutes = self.minutes[level]
        if not minutes:
            return since
        if self.office:
            return office.add_working_hours(since, minutes / 60).due_at
        return since + timedelta(minutes=minutes)

    def reached(self, since: datetime, now: datetime, office: OfficeCalendar = OFFICE) -> Level | None:
        """The highest level that must have heard by `now`; None while nobody need."""
        return max((level for level in self.minutes if self.due(level, since, office) <= now), default=None)


@dataclass(frozen=True, slots=True)
class Silence:
    """After `nudge` staff are reminded that a resident waits for their word; after `release` a colleague may take it."""

    rule: str
    nudge: timedelta
    release: timedelta


@dataclass(frozen=True, slots=True)
class CallBacks:
    """How call-backs are kept: tries before the resident is asked anew, the pause between two, how far ahead one may be."""

    rule: str
    tries: int
    again: timedelta
    furthest: timedelta
    notice: timedelta
    """the least time between asking for a call-back and the first time offered"""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Every clock of somebody who waits for a person."""

    ladders: Mapping[str, Ladder]
    silences: Mapping[str, Silence]
    repeat: timedelta
    repeat_taken_back: timedelta
    idle: timedelta
    closing: timedelta
    call_backs: CallBacks
    least_waits: int
    latest_waits: int
    waits_kept: timedelta

    def silence(self, reason: str) -> Silence:
        """The patience a conversation of this reason gets."""
        return self.silences["emergency" if reason == "emergency" else "talk"]


def usual_wait(waits: Sequence[timedelta], clocks: Clocks | None = None) -> int | None:
    """The usual wait in whole minutes, at least one; None where too few waits are known to be honest about it."""
    if len(waits) < (clocks or shipped_clocks()).least_waits:
        return None
    return max(1, round(median(wait.total_seconds() for wait in waits) / 60))


@cache
def shipped_clocks() -> Clocks:
    return load_clocks(DATA / "waiting.yaml")


def load_clocks(path: Path) -> Clocks:
    root = read(path)
    root.only("ladders", "silences", "repeats", "idle", "closing", "waits", "appointments")
    ladders = root["ladders"].only("line", "alarm", "taken_back", "appointment").fields()
    silences = root["silences"].only("talk", "emergency").fields()
    repeats, waits = root["repeats"].only("rule", "alarm", "taken_back"), root["waits"].only("least", "of", "days")
    return Clocks(
        ladders={name: _ladder(field) for name, field in ladders.items()},
        silences={name: _silence(field) for name, field in silences.items()},
        repeat=_minutes(repeats["alarm"]),
        repeat_taken_back=_minutes(repeats["taken_back"]),
        idle=_minutes(root["idle"].only("rule", "minutes")["minutes"]),
        closing=_minutes(root["closing"].only("rule", "minutes")["minutes"]),
        call_backs=_call_backs(root["appointments"]),
        least_waits=waits["least"].integer(least=1),
        latest_waits=waits["of"].integer(least=1),
        waits_kept=timedelta(days=waits["days"].integer(least=1)),
    )


def _minutes(field: Field) -> timedelta:
    return timedelta(minutes=field.integer(least=1, most=_A_LONG_TIME))


def _ladder(field: Field) -> Ladder:
    field.only("rule", "counts", optional=tuple(level.name.lower() for level in Level))
    rungs = {level: found for level in Level if (found := field.get(level.name.lower())) is not None}
    minutes = {level: found.integer(least=0, most=_A_LONG_TIME) for level, found in rungs.items()}
    if list(minutes.values()) != sorted(minutes.values()) or Level.DESK not in minutes:
        field.fail("a ladder begins at the desk, and a higher level hears later")
    return Ladder(field["rule"].text(), field["counts"].choice(_COUNTS), minutes)


def _silence(field: Field) -> Silence:
    field.only("rule", "nudge", "release")
    nudge, release = _minutes(field["nudge"]), _minutes(field["release"])
    if nudge >= release:
        field.fail("staff are reminded before the conversation is taken from them")
    return Silence(field["rule"].text(), nudge, release)


def _call_backs(field: Field) -> CallBacks:
    field.only("rule", "tries", "again", "furthest_days", "notice")
    return CallBacks(
        rule=field["rule"].text(),
        tries=field["tries"].integer(least=1),
        again=_minutes(field["again"]),
        furthest=timedelta(days=field["furthest_days"].integer(least=1)),
        notice=_minutes(field["notice"]),
    )
