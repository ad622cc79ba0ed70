"""One update as the residents' handlers see it: who, what was said, what it means, and the words to answer with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from aiogram.types import CallbackQuery, Message

from handlers.incoming import Incoming
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import CHINA, spoken
from knowledge.answers import Answerer
from knowledge.calendar import OfficeCalendar
from knowledge.matcher import Reading
from knowledge.profile import Profile
from knowledge.towns import Town, Towns
from storage import blobs
from storage.chats import Scene
from storage.engine import Storage

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
"""Zero-width characters: they carry no words and make two equal sentences look different."""


class Reader(Protocol):
    """Whatever understands a resident's words (knowledge.matcher.Matcher)."""

    def read(self, text: str, *, limit: int = 5) -> Reading: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontDesk:
    """What every handler may use; built once by the composition root."""

    storage: Storage
    reader: Reader
    answerer: Answerer
    towns: Towns
    texts: Catalogue
    public_url: str = ""

    @property
    def profile(self) -> Profile:
        """The office's own community, as it is now."""
        return self.towns.own.profile


@dataclass(frozen=True)
class Case:
    """One message or press, with all that is known about it. ``text`` is what was written, caption included, with every
    secret covered (EM-01)."""

    front: FrontDesk
    incoming: Incoming
    text: str

    @property
    def scene(self) -> Scene:
        return self.incoming.scene

    @property
    def chat_id(self) -> int:
        return self.incoming.scene.chat_id

    @cached_property
    def words(self) -> Texts:
        return self.front.texts.of(self.town.id)[self.scene.language]

    @property
    def town(self) -> Town:
        """The community this is about: where they live, or where the poster hung that led here."""
        return self.front.towns.at(self.scene.building or self.scene.poster)

    @property
    def profile(self) -> Profile:
        return self.town.profile

    @property
    def office(self) -> OfficeCalendar:
        """When their community's office works."""
        return self.town.office

    @cached_property
    def reading(self) -> Reading:
        return self.front.reader.read(self.text)

    @property
    def now(self) -> datetime:
        return self.front.storage.clock()

    @property
    def today(self) -> date:
        """The day it is in Chongqing."""
        return self.now.astimezone(CHINA).date()

    @property
    def is_command(self) -> bool:
        return self.text.startswith("/")

    @property
    def blobs(self) -> list[int]:
        """Our ids of what was attached, where it is something kept."""
        return [int(part["blob"]) for part in self.incoming.attachments if part.get("blob")]

    @property
    def too_large(self) -> bool:
        """Something was attached that cannot be fetched."""
        return any(blobs.is_too_large(part) for part in self.incoming.attachments)

    def about(self, text: str) -> Case:
        """The same case, about other words (an earlier message, one wish of several)."""
        return Case(self.front, self.incoming, text)

    def in_language(self, language: str) -> Case:
        """The same case, answered in this language."""
        scene = replace(self.scene, language=language)
        return Case(self.front, replace(self.incoming, scene=scene), self.text)

    def at_poster(self, building: str) -> Case:
        """The same case, of somebody a poster in this building has just led here."""
        scene = replace(self.scene, poster=building)
        return Case(self.front, replace(self.incoming, scene=scene), self.text)

    def time(self, moment: datetime) -> str:
        """An instant in the resident's words: 今天 18:00, 周四 18:00, 12月3日周四 18:00."""
        return spoken(self.words, moment, now=self.now)

    def day(self, moment: datetime) -> str:
        """A day far off, with its year."""
        here = moment.astimezone(CHINA)
        return self.words("mine.date", year=here.year, month=here.month, day=here.day)


def written(event: Message | CallbackQuery) -> str:
    """What a message says, without invisible characters; "" for a press."""
    if isinstance(event, CallbackQuery):
        return ""
    return (event.text or event.caption or "").translate(INVISIBLE).strip()
