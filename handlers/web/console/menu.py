"""The desk's menu as data: what is worked at all day stands there by itself, the rest under four headings.

Whoever may not enter a room has no line for it, and no heading of which nothing is left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """``kind``: of ``reach.yaml``; ``also``: further beginnings of addresses that belong to it."""

    kind: str
    address: str
    words: str
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """The desk's own address begins every other one."""
        begins = self.also if self.address == "/console" else (self.address, *self.also)
        return path == self.address or path.startswith(begins)


@dataclass(frozen=True, slots=True)
class Line:
    address: str
    words: str
    count: int
    here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """``words`` is "" for what needs no heading."""

    words: str
    lines: tuple[Line, ...]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)

    @property
    def here(self) -> bool:
        return any(line.here for line in self.lines)


MENU: Mapping[str, tuple[Entry, ...]] = {
    "": (
        Entry("ticket", "/console", "frame.queue", ("/console/tickets",)),
        Entry("call", "/console/calls", "call.title"),
        Entry("conversation", "/console/conversations", "frame.talks"),
        Entry("appointment", "/console/appointments", "frame.appointments"),
        Entry("call_back", "/console/call-backs", "frame.calls"),
        Entry("alarm", "/console/alarms", "frame.alarms"),
        Entry("incident", "/console/incidents", "incidents.short"),
    ),
    "menu.neighbours": (
        Entry("mediation", "/console/mediations", "mediation.title"),
        Entry("register", "/console/register", "register.title"),
        Entry("care", "/console/care", "frame.care"),
        Entry("household", "/console/households", "households.short"),
        Entry("volunteer", "/console/volunteers", "volunteers.title"),
        Entry("occasion", "/console/occasions", "occasions.title"),
    ),
    "menu.public": (
        Entry("disclosure", "/console/disclosure", "published.short"),
        Entry("notice", "/console/notices", "notices.short"),
        Entry("poster", "/console/posters", "posters.title"),
    ),
    "menu.running": (
        Entry("duty", "/console/duty", "oncall.title"),
        Entry("deadline", "/console/deadlines", "office_time.short", ("/console/calendar",)),
        Entry("figures", "/console/figures", "sums.title", ("/console/exports",)),
        Entry("question", "/console/questions", "questions.short"),
        Entry("faq", "/console/faq", "faq.short"),
        Entry("canned", "/console/canned", "canned.short"),
        Entry("data_request", "/console/data-requests", "requests.short"),
    ),
    "menu.setup": (
        Entry("setup", "/console/first-steps", "setup.short"),
        Entry("community", "/console/communities", "estates.title"),
        Entry("staff", "/console/staff", "frame.staff", ("/console/units", "/console/looks", "/console/audit")),
        Entry("group", "/console/groups", "groups.title"),
        Entry("wording", "/console/wording", "own_words.title"),
        Entry("catalogue", "/console/catalogue", "services.title"),
        Entry("import", "/console/imports", "carry.short"),
        Entry("retention", "/console/retention", "retention.title"),
        Entry("health", "/console/health", "frame.health", ("/console/backups",)),
    ),
}


def menu(rooms: Collection[str], counts: Mapping[str, int], path: str) -> list[Group]:
    """What stands in it for somebody with these rooms; ``counts``: by kind, what waits there."""
    found = []
    for words, entries in MENU.items():
        shown = [one for one in entries if one.kind in rooms or one.kind == "ticket"]
        lines = tuple(Line(one.address, one.words, counts.get(one.kind, 0), one.holds(path)) for one in shown)
        if lines:
            found.append(Group(words, lines))
    return found
