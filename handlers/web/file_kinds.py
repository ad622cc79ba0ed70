"""What an uploaded file really is, by its first bytes; what its sender calls it decides only between near relatives."""

from __future__ import annotations

from dataclasses import dataclass

PHOTO, VOICE, VIDEO, DOCUMENT = "photo", "voice", "video", "document"


@dataclass(frozen=True, slots=True)
class FileKind:
    """``kind`` as in messages.attachments; ``mime`` as it is served again."""

    kind: str
    mime: str


JPEG = FileKind(PHOTO, "image/jpeg")
STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", JPEG),
    (b"GIF87a", JPEG),
    (b"GIF89a", JPEG),
    (b"BM", JPEG),
    (b"OggS", FileKind(VOICE, "audio/ogg")),
    (b"#!AMR", FileKind(VOICE, "audio/amr")),
    (b"ID3", FileKind(VOICE, "audio/mpeg")),
    (b"\xff\xfb", FileKind(VOICE, "audio/mpeg")),
    (b"\xff\xf3", FileKind(VOICE, "audio/mpeg")),
    (b"\xff\xf2", FileKind(VOICE, "audio/mpeg")),
    (b"\xff\xf1", FileKind(VOICE, "audio/aac")),
    (b"\xff\xf9", FileKind(VOICE, "audio/aac")),
    (b"caff", FileKind(VOICE, "audio/x-caf")),
    (b"%PDF-", FileKind(DOCUMENT, "application/pdf")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind(DOCUMENT, "application/msword")),
    (b"PK\x03\x04", FileKind(DOCUMENT, "application/zip")),
    (b"{\\rtf", FileKind(DOCUMENT, "application/rtf")),
)
RIFF = {b"WEBP": JPEG, b"WAVE": FileKind(VOICE, "audio/wav")}
HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
PLAIN = ("text/plain", "text/csv")
FAMILIES = {"image/": (PHOTO,), "audio/": (VOICE,), "video/": (VIDEO, VOICE), "application/pdf": (DOCUMENT,)}


class WrongKind(Exception):
    """``code``: ``unknown_type``, ``heic``, or ``not_what_it_says``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(content: bytes, *, claimed: str, name: str) -> FileKind:
    """What the file is; raises WrongKind when it is nothing we take, or not at all what it is said to be."""
    found = _by_content(content, claimed=claimed, name=name)
    for family, kinds in FAMILIES.items():
        if claimed.startswith(family) and (found is None or found.kind not in kinds):
            raise WrongKind("not_what_it_says")
    if found is None:
        raise WrongKind("unknown_type")
    return found


UNKNOWN = FileKind(DOCUMENT, "application/octet-stream")
"""Kept for whoever must look into it, and only ever handed out to be saved."""


def kind_as_found(content: bytes, *, claimed: str, name: str) -> FileKind:
    """The same for what a channel hands us, whatever it is called: nothing is believed, only a photo nobody can open is
    refused (WrongKind ``heic``)."""
    return _by_content(content, claimed=claimed, name=name) or UNKNOWN


def _by_content(content: bytes, *, claimed: str, name: str) -> FileKind | None:
    if content[4:8] == b"ftyp":
        return _mp4(content, claimed)
    if content[:4] == b"\x1aE\xdf\xa3":
        return FileKind(VOICE, "audio/webm") if claimed.startswith("audio/") else FileKind(VIDEO, "video/webm")
    if content[:4] == b"RIFF":
        return RIFF.get(content[8:12])
    for start, kind in STARTS:
        if content.startswith(start):
            return _named(kind, name)
    return FileKind(DOCUMENT, "text/plain") if claimed.startswith(PLAIN) and _is_text(content) else None


def _mp4(content: bytes, claimed: str) -> FileKind:
    brand = content[8:12]
    if brand in HEIC:
        raise WrongKind("heic")
    if claimed.startswith("audio/") or brand in (b"M4A ", b"M4B "):
        return FileKind(VOICE, "audio/mp4")
    return FileKind(VIDEO, "video/quicktime" if brand == b"qt  " else "video/mp4")


def _named(kind: FileKind, name: str) -> FileKind:
    """Office files are all zip or all OLE inside; the name says which."""
    if kind.mime not in ("application/zip", "application/msword"):
        return kind
    return FileKind(DOCUMENT, OFFICE.get(name.rpartition(".")[2].lower(), kind.mime))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text
