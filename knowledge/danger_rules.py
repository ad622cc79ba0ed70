"""The rules by which danger is heard, and the guards that explain a match away; read from `data/danger.yaml`.

A rule fires on what is said; only a guard (long past, over, "what if", fiction, a bargain, a question about rules, a
quarrel told to be settled) silences it. Errors in the file name their line.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.patterns import Later, check, compiled, lines, together, word_lists

Kind = Literal[
    "fire", "gas", "medical", "violence", "domestic_violence", "self_harm", "child_harm", "trapped", "electric", "fall",
    "missing", "water_danger", "other",
]  # fmt: skip
Scope = Literal["text", "clause", "before"]
KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_SCOPES: dict[str, Scope] = {scope: scope for scope in get_args(Scope)}

_HINTED = tuple(kind for kind in KINDS if kind != "other")
_CLAUSE_END = re.compile(r"[,.!?;:。，！？；：\n、…~()]")
_LATIN, _CHINESE = re.compile("[a-z]"), re.compile("[\u4e00-\u9fff]")
_MOST_MATCHES = 12  # of one line in one message; more tell nothing new
_NEAR = 16  # how many characters before a match still colour it


@dataclass(frozen=True, slots=True)
class Guard:
    """Explains a match away. `scope` is where it looks: `before` means the match and what stands right before it."""

    name: str
    scope: Scope
    says: Later
    yields: bool
    """a cue that it is happening now overrules this guard"""


@dataclass(frozen=True, slots=True)
class Line:
    """One pattern of a rule; its name changes when the pattern does. `latin` ones need a Latin letter to find anything."""

    name: str
    says: Later
    latin: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What people say in one danger."""

    id: str
    kind: Kind
    lines: tuple[Line, ...]
    guards: tuple[Guard, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the rules noticed in one message.

    `certain` is the first rule that nothing explains away, `muffled` the first that found something at all. `cues` is
    everything noticed, as names for a model: lines, rules, the guards that spoke against them, and `now`. `idiom` says
    that a turn of speech ("气死") was passed over.
    """

    plain: str
    certain: Rule | None
    muffled: Rule | None
    cues: frozenset[str]
    idiom: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole rule set, read from one file."""

    idioms: re.Pattern[str]
    now: re.Pattern[str]
    hints: Mapping[Kind, Later]
    rules: tuple[Rule, ...]

    def hear(self, text: str) -> Heard:
        """Everything the rules notice in `text`; rules come in the order of the file."""
        message = _Message(fold(text), self)
        cues = {"now"} if self.now.search(message.plain) else set()
        certain: Rule | None = None
        muffled: Rule | None = None
        for rule in self.rules:
            noticed = set(message.noticed(rule))
            muffled = muffled or (rule if noticed else None)
            certain = certain or (rule if f"danger:{rule.id}" in noticed else None)
            cues |= noticed
        found = frozenset(cues | ({"danger"} if certain else set()))
        return Heard(message.whole, certain, muffled, found, message.plain != message.whole)

    def likely_kind(self, plain: str) -> Kind:
        """The kind whose words a folded message holds most of; `other` when it holds none."""
        counts: dict[Kind, int] = {kind: len(hint.pattern.findall(plain)) for kind, hint in self.hints.items()}
        best = max(counts, key=lambda kind: counts[kind])
        return best if counts[best] else "other"


class _Message:
    """One folded message while the rules read it; what a guard finds in the whole text is looked up only once."""

    def __init__(self, whole: str, rules: Rules) -> None:
        self.whole, self.plain, self.now = whole, rules.idioms.sub("〓", whole), rules.now
        self.latin = _LATIN.search(whole) is not None
        self._in_text: dict[int, bool] = {}

    def noticed(self, rule: Rule) -> Iterator[str]:
        for line in rule.lines:
            if line.latin and not self.latin:
                continue
            for found in islice(line.says.pattern.finditer(self.plain), _MOST_MATCHES):
                guard = self._guard_against(rule, found)
                yield f"heard:{rule.id}"
                yield f"{line.name}:{guard or 'danger'}"
                yield f"against:{rule.id}:{guard}" if guard else f"danger:{rule.id}"

    def _guard_against(self, rule: Rule, found: re.Match[str]) -> str | None:
        start, end = _clause(self.plain, found)
        clause = self.plain[start:end]
        before = self.plain[max(start, found.start() - _NEAR) : found.end()]
        happening = self.now.search(clause) is not None
        for guard in rule.guards:
            if guard.yields and happening:
                continue
            if self._says(guard, clause if guard.scope == "clause" else before):
                return guard.name
        return None

    def _says(self, guard: Guard, here: str) -> bool:
        if guard.scope != "text":
            return guard.says.pattern.search(here) is not None
        key = id(guard)  # hashing a pattern costs more than searching with it
        if key not in self._in_text:
            self._in_text[key] = guard.says.pattern.search(self.whole) is not None
        return self._in_text[key]


def _clause(plain: str, found: re.Match[str]) -> tuple[int, int]:
    """The clause around a match; an unpunctuated stream is cut to its neighbourhood."""
    before = max(0, found.start() - 2 * _NEAR)
    ends = [end.end() for end in _CLAUSE_END.finditer(plain, before, found.start())]
    after = _CLAUSE_END.search(plain, found.end(), found.end() + 2 * _NEAR)
    return (ends[-1] if ends else before), (after.start() if after else found.end() + 2 * _NEAR)


@cache
def shipped_rules() -> Rules:
    """The rules of `data/danger.yaml`, read once; each pattern is compiled when it is first looked for."""
    return _read_rules(DATA / "danger.yaml")


def load_rules(path: Path) -> Rules:
    """Read a rule file and try every pattern. `DataError` with its line for anything unknown, missing or not a pattern."""
    rules, root = _read_rules(path), read(path)
    words = word_lists(root["words"])
    for field in (*(guard["says"] for guard in root["guards"].fields().values()), *root["hints"].fields().values()):
        check(field, words)
    for field in root["rules"].items():
        check(field["says"], words)
        if unless := field.get("unless"):
            check(unless, words)
    return rules


def _read_rules(path: Path) -> Rules:
    root = read(path).only("words", "idioms", "now", "guards", "hints", "rules")
    words = word_lists(root["words"])
    guards = {name: _guard(name, field, words) for name, field in root["guards"].fields().items()}
    rules = tuple(_rule(field, words, guards) for field in root["rules"].items())
    hints = {KINDS[kind]: together(field, words) for kind, field in root["hints"].only(*_HINTED).fields().items()}
    return Rules(compiled(root["idioms"], words), compiled(root["now"], words), hints, rules)


def _guard(name: str, field: Field, words: Mapping[str, str]) -> Guard:
    field.only("scope", "yields", "says")
    return Guard(name, field["scope"].choice(_SCOPES), together(field["says"], words), field["yields"].flag())


def _rule(field: Field, words: Mapping[str, str], guards: Mapping[str, Guard]) -> Rule:
    field.only("id", "kind", "says", optional=("without", "unless"))
    without, unless = field.get("without"), field.get("unless")
    dropped = set(without.texts()) if without else set()
    if without and (unknown := dropped - guards.keys()):
        without.fail(f"no such guard: {', '.join(sorted(unknown))}")
    kept = [guard for name, guard in guards.items() if name not in dropped]
    if unless:
        kept.append(Guard("unless", "text", together(unless, words), yields=False))
    said = tuple(map(_line, lines(field["says"], words)))
    return Rule(field["id"].text(), field["kind"].choice(KINDS), said, tuple(kept))


def _line(says: Later) -> Line:
    latin = _CHINESE.search(says.source) is None and says.source.isascii()
    return Line(f"line:{zlib.crc32(says.source.encode()):08x}", says, latin)
