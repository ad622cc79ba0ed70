"""The composition root: everything is built here, from settings, and nothing is built anywhere else."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Any

import structlog
from aiogram import Bot
from aiogram.types import Update
from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from bot.backup_worker import BackupWorker, folder_of
from bot.database import open_storage
from bot.footing import address_to_be_had
from bot.group_worker import GroupWorker
from bot.http import HttpServer
from bot.import_worker import ImportWorker
from bot.inbox_worker import InboxWorker
from bot.lexicon import Lexicon
from bot.library import Library
from bot.living import Living
from bot.living_catalogue import LivingCatalogue
from bot.notice_worker import NoticeWorker
from bot.nursery import Nursery
from bot.outbox_worker import STEADY, Pace
from bot.owner import is_dead, process_name
from bot.pulse import Pulse
from bot.scheduler import Scheduler
from bot.server_key import OTHER_KEY, seal_of
from bot.settings import Settings
from bot.telegram.channel import TelegramChannel
from bot.telegram.refusing_session import RefusingSession
from bot.texts.channel import TextChannel
from bot.towns import LivingTowns
from handlers.residents import people
from handlers.residents.case import FrontDesk
from handlers.residents.dispatcher import build_dispatcher
from handlers.staff.cards import card_buttons
from handlers.texts.catalogue import Catalogue, load_catalogue
from handlers.texts.own import StandingTexts
from handlers.web.app import create_app
from handlers.web.console import console_router
from handlers.web.parts import WebParts
from handlers.web.streams import Streams
from handlers.web.telephone_hook import telephone_router
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.matcher import Matcher, load_matcher
from knowledge.normalise import normalise
from knowledge.towns import NAMELESS, Towns
from storage import facts, group_home, leases, own_sign_in, texting, units
from storage.engine import Storage
from storage.inbox import Row

log = structlog.get_logger()


def build_front(
    storage: Storage,
    matcher: Matcher,
    texts: Catalogue,
    *,
    towns: Towns,
    public_url: str = "",
) -> FrontDesk:
    """What the residents' handlers know."""
    return FrontDesk(
        storage=storage,
        reader=matcher,
        answerer=Answerer(load_entries(), NAMELESS, normalise=normalise),
        towns=towns,
        texts=texts,
        public_url=public_url,
    )


Announce = Callable[["Service"], Awaitable[None]]


