"""What the web app is built from; nothing in it is global."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from handlers.web.images import PhotoDesk
from handlers.web.meters import Meters
from handlers.web.pages import Pages
from handlers.web.streams import Streams
from handlers.web.words import Words, load_words
from storage.engine import Storage

Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """``public_url`` as residents see it, "" where unknown; ``checks`` by name, asked by /readyz beside the database;
    ``telegram_link`` such as ``https://t.me/...`` where Telegram is on."""

    storage: Storage
    streams: Streams
    registry: CollectorRegistry
    public_url: str = ""
    version: str = "0"
    telegram_link: str | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    words: Words = field(default_factory=load_words)
    photos: PhotoDesk = field(default_factory=PhotoDesk)
    pages: Pages = field(default_factory=Pages)
    meters: Meters = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "meters", Meters(self.registry, self.streams))

    @property
    def secure(self) -> bool:
        """True when browsers reach us over https, so that cookies must not travel without it."""
        return urlsplit(self.public_url).scheme == "https"


def parts_of(request: Request) -> WebParts:
    parts: WebParts = request.app.state.parts
    return parts


async def _parts(request: Request) -> WebParts:
    """A coroutine: FastAPI sends plain functions to another thread, four times a request here."""
    return parts_of(request)


Parts = Annotated[WebParts, Depends(_parts)]
