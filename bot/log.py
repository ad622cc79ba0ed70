"""What is written down while running: events and ids, never what residents said, never a secret.

Lines are JSON, or coloured columns where a person looks at a terminal. Tracebacks carry no local variables, SQL errors
no parameters, and the words of an exception raised by data (a message that could not be decoded, say) are left out.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import psycopg
import sqlalchemy.exc
import structlog

TOKEN = re.compile(r"(?<![0-9])[0-9]{5,20}(:|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
"""A Telegram token, as it stands in addresses of the Bot API and so in the errors of HTTP libraries."""
PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@")
HIDDEN = "***"
SPEAKING = (ValueError, LookupError, TypeError, UnicodeError, psycopg.DataError, sqlalchemy.exc.DataError)
"""Errors whose words may quote what they choked on; only their names are kept."""
QUIET = ("httpx", "httpcore", "aiogram", "asyncio", "alembic", "PIL")
"""Libraries of whose lines only warnings are kept."""

Event = MutableMapping[str, Any]


def set_up_logging(*, secrets: Iterable[str] = (), stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send structlog's and every library's lines to ``stream`` (standard error), redacted."""
    out = stream or sys.stderr
    shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    finish = [shown] if out.isatty() else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _plain_exception,
        Redactor(secrets),
    ]
    handler = logging.StreamHandler(out)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


class Redactor:
    """Takes secrets out of every text of an event: those it was told, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, _logger: Any, _method: str, event: Event) -> Event:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        if isinstance(value, Exception):
            value = repr(value)
        return self.redact(value) if isinstance(value, str) else value

    def redact(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return PASSWORD.sub(rf"\1:{HIDDEN}@", TOKEN.sub(HIDDEN, text))


def _plain_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Where it happened and what kind it was, without variables and without quoted data."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[1] is not None:
        event["exception"] = describe(info[1], info[2])
    return event


def describe(error: BaseException, trace: TracebackType | None = None) -> str:
    """The traceback as files, lines and functions, ending in the error's name, and its words where they are ours."""
    frames = "".join(traceback.format_tb(trace or error.__traceback__))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{describe(cause)}\n" if cause is not None else ""
    return f"{before}{frames}{_last_line(error)}"


def _last_line(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, SPEAKING):
        return name
    first, *_ = str(error).splitlines() or [""]
    return f"{name}: {first}" if first else name
