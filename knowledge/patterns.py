"""Patterns kept in data files: lists of regular expressions with named word lists; errors name file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from knowledge.datafiles import Field

_WORD_LIST = re.compile(r"(?<!\?P)<([a-z_]+)>")  # a group of a pattern's own is none


def word_lists(field: Field) -> dict[str, str]:
    """Named lists of words as alternatives; a list may use the ones above it as `<name>`."""
    words: dict[str, str] = {}
    for name, listed in field.fields().items():
        words[name] = alternatives(listed, words)
    return words


@dataclass(frozen=True)
class Later:
    """A pattern that is compiled when it is first looked for: compiling them all took a third of a start."""

    field: Field
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """`DataError` with its line for what is none."""
        try:
            return re.compile(self.source)
        except re.error as error:
            self.field.fail(f"not a pattern: {error}")


def compiled(field: Field, words: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """One pattern that finds whatever any line of the list finds."""
    try:
        return re.compile(alternatives(field, words or {}))
    except re.error:
        check(field, words)  # names the line; done only now, for compiling takes most of a start
        raise


def check(field: Field, words: Mapping[str, str] | None = None) -> None:
    """`DataError` for the first line of the list that is not a pattern."""
    for line in lines(field, words or {}):
        _ = line.pattern


def lines(field: Field, words: Mapping[str, str]) -> tuple[Later, ...]:
    """Each line of the list as its own pattern."""
    return tuple(Later(item, _written_out(item, words)) for item in field.items())


def together(field: Field, words: Mapping[str, str]) -> Later:
    """One pattern that finds whatever any line of the list finds."""
    return Later(field, alternatives(field, words))


def alternatives(field: Field, words: Mapping[str, str]) -> str:
    """The list's lines as one group, written out."""
    return "(?:" + "|".join(_written_out(item, words) for item in field.items()) + ")"


def _written_out(field: Field, words: Mapping[str, str]) -> str:
    def word_list(name: re.Match[str]) -> str:
        if name[1] not in words:
            field.fail(f"no word list is called <{name[1]}>")
        return words[name[1]]

    return _WORD_LIST.sub(word_list, field.text())
