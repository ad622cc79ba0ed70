"""The other side of a story: staff at the console, their group on Telegram, and the clock that the scheduler looks at."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from storage import messages
from storage.chats import find_or_open
from storage.tables import call_backs, tickets
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.town import COUNTER, Town

GROUP = -4711
PIPE = "7栋1204厨房水管爆了"
LIFT = "3栋2单元的电梯门关不上了"
LAMP = "11栋楼道灯不亮了"


async def files(ana: Any, words: str = PIPE) -> str:
    """A request from the first sentence to its number."""
    await ana.says(words)
    if "同意吗" in await ana.sees():
        await ana.presses("同意")
    heard = "\n".join(await ana.presses("提交"))
    assert "登记好了" in heard, heard
    return str((await newest(ana.town))["number"])


async def newest(town: Town) -> dict[str, Any]:
    """The ticket filed last, as it is kept."""
    row = await town.storage.read(lambda tx: tx.first(select(tickets).order_by(tickets.c.id.desc())))
    assert row is not None
    return dict(row)


async def ticket(town: Town, number: str) -> dict[str, Any]:
    row = await town.storage.read(lambda tx: tx.first(select(tickets).where(tickets.c.number == number)))
    assert row is not None
    return dict(row)


async def raw(town: Town) -> list[dict[str, Any]]:
    """What was asked and answered, as it is kept."""
    rows = await town.storage.read(lambda tx: tx.all(select(call_backs).order_by(call_backs.c.id)))
    return [dict(row) for row in rows]


async def does(desk: Desk, number: str, action: str, text: str = "", **fields: str) -> str:
    """One step on a ticket's page."""
    await desk.opens(f"/console/tickets/{number}")
    return await desk.sends("/act", action=action, text=text, **fields)


async def calls(town: Town, number: str, **heard: str) -> Desk:
    """Somebody telephones from the call-back list and writes down what they heard."""
    async with at_the_desk(town.storage, name=f"接线{next(COUNTER)}") as desk:
        await desk.opens("/console/call-backs")
        await desk.sends(f"/{number}", **heard)
        return desk


async def passes(town: Town, clock: FrozenClock, **span: float) -> None:
    """Time goes by, and the scheduler looks at the clock."""
    clock.move(**span)
    await Scheduler(town.storage, load_catalogue()).tick()
    await town.works()


async def opens_group(town: Town) -> int:
    """The staff group, which hears of what needs them."""
    return await town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")


async def group_heard(town: Town) -> list[str]:
    chat_id = await opens_group(town)
    return [message.text for message in await town.storage.read(messages.latest, chat_id=chat_id)]
