"""The staff group at the other end of everything: the office that works through the double, its clerk, the frozen clock.

Tickets, steps and words are put in by the units of work that every channel uses; what stands in the group comes through
the clerk, the outbox, the courier and HTTP, on a clock that moves when it is told to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.group_worker import GroupWorker
from bot.outbox_worker import Pace
from storage import blobs, desk_acts, group_home, messages, tickets
from storage.desk_acts import Done, Notice
from storage.engine import Storage
from storage.tables import tickets as ticket_table
from storage.tables import topics
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire
from tests.doubles.bot_api import BotApi
from tests.doubles.telegram_groups import Group
from tests.telegram_office import NOT_PACED, Office, open_office

PHOTO = b"\xff\xd8\xff a picture"


def tell(language: str, due_at: datetime) -> Notice:
    return Notice(f"{language} {due_at:%H}")


class GroupOffice:
    """``group`` is what people in it see; ``works`` lets everything go out that may at this moment of the clock."""

    def __init__(self, office: Office, group: Group, pace: Pace) -> None:
        self.office, self.group, self.pace = office, group, pace
        self.storage, self.clock = office.storage, office.clock
        self.clerk = GroupWorker(office.storage)

    async def looks(self) -> None:
        """Ask Telegram how the group stands."""
        await self.office.channel.group.look()

    async def works(self) -> None:
        while await self.clerk.step() or await self.office.sends():
            continue

    async def passes(self, seconds: float, *, step: float = 1.0) -> None:
        """Time goes by, and whatever may goes out."""
        for _ in range(round(seconds / step)):
            self.clock.move(seconds=step)
            await self.works()

    async def files(self, words: str = "7栋1204厨房水管爆了", **more: Any) -> int:
        return await self.storage.run(_file, words, more)

    async def acts(self, ticket_id: int, staff_id: int, action: str, text: str | None = None) -> None:
        done = await self.storage.run(_act, ticket_id, staff_id, action, text)
        assert isinstance(done, Done), done

    async def adds(
        self, ticket_id: int, text: str = "", *, photos: int = 0, kind: str = "photo", mime: str = ""
    ) -> int:
        """The resident says more, whichever way; our id of their message."""
        return await self.storage.run(_add, ticket_id, text, photos, kind, mime)

    async def topic(self, ticket_id: int) -> dict[str, Any]:
        rows = [row for row in await self.office.rows(topics) if row["ticket_id"] == ticket_id]
        return rows[-1] if rows else {}

    async def hires(self, name: str = "周敏", role: str = "operator") -> int:
        return (await self.storage.run(hire, name, role))[0]


def _file(tx: Tx, words: str, more: dict[str, Any]) -> int:
    return file_ticket(tx, description=words, **more).id


def _act(tx: Tx, ticket_id: int, staff_id: int, action: str, text: str | None) -> object:
    if action == "note":
        return desk_acts.add_note(tx, ticket_id, staff_id=staff_id, text=text or "")
    row = tx.first(ticket_table.select().where(ticket_table.c.id == ticket_id))
    assert row is not None
    more = {"staff_id": staff_id, "revision": row["revision"]}
    if action == "take":
        return desk_acts.take(tx, ticket_id, **more)
    return desk_acts.act(tx, ticket_id, action=action, text=text, tell=tell, **more)


def _add(tx: Tx, ticket_id: int, text: str, photos: int, kind: str, mime: str) -> int:
    row = tx.first(ticket_table.select().where(ticket_table.c.id == ticket_id))
    assert row is not None
    chat_id, given = int(row["chat_id"]), {"kind": kind, "mime": mime or "image/jpeg"}
    kept = [blobs.store(tx, chat_id=chat_id, content=PHOTO, **given) for _ in range(photos)]
    parts: list[dict[str, object]] = [{"blob": blob_id, **given} for blob_id in kept]
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=text, attachments=parts)
    assert tickets.add_words(tx, ticket_id, chat_id=chat_id, message_id=said, blobs=kept)
    return said


@asynccontextmanager
async def group_office(
    storage: Storage, api: BotApi, clock: FrozenClock, *, kind: str = "forum", paced: bool = False
) -> AsyncIterator[GroupOffice]:
    group = api.group(kind)
    api.world.now = lambda: clock.now.timestamp()
    pace = Pace(overall=0) if paced else NOT_PACED
    async with open_office(storage, api, clock, pace=pace) as office:
        await storage.run(group_home.settle, group.chat_id)
        opened = GroupOffice(office, group, pace)
        await opened.looks()
        yield opened
