"""The server's own secret: it stands beside the database, never in it, and a backup does not hold it.

Made at the first start, in ``server.key`` in the data folder, readable by nobody else. Several processes on one database
share it: the same file, or the setting.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.settings import PREFIX, Settings, WrongSetting
from knowledge.sealing import Seal

OTHER_KEY = (
    f"bring back the server.key they were set up with, or {PREFIX}SERVER_KEY; until then those colleagues come in by a "
    "recovery code or a one-time link, and may set their authenticator up anew"
)
LEAST = 32
"""Characters; shorter, it is no secret but a torso of one."""


def key_file(settings: Settings) -> Path:
    return settings.data_dir / "server.key"


def seal_of(settings: Settings) -> Seal:
    """With the key there is; the first start makes one. WrongSetting for a file that cannot be used."""
    if not settings.server_key:
        with _told(key_file(settings)):
            _make(key_file(settings))
    seal = known_seal(settings)
    assert seal is not None
    return seal


def known_seal(settings: Settings) -> Seal | None:
    """The same without making anything; None where there is no key yet."""
    if settings.server_key:
        return Seal(settings.server_key.encode())
    path = key_file(settings)
    with _told(path):
        written = path.read_text("ascii").strip() if path.exists() else None
    if written is not None and len(written) < LEAST:
        raise WrongSetting(f"{PREFIX}DATA_DIR", f"holds {path.name}, which is cut short; bring the whole file back")
    return None if written is None else Seal(written.encode())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise WrongSetting(
            f"{PREFIX}DATA_DIR", f"holds {path.name}, which cannot be used ({problem.strerror})"
        ) from None
    except UnicodeError:
        raise WrongSetting(f"{PREFIX}DATA_DIR", f"holds {path.name}, which is no text; bring it back whole") from None


def _make(path: Path) -> None:
    """Once; of two that start together the first one's stands."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
