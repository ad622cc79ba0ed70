"""What residents attach is fetched into our own keeping, sooner or later, or visibly given up on."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from handlers.web.images import is_bare
from storage import blobs as blob_units
from storage.engine import Storage
from storage.tables import blobs, messages
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.telegram_office import Office, open_office

VOICE, PAPER = b"OggS somebody speaks", b"%PDF-1.7 a contract"


def picture(kind: str = "JPEG", *, secret: bytes = b"29.5630N 106.5516E") -> bytes:
    """A photo with what a camera writes beside it."""
    exif = Image.Exif()
    exif[0x9286] = secret
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind, exif=exif, comment=secret)
    return out.getvalue()


PHOTO = picture()


async def fetches(office: Office) -> None:
    """Fetch what is due, and again whatever has become due within an hour."""
    for _ in range(60):
        await office.channel.files.fetch_some()
        office.clock.move(minutes=1)


async def test_photo_voice_and_document_are_kept_and_stand_at_their_message(any_storage: Storage) -> None:
    clock = FrozenClock()
    async with bot_api() as api, open_office(any_storage, api, clock) as office:
        ana = api.person()
        await ana.sends_photo(PHOTO, caption="厨房")
        await ana.sends_voice(VOICE)
        await ana.sends_document(PAPER, name="合同.pdf")
        await office.works()
        await fetches(office)
        kept = await office.rows(blobs)
        assert [(one["kind"], one["state"], one["mime"]) for one in kept] == [
            ("photo", "stored", "image/jpeg"),
            ("voice", "stored", "audio/ogg"),
            ("document", "stored", "application/pdf"),
        ]
        assert [bytes(one["content"]) for one in kept[1:]] == [VOICE, PAPER]
        assert is_bare(bytes(kept[0]["content"]))
        assert [one["name"] for one in kept] == [None, None, "合同.pdf"]
        said = [message for message in await office.rows(messages) if message["sender"] == "resident"]
        assert [message["attachments"][0]["blob"] for message in said] == [one["id"] for one in kept]
        assert [message["text"] for message in said] == ["厨房", "", ""]
        assert ana.sees() == ["收到photo", "收到voice", "收到document"]


@pytest.mark.parametrize("trouble", [("getFile", "cut before"), ("download", "cut before"), ("download", "502")])
async def test_what_could_not_be_fetched_is_fetched_later(
    trouble: tuple[str, str], office: Office, api: BotApi
) -> None:
    """A proxy's 502 on the way to a file is no error of the Bot API, and used to stop all fetching."""
    ana = api.person()
    api.trouble(*trouble, times=2)
    await ana.sends_voice(VOICE)
    await ana.sends_photo(PHOTO)
    await office.works()
    await fetches(office)
    assert await office.column(blobs.c.state) == ["stored", "stored"]


async def test_what_telegram_cannot_find_just_now_is_asked_for_again(office: Office, api: BotApi) -> None:
    ana = api.person()
    api.refuses("getFile", 400, "Bad Request: wrong file_id or the file is temporarily unavailable", times=2)
    await ana.sends_voice(VOICE)
    await office.works()
    await fetches(office)
    assert await office.column(blobs.c.state) == ["stored"]


async def test_what_is_larger_than_a_bot_may_fetch_is_refused_once_and_the_rest_is_not_held_up(
    office: Office, api: BotApi
) -> None:
    ana = api.person()
    await ana.sends_document(b"film", name="film.mp4", too_big=True)
    await ana.sends_voice(VOICE)
    await office.works()
    await fetches(office)
    assert await office.column(blobs.c.state) == ["refused", "stored"]
    assert await office.column(blobs.c.error) == ["larger than 20 MB", None]
    assert len(api.called("getFile")) == 2


async def test_a_day_without_files_loses_none_and_three_days_do_so_visibly(office: Office, api: BotApi) -> None:
    """Five minutes used to be enough."""
    api.trouble("download", "502", times=blob_units.TRIES)
    await api.person().sends_voice(VOICE)
    await office.works()
    for day, state in enumerate(("wanted", "wanted", "failed"), 1):
        for _ in range(24):
            await office.channel.files.fetch_some()
            office.clock.move(hours=1, seconds=1)
        assert await office.column(blobs.c.state) == [state], f"day {day}"
    assert len(api.called("download")) == blob_units.TRIES


async def test_the_same_photo_twice_is_the_same_update_once(office: Office, api: BotApi, clock: FrozenClock) -> None:
    await api.person().sends_photo(PHOTO)
    await office.channel.poller.take_batch()
    async with open_office(office.storage, api, clock) as next_one:
        await next_one.takes_in()
    assert len(await office.rows(blobs)) == 1


async def test_whatever_it_is_called_a_picture_is_drawn_anew_and_nothing_else_passes_for_one(
    office: Office, api: BotApi
) -> None:
    """A photo sent as a file used to be handed to staff with the place it was taken at."""
    ana = api.person()
    page, bomb = b"<svg onload=alert(1)>", picture("PNG")[:16] + b"\x7f\xff\xff\xff" * 2 + picture("PNG")[24:]
    await ana.sends_document(PHOTO, name="合同.pdf")
    await ana.sends_photo(page)
    await ana.sends_document(page, name="../../photo.svg")
    await ana.sends_photo(bomb)
    await ana.sends_photo(b"\x00\x00\x00\x18ftypheic" + bytes(20))
    await office.works()
    await fetches(office)
    kept = await office.rows(blobs)
    assert [(one["kind"], one["state"], one["error"]) for one in kept] == [
        ("photo", "stored", None),
        ("photo", "refused", "not_what_it_says"),
        ("document", "stored", None),
        ("photo", "refused", kept[3]["error"]),
        ("photo", "refused", "heic"),
    ]
    assert kept[3]["error"] in ("huge_photo", "broken_photo")
    assert b"106.55" not in bytes(kept[0]["content"])
    assert kept[2]["mime"] == "application/octet-stream"
