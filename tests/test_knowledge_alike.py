"""Questions that are one question for the admin's list, on invented ones (tests/understanding/alike.txt)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from rapidfuzz import fuzz

from knowledge.alike import Groups, core
from knowledge.normalise import normalise

FILE = Path(__file__).parent / "understanding" / "alike.txt"


def invented() -> list[tuple[str, int]]:
    """Each with the number of its paragraph, mixed."""
    paragraphs = [
        [line for line in part.splitlines() if not line.startswith("#")]
        for part in FILE.read_text("utf-8").split("\n\n")
    ]
    asked = [(text, number) for number, lines in enumerate(paragraphs) for text in lines if text]
    Random(3).shuffle(asked)
    return asked


def sorted_in(texts: Iterable[str]) -> list[int]:
    groups, placed = Groups({}), list[int]()
    for number, text in enumerate(texts):
        found = groups.nearest(text)
        groups.put(text, number if found is None else found)
        placed.append(number if found is None else found)
    return placed


def as_it_was(texts: Iterable[str]) -> list[int]:
    """By the whole text's likeness to the first of a group, from 72."""
    firsts, placed = dict[int, str](), list[int]()
    for number, text in enumerate(texts):
        plain = normalise(text)
        found = next((group for group, other in firsts.items() if fuzz.ratio(plain, other) >= 72), number)
        firsts.setdefault(found, plain)
        placed.append(found)
    return placed


def believed(way: Callable[[Iterable[str]], list[int]]) -> tuple[float, float]:
    """B-cubed precision and recall: of what stands with a question how much belongs there, and of its kin how much stands
    there."""
    asked = invented()
    placed = way(text for text, _ in asked)
    together = Counter((where, what) for where, (_, what) in zip(placed, asked, strict=True))
    sizes, kin = Counter(placed), Counter(what for _, what in asked)
    pairs = [(together[where, what], where, what) for where, (_, what) in zip(placed, asked, strict=True)]
    number = len(asked)
    return sum(n / sizes[where] for n, where, _ in pairs) / number, sum(n / kin[what] for n, _, what in pairs) / number


def test_alike_ones_come_together_and_others_do_not() -> None:
    precision, recall = believed(sorted_in)
    assert precision > 0.85
    assert recall > 0.75
    before, found = believed(as_it_was)
    assert recall > found + 0.25, f"the whole text's likeness found {found:.2f} of the kin, at {before:.2f}"


def test_what_any_question_has_says_nothing() -> None:
    assert core("请问快递柜在哪里？") == core("快递柜") == "快递柜"
    assert core("在哪里") == "在哪里", "where nothing else is said, it is what is said"
    assert core("？！") == ""
