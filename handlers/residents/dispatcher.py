"""The dispatcher for both channels: who is this? → danger? → button → command → a person → open form → the matcher."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Dispatcher
from aiogram.types import TelegramObject, Update

from handlers.outcome import Outcome, both, do
from handlers.residents import by_text, heard_as_meant, heard_at_once, heard_last, menu, secrets
from handlers.residents.case import Case, FrontDesk, written
from handlers.staff.routers import at_work
from knowledge.private_data import without_secrets
from storage import residents


def build_dispatcher(front: FrontDesk) -> Dispatcher:
    """One dispatcher; the same handlers for Telegram and the chat page."""
    dispatcher = Dispatcher(disable_fsm=True, front=front)
    dispatcher.update.outer_middleware(_with_its_case)
    dispatcher.include_routers(at_work(), *heard_at_once.routers(), *heard_as_meant.routers(), *heard_last.routers())
    return dispatcher


Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


async def _with_its_case(handler: Next, update: TelegramObject, data: dict[str, Any]) -> Any:
    assert isinstance(update, Update)
    message = update.message or update.edited_message or update.channel_post or update.callback_query
    said = written(message) if message else ""
    case = Case(data["front"], data["incoming"], without_secrets(said))
    if by_text.is_text(case):
        return await _by_text(handler, update, data, case)
    data["case"], switched = _in_their_language(case) if update.message else (case, None)
    outcome = await handler(update, data)
    if not isinstance(outcome, Outcome):
        return outcome
    if message is not None and case.scene.left_at is not None:
        outcome = both(do(residents.came_back, chat_id=case.chat_id), outcome)
    private = case.scene.kind == "private"
    outcome = secrets.warned(data["case"], outcome) if case.text != said and private else outcome
    return both(outcome, switched) if switched else outcome


async def _by_text(handler: Next, update: Update, data: dict[str, Any], case: Case) -> Any:
    """Answered as they write; a text has no room to say that the language can be changed."""
    told, switched = menu.follow_language(case)
    outcome = await by_text.hear(told, lambda meant: handler(update, data | {"case": meant}))
    return both(switched.saying(), outcome) if switched else outcome


def _in_their_language(case: Case) -> tuple[Case, Outcome[Any] | None]:
    """Answered as they write; while a person has the conversation, and in danger, the bot has no word about that."""
    if case.scene.kind != "private" or case.is_command or case.scene.conversation is not None:
        return case, None
    followed, switched = menu.follow_language(case)
    return followed, None if switched is None or case.reading.danger else switched
