"""What is read out when danger is heard on the telephone: ``data/hotline_spoken.yaml``.

The chat's first message is no speech: it says "write here", and that somebody was told who has not been yet. `DataError`
names file and line; every kind of danger must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.danger import KINDS
from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences to read out, and what must be asked."""

    say: tuple[Words, ...]
    asks: Words


@dataclass(frozen=True, slots=True)
class Spoken:
    """All of the file; ``children`` are spoken to in other words (EM-11)."""

    kinds: Mapping[str, Said]
    children: Mapping[str, Said]
    quiet: Words
    taken_back: Mapping[str, Words]
    transfers: Mapping[str, Words]

    def of(self, kind: str, *, child: bool) -> Said:
        """What fits a danger; a child is never read what was written for grown-ups."""
        if child:
            return self.children.get(kind) or self.children["other"]
        return self.kinds[kind]


@cache
def shipped() -> Spoken:
    return load(DATA / "hotline_spoken.yaml")


def load(path: Path) -> Spoken:
    root = read(path).only("checked_on", "kinds", "quiet", "taken_back", "transfers")
    root["checked_on"].day()
    kinds = root["kinds"].only(*KINDS).fields()
    return Spoken(
        kinds={kind: _said(one, "say", "asks") for kind, one in kinds.items()},
        children={kind: _said(one, "child_say", "child_asks") for kind, one in kinds.items() if one.get("child_say")},
        quiet=words(root["quiet"]),
        taken_back={name: words(one) for name, one in root["taken_back"].fields().items()},
        transfers={name: words(one) for name, one in root["transfers"].fields().items()},
    )


def _said(field: Field, say: str, asks: str) -> Said:
    field.only("say", "asks", optional=("child_say", "child_asks"))
    return Said(tuple(words(line) for line in field[say].items()), words(field[asks]))
