"""The FAQ as a sheet: one published answer a row, with the phrases that lead to it. What comes in is published at once, by
whoever confirmed it; a draft somebody works at is not written over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from knowledge.faq import ID
from knowledge.faq_wording import LOCAL, Wording, faults, wording
from knowledge.normalise import normalise
from knowledge.notice import clauses
from knowledge.sheets import Change, Choice, Finding, Record
from storage import faq
from storage.carrying import Asked, Lists, NotSo, Reason, Rows, few
from storage.faq_drafts import today
from storage.faq_phrases import LONGEST
from storage.faq_rows import Kept, Unfit
from storage.import_changes import Changes
from storage.tables import faq_entries, faq_phrases
from storage.transaction import Tx

PIECES = {
    "question_zh": "question.zh",
    "question_en": "question.en",
    "answer_zh": "answer.zh",
    "answer_en": "answer.en",
    "source_zh": "source.zh",
    "source_en": "source.en",
}
KINDS = {"examples": "example", "keywords": "keyword"}


def lists(tx: Tx, community_id: int | None) -> Lists:
    named = [Choice(id, id, id) for id in clauses()]
    return {"clauses": [Choice(LOCAL, LOCAL, "local"), *named]}


def current(tx: Tx) -> dict[str, Record]:
    """What residents get now; what is retired, or was never published, is not in it."""
    phrases = _phrases(tx)
    return {one.key: _record(one, phrases.get(one.key, {})) for one in faq.entries(tx) if one.state == "published"}


def _phrases(tx: Tx) -> dict[str, dict[str, list[str]]]:
    query = select(faq_entries.c.key, faq_phrases.c.kind, faq_phrases.c.text)
    query = query.join(faq_entries, faq_entries.c.id == faq_phrases.c.entry_id)
    found: dict[str, dict[str, list[str]]] = {}
    for key, kind, text in tx.tuples(query.where(faq_phrases.c.removed_at.is_(None)).order_by(faq_phrases.c.id)):
        found.setdefault(str(key), {}).setdefault(str(kind), []).append(str(text))
    return found


def _record(one: Kept, phrases: Mapping[str, list[str]]) -> Record:
    said = {column: (one.latest.piece(piece) or "") for column, piece in PIECES.items()}
    lists = {column: "\n".join(phrases.get(kind, ())) for column, kind in KINDS.items()}
    return {"key": one.key, "clause": one.latest.place, **said, "checked_on": one.checked_on.isoformat(), **lists}


def _wording(row: Record) -> Wording:
    clause = None if row["clause"] == LOCAL else row["clause"]
    return wording({piece: row[column] for column, piece in PIECES.items()} | {"clause": clause})


def _same_words(one: Record | None, other: Record) -> bool:
    return one is not None and all(one[name] == other[name] for name in (*PIECES, "clause"))


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """Answers that could not be published, phrases that lead two ways, and drafts that would be written over."""
    known, now = {one.key: one for one in faq.entries(tx)}, current(tx)
    found = []
    for key, (number, row) in rows.items():
        columns = {piece: column for column, piece in PIECES.items()}
        found += [
            Finding(number, columns.get(one.piece, one.piece), f"faq_{one.code}", one.about)
            for one in faults(_wording(row))
        ]
        found += [Finding(number, *one) for one in _misfit(key, row, now.get(key), known.get(key), tx)]
    return [*found, *_two_ways(now, rows, asked.whole)]


def _misfit(key: str, row: Record, now: Record | None, one: Kept | None, tx: Tx) -> list[tuple[str, str, str]]:
    found = []
    if one is None and not (ID.fullmatch(key) and len(key) <= 60):
        found.append(("key", "faq_bad_name", key))
    if one is not None and now is None:
        found.append(("key", "faq_not_published", key))
    if one is not None and one.draft is not None and not _same_words(now, row):
        found.append(("key", "faq_has_draft", key))
    if _day(row["checked_on"]) is None or row["checked_on"] > today(tx).isoformat():
        found.append(("checked_on", "faq_no_day", row["checked_on"]))
    for column, kind in KINDS.items():
        found += [(column, "faq_long_phrase", text) for text in row[column].split("\n") if len(text) > LONGEST[kind]]
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _two_ways(now: Mapping[str, Record], rows: Rows, whole: bool) -> list[Finding]:
    left = {key: (0, row) for key, row in now.items() if not whole and key not in rows}
    leads: dict[str, str] = {}
    found = []
    for key, (number, row) in (left | dict(rows)).items():
        for text in filter(None, row["examples"].split("\n")):
            other = leads.setdefault(normalise(text), key)
            if other != key:
                found.append(Finding(number or rows[other][0], "examples", "faq_two_ways", f"{text} → {other}"))
    return found


def apply(tx: Tx, changes: Sequence[Change], *, by: int, import_id: int | None) -> None:
    """What goes, goes first; phrases are taken away before any is added, for one may move to another answer."""
    why = f"import {import_id or ''}".strip()
    try:
        for one in sorted(changes, key=lambda change: change.after is not None):
            if one.after is None:
                faq.retire(tx, one.key, staff_id=by, why=why)
            else:
                _put_words(tx, one, one.after, by, why)
        for removing in (True, False):
            for one in changes:
                if one.after is not None:
                    _set_phrases(tx, one.key, one.after, by, removing=removing)
    except (Unfit, LookupError) as error:
        raise NotSo("not_possible", str(error)) from error


def _put_words(tx: Tx, one: Change, row: Record, by: int, why: str) -> None:
    there = faq.get(tx, one.key)
    if there is not None and there.state == "retired":
        faq.bring_back(tx, one.key, staff_id=by, why=why)
        there = faq.get(tx, one.key)
    day = date.fromisoformat(row["checked_on"])
    if there is None or there.latest != _wording(row):
        key = None if there is None else one.key
        faq.save_draft(tx, key, _wording(row), staff_id=by, why=why, name=one.key if key is None else None)
        until = there.expires_at if there else None
        faq.publish(tx, one.key, staff_id=by, why=why, checked_on=day, expires_at=until)
    elif there.checked_on != day:
        faq.checked(tx, one.key, staff_id=by, on=day)


def _set_phrases(tx: Tx, key: str, row: Record, by: int, *, removing: bool) -> None:
    for column, kind in KINDS.items():
        wanted = {normalise(text): text for text in row[column].split("\n") if text}
        has = {normalise(one.text): one.text for one in faq.phrases_of(tx, key, kind)}
        if removing:
            for plain in has.keys() - wanted.keys():
                faq.remove_phrase(tx, key, has[plain], staff_id=by, kind=kind)
        else:
            for plain, text in wanted.items():
                if plain not in has:
                    faq.add_phrase(tx, key, text, staff_id=by, kind=kind)


def built_upon(tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]:
    return []


CARRIER = few(lists=lists, current=current, misfits=misfits, apply=apply, built_upon=built_upon, whole=True)
