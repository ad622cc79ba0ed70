"""What comes from Telegram is stored before it is confirmed, in order, once, whatever shape it has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from storage import inbox as inbox_units
from storage.engine import Storage
from storage.tables import blobs, chats, inbox, messages
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.telegram_people import Person
from tests.patience import PATIENCE
from tests.telegram_office import SORRY, Office, open_office

HIDDEN_USER = {"type": "hidden_user", "date": 1_764_000_000}
"""A forward origin that lacks ``sender_user_name``: aiogram cannot decode it."""


async def test_a_word_is_stored_worked_on_and_answered(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("您好")
    await office.works()
    assert ana.sees() == ["您说的是:您好"]
    assert api.world.updates == []


async def test_nothing_is_confirmed_before_it_is_stored(office: Office, api: BotApi, storage: Storage) -> None:
    """Killed between the answer of getUpdates and the commit: Telegram still has everything, and it happens once."""
    ana = api.person()
    await ana.says("一")
    await ana.says("二")
    full = office.storage.run

    async def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    storage.run = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        await office.channel.poller.take_batch()
    storage.run = full  # type: ignore[method-assign]
    assert len(api.world.updates) == 2
    await office.works()
    assert ana.sees() == ["您说的是:一", "您说的是:二"]


async def test_killed_after_the_commit_the_same_updates_come_again_and_are_known(
    office: Office, api: BotApi, storage: Storage, clock: FrozenClock
) -> None:
    ana = api.person()
    await ana.says("一")
    await office.channel.poller.take_batch()
    async with open_office(storage, api, clock) as next_one:
        await ana.says("二")
        await next_one.works()
    assert await office.column(messages.c.text) == ["一", "二", "您说的是:一", "您说的是:二"]
    assert api.world.updates == []


async def test_after_a_quiet_week_updates_with_small_numbers_are_not_confirmed_unread(
    office: Office, api: BotApi
) -> None:
    """Telegram begins its ids anew after a week without updates; a kept offset threw away what came then."""
    ana = api.person()
    await ana.says("上周")
    await office.works()
    api.world.renumber(12)
    await ana.says("这周")
    await office.works()
    assert ana.sees() == ["您说的是:上周", "您说的是:这周"]


async def test_another_bots_updates_are_not_taken_for_known_ones(
    office: Office, storage: Storage, clock: FrozenClock, api: BotApi
) -> None:
    async with bot_api(token="777:another_bots_token_0123456789") as other_api:
        other_api.world.me["id"] = 777
        await api.person().says("旧机器人")
        await office.works()
        await other_api.person().says("新机器人")
        async with open_office(storage, other_api, clock) as other:
            await other.works()
    assert "新机器人" in await office.column(messages.c.text)


@pytest.mark.parametrize(
    "broken",
    [
        {"message": {"message_id": 1, "date": 1_764_000_000, "text": "坏", "forward_origin": HIDDEN_USER}},
        {"message": {"message_id": "x" * 300, "date": "soon", "text": ["a"]}},
        {"message": "words"},
        {"telepathy": {"thought": "坏"}},
        {"managed_bot_v9": {"from": {"id": 5}}},
        {"callback_query": {"id": 7, "from": None, "data": {}}},
        {"message": None},
        {},
    ],
    ids=str,
)
async def test_what_cannot_be_decoded_is_parked_and_holds_up_nobody(
    broken: dict[str, Any], office: Office, api: BotApi
) -> None:
    ana, bo = api.person(), api.person()
    if isinstance(broken.get("message"), dict):
        broken = {"message": broken["message"] | {"chat": ana.chat.about, "from": ana.about}}
    await ana.says("前")
    api.world.injected(broken)
    await ana.says("后")
    await bo.says("别人")
    await office.works()
    assert ana.sees() == ["您说的是:前", "您说的是:后"]
    assert bo.sees() == ["您说的是:别人"]
    [parked] = await office.storage.read(inbox_units.parked)
    assert "cannot be decoded" in str(parked["error"])
    assert api.world.updates == []


async def test_a_parked_words_can_still_be_read_by_staff(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.sends(text="转发的话", forward_origin=HIDDEN_USER)
    await office.works()
    [parked] = await office.storage.read(inbox_units.parked)
    [message] = await office.rows(messages)
    assert (message["id"], message["text"]) == (parked["message_id"], "转发的话")


async def test_a_parked_update_can_be_offered_again(office: Office, api: BotApi, storage: Storage) -> None:
    await api.person().sends(text="转发的话", forward_origin=HIDDEN_USER)
    await office.works()
    [parked] = await storage.read(inbox_units.parked)
    assert await storage.run(inbox_units.retry_parked, int(str(parked["id"])))
    await office.works()
    [again] = await storage.read(inbox_units.parked)
    assert again["id"] == parked["id"]


STRANGE_FILES: list[dict[str, Any]] = [
    {"file_id": "a", "file_size": 4_000_000_000, "mime_type": "video/mp4\0", "file_name": "一\0\ud800.mp4"},
    {"file_id": "b\0", "file_size": -1, "mime_type": 7, "file_name": {}},
    {"file_id": 9},
    {"file_id": "c", "file_size": True, "mime_type": "x" * 5000, "file_name": "y" * 5000},
]


@pytest.mark.parametrize("strange", STRANGE_FILES, ids=lambda part: str(part["file_id"]))
async def test_no_update_is_too_strange_for_either_database(
    strange: dict[str, Any], any_storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    """A film of 4 GB did not fit the column of PostgreSQL, and the whole batch came again for ever."""
    ana = api.person()
    async with open_office(any_storage, api, clock) as office:
        api.world.injected(
            {
                "message": {
                    "message_id": 99,
                    "date": 1_764_000_000,
                    "chat": ana.chat.about,
                    "from": ana.about,
                    "document": strange,
                    "caption": "\ud83d\0看",
                }
            }
        )
        await ana.says("后")
        assert await office.takes_in() == 2
        await office.worker.work_off()
        assert await office.column(messages.c.text) == ["?看", "后", "您说的是:后"]


async def test_an_animation_is_one_attachment_and_a_sticker_none(office: Office, api: BotApi) -> None:
    """Telegram sends an animation as a document as well; it was kept twice."""
    ana = api.person()
    await ana.sends_animation(b"GIF")
    await ana.sends_sticker()
    await office.takes_in()
    assert await office.column(blobs.c.kind) == ["animation"]
    assert await office.column(messages.c.text) == ["", "[sticker]"]


async def test_what_somebody_edits_reads_as_they_edited_it(office: Office, api: BotApi) -> None:
    ana = api.person()
    number = await ana.says("七栋")
    await office.works()
    await ana.edits(number, "7栋1204")
    await office.works()
    first = (await office.rows(messages))[0]
    assert (first["text"], first["edited_at"]) == ("7栋1204", office.clock.now)


async def test_a_press_is_answered_once_after_its_commit(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("漏水")
    await office.works()
    [press] = await ana.presses("厨房")
    await office.takes_in()
    assert press.answers == []
    await office.works()
    assert press.answers == ["好的"]
    assert ana.sees() == ["漏水的地方:厨房", "记下了。"]
    assert ana.buttons() == []


async def test_five_quick_presses_happen_once_and_each_is_answered(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("漏水")
    await office.works()
    presses = await ana.presses("厨房", times=5)
    await office.works()
    assert [press.answers for press in presses] == [["好的"], *[["这个按钮已经用过了"]] * 4]
    assert ana.sees() == ["漏水的地方:厨房", "记下了。"]


async def test_a_press_that_is_too_old_to_be_answered_still_counts(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("漏水")
    await office.works()
    await ana.presses("厨房", stale=True)
    await office.works()
    assert ana.sees() == ["漏水的地方:厨房", "记下了。"]


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """What is logged, without structlog's own, slow drawing of tracebacks."""
    with capture_logs() as lines:
        yield lines


