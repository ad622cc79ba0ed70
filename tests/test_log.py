"""What is logged says where and what kind, never what a resident said and never a secret, whatever went wrong."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy.exc
import structlog
from aiogram.types import Update

from bot.log import HIDDEN, set_up_logging
from tests.conftest import CurrentError

WORDS = "七栋厨房水管爆了"
TOKEN = "123456789:AAF-secret_of_the_bot_0123456789"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A log of this test's own."""
    stream = io.StringIO()
    set_up_logging(stream=stream, secrets=["s3cret-webhook"])
    yield stream
    set_up_logging(stream=CurrentError())


def _bare() -> None:
    raise ValueError(WORDS)


def _key() -> None:
    _ = dict[str, int]()[WORDS]


def _undecodable() -> None:
    Update.model_validate({"update_id": WORDS, "message": {"text": WORDS}})


def _bad_json() -> None:
    json.loads(f'{{"text": "{WORDS}"')


def _bad_letters() -> None:
    (WORDS + "\ud800").encode()


def _database_quotes_it() -> None:
    """As PostgreSQL does with a value that does not fit a column."""
    quoted = psycopg.errors.InvalidTextRepresentation(f'invalid input syntax for type bigint: "{WORDS}"')
    raise sqlalchemy.exc.DataError("INSERT", {"text": WORDS}, quoted, hide_parameters=True) from quoted


def _not_unique() -> None:
    quoted = psycopg.errors.UniqueViolation(f"duplicate key value\nDETAIL:  Key (text)=({WORDS}) already exists.")
    raise sqlalchemy.exc.IntegrityError("INSERT", {"text": WORDS}, quoted, hide_parameters=True) from quoted


def _while_handling_another() -> None:
    try:
        _bare()
    except ValueError as error:
        raise RuntimeError("could not") from error


BREAKS = (_bare, _key, _undecodable, _bad_json, _bad_letters, _database_quotes_it, _not_unique, _while_handling_another)


@pytest.mark.parametrize("breaks", BREAKS, ids=lambda function: function.__name__)
def test_an_error_that_quotes_a_resident_is_logged_without_the_quote(
    breaks: Callable[[], None], lines: io.StringIO
) -> None:
    try:
        breaks()
    except Exception:  # noqa: BLE001 - as at the supervised edges
        structlog.get_logger().exception("update failed", row=7)
    logged = json.loads(lines.getvalue())
    assert (logged["event"], logged["row"]) == ("update failed", 7)
    assert breaks.__name__ in logged["exception"]
    assert "test_log.py" in logged["exception"]
    assert WORDS not in lines.getvalue()
    assert json.dumps(WORDS).strip('"') not in lines.getvalue()


def test_secrets_are_hidden_wherever_they_stand(lines: io.StringIO) -> None:
    log = structlog.get_logger()
    log.warning("cannot reach", url=f"https://api.telegram.org/bot{TOKEN}/getMe", parts=["s3cret-webhook"])
    log.warning("cannot open", url="postgresql://lianxin:pass-word@db/lianxin")
    text = lines.getvalue()
    for secret in (TOKEN.split(":")[1], "s3cret-webhook", "pass-word"):
        assert secret not in text
    assert HIDDEN in text
