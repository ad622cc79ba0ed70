"""The words of a PDF, page by page, and which pages have none: read in a process of its own, for a file may be made to hang
or to swell (``python -m knowledge.pdf_reader`` reads one from standard input).

Notes, form fields and what the file says of itself count as words, too. Pure, but for the process.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from knowledge.pdf_words import Pdf

MOST_PAGES = 300
MOST_WORDS = 2_000_000
"""Characters."""
SECONDS, MEMORY = 20, 1024 * 1024 * 1024
"""Of the processor, and bytes: what reading one may take."""
READABLE = 0.7
"""Less of a page's signs being letters, figures or punctuation, its font does not say which they are."""
BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    AssertionError,
    NotImplementedError,
    OSError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
"""What reading a file that was damaged, or made to do damage, raises."""


def words_of(content: bytes) -> Pdf:
    """Never raises for a file that is none, is locked, or holds too much."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return Pdf(trouble="locked")
        if len(reader.pages) > MOST_PAGES:
            return Pdf(trouble="long", pages=len(reader.pages))
        if reader.attachments:
            return Pdf(trouble="inside")
        return _read(reader)
    except BROKEN:
        return Pdf(trouble="broken")


def _read(reader: PdfReader) -> Pdf:
    said, blank, count = [*_of_file(reader)], [], 0
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        if not _is_readable(text):
            blank.append(number)
        said += [text, *_notes(page)]
        count += len(text)
        if count > MOST_WORDS:
            return Pdf(trouble="long", pages=len(reader.pages))
    return Pdf("\n".join(said), tuple(blank), len(reader.pages))


def _of_file(reader: PdfReader) -> Iterator[str]:
    about: Mapping[str, object] = reader.metadata or {}
    yield from (str(about.get(f"/{name}", "")) for name in ("Title", "Author", "Subject", "Keywords"))
    for field in (reader.get_fields() or {}).values():
        yield str(field.get("/V", ""))


def _notes(page: PageObject) -> Iterator[str]:
    for note in page.get("/Annots") or ():
        yield str(note.get_object().get("/Contents", ""))


def _is_readable(text: str) -> bool:
    signs = [sign for sign in text if not sign.isspace()]
    plain = sum(sign.isprintable() and not "\ue000" <= sign <= "\uf8ff" and sign != "\ufffd" for sign in signs)
    return bool(signs) and plain >= READABLE * len(signs)


def main() -> None:
    with contextlib.suppress(ValueError, OSError):  # not every system knows both
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    logging.disable()
    json.dump(asdict(words_of(sys.stdin.buffer.read())), sys.stdout)


if __name__ == "__main__":
    main()
