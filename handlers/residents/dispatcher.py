"""The dispatcher for both channels: who is this? → danger? → button → command → a person → open form → the matcher."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Dispatcher, F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update

from handlers.incoming import Incoming
from handlers.outcome import Outcome, Say, do, say
from handlers.residents import asking, buttons, emergencies, following, forms_open, menu, odd, people
from handlers.residents.case import Case, FrontDesk, written
from storage import messages, outbox
from storage.chats import Scene

PERSON = re.compile(
    r"(?:请?(?:帮我)?(?:转|找|要|叫|喊)(?:一?个|下|一下|到)?(?:人工|真人|活人)(?:客服|服务)?"
    r"|人工(?:客服|服务)?|human|real person)[\s。.!！]*",
    re.I,
)
"""The plain order for a person, which needs no understanding; every other wording goes through the matcher."""
SHORTCUTS = {
    "tickets": re.compile(r"我的工单|查工单|我的报修|my requests", re.I),
    "request": re.compile(r"报修|我要报修|反映问题|report a problem", re.I),
    "policy": re.compile(r"问政策|政策咨询|ask about policy", re.I),
}
"""The words on the chat page's chips and the menu, typed or tapped."""


def build_dispatcher(front: FrontDesk) -> Dispatcher:
    """One dispatcher; the same handlers for Telegram and the chat page."""
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.update.outer_middleware(_case_of(front))
    dispatcher.include_routers(_danger(), _presses(), _commands(), _people(), _wordless(), _forms(), _rest(), _others())
    return dispatcher


Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


def _case_of(front: FrontDesk) -> Callable[[Next, TelegramObject, dict[str, Any]], Awaitable[Any]]:
    async def middleware(handler: Next, update: TelegramObject, data: dict[str, Any]) -> Any:
        assert isinstance(update, Update)
        message = update.message or update.edited_message or update.callback_query
        data["case"] = Case(front, data["incoming"], written(message) if message else "")
        return await handler(update, data)

    return middleware


async def _private(event: TelegramObject, incoming: Incoming) -> bool:
    """Like every filter of ours a coroutine: aiogram sends plain functions to another thread, ten times a message."""
    return incoming.scene.kind == "private"


def _danger() -> Router:
    router = Router(name="danger")

    @router.message(_private, _in_danger)
    @router.edited_message(_private, _in_danger)
    async def respond(message: Message, case: Case) -> Outcome[Any]:
        assert case.reading.danger is not None
        return emergencies.respond(case, case.reading.danger)

    return router


async def _in_danger(message: Message, case: Case) -> bool:
    return bool(case.text) and not case.is_command and case.reading.danger is not None


def _presses() -> Router:
    router = Router(name="presses")

    @router.callback_query(_private)
    async def press(query: CallbackQuery, case: Case) -> Outcome[Any]:
        return await buttons.press(case, query.data or "")

    return router


def _commands() -> Router:
    router = Router(name="commands")

    @router.message(_private, _command("start", "help", "menu"))
    async def start(message: Message, case: Case) -> Outcome[Any]:
        return menu.hello(case)

    @router.message(_private, _command("tickets"))
    async def tickets(message: Message, case: Case) -> Outcome[Any]:
        return await following.mine(case)

    @router.message(_private, _command("person"))
    async def person(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(_private, _command("language", "zh", "en"))
    async def language(message: Message, case: Case) -> Outcome[Any]:
        wished = case.text.split("@")[0].strip("/")
        return menu.switch_language(case, wished if wished in ("zh", "en") else None)

    return router


def _command(*names: str) -> Callable[[Message, Case], Awaitable[bool]]:
    async def matches(message: Message, case: Case) -> bool:
        first = case.text.split(maxsplit=1)[0] if case.text else ""
        return first.startswith("/") and first[1:].split("@")[0].lower() in names

    return matches


def _people() -> Router:
    router = Router(name="people")

    @router.message(_private, _asks_for_person)
    async def call(message: Message, case: Case) -> Outcome[Any]:
        return people.call(case)

    @router.message(_private, _with_a_person)
    async def keep(message: Message, case: Case) -> Outcome[Any]:
        return await people.hear(case)

    return router


async def _asks_for_person(message: Message, case: Case) -> bool:
    return case.scene.conversation != "held" and PERSON.fullmatch(case.text) is not None


async def _with_a_person(message: Message, scene: Scene) -> bool:
    return scene.conversation is not None


def _wordless() -> Router:
    router = Router(name="wordless")

    @router.message(_private, _is_wordless)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return await odd.hear(case, message)

    return router


async def _is_wordless(message: Message, case: Case) -> bool:
    """No words at all; or words under a photo, while a form that takes photos is open."""
    return not case.text or (bool(case.blobs) and case.scene.draft is not None and case.scene.draft.state == "open")


def _forms() -> Router:
    router = Router(name="forms")

    @router.message(_private, _form_is_open)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        assert case.scene.draft is not None
        return await forms_open.hear(case, case.scene.draft)

    return router


async def _form_is_open(message: Message, scene: Scene) -> bool:
    return scene.draft is not None


def _rest() -> Router:
    router = Router(name="asking")

    @router.message(_private)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        for choice, pattern in SHORTCUTS.items():
            if pattern.fullmatch(case.text):
                return await buttons.choose(case, choice)
        return await asking.hear(case)

    return router


def _others() -> Router:
    router = Router(name="others")

    @router.edited_message(_private)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        ours = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return odd.edited(case, ours)

    @router.my_chat_member(F.chat.type == "private")
    async def membership(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        gone = change.new_chat_member.status == ChatMemberStatus.KICKED
        return do(outbox.blocked, case.chat_id, at=case.now if gone else None)

    @router.message(F.chat.type.in_({"group", "supergroup"}), F.text.startswith("/"))
    async def group(message: Message, case: Case) -> Outcome[Any]:
        return say() if case.scene.kind == "staff" else say(Say(case.words("odd.group")))

    return router
