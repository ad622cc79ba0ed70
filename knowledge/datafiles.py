"""Reads the data files an admin edits (YAML), so that every complaint names the file, the line and what is wrong.

`read(path)` gives a `Field`: a value that knows where it stands. Ask it for what you expect (`text()`, `integer()`,
`fields()` …); a value that is not so raises `DataError` with its place. Keys given twice, unknown keys and missing keys
are errors, never silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DATA = Path(__file__).parent / "data"
_TAG = "tag:yaml.org,2002:"
_Choice = TypeVar("_Choice")


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
        if self._tag != "int":
            self.fail("expected a whole number")
        value = int(self._node.value.replace("_", ""))
        if least is not None and value < least:
            self.fail(f"{value} is too small, the least is {least}")
        if most is not None and value > most:
            self.fail(f"{value} is too large, the most is {most}")
        return value

    def number(self) -> float:
        if self._tag not in ("int", "float"):
            self.fail("expected a number")
        return float(self._node.value.replace("_", ""))

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
        for key in required:
            if key not in fields:
                self.fail(f"{key!r} is missing")
        for key, field in fields.items():
            if key not in required and key not in optional:
                field.fail(f"unknown key {key!r}")
        return self

    def __getitem__(self, key: str) -> Field:
        found = self.get(key)
        if found is None:
            self.fail(f"{key!r} is missing")
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
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError as error:
        raise DataError(path, 1, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise DataError(path, 1, "is not UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise DataError(path, mark.line + 1 if mark else 1, f"is not valid YAML: {problem}") from error
    if node is None:
        raise DataError(path, 1, "is empty")
    return Field(path, node)
