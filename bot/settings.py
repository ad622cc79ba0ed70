"""What the environment and ``.env`` say: every setting checked at once, each wrong one told in a line that names it.

A value that is wrong is never guessed around, and a secret is never shown: neither in a message nor in a ``repr``.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.signatures import SHORTEST_SECRET

PREFIX = "LIANXIN_"
NOT_OURS = "LIANXIN_TEST"
"""Names the tests use; the service does not know them."""
ENV_FILE = ".env"
SECRET = re.compile(rf"[!-+\--~]{{{SHORTEST_SECRET},200}}")
MOST_SECRETS = 2
SECRETS = {"telegram_token", "database_url", "server_key", "telephone_secret", "text_secret"}

MEANINGS = {
    "database_url": "must be sqlite:///PATH or postgresql://user@host:port/name",
    "telegram_token": "must look like 123456:ABC..., as @BotFather gave it",
    "telegram_api": "must be an http(s) address such as https://api.telegram.org",
    "telegram_mode": "must be polling or webhook",
    "staff_chat_id": "must be the number of a Telegram group (it begins with a minus), such as -1001234567890",
    "public_url": "must be an http(s) address without a path, such as https://hotline.example.org",
    "http_host": "must be an address to listen on, such as 127.0.0.1 or 0.0.0.0",
    "http_port": "must be a port number from 0 to 65535",
    "data_dir": "must be the path of a folder",
    "server_key": "must be at least 32 ASCII characters without blanks, the same for every process on one database",
    "demo": "must be 1 or 0",
    "telephone_secret": "must be at least 16 ASCII characters without blanks or commas, shared with the telephone system; "
    "two with a comma between (new,old) while it is changed",
    "text_url": "must be an http(s) address such as https://texts.example.org/send",
    "text_secret": "must be at least 16 ASCII characters without blanks, shared with the service that sends text messages",
}


class WrongSetting(Exception):
    """A setting that cannot be used. ``str()`` is one line for a person: the name, and what is wrong with it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")
        self.name = name
        self.problem = problem


