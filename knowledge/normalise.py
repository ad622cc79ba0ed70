"""The one form in which two ways of writing the same words are equal, for matching.

What ``folding`` does (full width, traditional characters, invisible ones), and no punctuation: people leave it out.
"""

from __future__ import annotations

import re

from knowledge.folding import fold

_NOT_WORDS = re.compile(r"[^\w\u4e00-\u9fff]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def normalise(text: str) -> str:
    """Simplified, lower case, one space between words that are not Chinese, no endless repetitions."""
    plain = _REPEATED.sub(r"\1\1", _NOT_WORDS.sub(" ", fold(text))).strip()
    return _BETWEEN_CHINESE.sub("", plain)
