"""What the demo community has published and told of: loaded with it, once."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.demo_disclosure import DemoItem, DemoNotice, demo
from knowledge.disclosure import rules
from knowledge.quarters import Quarter, due_on, reported
from storage import disclosure, notices
from storage.disclosure import Written
from storage.notices import Composed
from storage.tables import disclosure_items
from storage.tables import notices as notice_table
from storage.transaction import Tx

MORNING = time(10)


def load(tx: Tx, *, staff_id: int) -> None:
    """The last quarter's items, an important matter, and two notices."""
    quarter = reported(tx.now.astimezone(CHINA).date())
    due = datetime.combine(due_on(quarter), MORNING, CHINA)
    for item in demo().items:
        _publish(tx, item, quarter, min(tx.now, due) if item.matter else tx.now - timedelta(days=2), staff_id)
    for notice in demo().notices:
        _notice(tx, notice, staff_id)


def _publish(tx: Tx, item: DemoItem, quarter: Quarter, at: datetime, staff_id: int) -> None:
    kind = rules().matters[item.matter].kind if item.matter else item.kind or "service"
    about = quarter if item.matter else None
    written = Written(
        kind=kind, title=item.title, body=item.body, matter=item.matter, quarter=about, building=item.building
    )
    item_id = disclosure.draft(tx, written, staff_id=staff_id)
    disclosure.publish(tx, item_id, revision=1, staff_id=staff_id, tell=False)
    tx.execute(disclosure_items.update().where(disclosure_items.c.id == item_id).values(published_at=at))


def _notice(tx: Tx, notice: DemoNotice, staff_id: int) -> None:
    starts_at = _whole_hour(tx.now + notice.starts_in) if notice.starts_in else None
    ends_at = starts_at + notice.lasts if starts_at and notice.lasts else None
    said = {"topic": notice.topic, "title": notice.title, "text": notice.text, "buildings": notice.buildings}
    composed = Composed(**said, starts_at=starts_at, ends_at=ends_at)  # type: ignore[arg-type]
    notice_id = notices.draft(tx, composed, staff_id=staff_id)
    if notice.state == "sent":
        begun = tx.now - timedelta(days=3)
        over = {"state": "sent", "begun_at": begun, "ended_at": begun, "all_known": True, "report": {}}
        tx.execute(notice_table.update().where(notice_table.c.id == notice_id).values(over))


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
