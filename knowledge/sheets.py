"""The sheets an admin fills in, as data (``data/sheets.yaml``), and what stands in them: rows, or what is wrong with each.

A row becomes a record: a text for every column, written one way however it was typed ("７栋" and 7 are both "7"), so that
what was taken out and comes back unchanged is equal to what there is. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words

Kind = Literal["text", "lines", "code", "number", "phone", "choice", "list"]
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
Record = Mapping[str, str]
BETWEEN = "；"
"""Names of matters have 、 in them."""
MOST_FINDINGS = 2000
"""More are counted, not listed: whoever has so many has chosen the wrong column."""
SHOWN_VALUE = 60
REMARKS = ("哪里不对", "what is wrong")
"""The column in which a sheet that was wrong comes back with what is wrong; it may come again."""
_BREAKS, _COMMAS = re.compile(r"[;；\n]+"), re.compile(r"[、，,]+")
_SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")
_GAPS = re.compile(r"[ \t\u00a0\u3000]+")
_AFTER_CODE = re.compile(r"(?:号?[栋幢座]|号楼|单元|门栋|号?[房室])$")
_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff\-]*")
_PHONE = re.compile(r"\+?\d[\d\-]{3,18}\d")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where: ``row`` as the spreadsheet counts, 0 for the whole file; ``code`` has its words in the
    message catalogue."""

    row: int
    column: str
    code: str
    value: str = ""

    def plain(self) -> list[str | int]:
        return [self.row, self.column, self.code, self.value]


class Wrong(ValueError):
    """A value that cannot stay as it is."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


@dataclass(frozen=True, slots=True)
class Cell:
    """What stood in a cell: its text, and what the program made of it (``text``, ``number``, ``date``, ``formula``,
    ``flag``, ``error``)."""

    text: str = ""
    made: str = "text"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Column:
    """``source``: the list of choices comes with the sheet, under this name."""

    key: str
    heading: Words
    kind: Kind
    help: Words
    example: str
    is_key: bool
    need: bool
    longest: int
    least: int | None
    most: int | None
    choices: tuple[Choice, ...]
    source: str


Lists = Mapping[str, Sequence[Choice]]
"""Choices that are in the database: units, buildings …"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``basis``: it is personal data, for which a ground must be stated; ``yaml``: it travels as a text file too."""

    id: str
    name: Words
    about: Words
    most: int
    basis: bool
    yaml: bool
    columns: tuple[Column, ...]

    def key_of(self, record: Record) -> str:
        return " ".join(record[column.key] for column in self.columns if column.is_key)

    def column(self, key: str) -> Column:
        return next(one for one in self.columns if one.key == key)


