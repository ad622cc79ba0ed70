"""What can be read of a file that is to be published, so that the privacy gate sees it too (DI-08).

Text files, PDF, Word (docx) and Excel (xlsx) are read whole; of anything else - pictures, scanned pages, old formats - only
the name is looked at, and whoever publishes is told so. A file made to be unpacked into gigabytes is not unpacked. Pure.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html import unescape
from typing import Literal

from knowledge.disclosure_gate import Finding, findings
from knowledge.pdf_words import Pdf

LARGEST = 20 * 1024 * 1024
"""Bytes a packed file may become."""
MOST_PARTS = 400
_PARTS = re.compile(
    r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"
    r"|xl/(?:sharedStrings|comments\d*|worksheets/sheet\d+|workbook)\.xml|docProps/(?:core|app)\.xml"
)
_BREAK = re.compile(r"</(?:w:p|w:tc|si|row|c|t|dc:\w+|cp:\w+)>|<w:(?:br|tab)/>")
_TAG = re.compile(r"<[^>]*>")
_FORMULA = re.compile(r"<f[ >].*?</f>", re.S)
How = Literal["text", "some", "name"]


@dataclass(frozen=True, slots=True)
class Read:
    """``how``: ``text`` where the words were read, ``some`` where some pages have none, ``name`` where only the file's name
    could be."""

    how: How
    text: str


@dataclass(frozen=True, slots=True)
class Looked:
    """How far the gate saw, and what it found. ``blank``: the pages that have no words; ``trouble``: why a PDF could not be
    read (``pdf_locked``, ``pdf_broken``, ``pdf_long``, ``pdf_inside``)."""

    how: How
    found: tuple[Finding, ...] = ()
    blank: tuple[int, ...] = ()
    trouble: str = ""


def is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def look(name: str, content: bytes, pdf: Pdf | None = None) -> Looked:
    """``pdf``: what was read of it where it is one, elsewhere, for that takes long."""
    if pdf is None:
        said = read(name, content)
        return Looked(said.how, tuple(findings(name, said.text)))
    if pdf.trouble:
        return Looked("name", trouble=f"pdf_{pdf.trouble}")
    how: How = "text" if not pdf.blank else "some" if len(pdf.blank) < pdf.pages else "name"
    return Looked(how, tuple(findings(name, pdf.text)), pdf.blank)


def read(name: str, content: bytes) -> Read:
    """Never raises for a broken file: it is one of which only the name was looked at."""
    ending = name.rpartition(".")[2].lower()
    if ending in ("txt", "csv", "md"):
        text = _decoded(content)
        return Read("text", text) if text is not None else Read("name", "")
    if ending in ("docx", "xlsx") and content.startswith(b"PK\x03\x04"):
        found = _unpacked(content)
        return Read("text", found) if found is not None else Read("name", "")
    return Read("name", "")


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _unpacked(content: bytes) -> str | None:
    """The words of the parts that carry any; None where it cannot, or must not, be unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = [part for part in packed.infolist() if _PARTS.fullmatch(part.filename)]
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST:
                return None
            return "\n".join(_words(_opened(packed, part)) for part in parts) if parts else None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        return None


def _opened(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """What it says of its size is not believed."""
    with packed.open(part) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("too large")
    return content.decode("utf-8", "replace")


def _words(xml: str) -> str:
    lines = _BREAK.sub("\n", _FORMULA.sub("", xml))
    return re.sub(r"\n{2,}", "\n", unescape(_TAG.sub("", lines)))
