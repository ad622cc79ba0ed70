"""Files that go with a published item: added to a draft past the privacy gate, carried on by its corrections (DI-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge.disclosure_files import Looked
from storage import blobs, disclosure, staff
from storage.access import NotThere
from storage.blobs import Blob
from storage.disclosure import Barred, Wrong
from storage.tables import disclosure_files, disclosure_items
from storage.transaction import Tx

MOST = 10
LONGEST_NAME = 80
SHOWN = ("published", "corrected")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file with what the gate saw of it (``knowledge.disclosure_files.look``)."""

    name: str
    kind: str
    mime: str
    content: bytes
    looked: Looked


def add(tx: Tx, item_id: int, paper: Paper, *, seen: bool, staff_id: int) -> None:
    """Barred for what the gate found; Wrong where it could not see all and nobody says that they have (``seen``)."""
    disclosure.publisher(tx, staff_id)
    item = disclosure.get(tx, item_id)
    if item is None or item.state != "draft":
        raise Wrong("changed")
    if len(of_item(tx, item_id)) >= MOST:
        raise Wrong("too_many_files")
    looked = paper.looked
    if looked.found:
        raise Barred([*looked.found])
    if looked.trouble:
        raise Wrong(looked.trouble)
    if looked.how != "text" and not seen:
        raise Wrong("pages_not_looked" if looked.blank else "not_looked")
    blob: dict[str, Any] = {"kind": paper.kind, "mime": paper.mime, "content": paper.content, "name": paper.name}
    blob_id = blobs.store(tx, chat_id=None, **blob)
    values = {"blob_id": blob_id, "name": paper.name[-LONGEST_NAME:], "looked": looked.how}
    tx.insert(disclosure_files, item_id=item_id, at=tx.now, added_by=staff_id, **values)
    staff.note(tx, staff_id, "disclosure_file", str(item_id), looked=looked.how)


def remove(tx: Tx, file_id: int, *, staff_id: int) -> int:
    """From a draft; what was published keeps its files. The item's id."""
    disclosure.publisher(tx, staff_id)
    row = tx.first(select(disclosure_files).where(disclosure_files.c.id == file_id))
    item = disclosure.get(tx, int(row["item_id"])) if row else None
    if row is None or item is None:
        raise NotThere
    if item.state != "draft":
        raise Wrong("changed")
    tx.execute(disclosure_files.delete().where(disclosure_files.c.id == file_id))
    staff.note(tx, staff_id, "disclosure_file_gone", str(item.id))
    return item.id


def carry_on(tx: Tx, before: int, after: int, *, staff_id: int) -> None:
    """A correction begins with the files of what it takes the place of."""
    for row in of_item(tx, before):
        kept = {name: row[name] for name in ("blob_id", "name", "looked")}
        tx.insert(disclosure_files, item_id=after, at=tx.now, added_by=staff_id, **kept)


def of_item(tx: Tx, item_id: int) -> Sequence[RowMapping]:
    query = select(disclosure_files).where(disclosure_files.c.item_id == item_id)
    return tx.all(query.order_by(disclosure_files.c.id))


def opened(tx: Tx, file_id: int, *, public: bool) -> Blob | None:
    """One file; for the public only of what stands published, or stood before its correction."""
    query = select(disclosure_files.c.blob_id, disclosure_files.c.name)
    query = query.join(disclosure_items, disclosure_items.c.id == disclosure_files.c.item_id)
    if public:
        query = query.where(disclosure_items.c.state.in_(SHOWN))
    row = tx.first(query.where(disclosure_files.c.id == file_id))
    return blobs.get(tx, int(row["blob_id"])) if row else None
