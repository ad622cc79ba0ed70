"""What a PDF says; ``knowledge.pdf_reader`` reads it, in a process of its own that alone loads a library for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pdf:
    """``blank``: the pages, from 1, no words of which could be read, such as scanned ones. ``trouble``: why nothing was
    (``locked``, ``broken``, ``long``, ``inside``), "" where something was."""

    text: str = ""
    blank: tuple[int, ...] = ()
    pages: int = 0
    trouble: str = ""
