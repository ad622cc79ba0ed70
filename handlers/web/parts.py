"""What the web app is built from; nothing in it is global."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from handlers.texts.catalogue import Catalogue, load_catalogue
from handlers.web.images import PhotoDesk
from handlers.web.meters import Meters
from handlers.web.pace import Pace
from handlers.web.pages import Pages
from handlers.web.papers import PaperDesk
from handlers.web.streams import Streams
from handlers.web.words import Words, load_words
from knowledge.answers import Answerer
from knowledge.hotline import Reader
from knowledge.profile import Profile, load_profile
from knowledge.sealing import Seal
from knowledge.towns import Towns, of_profile
from storage import facts
from storage.engine import Storage

Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """``public_url`` as residents see it, "" where unknown; ``checks`` by name, asked by /readyz beside the database;
    ``telegram_link`` such as ``https://t.me/...`` where Telegram is on; ``reader`` and ``answerer`` understand and answer
    what a caller says, where they are at hand; ``seal`` shuts what must not be read from a stolen database;
    ``backups``: the folder of this machine's backups."""

    storage: Storage
    streams: Streams
    registry: CollectorRegistry
    seal: Seal
    public_url: str = ""
    version: str = "0"
    backups: Path | None = None
    telegram_link: str | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    reader: Reader | None = None
    answerer: Answerer | None = None
    towns: Towns = field(default_factory=lambda: of_profile(load_profile()))
    residents: Catalogue = field(default_factory=load_catalogue)
    words: Words = field(default_factory=load_words)
    photos: PhotoDesk = field(default_factory=PhotoDesk)
    papers: PaperDesk = field(default_factory=PaperDesk)
    pages: Pages = field(default_factory=Pages)
    pace: Pace = field(default_factory=Pace)
    meters: Meters = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "meters", Meters(self.registry, self.streams))

    async def telegram(self) -> str | None:
        """Where the bot is met in Telegram, once it has told its name; None where Telegram is off."""
        if self.telegram_link is not None:
            return self.telegram_link
        name = await self.storage.read(facts.get, facts.TELEGRAM_NAME)
        return f"https://t.me/{name}" if name else None

    @property
    def profile(self) -> Profile:
        """The office's own community, as it is now."""
        return self.towns.own.profile

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
