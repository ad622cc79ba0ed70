"""How the Telegram side stands, for the doctor: what is wrong, in a line, and what to do about it. Changes nothing."""

from __future__ import annotations

from typing import Any, Literal

from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot.settings import Settings
from bot.telegram.channel import API_ERRORS, describe
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
