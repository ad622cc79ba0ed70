"""A letter to a telephone: one signed POST to the service that sends text messages, and what every answer means.

At least once: the same letter carries the same ``id`` however often it is sent, so that the other side can tell. Redirects
are not followed, for the secret vouches for one address only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.outbox_worker import MANY_TRIES, Brought, Deliver, Failure
from handlers.texts.catalogue import Catalogue, Texts
from knowledge import signatures
from knowledge.hotline_rules import shipped
from knowledge.text_talk import choices
from storage import texting
from storage.engine import Storage
from storage.parcels import Parcel
from storage.texting import Letter

PATIENCE = ClientTimeout(total=20)
LONGEST_WAIT = 600.0
Open = Callable[[], ClientSession]


def deliverer(storage: Storage, texts: Catalogue, *, url: str, secret: str, session: Open) -> Deliver:
    """How the outbox worker sends one letter; raises Failure, which says what to do about it."""

    async def deliver(parcel: Parcel) -> Brought:
        letter = await storage.read(texting.letter, parcel)
        if letter == "overtaken":
            raise Failure("dropped", "no longer so")
        if letter == "must_not":
            raise Failure("dead", "must not be sent to this number (any more)")
        assert isinstance(letter, Letter)
        body = body_of(parcel, letter, texts, now=storage.clock())
        headers = signatures.sign(secret, body, at=storage.clock())
        await _post(
            session(), url, body, headers | {"Content-Type": "application/json", "Idempotency-Key": key(parcel)}
        )
        return Brought(())

    return deliver


def key(parcel: Parcel) -> str:
    return f"lianxin-{parcel.id}"


def body_of(parcel: Parcel, letter: Letter, texts: Catalogue, *, now: datetime) -> bytes:
    words = texts[letter.language]
    told = {"id": key(parcel), "to": letter.number, "text": text_of(parcel, letter, words), "at": now.isoformat()}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def text_of(parcel: Parcel, letter: Letter, words: Texts) -> str:
    """The words, cut to what a text message may cost; where they wait for an answer, how to give one."""
    if letter.secret:
        return words("hotline.text_secret")
    how = _how(parcel, letter, words)
    room = shipped().longest_text - len(how)
    return (letter.text if len(letter.text) <= room else f"{letter.text[: room - 1]}…") + how


def _how(parcel: Parcel, letter: Letter, words: Texts) -> str:
    """The choices with their numbers, where texts come in to us; else where an answer can be given."""
    if not letter.by_text:
        return f"\n{words('hotline.text_answer')}" if parcel.buttons else ""
    numbered = enumerate(choices(parcel.buttons), 1)
    offered = " ".join(words("text.choice", number=number, label=one.label) for number, one in numbered)
    return f"\n{offered}" if offered else ""


async def _post(session: ClientSession, url: str, body: bytes, headers: dict[str, str]) -> None:
    try:
        async with session.post(url, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False) as answer:
            _judge(answer)
    except ClientConnectorError as error:
        raise Failure("later", type(error).__name__, tries=MANY_TRIES) from error
    except (ClientError, TimeoutError, OSError) as error:
        raise Failure("doubtful", type(error).__name__) from error


def _judge(answer: ClientResponse) -> None:
    """2xx has it; 429 asks for patience; other refusals are final and people see them; 5xx is tried again."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 429:
        raise Failure("wait", "asked for patience", after=_seconds(answer.headers.get("Retry-After", "")))
    if status >= 500 or status == 408:
        raise Failure("later", f"answered {status}")
    raise Failure("dead", f"refused with {status}")


def _seconds(given: str) -> float:
    return min(float(given), LONGEST_WAIT) if given.isascii() and given.isdigit() else 30.0
