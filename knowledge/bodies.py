"""What a community consists of beside its flats: committee, sub-committees, groups, building heads, partners, rooms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal["committee", "supervision", "sub_committee", "group", "head", "partner", "room"]

CLAUSES: Mapping[Kind, str] = {
    "committee": "三(一)",
    "supervision": "一(四)",
    "sub_committee": "一(四)",
    "group": "一(四)",
    "head": "一(四)",
    "partner": "五(三)",
    "room": "二(二)",
}
"""Which item of the notice asks for it."""
KINDS: tuple[Kind, ...] = tuple(CLAUSES)
HAS: Mapping[Kind, frozenset[str]] = {
    "committee": frozenset({"person", "phone", "since", "until"}),
    "supervision": frozenset({"person", "phone", "since", "until"}),
    "sub_committee": frozenset({"person", "phone", "since", "until"}),
    "group": frozenset({"person", "phone", "buildings", "since", "until"}),
    "head": frozenset({"phone", "buildings", "since", "until"}),
    "partner": frozenset({"person", "phone"}),
    "room": frozenset({"hours", "area_m2", "person", "phone"}),
}
"""What can be said of each beside its name and a note. Of the committee each member is a line."""
WANTED = ("mediation", "security", "social", "services")
"""The sub-committees item 一(四) names."""
