"""Rows as files other programs read: JSON lines, or CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins like this would be computed by a spreadsheet."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes Chinese for something else."""


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


WRITERS = {"jsonl": write_jsonl, "csv": write_csv}


def _local(value: Any) -> Any:
    """Instants as they are read in Chongqing."""
    return value.astimezone(CHINA).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _cell(value: Any) -> Any:
    value = _local(value)
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
