"""BM25 over characters, their pairs, Latin words and senses; how rare a term is, is counted among the candidates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock

from knowledge.datafiles import DATA, read

Terms = Callable[[str], list[str]]

_RUNS = re.compile(r"[㐀-鿿]+|[a-z]+|[0-9]+")
_EMPTY = frozenset(
    """a an and are at be by do does for from get has have i in is it me my of on or our that the their they this to
    was we will with you your 的 了 吗 呢 嘛 哦 啊 呀 噻 吧 是 就 都 也 还 又 个 们 这 那 我 你 他 她 它 请 问 得 着
    么 些 说 去 来 里 头 上 下 子 儿""".split()  # noqa: SIM905 - a list of words, easier to read so
)
SINGLE, PAIR, SENSE, NUMBER = 1.0, 1.0, 1.5, 3.0
"""How much a character, a pair of characters or a word, a sense, and a number weigh."""
K1, B = 1.5, 0.4
USUAL_LENGTH = 200.0
"""The weight of an ordinary document's terms."""


class Splitter:
    """Splits a normalised text into terms: `几个月` gives its characters, 几个, 个月, and the senses it names."""

    def __init__(self, senses: Mapping[str, Sequence[str]]) -> None:
        self._senses = {word: f"#{name}" for name, said in senses.items() for word in said}
        self._longest = max(map(len, self._senses), default=0)

    def __call__(self, text: str) -> list[str]:
        runs = _RUNS.findall(text)
        found = list(dict.fromkeys(self._named(runs)))
        for run in runs:
            found += _latin(run) if run[0].isascii() else _chinese(run)
        return found

    def _named(self, runs: Sequence[str]) -> Iterator[str]:
        """The senses in these runs: any part of a Chinese run, whole words of up to four Latin ones in a row."""
        for at, run in enumerate(runs):
            for piece in _phrases(runs, at) if run[0].isascii() else _pieces(run, self._longest):
                if piece in self._senses:
                    yield self._senses[piece]


def _pieces(run: str, longest: int) -> Iterator[str]:
    return (run[i:j] for i in range(len(run)) for j in range(i + 1, min(i + longest, len(run)) + 1))


def _phrases(runs: Sequence[str], at: int) -> Iterator[str]:
    return (" ".join(runs[at:end]) for end in range(at + 1, min(at + 4, len(runs)) + 1))


def load_splitter(path: Path | None = None) -> Splitter:
    """The splitter with the senses an admin can extend in `data/senses.yaml`."""
    senses = read(path or DATA / "senses.yaml").fields()
    meant: dict[str, str] = {}
    for name, field in senses.items():
        for word in field.items():
            if meant.setdefault(word.text(), name) != name:
                word.fail(f"{word.text()!r} is already a word for {meant[word.text()]}")
    return Splitter({name: field.texts() for name, field in senses.items()})


def _latin(run: str) -> list[str]:
    if run in _EMPTY:
        return []
    return [run[:-1] if len(run) > 3 and run.endswith("s") else run]


def _chinese(run: str) -> list[str]:
    return [one for one in run if one not in _EMPTY] + [run[i : i + 2] for i in range(len(run) - 1)]


def _weight(term: str) -> float:
    if term[0] == "#":
        return SENSE
    if term[0].isdigit():
        return NUMBER
    return SINGLE if len(term) == 1 else PAIR


class Ranking:
    """An index over documents, each given as texts with their weights. A document is indexed when first asked for."""

    def __init__(self, documents: Sequence[Sequence[tuple[str, float]]], terms: Terms) -> None:
        self._terms = terms
        self._documents = documents
        self._postings: dict[str, dict[int, float]] = {}
        self._indexed: set[int] = set()
        self._lock = Lock()

    def scores(self, text: str, candidates: Mapping[int, object]) -> dict[int, float]:
        """Each candidate's share (0 to 1) of the question's weight; rarity is counted among the candidates."""
        self._index(candidates)
        total, found = 0.0, dict.fromkeys(candidates, 0.0)
        for term in dict.fromkeys(self._terms(text)):
            postings = self._postings.get(term, {})
            hits = [index for index in tuple(postings) if index in found]
            rarity = math.log(1 + (len(found) - len(hits) + 0.5) / (len(hits) + 0.5)) * _weight(term)
            total += rarity
            for index in hits:
                found[index] += rarity * postings[index]
        return {index: score / total for index, score in found.items()} if total else found

    def _index(self, candidates: Mapping[int, object]) -> None:
        if candidates.keys() <= self._indexed:
            return
        with self._lock:
            for index in candidates.keys() - self._indexed:
                count = _weighted(self._documents[index], self._terms)
                damping = K1 * (1 - B + B * sum(count.values()) / USUAL_LENGTH)
                for term, weight in count.items():
                    self._postings.setdefault(term, {})[index] = weight / (weight + damping)
                self._indexed.add(index)


def _weighted(document: Iterable[tuple[str, float]], terms: Terms) -> dict[str, float]:
    count: dict[str, float] = {}
    for text, weight in document:
        for term in terms(text):
            count[term] = count.get(term, 0.0) + weight
    return count
