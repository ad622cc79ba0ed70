"""A town whose Telegram is the strict double: real updates of residents and colleagues, and real deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiogram import Bot

from bot.group_worker import GroupWorker
from bot.inbox_worker import InboxWorker
from bot.telegram.refusing_session import RefusingSession
from handlers.residents import people
from handlers.staff.cards import card_buttons
from handlers.texts.catalogue import load_catalogue
from knowledge.answers import Answerer
from knowledge.matcher import Matcher
from storage import staff_telegram
from storage.chats import find_or_open
from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.telegram_groups import Group, Member
from tests.doubles.telegram_people import Person
from tests.group_office import GroupOffice, group_office
from tests.scenarios.conftest import real_dispatcher
from tests.town import Town


class GroupTown(Town):
    """``works`` lets everything arrive, be worked on and go out, the clerk's lines too."""

    desk: GroupOffice
    api: BotApi

    @property
    def group(self) -> Group:
        return self.desk.group

    async def works(self) -> None:
        await self.desk.office.takes_in()
        await self.worker.work_off()
        await self.desk.office.channel.files.fetch_some()
        await self.desk.works()

    async def colleague(self, name: str, role: str = "operator") -> Member:
        """Hired, linked to a telephone, and in the group."""
        staff_id = (await self.storage.run(hire, name, role))[0]
        found = self.group.member(name)
        number = int(found.about["id"])
        private = await self.storage.run(find_or_open, channel="telegram", remote=number)
        await self.storage.run(staff_telegram.show_code, await self._code(staff_id), user_id=number, chat_id=private)
        await self.storage.run(staff_telegram.agree, user_id=number, chat_id=private, staff_id=staff_id)
        return found

    async def _code(self, staff_id: int) -> str:
        return await self.storage.run(staff_telegram.make_code, staff_id)

    async def files(self, bo: Person, words: str) -> int:
        """From the first words on Telegram to the topic."""
        await self.says(bo, words)
        for step in ("同意", "提交"):
            if step in bo.buttons():
                await bo.presses(step)
                await self.works()
        return self.group.topic(words[:3])

    async def says(self, bo: Person, text: str, *, answers: int | None = None) -> int:
        reply = {} if answers is None else {"reply_to_message": dict(bo.chat.messages[answers])}
        number = await bo.sends(text=text, **reply)
        await self.works()
        return number

    async def presses(self, who: Person, words: str) -> str:
        """The toast."""
        [query] = await who.presses(words)
        await self.works()
        await self.desk.office.nursery.drain()
        return "".join(query.answers)


@asynccontextmanager
async def group_town(
    storage: Storage, matcher: Matcher, answerer: Answerer, clock: FrozenClock
) -> AsyncIterator[GroupTown]:
    async with bot_api() as api, group_office(storage, api, clock) as desk:
        dispatcher = real_dispatcher(storage, matcher, answerer)
        town = GroupTown(storage, dispatcher)
        town.desk, town.api, office = desk, api, desk.office
        bots = {"web": Bot("1:web", session=RefusingSession()), "telegram": Bot(api.token, session=RefusingSession())}
        apology = partial(people.apology, load_catalogue())
        town.worker = InboxWorker(
            storage, dispatcher, bots, office.nursery, owner="town", apology=apology, toast=office.channel.toast
        )
        desk.clerk = GroupWorker(storage, buttons=card_buttons)
        yield town
        assert api.invented == []