class Service:
    """Everything that runs, in the order it starts; it stops in the reverse one."""

    def __init__(self, settings: Settings, storage: Storage, *, pace: Pace = STEADY) -> None:
        self.settings = settings
        self.pace = pace
        self.storage = storage
        self.owner = process_name()
        self.seal = seal_of(settings)
        self.nursery = Nursery()
        self.towns = LivingTowns(storage, StandingTexts(load_catalogue()))
        self.texts = self.towns.texts.catalogue
        self.registry = CollectorRegistry()
        self.streams = Streams(storage.signals)
        self.matcher = load_matcher(settings.data_dir)
        self.lexicon = Lexicon(storage, self.matcher)
        self.catalogue = LivingCatalogue(storage)
        known: dict[str, Any] = {"towns": self.towns.towns, "public_url": settings.public_url or ""}
        self.front = build_front(storage, self.matcher, self.texts, **known)
        self.library = Library(storage, self.matcher, self.front.answerer)
        self.living: Sequence[Living] = (self.lexicon, self.library, self.towns, self.catalogue)
        self.telegram = self._telegram()
        self.letters = self._letters()
        self.server = self._server()
        self.inbox_worker = self._inbox_worker()
        self.scheduler = Scheduler(storage, self.texts)
        self.notice_worker = NoticeWorker(storage, self.texts)
        self.group_worker = GroupWorker(storage, buttons=card_buttons)
        self.backup_worker = BackupWorker(storage, settings, owner=self.owner)
        self.pulse = Pulse(storage, settings, self.scheduler, owner=self.owner)
        self.import_worker = ImportWorker(storage, owner=self.owner)

    def _telegram(self) -> TelegramChannel | None:
        chosen = self.settings
        if not chosen.telegram_token:
            return None
        return TelegramChannel(
            storage=self.storage,
            token=chosen.telegram_token,
            api=chosen.telegram_api,
            mode=chosen.telegram_mode,
            public_url=chosen.public_url,
            nursery=self.nursery,
            owner=self.owner,
            pace=self.pace,
        )

    def _letters(self) -> TextChannel | None:
        """Text messages to callers; None where nobody sends them."""
        url, secret = self.settings.text_url, self.settings.text_secret
        if not (url and secret):
            return None
        return TextChannel(
            storage=self.storage, texts=self.texts, url=url, secret=secret, nursery=self.nursery, owner=self.owner
        )

    def _server(self) -> HttpServer:
        parts = WebParts(
            storage=self.storage,
            streams=self.streams,
            registry=self.registry,
            seal=self.seal,
            public_url=self.settings.public_url or "",
            version=version("lianxin"),
            backups=folder_of(self.settings),
            reader=self.matcher,
            answerer=self.front.answerer,
            towns=self.towns.towns,
            residents=self.texts,
        )
        app = create_app(parts, routers=self._routers())
        return HttpServer(app, streams=self.streams, host=self.settings.http_host, port=self.settings.http_port)

    def _routers(self) -> Sequence[APIRouter]:
        hooks = [self.telegram.router if self.telegram else None]
        if self.settings.telephone_secret:
            hooks.append(telephone_router(self.settings.telephone_secret))
        return [console_router(), *filter(None, hooks)]

    def _inbox_worker(self) -> InboxWorker:
        bots = {name: Bot(f"1:{name}", session=RefusingSession()) for name in ("web", "phone")}
        if self.telegram:
            bots["telegram"] = Bot(self.telegram.token, session=RefusingSession())
        return InboxWorker(
            self.storage,
            build_dispatcher(self.front),
            bots,
            self.nursery,
            owner=self.owner,
            apology=lambda scene: people.apology(self.texts, scene),
            toast=self._toast,
        )

    def _toast(self, row: Row, update: Update, text: str | None) -> None:
        if row.channel == "web":
            if text:
                self.streams.notice(row.chat_id, text)
        elif self.telegram and row.channel == "telegram":
            self.telegram.toast(row, update, text)

    async def run(self, stop: asyncio.Event, *, announce: Announce | None = None) -> None:
        """Serve until ``stop``; then take nothing more in, finish what is in hand, and close.

        ``announce`` is called when the address is ours: whoever connects from then on is answered.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.nursery.cancel)
            await self._prepare()
            if announce is not None:
                await announce(self)
            inbox_task = self.nursery.keep_running(self.inbox_worker.run, name="inbox")
            scheduler_task = self.nursery.keep_running(self.scheduler.run, name="scheduler")
            notice_task = self.nursery.keep_running(self.notice_worker.run, name="notices")
            group_task = self.nursery.keep_running(self.group_worker.run, name="group")
            backup_task = self.nursery.keep_running(self.backup_worker.run, name="backups")
            pulse_task = self.nursery.keep_running(self.pulse.run, name="pulse")
            for one in self.living:
                self.nursery.keep_running(one.run, name=type(one).__name__)
            self.nursery.keep_running(self.import_worker.run, name="imports")
            if self.telegram:
                self.telegram.start()
            if self.letters:
                self.letters.start()
            server_task = self.nursery.keep_running(self.server.run, name="http")
            await stop.wait()
            log.info("stopping")
            if self.telegram:
                self.telegram.take_nothing_more()
            self.server.stop()
            self.inbox_worker.stop()
            self.scheduler.stop()
            self.notice_worker.stop()
            self.group_worker.stop()
            self.backup_worker.stop()
            self.pulse.stop()
            for one in self.living:
                one.stop()
            self.import_worker.stop()
            own = {server_task, inbox_task, scheduler_task, notice_task, group_task, backup_task, pulse_task}
            await asyncio.wait(own, timeout=15)
            if self.telegram:
                await self.telegram.stop()
            if self.letters:
                await self.letters.stop()

    async def _prepare(self) -> None:
        await self.storage.run(units.seed)
        if strange := await self.storage.run(own_sign_in.seal_all, self.seal):
            log.warning("authenticators sealed with another key", count=strange, advice=OTHER_KEY)
        await self.lexicon.catch_up()
        await self.library.seed()
        await self.towns.catch_up()
        await self.catalogue.catch_up()
        with address_to_be_had(self.settings):
            self.server.open()
        await self._free_the_dead()
        await self.storage.run(texting.switch, self.letters is not None)
        if self.telegram is None:
            await self.storage.run(facts.put, facts.TELEGRAM_NAME, None)
            await self.storage.run(facts.put, facts.TELEGRAM_STATE, None)
        await self.storage.run(group_home.settle, self.settings.staff_chat_id, telegram=self.telegram is not None)

    async def _free_the_dead(self) -> None:
        """On SQLite, ours alone, whoever held something is dead; elsewhere whoever surely is, and the rest must run out."""
        alone, held = self.storage.dialect == "sqlite", await self.storage.read(leases.holders)
        await self.storage.run(leases.free, {name for name in held if alone or is_dead(name, me=self.owner)})


def _keeping_loaded(announce: Announce | None) -> Announce:
    """What has been loaded stays loaded: the collector's walk through it (a fifth of a second) held up every reply. That
    is for a process that only serves; who starts a service among other things has a heap of their own to mind."""

    async def begun(service: Service) -> None:
        if announce is not None:
            await announce(service)
        gc.collect()
        gc.freeze()

    return begun


async def run_service(settings: Settings, *, announce: Announce | None = None) -> None:
    """Open the database, serve until SIGTERM or Ctrl-C, close."""
    storage = await open_storage(settings)
    try:
        service = Service(settings, storage)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        await service.run(stop, announce=_keeping_loaded(announce))
    finally:
        await storage.close()
