"""Occasions for stories: a dinner next Saturday, or whatever is said to be different about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from knowledge.occasions import Plan

DINNER = Plan(
    kind="event",
    category="dinner",
    title="邻里聚餐",
    about="一家一道菜，碗筷社区准备。",
    place="中心广场",
    building=None,
    starts_at=datetime(2026, 11, 28, 10, 30, tzinfo=UTC),
    ends_at=datetime(2026, 11, 28, 12, 30, tzinfo=UTC),
    places_min=0,
    places_max=20,
    with_family=True,
)


def plan(**values: Any) -> Plan:
    """The dinner; a new start keeps its two hours."""
    made = replace(DINNER, **values)
    if "starts_at" in values and "ends_at" not in values:
        made = replace(made, ends_at=made.starts_at + timedelta(hours=2))
    return made
