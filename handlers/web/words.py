"""The words of the web side: errors, the chat page, the start page, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request

from knowledge.datafiles import plain_values

FOLDER = Path(__file__).parent.parent / "texts"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """``sections[language][section][key]``; a missing key is a KeyError, so that tests find it."""

    sections: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def section(self, language: str, name: str) -> Mapping[str, Any]:
        return self.sections[language if language in self.sections else "zh"][name]

    def error(self, language: str, code: str, **values: object) -> str:
        errors = self.section(language, "errors")
        return str(errors.get(code, errors["other"])).format(**values)


@cache
def load_words() -> Words:
    return Words({name: plain_values(FOLDER / f"web.{name}.yaml") for name in LANGUAGES})


def language_of(request: Request) -> str:
    """The language to answer in: ``?lang=``, then what the browser prefers, then Chinese."""
    asked = request.query_params.get("lang", "")[:2]
    if asked in LANGUAGES:
        return asked
    for wish in request.headers.get("accept-language", "").lower().split(","):
        if wish.strip()[:2] in LANGUAGES:
            return wish.strip()[:2]
    return "zh"
