"""Telling whoever got an old answer of the FAQ: offered by version, drafted once, sent as any notice (``notices``)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import broadcasts
from knowledge.answer_telling import offered, to_tell
from storage import audiences, faq_ringing, notices
from storage.audiences import Reach
from storage.faq_rows import Kept, Unfit, may, note, there
from storage.notices import Composed, Notice
from storage.tables import faq_entries, faq_versions
from storage.tables import notices as notice_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Offer:
    """``kind``: sense or words. ``reach``: whom it would come to now; ``notice``: the one that was written already;
    ``to_ring``: how many got the old answer at the telephone."""

    number: int
    kind: str
    reach: Reach
    notice: Notice | None
    to_ring: int = 0

    @property
    def days(self) -> int:
        return broadcasts.rules().asked_within.days


@dataclass(frozen=True, slots=True)
class About:
    """Which change a notice tells of."""

    key: str
    number: int


def offer(tx: Tx, one: Kept, number: int | None = None) -> Offer | None:
    """Of this version, or of the one the entry's page speaks of; None where there is nothing to tell."""
    senses = {int(row["number"]): str(row["sense"]) for row in _versions(tx, one)}
    which = to_tell(senses) if number is None else number
    kind = offered(senses, which)
    if one.state != "published" or not kind:
        return None
    version_id = _id(tx, one, which)
    reach, begun = audiences.reach(tx, _imagined(tx, version_id)), _begun(tx, version_id)
    return Offer(which, kind, reach, begun, len(faq_ringing.to_ring(tx, version_id)))


def draft(tx: Tx, key: str, number: int, composed: Composed, *, staff_id: int, revision: int = 0) -> int:
    """The notice's id: a new one, or the draft that stood there, changed. LookupError where nothing is offered; Unfit
    ``told`` where it has begun, or somebody changed it since ``revision``."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    tx.execute(select(faq_entries.c.id).where(faq_entries.c.id == one.id).with_for_update())
    found = offer(tx, one, number)
    if found is None:
        raise LookupError(f"{key} {number}")
    said = replace(composed, topic=broadcasts.CHANGED, audience=broadcasts.ANSWERED, audience_id=_id(tx, one, number))
    if found.notice is None:
        notice_id = notices.draft(tx, said, staff_id=staff_id)
        _everywhere(tx, notice_id)
        note(tx, staff_id, "tell", key, version=number, notice=notice_id)
        return notice_id
    if not notices.edit(tx, found.notice.id, said, revision=revision, staff_id=staff_id):
        raise Unfit("told")
    return found.notice.id


def about(tx: Tx, notice: Notice) -> About | None:
    if notice.audience != broadcasts.ANSWERED:
        return None
    query = select(faq_entries.c.key, faq_versions.c.number).join(
        faq_versions, faq_versions.c.entry_id == faq_entries.c.id
    )
    return next((About(*row) for row in tx.tuples(query.where(faq_versions.c.id == notice.audience_id))), None)


def _versions(tx: Tx, one: Kept) -> list[RowMapping]:
    query = select(faq_versions.c.number, faq_versions.c.sense).where(faq_versions.c.entry_id == one.id)
    return list(tx.all(query.order_by(faq_versions.c.number)))


def _id(tx: Tx, one: Kept, number: int) -> int:
    mine = (faq_versions.c.entry_id == one.id) & (faq_versions.c.number == number)
    return int(tx.scalar(select(faq_versions.c.id).where(mine)))


def _everywhere(tx: Tx, notice_id: int) -> None:
    """An answer is the whole house's, and so are those who asked."""
    tx.execute(notice_table.update().where(notice_table.c.id == notice_id).values(community_id=None))


def _imagined(tx: Tx, version_id: int) -> Notice:
    """As it would be if it were written now."""
    given: dict[str, Any] = dict.fromkeys(Notice.__dataclass_fields__)
    given |= {"topic": broadcasts.CHANGED, "audience": broadcasts.ANSWERED, "audience_id": version_id}
    return Notice(**given | {"urgent": False, "created_at": tx.now})


def _begun(tx: Tx, version_id: int) -> Notice | None:
    """The one there is: a version is told of once."""
    this = (notice_table.c.audience == broadcasts.ANSWERED) & (notice_table.c.audience_id == version_id)
    return next(iter(notices.listed(tx, this, notice_table.c.state != "stopped", limit=1)), None)
