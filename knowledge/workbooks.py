"""Opens what an admin brings as an xlsx file: nothing is believed before it was looked at, and nothing in it is computed.

``opened`` refuses, in words, what is no such file, is locked, carries macros, or would unpack into far more than it is;
``lines`` gives a sheet's rows as cells that say what the spreadsheet made of them. Pure: bytes in, cells out.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from knowledge.sheets import (
    Cell,
    Finding,
    Lists,
    Reading,
    Sheet,
    Wrong,
    is_heading_of,
    places_of,
    remarks_in,
    shipped,
    take,
)

LARGEST = 20 * 1024 * 1024
"""Bytes of a file; 50,000 rows are about 3 MB."""
UNPACKED = 300 * 1024 * 1024
SWOLLEN = 150
"""Times a part may grow by unpacking: a sheet grows tenfold, a bomb a thousandfold."""
PARTS = 2000
WIDEST, BESIDE, TITLES = 100, 6, 10
LONGEST_CELL = 32_767
TELL_EVERY = 500
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    OSError,
    SyntaxError,
    TypeError,
    AttributeError,
    IndexError,
)
"""What reading a file that was damaged, or made to do damage, raises."""
SCANNED = 200_000
"""Rows looked at, the empty ones included."""
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_LOCKED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Book:
    """A file that may be read: its bytes, and the names of its sheets."""

    content: bytes
    names: tuple[str, ...]


def opened(content: bytes) -> Book:
    """`Wrong` with the reason where it cannot be used."""
    if len(content) > LARGEST:
        raise Wrong("file_too_big", str(LARGEST // 1024 // 1024))
    if content.startswith(_OLE):
        raise Wrong("file_locked" if _LOCKED in content else "file_old")
    if not content.startswith(_ZIP):
        raise Wrong("file_other")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _look_at(archive)
        book = _opened(content)
        names = tuple(book.sheetnames)
        book.close()
    except BROKEN as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong("file_broken") from error
    return Book(content, names)


def _look_at(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Wrong("file_macro")
    if "xl/workbook.xml" not in names:
        raise Wrong("file_other")
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED or any(map(_is_swollen, parts)):
        raise Wrong("file_bomb")
    if any(part.flag_bits & 1 for part in parts):
        raise Wrong("file_locked")
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as inside:
                if b"<!DOCTYPE" in inside.read(1024).upper():
                    raise Wrong("file_broken")


def _is_swollen(part: zipfile.ZipInfo) -> bool:
    return part.file_size > 1024 * 1024 and part.file_size > SWOLLEN * max(part.compress_size, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the spreadsheet counts, with its cells from the first column on."""

    number: int
    cells: tuple[Cell, ...]


def sheet_in(book: Book, sheet: Sheet) -> str:
    """The name of the sheet that is meant; `Wrong` where there is none, or it is another kind's."""
    named = [name for name in book.names if name.strip() in (sheet.name.zh, sheet.name.en)]
    heads = {name: _head(book, name) for name in (named or book.names[:20])}
    fitting = [name for name, head in heads.items() if is_heading_of(sheet, head)]
    if named or len(fitting) == 1:
        return (fitting or named)[0]
    for other in shipped().values():
        if any(is_heading_of(other, head) for head in heads.values()) and not fitting:
            raise Wrong("other_sheet", other.id)
    raise Wrong("no_sheet", "、".join(book.names)[:200])


def _opened(content: bytes) -> Any:
    from openpyxl import load_workbook  # two hundred modules that only a start with a sheet in hand need wait for

    return load_workbook(io.BytesIO(content), read_only=True, keep_links=False)


def _head(book: Book, name: str) -> list[str]:
    line = next(lines(book, name, width=WIDEST), None)
    return [cell.text for cell in line.cells] if line else []


