"""What changed between two texts, piece by piece, as a person would mark it: Chinese by characters, Latin by words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
MOST = 4000
"""Pieces compared one by one; longer texts are shown whole, before and after."""


@dataclass(frozen=True, slots=True)
class Piece:
    """``same``, ``gone`` or ``new``."""

    kind: Literal["same", "gone", "new"]
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The whole of both texts, in order; what is gone stands before what is new in its place."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if max(len(old), len(new)) > MOST:
        return [piece for piece in (Piece("gone", before), Piece("new", after)) if piece.text]
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(old[a:b])))
            continue
        found += [piece for piece in (Piece("gone", "".join(old[a:b])), Piece("new", "".join(new[c:d]))) if piece.text]
    return found
