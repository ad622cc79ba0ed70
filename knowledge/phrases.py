"""Training phrases: text files an admin can read, one phrase a line, ``voice<TAB>text``; its place names a file's label.

``near_misses.txt`` holds phrases of every label that are easily taken for another: ``voice<TAB>label<TAB>text``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from knowledge.datafiles import DATA, DataError, text_of
from knowledge.faq import load_entries

FOLDER = DATA.parent / "phrases"
NEAR_MISSES = "near_misses"
VOICES = frozenset(
    {
        *("plain", "elder", "voice", "young", "terse", "long", "angry", "formal"),
        *("typo", "pinyin", "traditional", "english", "emoji", "polite"),
    }
)
ROUTES = frozenset(
    {
        *("service_request", "dispute", "volunteer", "faq", "activity", "disclosure"),
        *("suggestion", "ticket_status", "human", "emergency", "greeting", "out_of_scope"),
    }
)
_TENS = "一二三四五六"
_ITEMS = (4, 2, 4, 4, 3, 2)
"""How many items each of the notice's six parts has."""
CLAUSES = {
    **{
        f"{part + 1}-{item + 1}": f"{_TENS[part]}({_TENS[item]})"
        for part, items in enumerate(_ITEMS)
        for item in range(items)
    },
    "document": "文号",
    "contact": "联系",
}
"""What is asked about, by the name of its phrase file."""


class Label(NamedTuple):
    """What a message is: its route, and the second label where the route has one.

    A tuple, for reading one message looks labels up a thousand times.
    """

    route: str
    category: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One training phrase; ``voice`` says who would speak so, ``plain`` is its normal form where that is known."""

    text: str
    label: Label
    voice: str
    plain: str | None = field(default=None, compare=False)


def load_phrases(folder: Path = FOLDER) -> list[Phrase]:
    """Every phrase, in file order, and the FAQ's own questions. DataError names file and line."""
    found = [phrase for path in sorted(folder.rglob("*.txt")) for phrase in _phrases(path, folder)]
    return [*found, *_faq_questions()]


def _phrases(path: Path, folder: Path) -> Iterator[Phrase]:
    name = path.relative_to(folder).with_suffix("").as_posix()
    own = None if name == NEAR_MISSES else label_of(name)
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield _phrase(path, number, line, own)


def _phrase(path: Path, number: int, line: str, own: Label | None) -> Phrase:
    parts = line.split("\t")
    if len(parts) != (2 if own else 3) or not parts[-1].strip():
        raise DataError(path, number, "expected voice<TAB>text" if own else "expected voice<TAB>label<TAB>text")
    if parts[0] not in VOICES:
        raise DataError(path, number, f"unknown voice {parts[0]!r}; known: {', '.join(sorted(VOICES))}")
    try:
        return Phrase(parts[-1].strip(), own or label_of(parts[1]), parts[0])
    except ValueError as error:
        raise DataError(path, number, str(error)) from None


def known_label(name: str) -> Label:
    """``label_of``, for a name somebody typed; ValueError lists what there is."""
    from knowledge.catalogue import CATEGORIES

    label = label_of(name)
    if label.route not in ROUTES:
        raise ValueError(f"{label.route!r} is no route; there are: {', '.join(sorted(ROUTES))}")
    choices = CATEGORIES.get(label.route, frozenset())
    wanted = label.category is not None or label.route in ("service_request", "dispute")
    if wanted and label.category not in choices:
        raise ValueError(f"{name!r} needs one of: {', '.join(f'{label.route}/{one}' for one in sorted(choices))}")
    return label


def name_of(label: Label) -> str:
    """A label as it is typed: ``faq/二(一)``, ``service_request/repair``, ``human``."""
    return "/".join(part for part in (label.route, label.category, label.clause) if part)


def label_of(name: str) -> Label:
    """The label of a phrase file's name: ``faq/2-1``, ``service_request/repair``, ``volunteer/any``, ``human``."""
    route, _, second = name.partition("/")
    if route == "faq":
        return Label(route, clause=_clause(second))
    return Label(route, None if second in ("", "any") else second)


def _clause(name: str) -> str:
    """By the name of its file or by its own: ``2-1`` and ``二(一)`` are the same."""
    if name in CLAUSES.values():
        return name
    if name not in CLAUSES:
        raise ValueError(f"no clause is called {name!r}; there are: {', '.join(CLAUSES)}")
    return CLAUSES[name]


def _faq_questions() -> Iterator[Phrase]:
    for entry in load_entries():
        label = Label("faq", clause=entry.clause)
        for text in dict.fromkeys((entry.question.zh, *entry.examples)):
            yield Phrase(text, label, "plain")
        yield Phrase(entry.question.en, label, "english")
