"""What the committee itself says of a month: typed at the desk, printed in that month's report, and never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage import staff
from storage.tables import figure_remarks
from storage.transaction import Tx

WHOLE = 0
"""In place of a community: the whole office."""


@dataclass(frozen=True, slots=True)
class Remark:
    text: str = ""
    revision: int = 0
    written_at: datetime | None = None


def of_month(tx: Tx, month: str, community_id: int = WHOLE) -> Remark:
    """An empty one, where nothing was written."""
    columns = (figure_remarks.c.text, figure_remarks.c.revision, figure_remarks.c.written_at)
    mine = (figure_remarks.c.month == month) & (figure_remarks.c.community_id == community_id)
    return next((Remark(*row) for row in tx.tuples(select(*columns).where(mine))), Remark())


def write(tx: Tx, month: str, community_id: int, *, text: str, revision: int, staff_id: int) -> bool:
    """False, and nothing changed, where somebody wrote since ``revision`` was shown; the same twice is once."""
    held = of_month(tx, month, community_id)
    if held.text == text:
        return True
    if held.revision != revision:
        return False
    values = {"text": text, "revision": revision + 1, "written_by": staff_id, "written_at": tx.now}
    mine = (figure_remarks.c.month == month) & (figure_remarks.c.community_id == community_id)
    if held.revision:
        if not tx.changed(figure_remarks.update().where(mine, figure_remarks.c.revision == revision).values(values)):
            return False
    else:
        tx.execute(figure_remarks.insert().values(month=month, community_id=community_id, **values))
    staff.note(tx, staff_id, "write_remarks", month, community=community_id)
    return True
