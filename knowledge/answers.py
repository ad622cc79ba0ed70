"""Which entry answers a question, and its words for this community.

A question is compared with every entry of the clauses it may be about: BM25 over characters and pairs of characters (words
for Latin letters), joined with rapidfuzz's likeness to the nearest example. When nothing in the clause is near enough,
the clause's general entry answers, so a resident always gets the rule and its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from knowledge.faq import OPTIONAL, PLACEHOLDER, Entry
from knowledge.notice import CONTACT, DOCUMENT, Notice, Words, notice
from knowledge.profile import Profile
from knowledge.ranking import Ranking, Terms, load_splitter
from knowledge.values import community_values

NEAR_ENOUGH = 0.02
"""Below this score an entry of the right clause says less than the clause's general answer."""
LIKENESS, SHARP = 0.2, 3
"""Weight of the nearest example's likeness, and the power that lets only near-equal wordings count."""
GENERAL = 0.9
"""A clause's general answer competes with the exact ones at this handicap."""
ASKED, NAMED, SAID = 1.0, 2.5, 0.4
"""How much a word counts in a question or example, among the keywords, in the answer."""
LONGEST = 1000
"""Characters of a question that are read."""
LIKELIER = 0.1
"""How much likelier clauses count: the power of their share. A plain hit in an unlikelier clause wins."""

MOST_KEPT = 50
"""Communities whose filled-in values are at hand."""
Filled = Mapping[str, Mapping[str, str]]

Clauses = Mapping[str, float]
"""Clauses a question may be about, each with how likely it is; only their ratios count."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the resident reads: `text`, then `source` on a line of its own."""

    text: str
    source: str
    entry_id: str
    clause: str
    version: int
    checked_on: date


class Answerer:
    """Answers from `entries` for one community. Build once; `normalise` brings questions to simplified Chinese."""

    def __init__(
        self,
        entries: Sequence[Entry],
        profile: Profile,
        *,
        normalise: Callable[[str], str] | None = None,
        source: Notice | None = None,
        terms: Terms | None = None,
    ) -> None:
        self._profile = profile
        self._notice = source or notice()
        self._normalise = normalise or plain
        self._split = terms or load_splitter()
        self._filled: dict[Profile, tuple[date | None, Filled]] = {}
        self.renew(entries)

    def renew(self, entries: Sequence[Entry], silent: Collection[str] = frozenset()) -> None:
        """Answer from these from now on. What a ``silent`` one fits best is answered by nobody in its place."""
        if not entries:
            raise ValueError("an answerer needs at least one entry")
        self._entries, self._silent = tuple(entries), frozenset(silent)
        spoken = [entry for entry in self._entries if entry.id not in self._silent]
        self._general = {entry.clause: entry for entry in reversed(spoken) if entry.general}
        self._phrases: dict[int, tuple[str, ...]] = {}
        self._ranking = Ranking([_texts(entry) for entry in self._entries], self._terms)
        self._in_clause = _by_clause(self._entries)

    def twin(self, entries: Sequence[Entry], silent: Collection[str] = frozenset()) -> Answerer:
        """One that would answer from these, for looking at what a change would do."""
        other = Answerer(entries, self._profile, normalise=self._normalise, source=self._notice, terms=self._split)
        other.renew(entries, silent)
        return other

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What it answers from, silent ones too."""
        return self._entries

    @property
    def silent(self) -> frozenset[str]:
        return self._silent

    def _terms(self, text: str) -> list[str]:
        return self._split(self._normalise(text))

    def answer(
        self,
        question: str,
        clauses: Clauses,
        language: str,
        *,
        today: date | None = None,
        profile: Profile | None = None,
    ) -> Answer:
        """The best entry's answer, of all entries when no clause is known.

        `today` (in Shanghai) dates the next disclosure; without it that sentence is left out.
        """
        return self.render(self._choose(question, clauses), language, today=today, profile=profile)

    def known(
        self,
        question: str,
        clauses: Clauses,
        language: str,
        *,
        today: date | None = None,
        profile: Profile | None = None,
    ) -> Answer | None:
        """The same; None where what fits best answers no more."""
        chosen = self._choose(question, clauses)
        return None if chosen.id in self._silent else self.render(chosen, language, today=today, profile=profile)

    def best_entries(self, question: str, clauses: Clauses, limit: int) -> list[tuple[Entry, float]]:
        """Entries of these clauses that answer, best first, with a score from 0 to 1; of all where no clause is known."""
        found = self._scored(question, clauses, limit + len(self._silent))
        return [(entry, score) for entry, score in found if entry.id not in self._silent][:limit]

    def _scored(self, question: str, clauses: Clauses, limit: int) -> list[tuple[Entry, float]]:
        asked = self._normalise(question[:LONGEST])
        weights = self._candidates(clauses)
        scored = self._ranking.scores(asked, weights)
        near = sorted(scored, key=lambda i: -scored[i] * weights[i])[: max(limit, 12)]
        joined = [(self._entries[i], self._joined(i, asked, scored[i]) * weights[i]) for i in near]
        return sorted(joined, key=lambda pair: -pair[1])[:limit]

    def render(
        self, entry: Entry, language: str, *, today: date | None = None, profile: Profile | None = None
    ) -> Answer:
        """This entry in this language, its values filled in from the profile: this community's, else the one built with."""
        values = self._values(today, profile or self._profile)["en" if language.lower().startswith("en") else "zh"]
        return Answer(
            text=fill(entry.answer.get(language), values),
            source=source_line(entry, self._notice, language),
            entry_id=entry.id,
            clause=entry.clause,
            version=entry.version,
            checked_on=entry.checked_on,
        )

    def entry(self, entry_id: str) -> Entry | None:
        """One entry by its name; None when there is none (any more)."""
        return next((entry for entry in self._entries if entry.id == entry_id), None)

    def by_id(
        self, entry_id: str, language: str, *, today: date | None = None, profile: Profile | None = None
    ) -> Answer | None:
        """The answer of one entry that was chosen by name; None when there is none (any more)."""
        found = None if entry_id in self._silent else self.entry(entry_id)
        return self.render(found, language, today=today, profile=profile) if found else None

    def _choose(self, question: str, clauses: Clauses) -> Entry:
        best = self._scored(question, clauses, 1)
        likely = sorted(clauses, key=lambda clause: -clauses[clause])
        general = next((self._general[clause] for clause in likely if clause in self._general), None)
        if general is not None and (not best or best[0][1] < NEAR_ENOUGH):
            return general
        return best[0][0] if best else self._entries[0]

    def _candidates(self, clauses: Clauses) -> dict[int, float]:
        known = {clause: share for clause, share in clauses.items() if clause in self._in_clause and share > 0}
        if not known:
            return dict.fromkeys(range(len(self._entries)), 1.0)
        best = max(known.values())
        return {i: (share / best) ** LIKELIER for clause, share in known.items() for i in self._in_clause[clause]}

    def _joined(self, index: int, asked: str, bm25: float) -> float:
        likeness = max(fuzz.ratio(asked, phrase) for phrase in self._wordings(index)) / 100
        joined = (1 - LIKENESS) * bm25 + LIKENESS * likeness**SHARP
        return joined * GENERAL if self._entries[index].general else joined

    def _wordings(self, index: int) -> tuple[str, ...]:
        if index not in self._phrases:
            entry = self._entries[index]
            said = (entry.question.zh, entry.question.en, *entry.examples)
            self._phrases[index] = tuple(map(self._normalise, said))
        return self._phrases[index]

    def _values(self, today: date | None, profile: Profile) -> Filled:
        """Of each community those of one day are kept; a change of any of them begins anew."""
        kept = self._filled.get(profile)
        if kept is None or kept[0] != today:
            if len(self._filled) >= MOST_KEPT:
                self._filled.clear()
            kept = self._filled[profile] = today, community_values(profile, self._notice, today)
        return kept[1]


