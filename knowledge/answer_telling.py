"""Which change of an answer whoever got the old one is told of, and the words of it cut to what fits.

Pure. How long ago somebody may have asked is data (``data/broadcasts.yaml``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

Offered = Literal["sense", "words", ""]


def offered(senses: Mapping[int, str], number: int) -> Offered:
    """``sense``: it means something else since this version, and still does. ``words``: the newest, which only says it in
    other words. "": nothing to tell - the first one, or one a later change has overtaken."""
    changes = [one for one, sense in senses.items() if sense == "sense"]
    if changes and number == max(changes):
        return "sense"
    return "words" if senses.get(number) == "words" and number == max(senses) else ""


def to_tell(senses: Mapping[int, str]) -> int:
    """The version the entry's page speaks of: the last change of sense, else the newest; 0 where there is none."""
    return max((one for one, sense in senses.items() if sense == "sense"), default=max(senses, default=0))


def fitted(frame: Callable[[str], str], answer: str, *, longest: int, cut: str) -> str:
    """The answer in its frame; one too long ends in ``cut``."""
    over = len(frame(answer)) - longest
    if over <= 0:
        return frame(answer)
    return frame(answer[: max(0, len(answer) - over - len(cut))].rstrip() + cut)
