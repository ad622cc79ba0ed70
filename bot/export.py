"""Rows as files other programs read: JSON lines, or CSV and XLSX in which a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import xlsxwriter

CHINA = ZoneInfo("Asia/Shanghai")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins like this would be computed by a spreadsheet."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes Chinese for something else."""
LONGEST_CELL = 32_767
"""Characters Excel keeps in a cell; a longer text would be left out whole."""
WIDEST = 300
"""Pixels."""
AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}


def write_jsonl(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        values = {name: _local(row[name]) for name in columns}
        out.write(json.dumps(values, ensure_ascii=False) + "\n")


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """CSV with a byte order mark; what looks like a formula gets an apostrophe in front."""
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)


def write_xlsx(out: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """An Excel file into the bytes below ``out``: headings that stay, a filter, real dates. Text is never a formula."""
    with xlsxwriter.Workbook(out.buffer, AS_TEXT) as book:
        sheet, last = book.add_worksheet(), 0
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        for last, row in enumerate(rows, start=1):
            sheet.write_row(last, 0, [_excel(row[name]) for name in columns])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.autofit(WIDEST)


WRITERS = {"jsonl": write_jsonl, "csv": write_csv, "xlsx": write_xlsx}


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
