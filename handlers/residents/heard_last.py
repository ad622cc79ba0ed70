"""What is heard last: an open form, then the matcher; edits, and what a channel tells of itself."""

from __future__ import annotations

import re
from typing import Any

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated, Message

from handlers.outcome import Outcome, Say, do, say
from handlers.residents import asking, buttons, forms_open, menu, odd
from handlers.residents.case import Case
from handlers.residents.filters import private
from storage import group_home, messages, sending
from storage.chats import Scene

SHORTCUTS = {
    "tickets": re.compile(r"我的工单|查工单|我的报修|my requests", re.I),
    "request": re.compile(r"报修|我要报修|反映问题|report a problem", re.I),
    "policy": re.compile(r"问政策|政策咨询|ask about policy", re.I),
}
"""The words on the chat page's chips and the menu, typed or tapped."""
GREETING = re.compile(
    r"(?:hello|hi|hey|good (?:morning|afternoon|evening)|你们?好|您好|喂|在吗|在不在|嗨|哈喽)[\s.。!！?？~～]*", re.I
)
"""Plain greetings, which need no understanding."""


def routers() -> tuple[Router, ...]:
    """In this order."""
    return _forms(), _rest(), _others()


def _forms() -> Router:
    router = Router(name="forms")

    @router.message(private, _form_is_open)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        assert case.scene.draft is not None
        return await forms_open.hear(case, case.scene.draft)

    return router


async def _form_is_open(message: Message, scene: Scene) -> bool:
    return scene.draft is not None


def _rest() -> Router:
    router = Router(name="asking")

    @router.message(private)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        for choice, pattern in SHORTCUTS.items():
            if pattern.fullmatch(case.text):
                return await buttons.choose(case, choice)
        if GREETING.fullmatch(case.text):
            return menu.greet(case)
        return await asking.hear(case)

    return router


def _others() -> Router:
    router = Router(name="others")

    @router.edited_message(private)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        ours = await case.front.storage.read(messages.ours, case.chat_id, message.message_id)
        return await odd.edited(case, ours)

    @router.my_chat_member(F.chat.type == "private")
    async def membership(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        gone = change.new_chat_member.status == ChatMemberStatus.KICKED
        return do(sending.blocked, case.chat_id, at=case.now if gone else None)

    @router.my_chat_member(F.chat.type.in_({"group", "supergroup"}))
    async def standing(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        return do(group_home.look_again)

    @router.message(F.chat.type.in_({"group", "supergroup"}), F.text.startswith("/"))
    async def group(message: Message, case: Case) -> Outcome[Any]:
        if case.text.split("@")[0].strip().lower() == "/id":
            return say(Say(case.words("in_group.number", number=message.chat.id)))
        return say() if case.scene.kind == "staff" else say(Say(case.words("odd.group")))

    return router
