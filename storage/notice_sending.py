"""Sending a notice: its recipients are found and told in small steps, each a transaction of its own.

Every recipient is a row; a row is told once, in the transaction that says so. A crash between two steps, or in the middle
of one, neither repeats nor skips anybody. Quiet hours hold a row back until they end; they are asked for again at the very
moment of telling, for people change them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from storage import audiences, messages, notice_report, notices, subscriptions
from storage.notices import Notice
from storage.tables import chats, notice_recipients, outbox
from storage.tables import notices as notice_table
from storage.transaction import Tx

FOUND_AT_ONCE, TOLD_AT_ONCE = 500, 50
"""Rows a step touches: some tens of milliseconds, so that residents' messages in between do not wait."""
MOST_ON_THE_WAY = 100
"""Letters of notices that may stand in the outbox: a reply in such a chat waits seconds behind one, not minutes."""
Buttons = Sequence[Sequence[dict[str, str]]]
Make = Callable[[Notice, str], tuple[str, Buttons]]
"""The words and buttons of a notice in a language."""


def find_some(tx: Tx) -> int:
    """Look for recipients among the next chats of the first notice that still needs it; how many were found.

    -1 when there is nothing to look for.
    """
    query = select(*notices.COLUMNS).where(notice_table.c.state == "sending", notice_table.c.all_known.is_(False))
    row = tx.first(_urgent_first(query).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return -1
    notice = Notice(**row)
    fresh = select(chats.c.id).where(chats.c.id > notice.looked_up_to, audiences.gets(notice))
    found = [int(chat_id) for (chat_id,) in tx.tuples(fresh.order_by(chats.c.id).limit(FOUND_AT_ONCE))]
    spare = audiences.spare(tx, notice, found)
    _put(tx, notice, [chat_id for chat_id in found if chat_id not in spare])
    values = {"looked_up_to": found[-1] if found else notice.looked_up_to, "all_known": len(found) < FOUND_AT_ONCE}
    tx.execute(notice_table.update().where(notice_table.c.id == notice.id).values(values))
    return len(found)


def _put(tx: Tx, notice: Notice, chat_ids: Sequence[int]) -> None:
    if not chat_ids:
        return
    rows = [{"notice_id": notice.id, "chat_id": chat_id, "not_before": tx.now} for chat_id in chat_ids]
    tx.execute(tx.inserting(notice_recipients).on_conflict_do_nothing(index_elements=["notice_id", "chat_id"]), rows)


def _urgent_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(notice_table.c.urgent.desc(), notice_table.c.id)


def tell_some(tx: Tx, make: Make) -> int:
    """Tell the next recipients whose time it is; how many rows were looked at. 0: nobody now, or enough is on its way."""
    if _on_the_way(tx) >= MOST_ON_THE_WAY:
        return 0
    for row in tx.all(_urgent_first(select(*notices.COLUMNS).where(notice_table.c.state == "sending"))):
        notice = Notice(**row)
        due = _due(tx, notice)
        if due:
            _tell(tx, notice, due, make)
            return len(due)
    return 0


def _on_the_way(tx: Tx) -> int:
    waiting = outbox.c.state.in_(("pending", "sending")) & (outbox.c.priority >= messages.NOTICE)
    return int(tx.scalar(select(func.count()).select_from(outbox).where(waiting)))


def _due(tx: Tx, notice: Notice) -> Sequence[RowMapping]:
    columns = (
        notice_recipients.c.id,
        notice_recipients.c.chat_id,
        chats.c.language,
        chats.c.left_at,
        chats.c.blocked_at,
    )
    query = select(*columns).join(chats, chats.c.id == notice_recipients.c.chat_id)
    now = (notice_recipients.c.state == "waiting") & (notice_recipients.c.not_before <= tx.now)
    query = query.where(notice_recipients.c.notice_id == notice.id, now).order_by(notice_recipients.c.id)
    return tx.all(query.limit(TOLD_AT_ONCE).with_for_update(skip_locked=True, of=notice_recipients))


def _tell(tx: Tx, notice: Notice, due: Sequence[RowMapping], make: Make) -> None:
    chat_ids = [int(row["chat_id"]) for row in due]
    quiet, gone = subscriptions.quiet_of(tx, chat_ids), _not_any_more(tx, notice, chat_ids)
    for row in due:
        chat_id = int(row["chat_id"])
        allowed = tx.now if notice.urgent else quiet[chat_id].over_at(tx.now)
        if row["left_at"] is not None or row["blocked_at"] is not None:
            _settle(tx, row, state="left" if row["left_at"] is not None else "blocked")
        elif chat_id in gone:
            _settle(tx, row, state=gone[chat_id])
        elif allowed > tx.now:
            mine = notice_recipients.c.id == row["id"]
            tx.execute(notice_recipients.update().where(mine).values(not_before=allowed))
        else:
            _settle(tx, row, state="said", message_id=_say(tx, notice, row, make))


def _not_any_more(tx: Tx, notice: Notice, chat_ids: Sequence[int]) -> dict[int, str]:
    """Those among them who stopped this kind since they were found, or are none of the group any more."""
    query = select(chats.c.id, audiences.declined(notice)).where(chats.c.id.in_(chat_ids), ~audiences.gets(notice))
    return {int(chat_id): "declined" if stopped else "moved" for chat_id, stopped in tx.tuples(query)}


def _settle(tx: Tx, row: RowMapping, *, state: str, message_id: int | None = None) -> None:
    values = {"state": state, "message_id": message_id, "at": tx.now}
    tx.execute(notice_recipients.update().where(notice_recipients.c.id == row["id"]).values(values))


def _say(tx: Tx, notice: Notice, row: RowMapping, make: Make) -> int:
    text, buttons = make(notice, str(row["language"]))
    priority = messages.NOTICE if notice.urgent else messages.BROADCAST
    return messages.say(
        tx, chat_id=int(row["chat_id"]), text=text, buttons=buttons, priority=priority, repeatable=False
    )


def finish(tx: Tx) -> int:
    """Notices everybody has been told of, and whose letters have all gone, are over and get their report; how many."""
    done = 0
    query = select(*notices.COLUMNS).where(notice_table.c.state == "sending", notice_table.c.all_known)
    for row in tx.all(query.order_by(notice_table.c.id).with_for_update(skip_locked=True)):
        counted = notice_report.counted(tx, int(row["id"]))
        if counted.get("waiting") or counted.get("on_the_way"):
            continue
        notice_report.settle(tx, int(row["id"]))
        values = {"state": "sent", "ended_at": tx.now, "report": counted, "revision": row["revision"] + 1}
        tx.execute(notice_table.update().where(notice_table.c.id == row["id"]).values(values))
        tx.wake("desk")
        done += 1
    return done
