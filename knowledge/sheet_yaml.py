"""The same sheets as YAML, for whoever prefers a text file: a list of rows, each a mapping by the columns' keys.

``row`` in a finding is then the line of the file. Aliases and tags are refused: a file of a few lines must not become
gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import yaml

from knowledge.datafiles import LOADER
from knowledge.sheets import Cell, Finding, Lists, Reading, Record, Sheet, Wrong, take, written
from knowledge.workbooks import LARGEST

ENDINGS = (".yaml", ".yml")
DEEPEST = 3
"""A list of rows of values; a value that is none is told with its line."""


def read_rows(content: bytes, sheet: Sheet, lists: Lists, told: Callable[[int], None]) -> Reading:
    """Everything that stands in it, or what is wrong with it."""
    reading = Reading()
    try:
        if len(content) > LARGEST:
            raise Wrong("file_too_big", str(LARGEST // 1024 // 1024))
        for line, cells in _rows(content.decode("utf-8-sig"), sheet, reading):
            if reading.rows >= sheet.most:
                raise Wrong("too_many_rows", str(sheet.most))
            take(reading, sheet, lists, line, cells)
            told(reading.rows)
    except Wrong as error:
        reading.find(Finding(0, "", error.code, error.value))
    except yaml.MarkedYAMLError as error:
        reading.find(Finding(error.problem_mark.line + 1 if error.problem_mark else 0, "", "yaml_broken"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        reading.find(Finding(0, "", "yaml_broken"))
    return reading


def _rows(text: str, sheet: Sheet, reading: Reading) -> Iterator[tuple[int, dict[str, Cell]]]:
    _look_at(text)
    root: Any = yaml.compose(text, Loader=LOADER)
    if not isinstance(root, yaml.SequenceNode):
        raise Wrong("yaml_no_list")
    keys = {column.key for column in sheet.columns}
    for item in root.value:
        line = item.start_mark.line + 1
        pairs = item.value if isinstance(item, yaml.MappingNode) else None
        if pairs is None or not all(isinstance(node, yaml.ScalarNode) for pair in pairs for node in pair):
            reading.find(Finding(line, "", "yaml_no_row"))
            continue
        unknown = [name.value for name, _ in pairs if name.value not in keys]
        reading.find(*(Finding(line, "", "unknown_column", name[:60]) for name in unknown))
        if not unknown:
            yield line, {name.value: Cell(value.value) for name, value in pairs}


def _look_at(text: str) -> None:
    """Before anything is made of it: a file of brackets alone would be read for hours."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or isinstance(event, yaml.AliasEvent):
            raise Wrong("yaml_broken")


def text_of(sheet: Sheet, rows: Iterable[Record], lists: Lists, language: str = "zh") -> str:
    """The rows as such a file; choices by their names."""
    keys = [column.key for column in sheet.columns]
    listed = [dict(zip(keys, written(sheet, row, lists, language), strict=True)) for row in rows]
    return str(yaml.safe_dump(listed, allow_unicode=True, sort_keys=False, width=1000))
