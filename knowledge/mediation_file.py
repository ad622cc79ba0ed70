"""The file of a mediation: what lies in it, in which order, and what is still missing (ME-02, ME-14). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowledge.datafiles import DATA, read
from knowledge.notice import Words, words

Needed = Literal["always", "agreement", "some"]
NEEDED: Mapping[str, Needed] = {"always": "always", "agreement": "agreement", "some": "some"}


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of paper; ``needed`` says when the file must have it."""

    key: str
    needed: Needed
    name: Words


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the index: its place, how many papers of the kind there are, and whether one is missing."""

    place: int
    document: Document
    count: int
    missing: bool


@cache
def documents() -> tuple[Document, ...]:
    found = []
    for item in read(DATA / "mediation_file.yaml")["documents"].items():
        item.only("key", "needed", "name")
        found.append(Document(item["key"].text(), item["needed"].choice(NEEDED), words(item["name"])))
    return tuple(found)


def index(have: Mapping[str, int], *, agreed: bool) -> list[Line]:
    """The index: every paper there is and every one there must be; ``agreed``: an agreement was made."""
    lines: list[Line] = []
    for document in documents():
        count = have.get(document.key, 0)
        must = document.needed == "always" or (document.needed == "agreement" and agreed)
        if count or must:
            lines.append(Line(len(lines) + 1, document, count, missing=must and not count))
    return lines


def missing(have: Mapping[str, int], *, agreed: bool) -> list[Document]:
    return [line.document for line in index(have, agreed=agreed) if line.missing]
