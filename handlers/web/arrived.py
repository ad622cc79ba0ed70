"""Files as another channel hands them over, made fit to be looked at: taken for what they are, photos drawn anew.

Whatever a file is called, a picture is decoded and encoded again, without what the camera wrote beside it; what only
says it is a picture is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.web.file_kinds import JPEG, PHOTO, WrongKind, kind_as_found
from handlers.web.images import BadPhoto, PhotoDesk


@dataclass(frozen=True, slots=True)
class Fit:
    """What is kept of a file."""

    kind: str
    mime: str
    content: bytes


class Unfit(Exception):
    """It is not kept: ``code`` is ``heic``, ``broken_photo``, ``huge_photo`` or ``not_what_it_says``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def made_fit(content: bytes, *, kind: str, mime: str, name: str, photos: PhotoDesk) -> Fit:
    """What to keep of it; raises Unfit."""
    try:
        found = kind_as_found(content, claimed=mime.lower(), name=name)
        if found.kind == PHOTO:
            return Fit(PHOTO, JPEG.mime, (await photos.clean(content)).content)
    except (WrongKind, BadPhoto) as error:
        raise Unfit(error.code) from error
    if kind == PHOTO:
        raise Unfit("not_what_it_says")
    return Fit(kind if found.kind in AS_SAID.get(kind, ()) else found.kind, found.mime, content)


AS_SAID = {"voice": ("voice",), "audio": ("voice",), "video_note": ("video",), "animation": ("video",)}
"""Names a channel has for what we call otherwise; they stay where the file is such a one."""
