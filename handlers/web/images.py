"""Photos: taken for what they are, made smaller, and freed of everything the camera wrote beside the picture.

A photo's metadata can name the place a resident lives at; none of it is kept.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

PIXEL_LIMIT = 60_000_000
LONGEST_SIDE = 2048
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
AT_ONCE = 2
"""Photos worked on at the same time: one takes up to 200 MB of memory for a moment."""


SMALL = 360
"""The longest side of a picture in a thread; a press opens the whole."""


class BadPhoto(Exception):
    """``code`` names the words for the resident: ``broken_photo`` or ``huge_photo``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG without metadata; sizes in pixels."""

    content: bytes
    width: int
    height: int


class PhotoDesk:
    """Re-encodes photos on other threads, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def clean(self, content: bytes) -> Photo:
        async with self._turns:
            return await asyncio.to_thread(clean_photo, content)

    async def small(self, content: bytes) -> Photo:
        async with self._turns:
            return await asyncio.to_thread(clean_photo, content, longest=SMALL)


def clean_photo(content: bytes, *, longest: int = LONGEST_SIDE) -> Photo:
    """The picture alone, upright, at most so many pixels a side; raises BadPhoto."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXEL_LIMIT:
                raise BadPhoto("huge_photo")
            opened.draft("RGB", (longest, longest))
            picture = _on_white(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPhoto("huge_photo") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise BadPhoto("broken_photo") from error
    picture.thumbnail((longest, longest))
    return _as_jpeg(picture)


def is_bare(content: bytes) -> bool:
    """True of a JPEG that holds a picture and nothing about it, as ``clean_photo`` makes them."""
    at = 2
    if not content.startswith(b"\xff\xd8"):
        return False
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] != b"\xda":
        if content[at + 1] in TELLING:
            return False
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return content[at : at + 2] == b"\xff\xda" and content.endswith(b"\xff\xd9")


TELLING = (*range(0xE1, 0xF0), 0xFE)
"""Parts of a JPEG that say something about the picture: EXIF, XMP, comments and their like."""


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _as_jpeg(picture: Image.Image) -> Photo:
    # Copied into a fresh image: `save` would carry over what the old one's info still holds.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), *bare.size)
