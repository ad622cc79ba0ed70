"""What residents attach is fetched into our own keeping, sooner or later, or visibly given up on."""

from __future__ import annotations

import pytest

from storage import blobs as blob_units
from storage.engine import Storage
from storage.tables import blobs, messages
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.telegram_office import Office, open_office

PHOTO, VOICE, PAPER = b"\xff\xd8 a leak", b"OggS somebody speaks", b"%PDF a contract"


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
        assert [(one["kind"], one["state"], bytes(one["content"])) for one in kept] == [
            ("photo", "stored", PHOTO),
            ("voice", "stored", VOICE),
            ("document", "stored", PAPER),
        ]
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
