"""What the service that sends text messages tells of one afterwards: it arrived, or it never will.

A report may come twice, late, or before we have noted that the text went out; "delivered" is never taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import or_, select

from storage import telephone
from storage.tables import chats, outbox
from storage.texting import CHANNEL
from storage.transaction import Tx

Status = Literal["delivered", "failed"]
PREFIX = "lianxin-"


@dataclass(frozen=True, slots=True)
class Report:
    """``text`` is the ``id`` under which we handed it over."""

    key: str
    text: str
    status: Status
    at: datetime


def take_in(tx: Tx, report: Report) -> bool:
    """False when it was told before. Of a text that is none of ours nothing is kept."""
    if not telephone.first_told(tx, report.key):
        return False
    number = report.text.removeprefix(PREFIX)
    if not report.text.startswith(PREFIX) or not number.isascii() or not number.isdigit() or len(number) > 15:
        return True
    of_ours = (outbox.c.id == int(number)) & outbox.c.chat_id.in_(select(chats.c.id).where(chats.c.channel == CHANNEL))
    open_to_change = or_(outbox.c.reported.is_(None), outbox.c.reported != "delivered")
    values = {"reported": report.status, "reported_at": report.at}
    if tx.changed(outbox.update().where(of_ours, open_to_change).values(values)):
        tx.wake("desk")
    return True