async def test_a_handler_that_breaks_is_tried_three_times_then_the_chat_goes_on(
    office: Office, api: BotApi, logged: list[Any]
) -> None:
    """Those behind it wait for it, in order, and without the worker asking the database over and over."""
    ana = api.person()
    await ana.says("坏")
    await ana.says("后")
    await office.works()
    assert ana.sees() == []
    for _ in range(2):
        office.clock.move(seconds=5)
        await office.works()
    assert ana.sees() == [SORRY, "您说的是:后"]
    assert await office.column(inbox.c.state) == ["parked", "done"]
    assert [line["event"] for line in logged] == ["update failed"] * 3


async def test_while_a_chat_waits_for_its_next_try_nobody_claims_it(
    office: Office, api: BotApi, logged: list[Any]
) -> None:
    ana = api.person()
    await ana.says("坏")
    await ana.says("后")
    await office.works()
    assert await office.storage.run(inbox_units.claim, owner="x", limit=9) == []
    office.clock.move(seconds=5)
    assert len(await office.storage.run(inbox_units.claim, owner="x", limit=9)) == 1


async def test_a_channel_that_is_switched_off_keeps_its_updates(office: Office, api: BotApi, storage: Storage) -> None:
    await api.person().says("在吗")
    await office.takes_in()
    assert await storage.run(inbox_units.claim, owner="x", limit=9, channels=["web"]) == []
    assert await office.column(inbox.c.state) == ["pending"]


async def test_who_blocks_the_bot_is_marked_and_who_comes_back_is_reached(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("您好")
    await office.works()
    await ana.blocks()
    await office.works()
    assert await office.column(chats.c.blocked_at) == [office.clock.now]
    await ana.unblocks()
    await office.works()
    assert await office.column(chats.c.blocked_at) == [None]


async def test_two_processes_on_one_database_answer_everybody_once_and_in_order(
    postgres_storage: Storage, api: BotApi, clock: FrozenClock, logged: list[Any]
) -> None:
    """One of them polls; both work; when it goes, the other takes over."""
    people = [api.person() for _ in range(8)]
    async with (
        open_office(postgres_storage, api, clock) as one,
        open_office(postgres_storage, api, clock) as other,
        asyncio.TaskGroup() as group,
    ):
        for office in (one, other):
            group.create_task(office.worker.run())
            office.channel.start()
        await _says_and_hears(people, "一二三")
        await one.channel.stop()
        one.worker.stop()
        await _says_and_hears(people, "四五六")
        other.worker.stop()
    for person in people:
        assert person.sees() == [f"您说的是:{word}" for word in "一二三四五六"]
    assert not [line for line in logged if line["log_level"] in ("warning", "error")]


async def test_while_a_stranger_polls_with_our_token_we_step_back_and_then_lose_nothing(
    office: Office, api: BotApi, logged: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pollers on one token send each other away for ever; one of them has to be patient."""
    monkeypatch.setattr("bot.telegram.polling.STEP_BACK", 0.01)
    words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    api.refuses("getUpdates", 409, words, times=3)
    ana = api.person()
    await ana.says("在吗")
    office.channel.start()
    assert await api.world.pulse.until(lambda: not api.world.updates, PATIENCE)
    await office.worker.work_off()
    await ana.hears("您说的是:在吗")
    said = [line["event"] for line in logged if line["log_level"] == "warning"]
    assert said == ["somebody else polls with this bot's token; stepping back"] * 3


async def _says_and_hears(people: list[Person], words: str) -> None:
    for word in words:
        for person in people:
            await person.says(word)
    for person in people:
        await person.hears(words[-1])
