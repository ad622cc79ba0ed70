"""Rows as files other programs read: JSON lines, or CSV and XLSX in which a spreadsheet runs nothing.

A writer is given some rows at a time and gives bytes as soon as it has them; none holds what it has written. An XLSX file
is made in a temporary one, for its table of contents stands at its end.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

CHINA = ZoneInfo("Asia/Shanghai")
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""A cell that begins like this would be computed by a spreadsheet."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes Chinese for something else."""
LONGEST_CELL = 32_767
"""Characters Excel keeps in a cell; a longer text would be left out whole."""
WIDTHS = {"description": 50, "title": 28, "reason": 40, "detail": 40, "line": 24, "place_note": 24, "number": 20}
WIDTH = 14
"""Characters."""
CHUNK = 64 * 1024
AS_TEXT = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}
Rows = Sequence[Mapping[str, Any]]


class Writer(ABC):
    """Writes ``columns``, which are called ``headings``; what it gives is, put together, one whole file."""

    media: str

    def __init__(self, columns: Sequence[str], headings: Sequence[str] | None = None) -> None:
        self.columns, self.headings = columns, headings or columns

    def begin(self) -> bytes:
        return b""

    @abstractmethod
    def rows(self, rows: Rows) -> bytes:
        """What can be sent of these; nothing, where it only can be at the end."""

    def end(self) -> Iterator[bytes]:
        """The rest, in pieces."""
        return iter(())

    def close(self) -> None:  # noqa: B027 - most have nothing to leave behind
        """Leave nothing behind, whether it was finished or not."""


class JsonLines(Writer):
    media = "application/x-ndjson"

    def rows(self, rows: Rows) -> bytes:
        listed = ({name: _local(row[name]) for name in self.columns} for row in rows)
        return "".join(json.dumps(values, ensure_ascii=False) + "\n" for values in listed).encode()


class Csv(Writer):
    """With a byte order mark; what looks like a formula gets an apostrophe in front."""

    media = "text/csv; charset=utf-8"

    def begin(self) -> bytes:
        return BYTE_ORDER_MARK.encode() + _lines([self.headings])

    def rows(self, rows: Rows) -> bytes:
        return _lines([_cell(row[name]) for name in self.columns] for row in rows)


class Xlsx(Writer):
    """Headings that stay, a filter, real dates. Text is never a formula."""

    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, columns: Sequence[str], headings: Sequence[str] | None = None) -> None:
        super().__init__(columns, headings)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._book = xlsxwriter.Workbook(self._file, AS_TEXT)
        self._sheet, self._last = self._book.add_worksheet(), 0
        for place, name in enumerate(self.columns):
            self._sheet.set_column(place, place, WIDTHS.get(name, WIDTH))
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, self.headings, self._book.add_format({"bold": True}))

    def rows(self, rows: Rows) -> bytes:
        for row in rows:
            self._last += 1
            self._sheet.write_row(self._last, 0, [_excel(row[name]) for name in self.columns])
        return b""

    def end(self) -> Iterator[bytes]:
        self._sheet.autofilter(0, 0, self._last, len(self.columns) - 1)
        self._book.close()
        self._file.seek(0)
        return iter(lambda: self._file.read(CHUNK), b"")

    def close(self) -> None:
        if not self._book.fileclosed:
            self._book.close()
        self._file.close()


WRITERS: Mapping[str, type[Writer]] = {"jsonl": JsonLines, "csv": Csv, "xlsx": Xlsx}


def _lines(cells: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue().encode()


def _local(value: Any) -> Any:
    """Instants as they are read in Chongqing."""
    return value.astimezone(CHINA).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    value = _flat(_local(value))
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _excel(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None)
    value = _flat(value)
    return value[:LONGEST_CELL] if isinstance(value, str) else value


def _flat(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
