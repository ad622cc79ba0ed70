"""Which chat is the staff group, by the setting, wherever Telegram has moved it since."""

from __future__ import annotations

from sqlalchemy import RowMapping, or_, select

from storage.chats import find_or_open
from storage.tables import chats, group_news
from storage.transaction import Tx

WATCH = "group watch"
"""Woken when it may be that the group is not any more as it was."""


def settle(tx: Tx, remote: int | None) -> int | None:
    """The chat of this setting is the staff group and no other is; None: there is none, and nothing is kept for it.

    A group that was upgraded is the same one, though the setting still names its old id; one met before it was set is
    found, too.
    """
    chat_id = None if remote is None else _known(tx, remote)
    tx.execute(chats.update().where(chats.c.kind == "staff", chats.c.id != (chat_id or 0)).values(kind="group"))
    if chat_id is None:
        tx.execute(group_news.delete())
    else:
        tx.execute(chats.update().where(chats.c.id == chat_id).values(kind="staff"))
    return chat_id


def _known(tx: Tx, remote: int) -> int:
    mine = (chats.c.channel == "telegram") & or_(chats.c.remote == remote, chats.c.former == remote)
    known = tx.first(select(chats.c.id).where(mine).order_by(chats.c.former.is_(None), chats.c.id))
    return int(known["id"]) if known else find_or_open(tx, channel="telegram", remote=remote, kind="staff")


def home(tx: Tx) -> RowMapping | None:
    """The staff group's chat, whether it can be reached or not."""
    return tx.first(select(chats).where(chats.c.kind == "staff").order_by(chats.c.id))


def look_again(tx: Tx) -> None:
    """Somebody changed what we are in the group, or the group."""
    tx.wake(WATCH)


def standing(tx: Tx) -> str | None:
    """How the group stands, for the console's health: fine, plain (no topics), no_right, closed; None without one."""
    row = home(tx)
    if row is None:
        return None
    if row["blocked_at"] is not None:
        return "closed"
    return "plain" if not row["forum"] else "fine" if row["may_topics"] else "no_right"
