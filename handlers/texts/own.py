"""The residents' catalogue with an admin's own words standing in it: everything built with it speaks them from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from handlers.texts.catalogue import LANGUAGES, Catalogue, Texts

Standing = Mapping[tuple[int | None, str, str], str]
"""By community - None: the whole house -, language and key."""


class StandingWords(Mapping[str, str]):
    """The texts of one language as they ship, or as the house has them, under those that stand instead of them."""

    def __init__(self, shipped: Mapping[str, str]) -> None:
        self.shipped = shipped
        self.own: Mapping[str, str] = MappingProxyType({})

    def __getitem__(self, key: str) -> str:
        return self.own.get(key) or self.shipped[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shipped)

    def __len__(self) -> int:
        return len(self.shipped)

    def __contains__(self, key: object) -> bool:
        return key in self.shipped


class StandingTexts:
    """``catalogue`` may be handed around; each community's own words stand over the house's."""

    def __init__(self, shipped: Catalogue) -> None:
        self._house = {language: StandingWords(shipped[language].words) for language in LANGUAGES}
        self._places: dict[int | None, Catalogue] = {}
        self.catalogue = replace(_said(self._house), places=self._places)

    def stand(self, own: Standing) -> None:
        """What no text is called any more is left out."""
        for language, words in self._house.items():
            words.own = _own(own, None, language, words.shipped)
        self._places.clear()
        for place in {place for place, _, _ in own} - {None}:
            over = {language: StandingWords(words) for language, words in self._house.items()}
            for language, words in over.items():
                words.own = _own(own, place, language, words.shipped)
            self._places[place] = _said(over)


def _said(words: Mapping[str, StandingWords]) -> Catalogue:
    return Catalogue({language: Texts(language, said) for language, said in words.items()})


def _own(own: Standing, place: int | None, language: str, known: Mapping[str, str]) -> Mapping[str, str]:
    theirs = {key: text for (where, said, key), text in own.items() if (where, said) == (place, language)}
    return {key: text for key, text in theirs.items() if key in known}
