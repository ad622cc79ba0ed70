"""The one form in which two ways of writing the same words are equal, for matching.

What ``folding`` does (full width, traditional characters, invisible ones), and no punctuation: people leave it out.
"""

from __future__ import annotations

import re

from knowledge.folding import fold

_NOT_WORDS = re.compile(r"[^\w\u4e00-\u9fff]+")
_REPEATED = re.compile(r"(.)\1{2,}")


def normalise(text: str) -> str:
    """Simplified, lower case, one space between what punctuation or blanks kept apart, no endless repetitions."""
    return _REPEATED.sub(r"\1\1", _NOT_WORDS.sub(" ", fold(text))).strip()
