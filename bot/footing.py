"""What the service stands on: folders it can write to and an address of its own, or a line that names the setting."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import PREFIX, Settings, WrongSetting

BACKLOG = 1024


def look_for_footing(settings: Settings) -> None:
    """Raises WrongSetting before anything that takes time has begun; leaves nothing behind but the folders."""
    _refuse_folder("DATA_DIR", settings.data_dir)
    if settings.database_url and not settings.is_postgres:
        _refuse_folder("DATABASE_URL", settings.sqlite_path.parent)
    with address_to_be_had(settings):
        bind(settings.http_host, settings.http_port).close()


def _refuse_folder(setting: str, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        where = f"names {folder}, where nothing can be written ({problem.strerror})"
        raise WrongSetting(f"{PREFIX}{setting}", where) from None


def bind(host: str, port: int) -> socket.socket:
    """Listening there (port 0 lets the system choose); OSError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


@contextmanager
def address_to_be_had(settings: Settings) -> Iterator[None]:
    """An address that cannot be had is a wrong setting."""
    try:
        yield
    except OSError as problem:
        raise _wrong(settings, problem.errno or 0) from None


def _wrong(settings: Settings, number: int) -> WrongSetting:
    if number == errno.EADDRINUSE:
        taken = f"is {settings.http_port}, which another program uses (does Lianxin run already?)"
        return WrongSetting(f"{PREFIX}HTTP_PORT", taken)
    if number == errno.EACCES:
        return WrongSetting(
            f"{PREFIX}HTTP_PORT", f"is {settings.http_port}, which needs more rights; take one over 1023"
        )
    reason = os.strerror(number) if number > 0 else "no such name"  # the resolver's numbers are negative
    return WrongSetting(f"{PREFIX}HTTP_HOST", f"is {settings.http_host}, where this machine cannot listen ({reason})")
