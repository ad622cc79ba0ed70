"""What can be read of a file that is to be published, so that the privacy gate sees it too (DI-08).

Text files, Word (docx) and Excel (xlsx) are read whole; of anything else - PDF, pictures, old formats - only the name is
looked at, and whoever publishes is told so. A file made to be unpacked into gigabytes is not unpacked. Pure.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from html import unescape
from typing import Literal

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
Looked = Literal["text", "name"]


@dataclass(frozen=True, slots=True)
class Read:
    """``looked``: ``text`` where the words were read, ``name`` where only the file's name could be."""

    looked: Looked
    text: str


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