def plain(text: str) -> str:
    """Full width to half width, small letters, spaces joined."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; a `[[part]]` that needs an unknown value is left out whole.

    A value unknown outside such a part is a mistake of the template: KeyError.
    """

    def part(found: re.Match[str]) -> str:
        inside = found.group(1)
        return inside if all(name in values for name in PLACEHOLDER.findall(inside)) else ""

    return PLACEHOLDER.sub(lambda found: values[found.group(1)], OPTIONAL.sub(part, template)).strip()


_PLACES = {
    DOCUMENT: Words(zh="文件本身", en="the document itself"),
    CONTACT: Words(zh="所在网页的页脚(印于2003–2005年版权行下)", en="footer of its page (copyright line 2003–2005)"),
}


def source_line(entry: Entry, notice: Notice, language: str) -> str:
    """`依据：渝民发〔2013〕30号 二(一) · 版本 1 · 核对于 2026-11-23`, or the same in English."""
    if entry.source is not None:
        stated = Words(
            zh=f"来源：{entry.source.zh} · 版本 {entry.version} · 核对于 {entry.checked_on}",
            en=f"Source: {entry.source.en} · version {entry.version} · checked {entry.checked_on}",
        )
        return stated.get(language)
    place = _PLACES.get(entry.clause, Words(zh=entry.clause, en=f"clause {entry.clause}")).get(language)
    frame = Words(
        zh=f"依据：{notice.document.number} {place} · 版本 {entry.version} · 核对于 {entry.checked_on}",
        en=f"Source: {notice.document.number}, {place} · version {entry.version} · checked {entry.checked_on}",
    )
    return frame.get(language)


def _by_clause(entries: Sequence[Entry]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        found.setdefault(entry.clause, []).append(index)
    return found


def _texts(entry: Entry) -> list[tuple[str, float]]:
    """The entry's texts and how much each weighs in BM25."""
    asked = [(text, ASKED) for text in (entry.question.zh, entry.question.en, *entry.examples)]
    named = [(text, NAMED) for text in entry.keywords]
    said = [(PLACEHOLDER.sub("", text), SAID) for text in (entry.answer.zh, entry.answer.en)]
    return asked + named + said
