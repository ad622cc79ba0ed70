"""What changed in which version, in a line each, from ``data/whats_new.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, read
from knowledge.notice import Words, words


@dataclass(frozen=True, slots=True)
class Version:
    version: str
    lines: Sequence[Words]


@cache
def shipped() -> Sequence[Version]:
    return load(DATA / "whats_new.yaml")


def load(path: Path) -> Sequence[Version]:
    """The newest first. `DataError` for anything wrong."""
    versions = read(path).only("versions")["versions"].items()
    return [
        Version(one["version"].text(), [words(line) for line in one["lines"].items()])
        for one in (item.only("version", "lines") for item in versions)
    ]
