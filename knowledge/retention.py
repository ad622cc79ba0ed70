"""How long each kind of personal data is kept and what becomes of it then (PI-05), from ``data/retention.yaml``.

The privacy notice shows these rules and the scheduler carries them out: what residents read is what happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words

Then = Literal["delete", "anonymise"]
THENS: Mapping[str, Then] = {then: then for then in get_args(Then)}
LEFT_AFTER = timedelta(hours=1)
"""Somebody who leaves, or has everything deleted, can read the last words for so long; then their way in is gone too."""
LONGEST = 3650


@dataclass(frozen=True, slots=True)
class Rule:
    """``keep`` from the moment ``begins`` tells in words; ``why`` it is kept so long."""

    kind: str
    name: Words
    keep: timedelta
    begins: Words
    then: Then
    why: Words
    least: timedelta = timedelta(days=1)
    source: Words | None = None

    def refuses(self, days: int) -> Literal["longer", "shorter"] | None:
        """Why a term may not be so long: residents were told ``keep``, and something says ``least``."""
        if days > self.keep.days:
            return "longer"
        return "shorter" if days < self.least.days else None


@cache
def rules() -> Mapping[str, Rule]:
    """The shipped rules by kind, in their order."""
    return load_rules(DATA / "retention.yaml")


def load_rules(path: Path) -> Mapping[str, Rule]:
    """`DataError` for anything wrong, a kind given twice included."""
    found: dict[str, Rule] = {}
    for item in read(path).only("kinds")["kinds"].items():
        rule = _rule(item)
        if rule.kind in found:
            item.fail(f"kind {rule.kind!r} is given twice")
        found[rule.kind] = rule
    return found


def _rule(item: Field) -> Rule:
    item.only("kind", "name", "keep", "from", "then", "why", optional=("least", "source"))
    given = item.fields()
    keep = item["keep"].integer(least=1, most=LONGEST)
    return Rule(
        kind=item["kind"].text(),
        name=words(item["name"]),
        keep=timedelta(days=keep),
        begins=words(item["from"]),
        then=item["then"].choice(THENS),
        why=words(item["why"]),
        least=timedelta(days=item["least"].integer(least=1, most=keep) if "least" in given else 1),
        source=words(item["source"]) if "source" in given else None,
    )


def span(days: int, language: str) -> str:
    """A length of time as people say it: 6个月, 2年, 7天."""
    zh = language.startswith("zh")
    for length, name, one in ((365, "年", "year"), (30, "个月", "month"), (1, "天", "day")):
        if days % length == 0 and days >= length:
            count = days // length
            return f"{count}{name}" if zh else f"{count} {one}{'s' if count > 1 else ''}"
    raise ValueError(f"no whole number of days: {days}")
