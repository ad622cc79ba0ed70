"""The office's own days, hours and terms are kept, count at once, and move no promise that was given."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.clocks import calendar
from handlers.texts.catalogue import load_catalogue
from knowledge.calendar import CHINA, announced_until
from knowledge.deadlines import Span, Terms
from knowledge.office_days import announced
from knowledge.own_terms import Change
from storage import messages, office_board, office_plan, office_time, promises, provisional
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.staff import MayNot
from storage.tables import tickets
from storage.tickets import Request, file
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import hire, request_of

UNKNOWN = announced_until() + 1


def files(tx: Tx, /, **changed: Any) -> int:
    request: Request = request_of(**changed)
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    given = office_time.promised(tx, request.route, request.category, request.urgency, tx.now)
    filed = file(tx, chat_id=chat_id, request=request, opened_at=tx.now, promises=given)
    assert filed is not None
    return filed.id


def due(tx: Tx, ticket_id: int) -> tuple[datetime, str, bool]:
    query = select(tickets.c.due_at, tickets.c.due_rule, tickets.c.due_provisional)
    [row] = tx.tuples(query.where(tickets.c.id == ticket_id))
    return row[0], row[1], row[2]


async def test_own_terms_are_for_matters_from_then_on(any_storage: Storage, clock: FrozenClock) -> None:
    admin, _ = await any_storage.run(hire, "王芳", "admin")
    worker, _ = await any_storage.run(hire, "李强", "worker")
    before = await any_storage.run(files, urgency="P2")
    stands = await any_storage.read(due, before)
    change = Change("service_request", "repair", "P2", Terms(Span(office_days=1), Span(working_days=2)), clock.now)
    with pytest.raises(MayNot):
        await any_storage.run(office_plan.decide, change, by=worker, reason="快一点")
    assert await any_storage.run(office_plan.decide, change, by=admin, reason="快一点")
    clock.move(seconds=1)
    assert not await any_storage.run(office_plan.decide, change, by=admin, reason="从昨天起"), "that has passed"
    after = await any_storage.run(files, urgency="P2")
    assert (await any_storage.read(due, after))[1] == "own repair P2 2 working days"
    assert await any_storage.read(due, before) == stands
    found = await any_storage.read(office_board.deadlines, worker)
    assert [line.source for line in found.lines if (line.category, line.urgency) == ("repair", "P2")] == ["own"]
    back = Change("service_request", "repair", "P2", None, clock.now)
    assert await any_storage.run(office_plan.decide, back, by=admin, reason="做不到")
    assert (await any_storage.read(due, await any_storage.run(files, urgency="P2")))[1] == "WO-SLA P2 5 working days"


async def test_a_day_an_admin_enters_counts_at_once_and_can_be_taken_back(any_storage: Storage) -> None:
    admin, _ = await any_storage.run(hire, "王芳", "admin")
    tomorrow = date(2026, 11, 24)

    async def works() -> bool:
        return (await any_storage.read(office_time.office)).is_working_day(tomorrow)

    assert await works()
    await any_storage.run(office_plan.set_day, tomorrow, by=admin, is_open=False, reason="停电检修")
    assert not await works()
    year = await any_storage.read(office_board.year, admin, 2026)
    assert [(one.reason, one.by) for one in year.days if one.day == tomorrow] == [("停电检修", "王芳")]
    assert await any_storage.run(office_plan.take_back_day, tomorrow, by=admin)
    assert not await any_storage.run(office_plan.take_back_day, tomorrow, by=admin)
    assert await works()
    short = ((time(10), time(12)),)
    assert await any_storage.run(office_plan.set_hours, tomorrow, short, by=admin, reason="冬天")
    assert not await any_storage.run(office_plan.set_hours, tomorrow, ((time(12), time(10)),), by=admin, reason="反了")
    assert (await any_storage.read(office_time.office)).hours_on(tomorrow) == short


async def test_when_a_year_is_known_provisional_promises_are_counted_anew_and_told(
    any_storage: Storage, clock: FrozenClock
) -> None:
    admin, _ = await any_storage.run(hire, "王芳", "admin")
    clock.now = datetime(UNKNOWN, 2, 3, 10, tzinfo=CHINA)
    moves, stays = await any_storage.run(files, urgency="P2"), await any_storage.run(files, urgency="P1")
    was, _, provisional_ = await any_storage.read(due, moves)
    assert provisional_
    unknown = await any_storage.read(office_board.unknown)
    assert unknown is not None
    assert (unknown.year, unknown.promises) == (UNKNOWN, 1)
    texts = load_catalogue()
    assert await any_storage.run(calendar.count_anew, texts) == 0, "nobody knows yet"
    days = announced(f"{UNKNOWN}-02-05~{UNKNOWN}-02-11 休 春节\n{UNKNOWN}-02-14 班", UNKNOWN)
    await any_storage.run(office_plan.enter_year, UNKNOWN, days, by=admin, source="国办通知")
    urgent = await any_storage.read(due, stays)
    assert await any_storage.run(calendar.count_anew, texts) == 1
    assert await any_storage.run(calendar.count_anew, texts) == 0, "once"
    now, rule, still = await any_storage.read(due, moves)
    assert now > was + timedelta(days=4)
    assert (rule, still) == ("WO-SLA P2 5 working days", False)
    assert await any_storage.read(due, stays) == urgent
    thread = await any_storage.read(messages.latest, chat_id=1)
    assert sum("放假安排公布了" in said.text for said in thread) == 1
    assert await any_storage.run(provisional.count_anew) == []
    assert await any_storage.read(office_board.unknown) is None


async def test_at_night_only_what_is_urgent_is_late(any_storage: Storage, clock: FrozenClock) -> None:
    """Whatever came due while nobody looked is noticed at the first look, the rest of it in the morning; each once."""
    numbers = [await any_storage.run(files, urgency=urgency) for urgency in ("P1", "P2")]
    clock.now = datetime(2026, 12, 3, 3, tzinfo=CHINA)
    late = await any_storage.run(promises.late)
    assert [one.ticket["id"] for one in late] == numbers[:1]
    assert await any_storage.run(promises.late) == []
    clock.now = datetime(2026, 12, 3, 8, tzinfo=CHINA)
    late = await any_storage.run(promises.late)
    assert numbers[1] in [one.ticket["id"] for one in late]
