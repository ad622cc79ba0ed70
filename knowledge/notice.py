"""What the notice 渝民发〔2013〕30号 asks for, clause by clause, in our own words and with its figures as data.

Nineteen numbered items, the document itself (`文号`) and the contacts printed in the footer of its page (`联系`).
The printed contacts are history: the bureau they belonged to no longer exists in that form, so none is ever `live`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read

Language = Literal["zh", "en"]
Relation = Literal["at_least", "between", "exactly", "each"]
RELATIONS: Mapping[str, Relation] = {relation: relation for relation in get_args(Relation)}

DOCUMENT = "文号"
CONTACT = "联系"


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said in Chinese and in English."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        """English for `en` and its kin (`en-GB`); Chinese for everything else."""
        return self.en if language.lower().startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the notice, e.g. `rooms_per_hundred`: at_least (15,) `m2_per_100_households`.

    `between` has two values, both included; `each` lists every value that holds (months 1, 4, 7, 10).
    """

    name: str
    relation: Relation
    values: tuple[int, ...]
    unit: str
    label: Words


@dataclass(frozen=True, slots=True)
class Clause:
    """One item of the notice; `id` as residents' answers cite it (`二(一)`), `slug` for file names (`2-1`)."""

    id: str
    slug: str
    title: Words
    meaning: Words
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """A document the notice rests on."""

    number: str
    title: Words


@dataclass(frozen=True, slots=True)
class Document:
    """The notice as a document: number, date, who issued it, on what."""

    number: str
    issued_on: date
    issuers: tuple[Words, ...]
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class PrintedContact:
    """A contact as printed in the page's footer. History, not a number to call."""

    id: str
    label: Words
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    document: Document
    clauses: Mapping[str, Clause]
    contacts: tuple[PrintedContact, ...]

    def figure(self, name: str) -> Figure:
        """The figure of that name, whichever clause has it; KeyError when none does."""
        for clause in self.clauses.values():
            for figure in clause.figures:
                if figure.name == name:
                    return figure
        raise KeyError(name)


def words(field: Field) -> Words:
    """A `zh`/`en` pair of a data file."""
    field.only("zh", "en")
    return Words(zh=field["zh"].text(), en=field["en"].text())


@lru_cache(maxsize=1)
def notice() -> Notice:
    """The notice as this package ships it; read from `data/notice.yaml` on first use."""
    return read_notice(DATA / "notice.yaml")


def clauses() -> Mapping[str, Clause]:
    """Clauses by id, in the notice's order, the document and its page's contacts last."""
    return notice().clauses


def read_notice(path: Path) -> Notice:
    root = read(path).only("document", "clauses", "printed_contacts")
    return Notice(
        document=_document(root["document"]),
        clauses=MappingProxyType(_clauses(root["clauses"])),
        contacts=tuple(_contact(item) for item in root["printed_contacts"].items()),
    )


def _clauses(field: Field) -> dict[str, Clause]:
    found: dict[str, Clause] = {}
    figures: set[str] = set()
    for item in field.items():
        clause = _clause(item)
        if clause.id in found:
            item.fail(f"clause {clause.id} is given twice")
        for figure in clause.figures:
            if figure.name in figures:
                item.fail(f"figure {figure.name} is given twice")
            figures.add(figure.name)
        found[clause.id] = clause
    return found


def _clause(item: Field) -> Clause:
    item.only("id", "slug", "title", "meaning", optional=("figures",))
    figures = item.get("figures")
    return Clause(
        id=item["id"].text(),
        slug=item["slug"].text(),
        title=words(item["title"]),
        meaning=words(item["meaning"]),
        figures=tuple(_figure(each) for each in figures.items()) if figures else (),
    )


def _figure(item: Field) -> Figure:
    item.only("name", "relation", "values", "unit", "label")
    relation = item["relation"].choice(RELATIONS)
    values = tuple(value.integer(least=0) for value in item["values"].items())
    if relation == "between" and (len(values) != 2 or values[0] > values[1]):
        item["values"].fail("a range needs two values, the smaller first")
    return Figure(item["name"].text(), relation, values, item["unit"].text(), words(item["label"]))


def _document(field: Field) -> Document:
    field.only("number", "issued_on", "issuers", "bases")
    bases = [item.only("number", "title") for item in field["bases"].items()]
    return Document(
        number=field["number"].text(),
        issued_on=field["issued_on"].day(),
        issuers=tuple(words(item) for item in field["issuers"].items()),
        bases=tuple(Basis(item["number"].text(), words(item["title"])) for item in bases),
    )


def _contact(item: Field) -> PrintedContact:
    item.only("id", "label", "values")
    return PrintedContact(item["id"].text(), words(item["label"]), item["values"].texts())
