"""The chat page's own interface: whatever is sent is durable before it is acknowledged, the same id twice is one."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator, Field, StrictInt

from handlers.web import updates
from handlers.web.chat_sessions import Guest, same_site
from handlers.web.errors import ApiError
from handlers.web.parts import Parts
from handlers.web.shown import Shown, shown
from storage import chat_page, inbox, web_sessions

TEXT_LIMIT = 20_000
"""Characters; more is a document, not a message."""
PAGE = 200
LARGEST = 2**53 - 1


def storable(value: object) -> object:
    """Take out what no database text can hold, NUL and half a surrogate pair; all else stays as it was sent."""
    if not isinstance(value, str):
        return value
    return value.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


Words = Annotated[str, BeforeValidator(storable)]
ClientId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$", description="The page's own unique id of this.")]


class NewMessage(BaseModel):
    text: Words
    client_id: ClientId


class Press(BaseModel):
    message_id: Annotated[StrictInt, Field(gt=0, le=LARGEST)]
    data: Annotated[Words, Field(min_length=1)]
    client_id: ClientId


class Seen(BaseModel):
    seq: Annotated[StrictInt, Field(ge=0, le=LARGEST)]


class Language(BaseModel):
    language: Literal["zh", "en"]


class Accepted(BaseModel):
    """``id`` is the message's, here and in the list of messages."""

    id: int | None


class Done(BaseModel):
    ok: bool = True


router = APIRouter(prefix="/api/chat", tags=["chat"], dependencies=[Depends(same_site)])


@router.post("/messages", status_code=202)
async def say(message: NewMessage, guest: Guest, parts: Parts) -> Accepted:
    """Send words. 202 means they are kept; the answer comes as a message."""
    if not message.text.strip():
        raise ApiError(422, "empty")
    if len(message.text) > TEXT_LIMIT:
        raise ApiError(413, "too_long", limit=TEXT_LIMIT)
    at = int(parts.storage.clock().timestamp())
    arrival = updates.text_arrival(guest, text=message.text, client_id=message.client_id, at=at)
    return Accepted(id=(await parts.storage.run(inbox.take_in, [arrival]))[0])


@router.post("/presses", status_code=202)
async def press(pressed: Press, guest: Guest, parts: Parts) -> Done:
    """Press an inline button. An old or unknown one is answered in the chat, not here."""
    if len(pressed.data.encode()) > 64:
        raise ApiError(422, "invalid", field="data")
    arrival = updates.press_arrival(
        guest,
        message_id=pressed.message_id,
        data=pressed.data,
        client_id=pressed.client_id,
        at=int(parts.storage.clock().timestamp()),
    )
    await parts.storage.run(inbox.take_in, [arrival])
    return Done()


@router.get("/messages", response_model_exclude_none=True)
async def read(
    guest: Guest,
    parts: Parts,
    since: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    latest: Annotated[int | None, Query(ge=1, le=PAGE)] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    unseen: bool = False,
) -> list[Shown]:
    """What appeared or changed after ``since``, at most 200; or the ``latest``, or those ``before`` a message's id.

    What is handed out counts as seen, except with ``unseen=true``.
    """
    wanted = {"chat_id": guest.chat_id, "limit": latest or PAGE}
    if before is not None:
        glance = await parts.storage.read(chat_page.before, message_id=before, **wanted)
    elif latest is not None:
        glance = await parts.storage.read(chat_page.latest, **wanted)
    else:
        glance = await parts.storage.read(chat_page.since, seq=since, **wanted)
    newest = max((message.seq for message in glance.messages), default=0)
    if newest > glance.read_seq and not unseen:
        await parts.storage.run(web_sessions.saw, chat_id=guest.chat_id, seq=newest)
    return [shown(message) for message in glance.messages]


@router.post("/seen")
async def saw(seen: Seen, guest: Guest, parts: Parts) -> Done:
    """The resident has looked at everything up to ``seq``."""
    await parts.storage.run(web_sessions.saw, chat_id=guest.chat_id, seq=seen.seq)
    return Done()


@router.post("/language")
async def speak(wish: Language, guest: Guest, parts: Parts) -> Done:
    """Which language the bot answers in from now on."""
    await parts.storage.run(web_sessions.speak, chat_id=guest.chat_id, language=wish.language)
    return Done()
