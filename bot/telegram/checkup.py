"""How the Telegram side stands, for the doctor: what is wrong, in a line, and what to do about it. Changes nothing."""

from __future__ import annotations

from typing import Any, Literal

from aiogram.exceptions import TelegramMigrateToChat, TelegramNotFound, TelegramUnauthorizedError

from bot.settings import Settings
from bot.telegram.channel import API_ERRORS, PATIENCE, describe, open_bot
from bot.telegram.group_watch import Found, ask
from handlers.web.telegram_hook import PATH

MANY_WAITING = 100
Verdict = tuple[Literal["ok", "warn", "bad"], str, str]
"""How it is, what was found, what to do."""


async def checkup(settings: Settings) -> Verdict:
    """Ask Telegram who the bot is and how its webhook stands."""
    try:
        found = await describe(settings.telegram_token or "", settings.telegram_api)
    except (TelegramUnauthorizedError, TelegramNotFound):
        return "bad", "Telegram refuses the token", "copy it once more from @BotFather into LIANXIN_TELEGRAM_TOKEN"
    except API_ERRORS as error:
        advice = "check the network, or name a Bot API server within reach in LIANXIN_TELEGRAM_API"
        return "bad", f"{settings.telegram_api} does not answer ({type(error).__name__})", advice
    return judge(settings, found)


def judge(settings: Settings, found: dict[str, Any]) -> Verdict:
    """What Telegram said of the bot, against what was set up here."""
    who, hook, waiting = f"@{found['username']}", found["webhook"], found["waiting"]
    wanted = f"{settings.public_url}{PATH}" if settings.telegram_mode == "webhook" else ""
    if hook != wanted and hook:
        advice = "`lianxin serve` changes that; if it comes back, another program uses this bot's token"
        return "warn", f"{who}: Telegram brings its updates to {hook}, which is not what is set here", advice
    if hook != wanted:
        return "warn", f"{who}: no webhook is set yet", "`lianxin serve` sets it"
    if hook and found["last_error"] and waiting:
        advice = "see that LIANXIN_PUBLIC_URL leads to this service, with a certificate browsers accept"
        return "bad", f"{who}: Telegram cannot bring updates: {found['last_error']}", advice
    if waiting > MANY_WAITING:
        return "warn", f"{who}: {waiting} updates wait at Telegram", "is the service running?"
    return "ok", f"{who} by {settings.telegram_mode}, {waiting} waiting", ""


async def group_checkup(settings: Settings) -> Verdict:
    """Ask Telegram how the staff group is, and what the bot may do in it."""
    bot = open_bot(settings.telegram_token or "", settings.telegram_api, timeout=PATIENCE)
    try:
        return judge_group(await ask(bot, settings.staff_chat_id or 0))
    except TelegramMigrateToChat as error:
        advice = (
            f"the service follows by itself; set LIANXIN_STAFF_CHAT_ID={error.migrate_to_chat_id} when it suits you"
        )
        return "ok", "the group was upgraded and has a new number", advice
    except API_ERRORS as error:
        return "bad", f"Telegram does not say how it is ({type(error).__name__})", "see the finding on telegram"
    finally:
        await bot.session.close()


def judge_group(found: Found) -> Verdict:
    """What can be done there, and what to change so that more can."""
    name = f"“{found.title}”"
    if not found.inside:
        return (
            "bad",
            "the bot is not in it, or may not write",
            "add the bot to the group; is LIANXIN_STAFF_CHAT_ID its number?",
        )
    if not found.admin:
        advice = "make the bot an admin with “Manage topics” and “Delete messages”"
        return "warn", f"{name}: the bot is no admin and hears only commands and answers to itself", advice
    if not found.forum:
        return "warn", f"{name} has no topics; tickets are cards there", "turn on Topics in the group's settings"
    if not found.may_topics:
        advice = "give the bot the admin right “Manage topics”"
        return "warn", f"{name}: the bot may not manage topics; tickets are plain messages", advice
    if not found.may_delete:
        advice = "give the bot the admin right “Delete messages”"
        return "warn", f"{name}: the bot cannot take away the topic of what must not stand there", advice
    return "ok", f"{name}: a topic for each ticket", ""
