"""Parcels to Telegram: to a person or the general part of a group by a courier, to a ticket's topic by the topic desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from bot.outbox_worker import Brought, Deliver, Failure
from bot.telegram.courier import Courier
from bot.telegram.failures import failure_of
from bot.telegram.topic_delivery import TopicDesk
from storage import blobs
from storage.blobs import Blob
from storage.engine import Storage
from storage.parcels import Parcel

PATIENCE_FOR_FILES = 5
"""Tries; together half a minute. A file that is not there by then does not hold up the words."""
MISSING = "〔附件没能送到 / attachment missing〕"


async def deliver(bot: Bot, parcel: Parcel, files: Sequence[Blob] = ()) -> Brought:
    """Send or edit; what stands there now. Raises Failure, which says what to do about it."""
    courier = Courier(bot, parcel, reply_to=parcel.reply_to)
    try:
        await courier.bring(files)
    except (TelegramAPIError, ClientDecodeError) as error:
        raise failure_of(error, there=courier.there, calls=courier.calls) from error
    return Brought(courier.there, max(1, courier.calls))


def deliverer(bot: Bot, storage: Storage) -> Deliver:
    async def send(parcel: Parcel) -> Brought:
        files, missing = await _files(storage, parcel)
        whole = replace(parcel, text=f"{parcel.text}\n{MISSING}".strip()) if missing else parcel
        if parcel.place is not None or parcel.operation not in ("send", "edit", "unsay"):
            return await TopicDesk(bot, storage, whole).deliver(files)
        return await deliver(bot, whole, files)

    return send


async def _files(storage: Storage, parcel: Parcel) -> tuple[list[Blob], int]:
    """What is attached, as far as it is kept, and how much of it will not come. What is about a ticket may be another
    chat's: a resident's photo in the topic."""
    wanted = [int(str(part["blob"])) for part in parcel.attachments or () if part.get("blob")]
    chat_id = None if parcel.about_ticket and parcel.staff else parcel.chat_id
    found = [await storage.read(blobs.get, blob_id, chat_id=chat_id) for blob_id in wanted]
    if None in found and parcel.attempts < PATIENCE_FOR_FILES and await storage.read(blobs.coming, wanted):
        raise Failure("later", "its file is still being fetched")
    return [blob for blob in found if blob is not None], found.count(None)