class Settings(BaseSettings):
    """Everything that can be set, checked. The environment goes before ``.env``; an empty value counts as not given."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file_encoding="utf-8-sig", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = Field("", repr=False, description="Where everything is kept; a SQLite file when not given")
    telegram_token: str | None = Field(None, repr=False, description="The bot's token; Telegram is off without one")
    telegram_api: str = Field("https://api.telegram.org", description="Base address of the Bot API server")
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="How updates come from Telegram")
    staff_chat_id: int | None = Field(None, lt=0, description="The Telegram group staff use")
    public_url: str = Field("", description="The address residents' browsers (and Telegram's webhook) reach")
    http_host: str = Field("127.0.0.1", min_length=1, description="The address the web server listens on")
    http_port: int = Field(8080, ge=0, le=65535, description="The port the web server listens on")
    data_dir: Path = Field(Path("var"), description="The folder for the database file and what is prepared")
    telephone_secret: str | None = Field(None, repr=False, description="Signs what the telephone system tells us")
    text_url: str = Field("", repr=False, description="Where text messages are handed over; none are sent without it")
    text_secret: str | None = Field(None, repr=False, description="Signs the text messages we hand over")
    server_key: str | None = Field(None, repr=False, description="Seals authenticator secrets; server.key without it")
    demo: bool = Field(False, description="1 loads the invented demo community into an empty database")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not re.fullmatch(r"sqlite:///[^?#]+|postgres(ql)?://[^\s/]*/[^\s/?#]+(\?\S*)?", url):
            raise ValueError
        _ = urlsplit(url).port  # raises ValueError where it is no number
        if url.startswith("sqlite:") and ":memory:" in url:
            raise ValueError
        return url

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, token: str | None) -> str | None:
        if token is not None and not re.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]+", token):
            raise ValueError
        return token

    @field_validator("telegram_api", "public_url")
    @classmethod
    def _web_address(cls, address: str) -> str:
        if address and (not _is_web_address(address) or urlsplit(address).query):
            raise ValueError
        return address.rstrip("/")

    @field_validator("text_url")
    @classmethod
    def _text_address(cls, address: str) -> str:
        if address and not _is_web_address(address):
            raise ValueError
        return address

    @field_validator("text_secret")
    @classmethod
    def _long_enough(cls, secret: str | None) -> str | None:
        if secret is not None and not SECRET.fullmatch(secret):
            raise ValueError
        return secret

    @field_validator("telephone_secret")
    @classmethod
    def _one_or_two(cls, secrets: str | None) -> str | None:
        """The new and the old with a comma between, while the telephone system is changed over."""
        given = secrets.split(",") if secrets is not None else []
        if len(given) > MOST_SECRETS or not all(map(SECRET.fullmatch, given)):
            raise ValueError
        return secrets

    @field_validator("server_key")
    @classmethod
    def _a_key(cls, key: str | None) -> str | None:
        if key is not None and not re.fullmatch(r"[!-~]{32,400}", key):
            raise ValueError
        return key

    @field_validator("public_url")
    @classmethod
    def _no_path(cls, address: str) -> str:
        if urlsplit(address).path:
            raise ValueError
        return address

    @model_validator(mode="after")
    def _webhook_is_reachable(self) -> Settings:
        if self.telegram_token and self.telegram_mode == "webhook" and not self.public_url.startswith("https://"):
            raise WrongSetting(f"{PREFIX}PUBLIC_URL", f"must be https:// when {PREFIX}TELEGRAM_MODE is webhook")
        return self

    @model_validator(mode="after")
    def _texts_are_signed(self) -> Settings:
        if bool(self.text_url) != bool(self.text_secret):
            missing, given = ("TEXT_SECRET", "TEXT_URL") if self.text_url else ("TEXT_URL", "TEXT_SECRET")
            raise WrongSetting(f"{PREFIX}{missing}", f"must be set as well when {PREFIX}{given} is")
        return self

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgres")

    @property
    def sqlite_path(self) -> Path:
        """The database file; only meaningful where ``is_postgres`` is False."""
        if self.database_url.startswith("sqlite:///"):
            return Path(self.database_url.removeprefix("sqlite:///"))
        return self.data_dir / "lianxin.db"


def _is_web_address(address: str) -> bool:
    parts = urlsplit(address)
    _ = parts.port  # raises ValueError where it is no number
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment


def load_settings(env_file: Path | None = None) -> Settings:
    """The settings of this process; raises WrongSetting for the first that cannot be used.

    Without ``env_file``, the ``.env`` of the current folder is read, where there is one.
    """
    path = env_file or Path(ENV_FILE)
    try:
        _refuse_unknown([*dotenv_values(path, encoding="utf-8-sig"), *os.environ])
        return Settings(_env_file=path)  # type: ignore[call-arg]
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False)[0]) from None
    except (UnicodeDecodeError, OSError) as error:
        raise WrongSetting(str(path), f"cannot be read ({type(error).__name__})") from None


def names() -> dict[str, Any]:
    """Every setting by its full name, with its field (default, description)."""
    return {PREFIX + field.upper(): info for field, info in Settings.model_fields.items()}


def _refuse_unknown(given: Iterable[str]) -> None:
    """A setting spelled wrong would otherwise be left unheard, silently."""
    known = list(names())
    for name in given:
        if name.upper().startswith(PREFIX) and not name.upper().startswith(NOT_OURS) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            raise WrongSetting(name, f"is not a setting{f'; did you mean {near[0]}?' if near else ''}")


def _wrong(error: Any) -> WrongSetting:
    field = str(error["loc"][0]).lower().removeprefix(PREFIX.lower())
    shown = "" if field in SECRETS else f", but is {str(error['input'])[:80]!r}"
    return WrongSetting(PREFIX + field.upper(), f"{MEANINGS[field]}{shown}")