def lines(book: Book, name: str, *, width: int) -> Generator[Line, None, None]:
    """Its rows, the first one too; empty ones are left out. `Wrong` where two cells were made into one, or without end."""
    workbook = _opened(book.content)
    try:
        sheet = workbook[name]
        if not hasattr(sheet, "reset_dimensions"):
            raise Wrong("no_sheet", name)
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=width), 1):
            if number > SCANNED:
                raise Wrong("too_many_rows", str(SCANNED))
            cells = tuple(map(_cell, row))
            if any(cell.text for cell in cells):
                yield Line(number, cells)
    finally:
        workbook.close()


def merged(book: Book, name: str) -> str:
    """The first cells that were merged ("A3:A9"), "" where none were."""
    workbook = _opened(book.content)
    path = getattr(workbook[name], "_worksheet_path", "")
    workbook.close()
    with zipfile.ZipFile(io.BytesIO(book.content)) as archive, archive.open(path.lstrip("/")) as inside:
        rest = b""
        while chunk := inside.read(1 << 20):
            seen = rest + chunk
            if (at := seen.find(b"<mergeCell ")) >= 0:
                found = (seen[at:] + inside.read(200)).split(b'ref="', 1)
                return found[1].split(b'"', 1)[0].decode("ascii", "replace")[:20] if len(found) > 1 else "?"
            rest = seen[-32:]
    return ""


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell()
    made = _made(cell.data_type, value)
    return Cell(_as_text(value)[:LONGEST_CELL], made)


def _made(data_type: str, value: object) -> str:
    if data_type in ("f", "e"):
        return {"f": "formula", "e": "error"}[data_type]
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, date | datetime | time | timedelta):
        return "date"
    return "number" if isinstance(value, int | float) else "text"


def _as_text(value: object) -> str:
    """Numbers as they were typed: 701 and not 701.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    if not isinstance(value, str):
        return str(value)
    from openpyxl.utils.escape import unescape

    return str(unescape(value))


def headings(line: Line | None) -> Sequence[str]:
    return [cell.text for cell in line.cells] if line else []


def read_sheet(content: bytes, sheet: Sheet, lists: Lists, told: Callable[[int], None]) -> Reading:
    """Everything that stands in a file of this sheet, or what is wrong with it; ``told`` hears how many rows so far."""
    reading = Reading()
    try:
        book = opened(content)
        name = sheet_in(book, sheet)
        if spot := merged(book, name):
            raise Wrong("merged", spot)
        _take_all(book, name, sheet, lists, reading, told)
    except Wrong as error:
        reading.find(Finding(0, "", error.code, error.value))
    except BROKEN:
        reading.find(Finding(0, "", "file_broken"))
    return reading


def _headings_below(book: Book, name: str, sheet: Sheet) -> int:
    """In which row they stand where something was written above them; 0: in none of the first."""
    some = islice(lines(book, name, width=WIDEST), 1, TITLES)
    return next((line.number for line in some if is_heading_of(sheet, headings(line))), 0)


def _take_all(book: Book, name: str, sheet: Sheet, lists: Lists, reading: Reading, told: Callable[[int], None]) -> None:
    found = lines(book, name, width=WIDEST)
    first = next(found, None)
    places, wrong = places_of(sheet, headings(first))
    found.close()
    if wrong and (below := _headings_below(book, name, sheet)):
        raise Wrong("headings_below", str(below))
    reading.find(*wrong)
    if wrong or first is None:
        return
    width, known = max(places.values()) + 1, {*places.values(), *remarks_in(headings(first))}
    for line in lines(book, name, width=width + BESIDE):
        if line.number <= first.number:
            continue
        if reading.rows >= sheet.most:
            raise Wrong("too_many_rows", str(sheet.most))
        if any(cell.text for place, cell in enumerate(line.cells) if place not in known):
            reading.find(Finding(line.number, "", "beside"))
        take(
            reading,
            sheet,
            lists,
            line.number,
            {key: line.cells[place] for key, place in places.items() if place < len(line.cells)},
        )
        if reading.rows % TELL_EVERY == 0:
            told(reading.rows)
