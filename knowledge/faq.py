"""The questions the notice answers: one entry for each fact a resident could ask for, in `data/faq/<clause>.yaml`.

Texts are templates: `{households}` is filled from the community's profile, and a part in `[[…]]` is left out when a
value it needs is unknown. These files seed the FAQ; every entry has a stable id, a version and the day it was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, clauses, words

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)

VALUES = frozenset(
    """estate community households residents buildings flats status established_on households_verdict
    rooms_share rooms_needed rooms_have rooms_verdict rooms_floors rooms_address office_hours
    members members_verdict workers groups building_heads grids
    posting_places next_disclosure disclosed_quarter""".split()  # noqa: SIM905 - a list of names, easier to read so
)
"""Every value a template may ask for; `knowledge.values` computes them."""
ALWAYS_KNOWN = frozenset({"estate", "community", "buildings", "flats", "status"})
"""Values no community lacks; every other one must stand in an optional part."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answerable fact. `general` marks the clause's answer when no other entry fits the question.

    `source`: where a local fact comes from, which stands in no clause of the notice.
    """

    id: str
    clause: str
    question: Words
    answer: Words
    examples: tuple[str, ...]
    keywords: tuple[str, ...]
    general: bool
    version: int
    checked_on: date
    source: Words | None = None


def load_entries(folder: Path | None = None) -> tuple[Entry, ...]:
    """All entries in the notice's order.

    A broken file, an id used twice, a clause without a general entry: `DataError`.
    """
    return _shipped() if folder is None else _read_all(folder)


@cache
def _shipped() -> tuple[Entry, ...]:
    """Asked for by each of those who know answers by heart, and the same for all."""
    return _read_all(DATA / "faq")


def _read_all(folder: Path) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for clause in clauses().values():
        for field, entry in read_entries(folder / f"{clause.slug}.yaml", clause.id):
            if entry.id in found:
                field.fail(f"entry id {entry.id!r} is used twice, first under {found[entry.id].clause}")
            found[entry.id] = entry
    return tuple(found.values())


def read_entries(path: Path, clause: str) -> Iterator[tuple[Field, Entry]]:
    """The entries of one clause's file, each with its place."""
    root = read(path).only("clause", "checked_on", "entries", optional=("caution",))
    if root["clause"].text() != clause:
        root["clause"].fail(f"this file is for clause {clause}")
    caution = root.get("caution")
    fallback = words(caution) if caution else Words("", "")
    pairs = [(item, _entry(item, clause, root["checked_on"].day(), fallback)) for item in root["entries"].items()]
    if sum(entry.general for _, entry in pairs) != 1:
        root["entries"].fail("exactly one entry must be marked general: true")
    yield from pairs


def _entry(item: Field, clause: str, checked_on: date, caution: Words) -> Entry:
    item.only("id", "question", "answer", "examples", optional=("keywords", "general", "version", "checked_on"))
    general, version, checked, keywords = (item.get(key) for key in ("general", "version", "checked_on", "keywords"))
    return Entry(
        id=_identifier(item["id"]),
        clause=clause,
        question=words(item["question"]),
        answer=_answer(item["answer"], caution),
        examples=item["examples"].texts(),
        keywords=keywords.texts() if keywords else (),
        general=general.flag() if general else False,
        version=version.integer(least=1) if version else 1,
        checked_on=checked.day() if checked else checked_on,
    )


def _identifier(field: Field) -> str:
    value = field.text()
    if not ID.fullmatch(value):
        field.fail(f"id {value!r} must be small letters, digits and single hyphens")
    return value


def _answer(field: Field, caution: Words) -> Words:
    said = words(field)
    for language in ("zh", "en"):
        problem = template_problem(said.get(language))
        if problem:
            field[language].fail(problem)
    return Words(zh=said.zh + caution.zh, en=f"{said.en} {caution.en}".rstrip())


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """`code` names what is wrong, `about` the value it is about."""

    code: str
    about: str = ""


def template_fault(template: str) -> TemplateFault | None:
    """What is wrong with an answer template; None when nothing is."""
    names = PLACEHOLDER.findall(template)
    if unknown := [name for name in names if name not in VALUES]:
        return TemplateFault("unknown_value", unknown[0])
    if template.count("[[") != template.count("]]"):
        return TemplateFault("open_part")
    if re.search(r"[{}]", PLACEHOLDER.sub("", template)):
        return TemplateFault("lone_brace")
    maybe = [name for name in PLACEHOLDER.findall(OPTIONAL.sub("", template)) if name not in ALWAYS_KNOWN]
    return TemplateFault("maybe_unknown", maybe[0]) if maybe else None


def placeholder_names(template: str) -> frozenset[str]:
    """The values a template asks for."""
    return frozenset(PLACEHOLDER.findall(template))


def template_problem(template: str) -> str | None:
    """The same in a line, for whoever edits the data files."""
    fault = template_fault(template)
    return _PROBLEMS[fault.code].format(about=fault.about) if fault else None


_PROBLEMS = {
    "unknown_value": f"{{{{{{about}}}}}} is not a known value; known: {', '.join(sorted(VALUES))}",
    "open_part": "an optional part opened with [[ must be closed with ]]",
    "lone_brace": "a {{ or }} has no partner",
    "maybe_unknown": "{{{about}}} may be unknown: put the part that needs it in [[ and ]]",
}
