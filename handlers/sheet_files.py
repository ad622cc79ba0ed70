"""Sheets as xlsx files: to fill in, with what there is, or as they were brought with what is wrong beside each row.

Every cell is text, so that 0701 stays 0701 and nothing is computed. Beside the sheet lie an explanation and the lists that
its cells are chosen from.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from handlers.exporting import AS_TEXT, CHUNK, LONGEST_CELL, Rows, Writer
from handlers.texts.catalogue import Texts
from knowledge.sheet_yaml import text_of
from knowledge.sheets import Choice, Column, Finding, Lists, Sheet, written
from knowledge.workbooks import WIDEST, Book, lines

WIDTHS = {"code": 10, "number": 9, "phone": 16, "choice": 16, "list": 30, "text": 24, "lines": 50}
FOR_FILLING = 2000
"""Rows below the last that have drop-downs too."""


class SheetFile(Writer):
    """One sheet with its explanation and lists; ``rows`` are records."""

    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, sheet: Sheet, lists: Lists, texts: Texts) -> None:
        super().__init__([column.key for column in sheet.columns])
        self._of, self._lists, self._t = sheet, lists, texts
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._book = xlsxwriter.Workbook(self._file, AS_TEXT)
        self._plain = self._book.add_format({"num_format": "@", "valign": "top"})
        self._bold = self._book.add_format({"bold": True, "num_format": "@"})
        self._page, self._last = self._book.add_worksheet(sheet.name.get(texts.language)), 0
        self._page.freeze_panes(1, 0)
        for place, column in enumerate(sheet.columns):
            self._page.set_column(place, place, WIDTHS[column.kind], self._plain)
            self._page.write_string(0, place, self._heading(column), self._bold)

    def _heading(self, column: Column) -> str:
        return column.heading.get(self._t.language) + ("*" if column.need else "")

    def rows(self, rows: Rows) -> bytes:
        for row in rows:
            self._last += 1
            for place, value in enumerate(written(self._of, row, self._lists, self._t.language)):
                if value:
                    self._page.write_string(self._last, place, value[:LONGEST_CELL], self._plain)
        return b""

    def end(self) -> Iterator[bytes]:
        self._offer_choices()
        self._explain()
        self._book.close()
        self._file.seek(0)
        return iter(lambda: self._file.read(CHUNK), b"")

    def close(self) -> None:
        if not self._book.fileclosed:
            self._book.close()
        self._file.close()

    def _choices(self, column: Column) -> Sequence[Choice]:
        return (*column.choices, *self._lists.get(column.source, ()))

    def _offer_choices(self) -> None:
        """Drop-downs; several in one cell cannot be chosen so, and are listed for copying."""
        offered = [(place, one) for place, one in enumerate(self._of.columns) if self._choices(one)]
        if not offered:
            return
        name = self._t("carry.sheet_lists")
        page = self._book.add_worksheet(name)
        page.set_column(0, len(offered) - 1, 24)
        page.write_row(0, 0, [column.heading.get(self._t.language) for _, column in offered], self._bold)
        names = [[choice.name(self._t.language) for choice in self._choices(column)] for _, column in offered]
        for row, cells in enumerate(zip_longest(*names, fillvalue=""), 1):
            page.write_row(row, 0, cells)
        for at, (place, column) in enumerate(offered):
            if column.kind == "choice":
                self._bind(place, f"='{name}'!${(letter := xl_col_to_name(at))}$2:${letter}${len(names[at]) + 1}")

    def _bind(self, place: int, source: str) -> None:
        rule = {"validate": "list", "source": source, "error_title": self._t("carry.not_in_list")}
        rule["error_message"] = self._t("carry.choose_from_list")
        self._page.data_validation(1, place, self._last + FOR_FILLING, place, rule)

    def _explain(self) -> None:
        page, t = self._book.add_worksheet(self._t("carry.sheet_help")), self._t
        page.set_column(0, 0, 14)
        page.set_column(1, 1, 10)
        page.set_column(2, 2, 60)
        page.set_column(3, 3, 24)
        said = [self._of.about.get(t.language), *(t(f"carry.help_{number}") for number in range(1, 6))]
        for row, line in enumerate(said):
            page.write_string(row, 0, line)
        top = len(said) + 1
        page.write_row(top, 0, [t(f"carry.{name}") for name in ("column", "needed", "what", "example")], self._bold)
        for row, column in enumerate(self._of.columns, top + 1):
            needed = t("carry.yes") if column.need else t("carry.no")
            cells = [column.heading.get(t.language), needed, column.help.get(t.language), column.example]
            for place, value in enumerate(cells):
                page.write_string(row, place, value, self._plain)


class YamlFile(Writer):
    """The rows as a text file."""

    media = "application/yaml; charset=utf-8"

    def __init__(self, sheet: Sheet, lists: Lists, texts: Texts) -> None:
        super().__init__([column.key for column in sheet.columns])
        self._of, self._lists, self._language = sheet, lists, texts.language

    def rows(self, rows: Rows) -> bytes:
        return text_of(self._of, rows, self._lists, self._language).encode() if rows else b""


Say = Callable[[Finding], str]


def marked(content: bytes, name: str, findings: Sequence[Finding], say: Say, heading: str) -> bytes:
    """The file as it was brought, with what is wrong in the first column and its rows in colour."""
    wrong: defaultdict[int, list[str]] = defaultdict(list)
    for one in findings:
        wrong[max(one.row, 1)].append(say(one))
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, AS_TEXT) as book:
            _mark(book, lines(Book(content, ()), name, width=WIDEST), wrong, heading)
        file.seek(0)
        return file.read()


def _mark(book: Any, found: Iterator[Any], wrong: dict[int, list[str]], heading: str) -> None:
    page = book.add_worksheet(heading)
    bold, red = book.add_format({"bold": True}), book.add_format({"bg_color": "#fbe0de", "text_wrap": True})
    page.set_column(0, 0, 50)
    page.freeze_panes(1, 1)
    for line in found:
        row, said = line.number - 1, "\n".join(wrong.get(line.number, ()))
        page.write_string(row, 0, said or ("" if row else heading), red if said else bold)
        for place, cell in enumerate(line.cells, 1):
            if cell.text:
                page.write_string(row, place, cell.text, red if said else None)
