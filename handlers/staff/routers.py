"""The routers of whoever is at work. They come before the residents': in a private chat only for what is plainly work."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from aiogram import Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from handlers import alarm_buttons
from handlers.outcome import Outcome, say
from handlers.residents.case import Case
from handlers.residents.filters import command, private
from handlers.staff import (
    alarms,
    cards,
    choices,
    edits,
    faq,
    faq_cards,
    group_setting,
    linking,
    lists,
    members,
    talk,
)
from handlers.staff.work import Work, work_of
from knowledge.group_talk import COMMAND, COMMANDS
from storage import messages, staff_forms, staff_telegram
from storage.transaction import Tx

START = re.compile(r"/start(?:@\w+)?\s+" + staff_telegram.PREFIX + r"[\w-]{8,60}")
Press = Callable[[Work, list[str]], Outcome[Any] | Awaitable[Outcome[Any]]]
PRESSES: dict[str, Press] = {
    alarm_buttons.PREFIX: alarms.press,
    linking.PREFIX: linking.press,
    cards.PREFIX: cards.press,
    choices.PREFIX: cards.press_form,
    lists.SHOW: lists.press,
    faq_cards.PREFIX: faq.press,
}
OF_RESIDENTS = ("start", "cancel", "取消", "help", "帮助")
"""Commands that are the resident's in a private chat."""


def at_work() -> Router:
    router = Router(name="at work")

    @router.callback_query(_of_work)
    async def press(query: CallbackQuery, case: Case) -> Outcome[Any]:
        return await pressed(work_of(query, case), query.data or "")

    @router.message(_connects_a_group)
    async def connect(message: Message, case: Case) -> Outcome[Any]:
        return group_setting.connect(message, work_of(message, case))

    @router.channel_post(_connects_a_group)
    async def connect_a_channel(message: Message, case: Case) -> Outcome[Any]:
        return group_setting.no_channel(work_of(message, case))

    @router.message(private, _opens_a_link)
    async def link(message: Message, case: Case) -> Outcome[Any]:
        return linking.opened(work_of(message, case))

    @router.message(private, command("unlink"), _is_linked)
    async def unlink(message: Message, case: Case) -> Outcome[Any]:
        return linking.unlink(work_of(message, case))

    @router.message(private, command("faq", "问答"), _is_linked)
    async def look_up(message: Message, case: Case) -> Outcome[Any]:
        return faq.asked(work_of(message, case))

    @router.message(private, _answers_the_faq, _is_linked)
    async def take_down(message: Message, case: Case) -> Outcome[Any]:
        reply = message.reply_to_message
        return await faq.answered(work_of(message, case), (reply.text if reply else None) or "")

    @router.message(private, _orders_work, _is_linked)
    async def work(message: Message, case: Case) -> Outcome[Any]:
        return talk.worked(message, work_of(message, case))

    @router.message(private, _answers_work)
    async def answer(message: Message, case: Case) -> Outcome[Any]:
        return talk.heard(message, work_of(message, case))

    @router.message(_of_the_group)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return talk.heard(message, work_of(message, case))

    @router.edited_message(_of_the_group)
    async def edited(message: Message, case: Case) -> Outcome[Any]:
        return edits.edited(message, work_of(message, case))

    @router.chat_member(_in_the_group)
    async def member(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
        return members.changed(change, case)

    return router


async def pressed(work: Work, data: str) -> Outcome[Any]:
    """A button counts while it stands on one of our messages in this very chat."""
    prefix, *parts = data.split(":")
    if work.case.incoming.pressed is None:
        return say().with_toast(work.words("colleague.stale"))
    try:
        found = PRESSES[prefix](work, parts)
        return await found if isawaitable(found) else found
    except (ValueError, IndexError, KeyError):
        return say().with_toast(work.words("colleague.stale"))


async def _of_the_group(_: Message, case: Case) -> bool:
    """Whoever asks for the group's number is answered in every group alike."""
    return case.scene.kind == "staff" and case.text.split("@")[0].strip().lower() != "/id"


async def _orders_work(_: Message, case: Case) -> bool:
    """A command of work that is none of a resident's."""
    found = COMMAND.fullmatch(case.text)
    word = found["word"].lower() if found else ""
    return word in COMMANDS and word not in OF_RESIDENTS


async def _answers_the_faq(message: Message) -> bool:
    """It replies to a question of ours about an entry."""
    reply = message.reply_to_message
    ours = reply is not None and reply.from_user is not None and reply.from_user.is_bot
    return ours and reply is not None and faq.ASKED.match(reply.text or "") is not None


async def _answers_work(message: Message, case: Case) -> bool:
    """It replies to a message that asks for a step."""
    reply = message.reply_to_message
    if reply is None or reply.from_user is None or not reply.from_user.is_bot:
        return False
    return await case.front.storage.read(_asked_for, case.chat_id, reply.message_id)


def _asked_for(tx: Tx, chat_id: int, remote: int) -> bool:
    ours = messages.ours(tx, chat_id, remote)
    return ours is not None and staff_forms.of_prompt(tx, ours) is not None


async def _in_the_group(_: ChatMemberUpdated, case: Case) -> bool:
    return case.scene.kind == "staff"


async def _of_work(query: CallbackQuery, case: Case) -> bool:
    return case.scene.channel == "telegram" and (query.data or "").partition(":")[0] in PRESSES


async def _connects_a_group(_: Message, case: Case) -> bool:
    return case.scene.channel == "telegram" and group_setting.CONNECT.match(case.text) is not None


async def _opens_a_link(_: Message, case: Case) -> bool:
    return START.fullmatch(case.text) is not None


async def _is_linked(message: Message, case: Case) -> bool:
    user = message.from_user
    return user is not None and await case.front.storage.read(staff_telegram.of_user, user.id) is not None
