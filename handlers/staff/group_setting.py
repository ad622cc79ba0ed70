"""A Telegram group is made a staff group: the code of the console's page is said in it, and the bot says what it is now,
what the bot lacks there, and the last word when it is one no more. Where something is wrong, nothing is changed.
"""

from __future__ import annotations

import re
from typing import Any

from aiogram.types import Message
from sqlalchemy import select

from handlers.outcome import Outcome, Reply, Say, do, say
from handlers.staff.work import Stopped, Work, who
from handlers.texts.catalogue import Texts, load_catalogue
from knowledge.group_standing import SHUT
from storage import group_connecting, messages
from storage.group_connecting import Connected, Refused
from storage.tables import work_groups
from storage.transaction import Tx

CONNECT = re.compile(
    r"(?:[/／](?:connect|连接|接入)(?:@\w+)?(?P<rest>\s.*)?"
    rf"|/start(?:@\w+)?\s+{group_connecting.PREFIX}(?P<code>\w+))$",
    re.I | re.S,
)
"""Typed by hand, or brought by Telegram's own link that adds a bot to a group."""
Result = Stopped | Connected | Refused


def connect(message: Message, work: Work) -> Outcome[Any]:
    found = CONNECT.match(work.case.text)
    code = ((found["rest"] or found["code"] or "") if found else "").strip()
    if message.chat.type == "private":
        return say(Say(work.words("group_setting.private")))
    if not code:
        return say(Say(_zh(work)("group_setting.no_code")))
    return do(_connect, work.user_id, work.case.chat_id, code).then(lambda result: [_said(_zh(work), result)])


def no_channel(work: Work) -> Outcome[Any]:
    """Nobody can write there but its owners."""
    return say(Say(_zh(work)("group_setting.channel")))


def _zh(work: Work) -> Texts:
    """A group has no language."""
    return work.case.front.texts["zh"]


def _connect(tx: Tx, user_id: int, chat_id: int, code: str) -> Result:
    member = who(tx, user_id, chat_id)
    if isinstance(member, Stopped):
        return member
    return group_connecting.connect(tx, code, chat_id=chat_id, staff_id=member.id)


def _said(words: Texts, result: Result) -> Reply:
    if isinstance(result, Stopped):
        return Say(words(f"colleague.{result.key}"))
    place = result.place or words("group_setting.house")
    if isinstance(result, Connected):
        return Say(words("group_setting.connected", place=place, waiting=result.waiting))
    needs_place = result.why in ("already", "taken", "has_one", "others")
    return Say(words(f"group_setting.{result.why}", **({"place": place} if needs_place else {})))


def tell(tx: Tx, chat_id: int) -> None:
    """What the bot lacks in a group that was connected by hand: once it was looked at, and each time it is another."""
    row = tx.first(select(work_groups).where(work_groups.c.chat_id == chat_id))
    if row is None or row["by_setting"] or row["lacks"] is None:
        return
    if row["lacks"] == row["told"] or SHUT in row["lacks"]:
        return
    messages.say(tx, chat_id=chat_id, text=standing(load_catalogue()["zh"], row["lacks"]), priority=messages.NOTICE)
    tx.execute(work_groups.update().where(work_groups.c.id == row["id"]).values(told=row["lacks"]))


def standing(words: Texts, lacks: list[str]) -> str:
    if not lacks:
        return words("group_setting.seen_fine")
    return "\n".join([words("group_setting.seen_lacks"), *(words(f"group_setting.lacks_{one}") for one in lacks)])


def last_word(place: str | None) -> str:
    words = load_catalogue()["zh"]
    return words("group_setting.ended", place=place or words("group_setting.house"))
