"""Two hundred tickets an hour: the budget holds, alarms go first, nothing is lost, and no backlog is left."""

from __future__ import annotations

from knowledge.group import shipped
from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi
from tests.group_day import simulate


async def test_two_hundred_tickets_an_hour_fit_into_the_groups_budget(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    """Twelve minutes of it; `python -m tests.group_day 8` is the whole day, with its figures."""
    figures = await simulate(storage, api, clock, 0.2)
    assert figures["most_in_a_minute"] <= shipped().budget.a_minute
    assert figures["alarm_wait_s"]["most"] <= 5
    assert figures["card_wait_s"]["p95"] <= 60
    assert figures["residents_wait_s"]["p95"] <= 60
    assert figures["answers_wait_s"]["p95"] <= 60
    assert figures["backlog_at_the_end"] <= 10
