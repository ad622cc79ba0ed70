"""Training phrases: text files an admin can read, one phrase a line, ``voice<TAB>text``; its place names a file's label.

``near_misses.txt`` holds phrases of every label that are easily taken for another: ``voice<TAB>label<TAB>text``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.datafiles import DATA, DataError
from knowledge.faq import load_entries

FOLDER = DATA.parent / "phrases"
NEAR_MISSES = "near_misses"
VOICES = frozenset(
    {
        *("plain", "elder", "voice", "young", "terse", "long", "angry", "formal"),
        *("typo", "pinyin", "traditional", "english", "emoji", "polite"),
    }
)
_TENS = "一二三四五六"
_PAGES = {"document": "文号", "contact": "联系"}


@dataclass(frozen=True, slots=True)
class Label:
    """What a message is: its route, and the second label where the route has one."""

    route: str
    category: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One training phrase; ``voice`` says who would speak so."""

    text: str
    label: Label
    voice: str


def load_phrases(folder: Path = FOLDER) -> list[Phrase]:
    """Every phrase, in file order, and the FAQ's own questions. DataError names file and line."""
    found = [phrase for path in sorted(folder.rglob("*.txt")) for phrase in _phrases(path, folder)]
    return [*found, *_faq_questions()]


def _phrases(path: Path, folder: Path) -> Iterator[Phrase]:
    name = path.relative_to(folder).with_suffix("").as_posix()
    own = None if name == NEAR_MISSES else label_of(name)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
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


def label_of(name: str) -> Label:
    """The label of a phrase file's name: ``faq/2-1``, ``service_request/repair``, ``volunteer/any``, ``human``."""
    route, _, second = name.partition("/")
    if route == "faq":
        return Label(route, clause=_clause(second))
    return Label(route, None if second in ("", "any") else second)


def _clause(second: str) -> str:
    if second in _PAGES:
        return _PAGES[second]
    part, _, item = second.partition("-")
    if not (part.isdigit() and item.isdigit() and 1 <= int(part) <= 6 and 1 <= int(item) <= 6):
        raise ValueError(f"no clause is called {second!r}")
    return f"{_TENS[int(part) - 1]}({_TENS[int(item) - 1]})"


def _faq_questions() -> Iterator[Phrase]:
    for entry in load_entries():
        label = Label("faq", clause=entry.clause)
        for text in dict.fromkeys((entry.question.zh, *entry.examples)):
            yield Phrase(text, label, "plain")
        yield Phrase(entry.question.en, label, "english")
