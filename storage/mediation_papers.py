"""The file of a mediation: its papers, its index, and all of it in one hand to be printed (ME-02, ME-14).

What the system itself knows - the application, a session's record, the agreement, a visit - counts as a paper; what comes
on paper is filed here, as a scan or as a note that it lies in the folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import RowMapping, select

from knowledge.mediation_file import Line, documents, index
from storage import blobs, mediation_agreements, mediation_sessions, mediation_visits
from storage.blobs import Blob
from storage.mediation import Case, Stale
from storage.mediation_course import done, in_hand
from storage.tables import blobs as blob_table
from storage.tables import mediation_blobs
from storage.tables import mediation_papers as papers
from storage.transaction import Tx


def keep(tx: Tx, case: Case, *, kind: str, mime: str, name: str | None, content: bytes) -> int:
    """A file of the case, nobody's chat's; its id."""
    blob_id = blobs.store(tx, chat_id=None, kind=kind, mime=mime, content=content, name=name)
    tx.insert(mediation_blobs, mediation_id=case.id, blob_id=blob_id)
    return blob_id


def add(
    tx: Tx, case_id: int, *, staff_id: int, document: str, note: str | None, blob_id: int | None = None
) -> int | Stale:
    """File a paper; ValueError for a kind there is none of."""
    if document not in {one.key for one in documents()}:
        raise ValueError(document)
    case = in_hand(tx, case_id, staff_id=staff_id)
    if isinstance(case, Stale):
        return case
    row = {"document": document, "blob_id": blob_id, "note": note, "filed_by": staff_id, "filed_at": tx.now}
    made = tx.insert(papers, mediation_id=case.id, **row)
    done(tx, case, "paper", actor="staff", staff_id=staff_id)
    return made


def of_case(tx: Tx, case_id: int) -> list[RowMapping]:
    return list(tx.all(select(papers).where(papers.c.mediation_id == case_id).order_by(papers.c.id)))


def scans(tx: Tx, case_id: int) -> list[RowMapping]:
    """The files laid in the file itself, not those that came with a word."""
    own = (mediation_blobs.c.mediation_id == case_id) & mediation_blobs.c.word_id.is_(None)
    columns = (blob_table.c[name] for name in ("id", "kind", "name", "created_at"))
    query = select(*columns).join(mediation_blobs, mediation_blobs.c.blob_id == blob_table.c.id)
    return list(tx.all(query.where(own).order_by(blob_table.c.id)))


def scan(tx: Tx, case_id: int, blob_id: int) -> Blob | None:
    """A file of this case; whoever asks has been let in before."""
    mine = (mediation_blobs.c.mediation_id == case_id) & (mediation_blobs.c.blob_id == blob_id)
    if tx.scalar(select(mediation_blobs.c.id).where(mine)) is None:
        return None
    return blobs.get(tx, blob_id)


def counted(tx: Tx, case: Case) -> Mapping[str, int]:
    """How many papers of each kind the file has."""
    have: Counter[str] = Counter(str(row["document"]) for row in of_case(tx, case.id))
    have["application"] += 1
    have["rights"] += sum(party.told_at is not None for party in case.parties.values())
    have["session"] += sum(row["state"] == "held" for row in mediation_sessions.of_case(tx, case.id))
    have["visit"] += sum(row["visited_at"] is not None for row in mediation_visits.of_case(tx, case.id))
    have["agreement"] += sum(row["in_force_on"] is not None for row in mediation_agreements.of_case(tx, case.id))
    return have


def index_of(tx: Tx, case: Case) -> list[Line]:
    have = counted(tx, case)
    return index(have, agreed=bool(have["agreement"]))


def drop(tx: Tx, blob_id: int) -> None:
    """A file that was not filed after all."""
    tx.execute(mediation_blobs.delete().where(mediation_blobs.c.blob_id == blob_id))
    tx.execute(blob_table.delete().where(blob_table.c.id == blob_id))
