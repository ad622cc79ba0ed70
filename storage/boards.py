"""Boards (公开栏) and what hangs there: which item, put up by whom and when, its photo, taken down when (DI-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, or_, select

from knowledge import disclosure_calendar as rule
from storage import belonging, disclosure, staff
from storage.access import NotThere
from storage.disclosure import Item, Wrong
from storage.tables import boards, disclosure_items, disclosure_postings
from storage.transaction import Tx

KINDS = ("office", "gathering", "cluster")
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Board:
    """``buildings``: whose residents pass it; none: everybody's."""

    id: int
    community_id: int
    name: str
    kind: str
    buildings: Sequence[str]
    ended_at: datetime | None

    def shows(self, item: Item) -> bool:
        """Whether an item belongs on this board: its own building's, and the office's."""
        return item.building is None or self.kind == "office" or item.building in self.buildings


_BOARD = tuple(boards.c[name] for name in Board.__dataclass_fields__)


def listed(tx: Tx, *, staff_id: int, ended: bool = False) -> list[Board]:
    query = select(*_BOARD).where(belonging.boards_of(staff_id))
    query = query if ended else query.where(boards.c.ended_at.is_(None))
    return [Board(**row) for row in tx.all(query.order_by(boards.c.ended_at.is_not(None), boards.c.kind, boards.c.id))]


def save(tx: Tx, board_id: int | None, *, name: str, kind: str, buildings: Sequence[str], staff_id: int) -> int:
    """A new board, or one put right. Wrong without a name; NotThere for a building that is not theirs."""
    disclosure.publisher(tx, staff_id)
    if not name.strip() or kind not in KINDS:
        raise Wrong("board")
    values = {"name": name.strip()[:LONGEST_NAME], "kind": kind, "buildings": list(buildings)}
    if board_id is None:
        community_id = belonging.whose(tx, staff_id, None, buildings)
        if community_id is None:
            raise Wrong("no_community")
        board_id = tx.insert(boards, community_id=community_id, **values)
    else:
        belonging.whose(
            tx, staff_id, tx.scalar(select(boards.c.community_id).where(boards.c.id == board_id)), buildings
        )
        tx.execute(boards.update().where(boards.c.id == board_id).values(values))
    staff.note(tx, staff_id, "board_save", str(board_id))
    return board_id


def end(tx: Tx, board_id: int, *, staff_id: int) -> None:
    """It hangs no more; what hung there stays written down, and comes down with it."""
    disclosure.publisher(tx, staff_id)
    tx.execute(boards.update().where(boards.c.id == board_id).values(ended_at=tx.now))
    up = (disclosure_postings.c.board_id == board_id) & disclosure_postings.c.down_at.is_(None)
    tx.execute(disclosure_postings.update().where(up).values(down_at=tx.now, down_by=staff_id))
    staff.note(tx, staff_id, "board_end", str(board_id))


# --- what hangs -------------------------------------------------------------------------------------------------------
def post(tx: Tx, item_ids: Iterable[int], board_ids: Iterable[int], *, photo_id: int | None, staff_id: int) -> int:
    """Put up now; what hangs there already is left as it is. How many sheets; Wrong for what is not published."""
    disclosure.publisher(tx, staff_id)
    found = [disclosure.get(tx, one) for one in item_ids]
    theirs = {board.id: board for board in listed(tx, staff_id=staff_id)}
    wanted = list(board_ids)
    if not wanted or any(item is None or item.state != "published" for item in found):
        raise Wrong("not_published" if wanted else "no_board")
    if not set(wanted) <= set(theirs):
        raise NotThere
    pairs = [(item, theirs[board]) for item in found for board in wanted if item and theirs[board].shows(item)]
    return sum(_post(tx, item.id, board.id, photo_id, staff_id) for item, board in pairs)


def _post(tx: Tx, item_id: int, board_id: int, photo_id: int | None, staff_id: int) -> bool:
    up = (disclosure_postings.c.board_id == board_id) & (disclosure_postings.c.item_id == item_id)
    up &= disclosure_postings.c.down_at.is_(None)
    before = tx.first(select(disclosure_postings).where(up))
    if before is not None:
        if photo_id is not None:
            tx.execute(disclosure_postings.update().where(up).values(photo_id=photo_id))
        return False
    values = {"posted_at": tx.now, "posted_by": staff_id, "photo_id": photo_id}
    tx.insert(disclosure_postings, board_id=board_id, item_id=item_id, **values)
    staff.note(tx, staff_id, "disclosure_post", str(item_id), board=board_id)
    return True


def take_down(tx: Tx, posting_id: int, *, note: str, staff_id: int) -> bool:
    """Wrong before its ten days are over, unless it is said why (DI-02); False when it was down before."""
    disclosure.publisher(tx, staff_id)
    row = tx.first(select(disclosure_postings).where(disclosure_postings.c.id == posting_id))
    if row is None:
        raise NotThere
    if tx.now < row["posted_at"] + rule.rules().posted and not note.strip():
        raise Wrong("down_early")
    up = (disclosure_postings.c.id == posting_id) & disclosure_postings.c.down_at.is_(None)
    values = {"down_at": tx.now, "down_by": staff_id, "note": note.strip() or None}
    done = tx.changed(disclosure_postings.update().where(up).values(values))
    if done:
        staff.note(tx, staff_id, "disclosure_down", str(row["item_id"]), board=row["board_id"])
    return bool(done)


def of_items(tx: Tx, item_ids: Sequence[int]) -> list[RowMapping]:
    """Everything that hangs or hung, with its board's name, the newest first."""
    query = select(disclosure_postings, boards.c.name).join(boards, boards.c.id == disclosure_postings.c.board_id)
    query = query.where(disclosure_postings.c.item_id.in_(item_ids))
    return list(tx.all(query.order_by(disclosure_postings.c.id.desc())))


def places_of(tx: Tx, item_id: int) -> list[str]:
    """Where it hangs now, as residents read it."""
    return [str(row["name"]) for row in of_items(tx, [item_id]) if row["down_at"] is None]


def coverage(tx: Tx, items: Sequence[Item], found: Sequence[Board]) -> Mapping[int, tuple[int, int]]:
    """By board: how many of these items hang or hung there, of how many that belong there."""
    hung = {(row["board_id"], row["item_id"]) for row in of_items(tx, [item.id for item in items])}
    counted: dict[int, tuple[int, int]] = {}
    for board in found:
        due = [item.id for item in items if item.state == "published" and board.shows(item)]
        counted[board.id] = sum((board.id, one) in hung for one in due), len(due)
    return counted


# --- the archive ------------------------------------------------------------------------------------------------------
MOST = 100


def search(tx: Tx, words: str, *where: ColumnElement[bool], shown: bool = True) -> list[Item]:
    """Published and corrected ones that say all of these words, newest first; ``shown`` False: withdrawn ones too."""
    parts = words.split()[:6]
    states = ("published", "corrected") if shown else ("published", "corrected", "withdrawn")
    wanted: list[Any] = [disclosure_items.c.state.in_(states), *where]
    for part in parts:
        like = "%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        told = (disclosure_items.c.title.ilike(like, escape="\\"), disclosure_items.c.body.ilike(like, escape="\\"))
        wanted.append(or_(*told))
    query = select(disclosure_items.c.id).where(*wanted).order_by(disclosure_items.c.published_at.desc()).limit(MOST)
    found = (disclosure.get(tx, int(one)) for (one,) in tx.tuples(query))
    return [item for item in found if item is not None]
