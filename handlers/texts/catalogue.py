"""What the bot says: one catalogue a language, the same keys and the same blanks in each.

A text is looked up by its key and filled in; a missing key or blank is a KeyError, so that tests find it, not residents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from knowledge.datafiles import read

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language: ``texts("form.empty")``, ``texts("ticket.filed", number=...)``."""

    language: str
    words: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        text = self.words[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        return key in self.words


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All languages; an unknown one is answered in Chinese. ``places``: where a community says some of it otherwise."""

    languages: Mapping[str, Texts]
    places: Mapping[int | None, Catalogue] = field(default_factory=dict)

    def __getitem__(self, language: str) -> Texts:
        return self.languages.get(language, self.languages["zh"])

    def of(self, community_id: int | None) -> Catalogue:
        """As it is said in this community."""
        return self.places.get(community_id, self)


@cache
def load_catalogue(name: str = "residents") -> Catalogue:
    """Read once: the texts are the program's own, and reading them takes longer than most that is done with them."""
    return Catalogue({language: Texts(language, _flat(name, language)) for language in LANGUAGES})


def _flat(name: str, language: str) -> dict[str, str]:
    """``residents.zh.yaml`` and, beside it, ``residents_*.zh.yaml``; a key given twice is a ValueError."""
    found: dict[str, str] = {}
    for path in [FOLDER / f"{name}.{language}.yaml", *sorted(FOLDER.glob(f"{name}_*.{language}.yaml"))]:
        for section, texts in read(path).fields().items():
            for key, text in texts.fields().items():
                if f"{section}.{key}" in found:
                    text.fail(f"{section}.{key} is given in another file too")
                found[f"{section}.{key}"] = text.text()
    return found
