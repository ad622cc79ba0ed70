"""What one parcel is on Telegram: messages of words, of a file, of several pictures together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from storage.blobs import Blob

LONGEST, LONGEST_CAPTION = 4096, 1024
"""UTF-16 units in one message, and under a picture (Bot API)."""
MOST_TOGETHER = 10
KINDS = {
    "photo": "photo",
    "video": "video",
    "voice": "voice",
    "audio": "audio",
    "animation": "animation",
    "video_note": "video",
}
"""How each kind of ours is sent; every other one is a document."""
TOGETHER = {"photo": "pictures", "video": "pictures", "document": "documents", "audio": "sounds"}
"""Kinds that may stand in one album; a voice message and an animation stand alone."""
CAPTIONED = frozenset({"photo", "video", "voice", "audio", "animation"})
SOUNDS = ("audio/mpeg", "audio/mp4", "audio/m4a", "audio/x-m4a")


@dataclass(frozen=True, slots=True)
class Piece:
    """One call: words, or files with the words under the first."""

    text: str
    files: tuple[Blob, ...] = ()

    @property
    def size(self) -> int:
        """How many messages it is."""
        return max(1, len(self.files))


def method_of(file: Blob) -> str:
    """How it is sent: as what it is, where Telegram takes it as such."""
    if file.kind == "voice" and file.mime != "audio/ogg":
        return "audio" if file.mime in SOUNDS else "document"
    return KINDS.get(file.kind, "document")


def pieces(text: str, files: Sequence[Blob], *, buttons: bool = False) -> list[Piece]:
    """The calls a message needs. Words stand under the first picture where they fit and no buttons need a place."""
    albums = list(_albums(files))
    first = albums[0] if albums else ()
    room = LONGEST_CAPTION if first and method_of(first[0]) in CAPTIONED and not buttons else 0
    if first and units(text.strip()) <= room:
        return [Piece(text.strip(), first), *(Piece("", album) for album in albums[1:])]
    words = [Piece(part) for part in split(text)] if text.strip() or not albums else []
    return [*words, *(Piece("", album) for album in albums)]


def _albums(files: Sequence[Blob]) -> Iterator[tuple[Blob, ...]]:
    for family, some in groupby(files, key=lambda file: TOGETHER.get(method_of(file), "")):
        found = tuple(some)
        step = MOST_TOGETHER if family else 1
        yield from (found[at : at + step] for at in range(0, len(found), step))


def keyboard(buttons: Sequence[Sequence[dict[str, str]]] | None) -> InlineKeyboardMarkup | None:
    """Inline buttons. A number to ring cannot be one on Telegram; it stands in the words."""
    rows = [[made for button in row if (made := _button(button))] for row in buttons or ()]
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row]) if any(rows) else None


def _button(button: dict[str, str]) -> InlineKeyboardButton | None:
    text, data = button["text"], button["data"]
    if data.startswith("tel:"):
        return None
    if data.startswith(("https://", "http://")):
        return InlineKeyboardButton(text=text, url=data)
    return InlineKeyboardButton(text=text, callback_data=data)


def split(text: str) -> Iterator[str]:
    """Parts that fit, cut at a line or sentence where there is one; a text of nothing to see is one blank-looking part."""
    rest = text.strip() or "…"
    while units(rest) > LONGEST:
        most = fitting(rest, LONGEST)
        cut = max(rest.rfind("\n", 0, most), rest.rfind("。", 0, most) + 1)
        cut = cut if cut > most // 2 else most
        yield rest[:cut].strip()
        rest = rest[cut:].strip()
    if rest:
        yield rest


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def fitting(text: str, longest: int) -> int:
    """How many characters fit in one message."""
    taken = 0
    for number, character in enumerate(text):
        taken += 1 + (ord(character) > 0xFFFF)
        if taken > longest:
            return number
    return len(text)
