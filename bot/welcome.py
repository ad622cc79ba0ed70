"""What is said when the service starts: where residents chat, where staff sign in, whether Telegram is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from bot.settings import Settings
from knowledge.profile import load_profile
from storage import community, staff
from storage.engine import Storage
from storage.transaction import Tx

if TYPE_CHECKING:
    from bot.service import Service

ANYWHERE = {"0.0.0.0", "::", "localhost"}
WIDTH = 34


def address(settings: Settings) -> str:
    """The address people type, without a path."""
    if settings.public_url:
        return settings.public_url
    host = "127.0.0.1" if settings.http_host in ANYWHERE else settings.http_host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.http_port}"


async def console_link(storage: Storage, settings: Settings, name: str | None = None) -> str | None:
    """A one-time link for ``name``, or for the first admin; None when there is nobody to make it for."""
    token = await storage.run(_token, name)
    return f"{address(settings)}/console/enter?token={token}" if token else None


def _token(tx: Tx, name: str | None) -> str | None:
    member = community.first_admin(tx) if name is None else staff.named(tx, name)
    return staff.make_link(tx, member.id) if member and member.disabled_at is None else None


class Welcome:
    """Loads the demo community where that is wanted, then says where everything is."""

    def __init__(self, settings: Settings, out: TextIO) -> None:
        self._settings = settings
        self._out = out

    async def __call__(self, service: Service) -> None:
        if self._settings.demo:
            await self._load_demo(service.storage)
        await self._tell(service)

    async def _load_demo(self, storage: Storage) -> None:
        profile = load_profile()
        if await storage.read(community.is_empty):
            self._say(f"Loading the invented demo community ({len(profile.buildings)} buildings) …")
        flats = await storage.run(community.load_demo, profile)
        if flats:
            self._say(f"Loaded {profile.community.en}: {flats} flats.")

    async def _tell(self, service: Service) -> None:
        here = address(self._settings)
        self._say()
        self._say("连心 Lianxin 已启动 is running. Ctrl-C stops it.")
        self._line("居民聊天 Residents chat at", f"{here}/chat")
        self._line("员工登录 Staff sign in at", await self._sign_in(service.storage))
        self._line("Telegram", self._telegram())
        self._say()

    async def _sign_in(self, storage: Storage) -> str:
        """The link is a secret: it is printed only where a person reads along, never into a service's log."""
        if not (self._settings.demo or self._out.isatty()):
            return f"{address(self._settings)}/console (`lianxin staff link` prints a one-time link)"
        link = await console_link(storage, self._settings)
        return f"{link} (works once, for a day)" if link else f"{address(self._settings)}/console"

    def _telegram(self) -> str:
        if self._settings.telegram_token:
            return f"on ({self._settings.telegram_mode})"
        return "off until LIANXIN_TELEGRAM_TOKEN is set (see README.md)"

    def _line(self, what: str, words: str) -> None:
        wide = sum(2 if ord(character) > 0x2E80 else 1 for character in what)
        self._say(f"  {what}{' ' * (WIDTH - wide)}{words}")

    def _say(self, words: str = "") -> None:
        print(words, file=self._out, flush=True)
