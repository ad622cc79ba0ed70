"""How words are cut into what the search finds them by: pairs of Chinese characters, English words, numbers, places.

Pure. A text and a question are cut by the same rule, so that what is in the one can be found by the other: every two
neighbouring Chinese characters are a pair, an English word counts without its ending, a number stands for itself, and a
number with a measure word is a place ("7栋", however it is written).

What only some may search by - a flat's number, the end of a telephone number - is written with ``OWN`` before it; so is
every other number, so that those who may search by it ask one question and not two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from knowledge.datafiles import DATA, read
from knowledge.folding import fold
from knowledge.numerals import NUMERAL, value

OWN = "*"
LONGEST = 24
"""Characters of one gram; a longer number or word is no word anybody looks for."""
_PIECE = re.compile(r"[0-9]+|[a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
_NUMBER = re.compile(r"(?<![a-z0-9])lx[- ]?\d[\d-]*|(?<!\d)\d{6}-\d{4}(?:-\d)?(?!\d)")


@dataclass(frozen=True, slots=True)
class Cutting:
    """The rules of ``data/searching.yaml``; ``measures`` leads from a measure word to how its place is written."""

    measures: dict[str, str]
    endings: tuple[str, ...]
    stem: int
    words: int
    phone_end: int

    @property
    def spoken(self) -> re.Pattern[str]:
        """A number in characters before a measure word."""
        return re.compile(f"[{NUMERAL}]+(?={'|'.join(self._longest_first)})")

    @property
    def _longest_first(self) -> list[str]:
        return sorted(self.measures, key=len, reverse=True)

    def measure(self, characters: str) -> str | None:
        """The measure word these characters begin with."""
        return next((word for word in self._longest_first if characters.startswith(word)), None)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: every one of ``grams``, and a ticket number that begins so.

    ``loose`` is what is asked where nothing has all of it: the same characters two by two ("厨房漏水" as 厨房 and 漏水).
    """

    grams: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    number: str | None = None

    def __bool__(self) -> bool:
        return bool(self.grams or self.number)


@cache
def shipped() -> Cutting:
    root = read(DATA / "searching.yaml").only("places", "bare", "endings", "stem", "words", "phone_end")
    places = {word: field.text() for word, field in root["places"].fields().items()}
    return Cutting(
        measures=dict.fromkeys(root["bare"].texts(), "") | places,
        endings=root["endings"].texts(),
        stem=root["stem"].integer(least=2),
        words=root["words"].integer(least=1),
        phone_end=root["phone_end"].integer(least=2),
    )


def grams(text: str) -> set[str]:
    """Everything a text is found by."""
    return set(_cut(text))


def own(digits: str) -> str:
    """A number that only some may search by."""
    return OWN + digits


def of_room(room: str) -> set[str]:
    """A flat's number, for those who may search by it."""
    return {own(digits) for digits in re.findall(r"[0-9]+", room)}


def of_phone(phone: str) -> set[str]:
    """A telephone number is found by all of it, and by its end."""
    digits = re.sub(r"\D", "", phone)
    return {own(digits), own(digits[-shipped().phone_end :])} if digits else set()


def of_number(number: str) -> set[str]:
    """A ticket is found by the parts of its number, which are no secret."""
    parts = [part for part in number.split("-") if len(part) > 1 and part.isdigit()]
    return {*parts, *map(own, parts)}


def question(words: str, *, personal: bool) -> Question:
    """What somebody typed; ``personal``: they may search by flats and telephone numbers."""
    plain = fold(words, keep_gaps=True)
    found = _NUMBER.search(plain)
    rest = _NUMBER.sub(" ", plain, count=1) if found else plain
    cut, loose = _asked(_cut(rest), personal), _asked(_cut(rest, step=2), personal)
    return Question(cut, loose if loose != cut else (), _prefix(found[0]) if found else None)


def _asked(cut: Iterable[str], personal: bool) -> tuple[str, ...]:
    """Numbers are asked for once: among all there are, or among those that are open to everybody."""
    kept = dict.fromkeys(gram for gram in cut if not gram.startswith(OWN))
    asked = [own(gram) if personal and gram.isdigit() else gram for gram in kept]
    return tuple(asked[: shipped().words])


def _prefix(typed: str) -> str:
    """A ticket number, or the beginning of one, as it is written: "lx2611230007" is LX-261123-0007."""
    digits = re.sub(r"\D", "", typed)
    parts = [part for part in (digits[:6], digits[6:10], digits[10:11]) if part]
    return "-".join(["LX", *parts])


def _cut(text: str, *, step: int = 1) -> Iterator[str]:
    """The grams of a text; with ``step`` 2 every other pair, for a question that is asked more loosely."""
    plain = shipped().spoken.sub(_digits, fold(text, keep_gaps=True))
    place, end = "", -1
    for piece in _PIECE.finditer(plain):
        characters = piece[0]
        if characters[0].isascii():
            yield from _word(characters)
        else:
            measure = shipped().measure(characters) if piece.start() == end else None
            if measure is not None:
                yield from _measured(place, shipped().measures[measure])
                characters = characters[len(measure) :]
            yield from _pairs(characters, step)
        place, end = piece[0], piece.end()


def _digits(numeral: re.Match[str]) -> str:
    number = value(numeral[0])
    return numeral[0] if number is None else str(number)


def _measured(number: str, measure: str) -> Iterator[str]:
    if measure and len(number) <= LONGEST:
        yield f"{number}{measure}"


def _word(characters: str) -> Iterator[str]:
    if not 2 <= len(characters) <= LONGEST:
        return
    yield characters if characters.isdigit() else _stem(characters)
    if characters.isdigit():
        yield own(characters)


def _stem(word: str) -> str:
    rules = shipped()
    for ending in rules.endings:
        if word.endswith(ending) and len(word) - len(ending) >= rules.stem:
            return word[: -len(ending)]
    return word


def _pairs(characters: str, step: int) -> Iterator[str]:
    for place in range(0, len(characters) - 1, step):
        yield characters[place : place + 2]
