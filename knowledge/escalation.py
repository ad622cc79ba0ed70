"""Who must hear of what nobody takes or what was not solved: the desk, then the committee, then the sub-district.

One ladder for everything that climbs: a ticket that is late or not solved, somebody who waits for a person, an alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from knowledge.notice import Words


class Level(IntEnum):
    """How high a matter has climbed. The values are what storage keeps."""

    DESK = 0
    COMMITTEE = 1
    SUBDISTRICT = 2


LEVEL_NAMES: Mapping[Level, Words] = MappingProxyType({
    Level.DESK: Words("值班人员", "the staff on duty"),
    Level.COMMITTEE: Words("社区居委会负责人", "the head of the residents' committee"),
    Level.SUBDISTRICT: Words("街道办事处", "the sub-district office"),
})  # fmt: skip


def higher(level: int) -> Level:
    """One rung up; the sub-district is the last."""
    return Level(min(level + 1, Level.SUBDISTRICT))