@dataclass(slots=True)
class Reading:
    """What was read of a sheet: ``records`` with the row each stands in, by key; ``findings`` at most ``MOST_FINDINGS`` of
    ``wrong``."""

    records: dict[str, tuple[int, Record]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    wrong: int = 0
    rows: int = 0

    def find(self, *found: Finding) -> None:
        self.wrong += len(found)
        self.findings += found[: max(0, MOST_FINDINGS - len(self.findings))]


@cache
def shipped() -> Mapping[str, Sheet]:
    return load(DATA / "sheets.yaml")


def load(path: Path) -> Mapping[str, Sheet]:
    """`DataError` for anything wrong."""
    root = read(path).only("sheets")
    return {id: _sheet(id, item) for id, item in root["sheets"].fields().items()}


def _sheet(id: str, item: Field) -> Sheet:
    item.only("name", "about", "most", "columns", optional=("basis", "yaml"))
    columns = tuple(map(_column, item["columns"].items()))
    if not any(column.is_key for column in columns):
        item["columns"].fail("no column is a part of the key")
    basis, plain = item.get("basis"), item.get("yaml")
    most = item["most"].integer(least=1)
    flags = bool(basis and basis.flag()), bool(plain and plain.flag())
    return Sheet(id, words(item["name"]), words(item["about"]), most, *flags, columns)


def _column(item: Field) -> Column:
    optional = ("part", "need", "longest", "least", "most", "choices", "from", "example")
    item.only("key", "heading", "kind", "help", optional=optional)
    part, need, longest, example, source = (item.get(name) for name in ("part", "need", "longest", "example", "from"))
    is_key = part is not None and part.choice({"key": True})
    return Column(
        key=item["key"].text(),
        heading=words(item["heading"]),
        kind=item["kind"].choice(KINDS),
        help=words(item["help"]),
        example=example.text() if example else "",
        is_key=is_key,
        need=is_key or bool(need and need.flag()),
        longest=longest.integer(least=1) if longest else 200,
        least=_whole(item.get("least")),
        most=_whole(item.get("most")),
        choices=tuple(map(_choice, choices.items())) if (choices := item.get("choices")) else (),
        source=source.text() if source else "",
    )


def _whole(item: Field | None) -> int | None:
    return item.integer() if item else None


def _choice(item: Field) -> Choice:
    item.only("value", "zh", "en")
    return Choice(item["value"].text(), item["zh"].text(), item["en"].text())


# --- headings ---------------------------------------------------------------------------------------------------------
def places_of(sheet: Sheet, headings: Sequence[str]) -> tuple[dict[str, int], list[Finding]]:
    """In which column each heading stands, from 0; missing, unknown and doubled ones are findings of the whole file."""
    known = {_plain(name): one.key for one in sheet.columns for name in (one.heading.zh, one.heading.en)}
    found: dict[str, int] = {}
    wrong = []
    for place, heading in enumerate(headings):
        if not (plain := _plain(heading)) or plain in REMARKS:
            continue
        key = known.get(plain, "")
        if not key or key in found:
            wrong.append(Finding(1, "", "twice_column" if key else "unknown_column", heading.strip()[:SHOWN_VALUE]))
        else:
            found[key] = place
    missing = [one for one in sheet.columns if one.key not in found]
    return found, [*(Finding(1, one.key, "no_column") for one in missing), *wrong]


def remarks_in(headings: Sequence[str]) -> set[int]:
    return {place for place, heading in enumerate(headings) if _plain(heading) in REMARKS}


def is_heading_of(sheet: Sheet, headings: Sequence[str]) -> bool:
    """Whether this is the first line of such a sheet, as far as its keys go."""
    found, _ = places_of(sheet, headings)
    return all(one.key in found for one in sheet.columns if one.is_key)


def _plain(heading: str) -> str:
    return _GAPS.sub("", unicodedata.normalize("NFKC", _SIGNS.sub("", heading))).rstrip("*").strip().lower()


# --- rows -------------------------------------------------------------------------------------------------------------
def take(reading: Reading, sheet: Sheet, lists: Lists, number: int, cells: Mapping[str, Cell]) -> None:
    """One row of the sheet into ``reading``; an empty one is none."""
    if not any(cell.text for cell in cells.values()):
        return
    reading.rows += 1
    record, wrong = {}, []
    for column in sheet.columns:
        try:
            record[column.key] = value_of(column, cells.get(column.key, Cell()), lists)
        except Wrong as error:
            wrong.append(Finding(number, column.key, error.code, error.value[:SHOWN_VALUE]))
    reading.find(*wrong)
    if wrong:
        return
    key = sheet.key_of(record)
    if key in reading.records:
        reading.find(Finding(number, "", "twice", str(reading.records[key][0])))
    else:
        reading.records[key] = (number, record)


def value_of(column: Column, cell: Cell, lists: Lists) -> str:
    """What a cell means, written one way. `Wrong` for what it cannot mean."""
    if cell.made not in ("text", "number"):
        raise Wrong(cell.made, cell.text)
    text = _clean(cell.text, several=column.kind == "lines")
    if not text:
        if column.need:
            raise Wrong("empty")
        return ""
    value = _READERS[column.kind](column, text, lists)
    if len(value) > column.longest and column.kind not in ("choice", "list"):
        raise Wrong("too_long", str(column.longest))
    return value


def _clean(text: str, *, several: bool) -> str:
    text = _SIGNS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [_GAPS.sub(" ", line).strip() for line in text.split("\n")]
    return ("\n" if several else " ").join(line for line in lines if line or several).strip()


def _text(column: Column, text: str, lists: Lists) -> str:
    return text


def _code(column: Column, text: str, lists: Lists) -> str:
    code = _AFTER_CODE.sub("", _narrow(text))
    if not _CODE.fullmatch(code):
        raise Wrong("not_code", text)
    return code


def _number(column: Column, text: str, lists: Lists) -> str:
    plain = _narrow(text).removesuffix("层").removesuffix("楼")
    if not re.fullmatch(r"-?\d{1,9}(?:\.0+)?", plain):
        raise Wrong("not_number", text)
    value = int(plain.split(".")[0])
    if (column.least is not None and value < column.least) or (column.most is not None and value > column.most):
        raise Wrong("out_of_range", f"{column.least}–{column.most}")
    return str(value)


def _phone(column: Column, text: str, lists: Lists) -> str:
    plain = _narrow(text).replace("—", "-").replace("–", "-").removeprefix("+86")
    if not _PHONE.fullmatch(plain):
        raise Wrong("not_phone", text)
    return plain


def _chosen(column: Column, text: str, lists: Lists) -> str:
    choices = (*column.choices, *lists.get(column.source, ()))
    plain = _plain(text)
    exact = (choice.value for choice in choices if text in (choice.zh, choice.en, choice.value))
    alike = (one.value for one in choices if plain in (_plain(one.zh), _plain(one.en), _plain(one.value)))
    found = next(exact, None) or next(alike, None)
    if found is None:
        raise Wrong("no_choice", text)
    return found


def _listed(column: Column, text: str, lists: Lists) -> str:
    return BETWEEN.join(sorted(set(_each(column, text, lists)), key=_in_order))


def _each(column: Column, text: str, lists: Lists) -> Iterator[str]:
    """What has a 、 in its own name is tried whole first."""
    for part in filter(None, map(str.strip, _BREAKS.split(text))):
        try:
            yield _chosen(column, part, lists)
        except Wrong:
            pieces = [piece.strip() for piece in _COMMAS.split(part) if piece.strip()]
            yield from (_chosen(column, piece, lists) for piece in pieces)


def _in_order(value: str) -> tuple[int, str]:
    return len(value), value


def _narrow(text: str) -> str:
    return _GAPS.sub("", unicodedata.normalize("NFKC", text))


_READERS = {
    "text": _text,
    "lines": _text,
    "code": _code,
    "number": _number,
    "phone": _phone,
    "choice": _chosen,
    "list": _listed,
}


# --- going out --------------------------------------------------------------------------------------------------------
def written(sheet: Sheet, record: Record, lists: Lists, language: str = "zh") -> list[str]:
    """A record as it stands in the sheet: choices by their names."""
    return [_shown(column, record.get(column.key, ""), lists, language) for column in sheet.columns]


def _shown(column: Column, value: str, lists: Lists, language: str) -> str:
    if column.kind not in ("choice", "list") or not value:
        return value
    names = {one.value: one.name(language) for one in (*column.choices, *lists.get(column.source, ()))}
    return BETWEEN.join(names.get(part, part) for part in value.split(BETWEEN))


# --- what would change ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Change:
    """One row that would change: new where nothing was before, gone where nothing is afterwards."""

    key: str
    before: Record | None
    after: Record | None

    @property
    def kind(self) -> Literal["new", "changed", "gone"]:
        if self.before is None:
            return "new"
        return "gone" if self.after is None else "changed"

    @property
    def turned(self) -> Change:
        return Change(self.key, self.after, self.before)


def compare(
    sheet: Sheet, lists: Lists, now: Mapping[str, Record], wanted: Iterable[tuple[str, Record]], *, whole: bool
) -> tuple[list[Change], int]:
    """What would change, and how many stay as they are. ``whole``: the file is the full list, what it lacks goes.

    What a sheet cannot say otherwise - two blanks in a row, a unit called "A座" - is no change where nobody changed it.
    """
    asked = dict(wanted)
    others = {sheet.key_of(_as_read(sheet, lists, now[key])): key for key in now.keys() - asked.keys()}
    changes, same, named = [], 0, set()
    for as_read, record in asked.items():
        key = as_read if as_read in now else others.get(as_read, as_read)
        named.add(key)
        before = now.get(key)
        after = record if before is None or before == record else _kept(sheet, lists, before, record)
        if before == after:
            same += 1
        else:
            changes.append(Change(key, before, after))
    if whole:
        changes += [Change(key, record, None) for key, record in now.items() if key not in named]
    return changes, same


def _kept(sheet: Sheet, lists: Lists, before: Record, record: Record) -> Record:
    """As it was, where the file says what was written of it."""
    said = _as_read(sheet, lists, before)
    return {name: before[name] if said[name] == value else value for name, value in record.items()}


def _as_read(sheet: Sheet, lists: Lists, record: Record) -> Record:
    return {column.key: _said(column, lists, record.get(column.key, "")) for column in sheet.columns}


def _said(column: Column, lists: Lists, value: str) -> str:
    try:
        return value_of(column, Cell(_shown(column, value, lists, "zh")), lists)
    except Wrong:
        return value
