"""A demo's roster: somebody on call at every post, day and night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from knowledge.calendar import CHINA
from knowledge.duty import Post
from storage import duty_plan
from storage.transaction import Tx

OUTSIDE = ("街道值班室", "023-00000000")
MIDNIGHT = time(0)


def load(tx: Tx, community_id: int, members: Sequence[int]) -> None:
    """The operator first, the worker second, the admin for the committee, the duty room of an invented sub-district."""
    admin, operator, worker = members[:3]
    for colleague in (operator, worker, admin):
        duty_plan.add_person(tx, community_id, by=admin, colleague=colleague)
    duty_plan.add_person(tx, community_id, by=admin, name=OUTSIDE[0], phone=OUTSIDE[1])
    people = duty_plan.of_town(tx, admin, community_id, "plan").people
    week = {"days": range(7), "begins": MIDNIGHT, "ends": MIDNIGHT, "since": tx.now.astimezone(CHINA).date()}
    for post, person_id in zip(Post, people, strict=True):
        duty_plan.add_shifts(tx, community_id, by=admin, post=post, person_id=person_id, **week)  # type: ignore[arg-type]
