"""The Bot API double is as strict as Telegram: what it lets through, Telegram would; what Telegram refuses, it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetChatMemberCount
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from tests.doubles.bot_api import BotApi
from tests.patience import PATIENCE


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    made = open_bot(api, api.token)
    yield made
    await made.session.close()


def open_bot(api: BotApi, token: str) -> Bot:
    return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.address)))


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="按", **button)]])


async def numbers(bot: Bot, **asked: Any) -> list[int]:
    return [update.update_id for update in await bot.get_updates(**asked)]


async def asked(api: BotApi) -> None:
    """Until a request for updates has arrived."""
    assert await api.world.pulse.until(lambda: api.called("getUpdates"), PATIENCE)


async def test_updates_stay_until_a_later_offset_confirms_them(api: BotApi, bot: Bot) -> None:
    ana = api.person()
    for word in "一二三":
        await ana.says(word)
    first = await numbers(bot)
    assert await numbers(bot) == first
    assert await numbers(bot, offset=first[1]) == first[1:]
    assert await numbers(bot) == first[1:]
    assert await numbers(bot, offset=first[2] + 1) == []


async def test_a_long_poll_ends_with_the_first_update(api: BotApi, bot: Bot) -> None:
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(bot.get_updates(timeout=20))
        await asked(api)
        await api.person().says("在吗")
    assert len(asking.result()) == 1


async def test_of_two_pollers_the_earlier_is_sent_away(api: BotApi, bot: Bot) -> None:
    async with asyncio.TaskGroup() as group:
        earlier = group.create_task(_conflicts(bot))
        await asked(api)
        assert await bot.get_updates(timeout=0) == []
    assert earlier.result()


async def _conflicts(bot: Bot) -> bool:
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await bot.get_updates(timeout=20)
    return True


async def test_what_is_not_allowed_is_not_told(api: BotApi, bot: Bot) -> None:
    ana = api.person()
    await bot.get_updates(allowed_updates=["message"])
    await ana.edits(await ana.says("一"), "二")
    assert [update.event_type for update in await bot.get_updates()] == ["message"]


async def test_a_webhook_and_polling_exclude_each_other(bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="HTTPS"):
        await bot.set_webhook("http://hotline.example.org/hook")
    await bot.set_webhook("https://hotline.example.org/hook")
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()


async def test_refusals_have_telegrams_words(api: BotApi, bot: Bot) -> None:
    ana = api.person()
    sent = await bot.send_message(ana.chat_id, " 您好 ", reply_markup=keyboard(callback_data="a"))
    assert sent.text == "您好"
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await sent.edit_text("您好", reply_markup=keyboard(callback_data="a"))
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("嗯", chat_id=ana.chat_id, message_id=sent.message_id + 1)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(1, "您好")
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(ana.chat_id, "😀" * 2049)
    with pytest.raises(TelegramBadRequest, match="text must be non-empty"):
        await bot.send_message(ana.chat_id, "\n")
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(ana.chat_id, "按", reply_markup=keyboard(callback_data="报" * 22))
    with pytest.raises(TelegramBadRequest, match="text buttons are unallowed"):
        await bot.send_message(ana.chat_id, "按", reply_markup=keyboard())
    with pytest.raises(TelegramBadRequest, match="Wrong HTTP URL"):
        await bot.send_message(ana.chat_id, "按", reply_markup=keyboard(url="http://localhost:8080"))
    with pytest.raises(TelegramNotFound):
        await bot(GetChatMemberCount(chat_id=1))
    assert ana.sees() == ["您好"]


async def test_a_wrong_token_is_unauthorised(api: BotApi) -> None:
    stranger = open_bot(api, "1:wrong")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()


async def test_a_query_is_answered_once_and_not_too_late(api: BotApi, bot: Bot) -> None:
    ana = api.person()
    await bot.send_message(ana.chat_id, "按", reply_markup=keyboard(callback_data="a"))
    [query] = await ana.presses("按")
    await bot.answer_callback_query(query.id, text="好")
    [late] = await ana.presses("按", stale=True)
    for used in (query, late):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await bot.answer_callback_query(used.id)
    assert query.answers == ["好"]


async def test_troubles_come_as_they_do_in_life(api: BotApi, bot: Bot) -> None:
    ana = api.person()
    api.trouble("sendMessage", "cut before")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ana.chat_id, "一")
    api.trouble("sendMessage", "cut after")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ana.chat_id, "二")
    api.trouble("sendMessage", "bad gateway")
    with pytest.raises(ClientDecodeError):
        await bot.send_message(ana.chat_id, "三")
    api.asks_patience(7)
    with pytest.raises(TelegramRetryAfter) as patience:
        await bot.send_message(ana.chat_id, "四")
    assert patience.value.retry_after == 7
    await ana.blocks()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(ana.chat_id, "五")
    assert ana.sees() == ["二"]
