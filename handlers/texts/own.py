"""The residents' catalogue with an admin's own words standing in it: everything built with it speaks them from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from handlers.texts.catalogue import LANGUAGES, Catalogue, Texts


class StandingWords(Mapping[str, str]):
    """The shipped texts of one language, under those that stand instead of them."""

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
    """``catalogue`` may be handed around."""

    def __init__(self, shipped: Catalogue) -> None:
        self._words = {language: StandingWords(shipped[language].words) for language in LANGUAGES}
        self.catalogue = Catalogue({language: Texts(language, words) for language, words in self._words.items()})

    def stand(self, own: Mapping[tuple[str, str], str]) -> None:
        """By language and key. What no text is called any more is left out."""
        for language, words in self._words.items():
            words.own = {key: text for (said, key), text in own.items() if said == language and key in words.shipped}
