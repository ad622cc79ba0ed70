"""Patterns kept in data files: lists of regular expressions with named word lists; errors name file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.datafiles import Field

_WORD_LIST = re.compile(r"<([a-z_]+)>")


def word_lists(field: Field) -> dict[str, str]:
    """Named lists of words as alternatives; a list may use the ones above it as `<name>`."""
    words: dict[str, str] = {}
    for name, listed in field.fields().items():
        words[name] = alternatives(listed, words)
    return words


def compiled(field: Field, words: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """One pattern that finds whatever any line of the list finds."""
    try:
        return re.compile(alternatives(field, words or {}))
    except re.error:
        compiled_lines(field, words or {})  # names the line; done only now, for compiling takes most of a start
        raise


def compiled_lines(field: Field, words: Mapping[str, str]) -> tuple[re.Pattern[str], ...]:
    """Each line of the list as its own pattern."""
    return tuple(_compiled(item, _written_out(item, words)) for item in field.items())


def _compiled(field: Field, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        field.fail(f"not a pattern: {error}")


def alternatives(field: Field, words: Mapping[str, str]) -> str:
    """The list's lines as one group, written out."""
    return "(?:" + "|".join(_written_out(item, words) for item in field.items()) + ")"


def _written_out(field: Field, words: Mapping[str, str]) -> str:
    def word_list(name: re.Match[str]) -> str:
        if name[1] not in words:
            field.fail(f"no word list is called <{name[1]}>")
        return words[name[1]]

    return _WORD_LIST.sub(word_list, field.text())
