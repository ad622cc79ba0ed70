"""Reads the data files an admin edits (YAML), so that every complaint names the file, the line and what is wrong.

`read(path)` gives a `Field`: a value that knows where it stands. Ask it for what you expect (`text()`, `integer()`,
`fields()` …); a value that is not so raises `DataError` with its place. Keys given twice, unknown keys and missing keys
are errors, never silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DATA = Path(__file__).parent / "data"
_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = "tag:yaml.org,2002:"
_Choice = TypeVar("_Choice")
_Number = TypeVar("_Number", int, float)


class DataError(ValueError):
    """A data file that must not be used; `str()` is `file:line: what is wrong`."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}:{line}: {problem}")
        self.path, self.line, self.problem = path, line, problem


class Field:
    """One value of a data file and its place; `line` counts from 1."""

    __slots__ = ("_node", "_seen", "path")

    def __init__(self, path: Path, node: yaml.Node) -> None:
        self.path = path
        self._node = node
        self._seen: dict[str, Field] | None = None

    @property
    def line(self) -> int:
        return int(self._node.start_mark.line) + 1

    def fail(self, problem: str) -> NoReturn:
        raise DataError(self.path, self.line, problem)

    # -- single values -------------------------------------------------------------------------------------------

    def text(self) -> str:
        """A text that is not empty; numbers count as their spelling, so that `30号` and `12345` both work."""
        if not isinstance(self._node, yaml.ScalarNode) or self._tag == "null":
            self.fail("expected a text")
        value = str(self._node.value).strip()
        if not value:
            self.fail("the text is empty")
        return value

    def choice(self, allowed: Mapping[str, _Choice]) -> _Choice:
        """What `allowed` gives for this text."""
        value = self.text()
        if value not in allowed:
            self.fail(f"{value!r} is not one of: {', '.join(allowed)}")
        return allowed[value]

    def integer(self, *, least: int | None = None, most: int | None = None) -> int:
        value = self._counted(int, "a whole number")
        if least is not None and value < least:
            self.fail(f"{value} is too small, the least is {least}")
        if most is not None and value > most:
            self.fail(f"{value} is too large, the most is {most}")
        return value

    def number(self) -> float:
        return self._counted(float, "a number")

    def _counted(self, kind: type[_Number], expected: str) -> _Number:
        """YAML takes `1:30` and `0x1F` for numbers too; an admin who writes them means something else."""
        try:
            if self._tag not in ("int", kind.__name__):
                raise ValueError(self._tag)
            return kind(self._node.value)
        except ValueError:
            self.fail(f"expected {expected}")

    def flag(self) -> bool:
        if self._tag != "bool":
            self.fail("expected true or false")
        return str(self._node.value).lower() in ("true", "yes", "on")

    def day(self) -> date:
        """A calendar day written as 2026-11-23."""
        try:
            return date.fromisoformat(self.text())
        except ValueError:
            self.fail(f"{self.text()!r} is not a day like 2026-11-23")

    # -- lists and mappings --------------------------------------------------------------------------------------

    def items(self) -> tuple[Field, ...]:
        if not isinstance(self._node, yaml.SequenceNode):
            self.fail("expected a list")
        return tuple(Field(self.path, node) for node in self._node.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def fields(self) -> dict[str, Field]:
        """The mapping's values by key, in file order; a key given twice is an error at its second place."""
        if self._seen is None:
            self._seen = dict(self._pairs())
        return self._seen

    def only(self, *required: str, optional: tuple[str, ...] = ()) -> Field:
        """This mapping, once it is known to have every required key and none that is neither required nor optional."""
        fields = self.fields()
        for key, field in fields.items():
            if key not in required and key not in optional:
                missing = ", ".join(repr(known) for known in required if known not in fields)
                field.fail(f"unknown key {key!r}{f'; {missing} is missing' if missing else ''}")
        for key in required:
            if key not in fields:
                self.fail(f"{key!r} is missing")
        return self

    def __getitem__(self, key: str) -> Field:
        found = self.fields().get(key)
        if found is None:
            self.fail(f"{key!r} is missing")
        if found._tag == "null":
            found.fail(f"{key!r} is left empty")
        return found

    def get(self, key: str) -> Field | None:
        """The value under `key`; None when the key is missing or its value is left empty."""
        found = self.fields().get(key)
        return None if found is None or found._tag == "null" else found

    @property
    def _tag(self) -> str:
        return str(self._node.tag).removeprefix(_TAG)

    def _pairs(self) -> Iterator[tuple[str, Field]]:
        if not isinstance(self._node, yaml.MappingNode):
            self.fail("expected keys with values")
        seen: set[str] = set()
        for key_node, value_node in self._node.value:
            key = Field(self.path, key_node).text()
            if key in seen:
                Field(self.path, key_node).fail(f"key {key!r} is given twice")
            seen.add(key)
            yield key, Field(self.path, value_node)


def read(path: Path) -> Field:
    """The whole of one data file. Missing, unreadable, not UTF-8, not YAML or empty: `DataError`."""
    return Field(path, _parsed(path, yaml.compose))


def plain_values(path: Path) -> Any:
    """The whole of a data file whose shape nobody checks, as Python values; `DataError` as for `read`."""
    return _parsed(path, yaml.load)


def _parsed(path: Path, parse: Callable[..., Any]) -> Any:
    text = text_of(path)
    try:
        found = parse(text, Loader=LOADER)
    except yaml.reader.ReaderError as error:
        odd = _UNPRINTABLE.search(text)
        line = text.count("\n", 0, odd.start() if odd else 0) + 1
        raise DataError(path, line, "has an invisible character that cannot stand here") from error
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(path, error) from error
    if found is None:
        raise DataError(path, 1, "is empty")
    return found


def text_of(path: Path) -> str:
    """What a text file says. Missing, unreadable or not UTF-8: `DataError`."""
    try:
        written = path.read_bytes()
    except OSError as error:
        raise DataError(path, 1, f"cannot be read ({error.strerror})") from error
    try:
        return written.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise DataError(path, line, "is not UTF-8 text (save the file as UTF-8)") from error


def _not_yaml(path: Path, error: yaml.MarkedYAMLError) -> DataError:
    """Where the reader gave up, and where what it was reading began: a quote left open is found at its end."""
    at, begun = (mark.line + 1 if mark else 1 for mark in (error.problem_mark, error.context_mark))
    since = f", in what began on line {begun}" if error.context_mark and begun < at else ""
    return DataError(path, at, f"is not valid YAML: {error.problem}{since}")
