"""Whatever arrives is answered kindly, kept, and breaks nothing: odd messages, odd buttons, updates nobody has heard of."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.telegram.arrivals import arrival_of
from storage import inbox as inbox_units
from storage.tables import alarms, blobs, conversations, drafts, inbox, messages, ticket_blobs, tickets
from storage.tables import messages as message_table
from tests.conftest import FrozenClock
from tests.scenarios.test_first_slice import PIPE, QUESTION, all_of
from tests.town import TelegramResident, Town

FILE = {"file_id": "AgAD1", "file_unique_id": "u1"}
PHOTO = {**FILE, "width": 1280, "height": 960, "file_size": 90_000}
VOICE = {**FILE, "duration": 4, "mime_type": "audio/ogg", "file_size": 9_000}
STICKER = {**FILE, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
POLL = {
    "id": "1",
    "question": "去不去",
    "options": [{"persistent_id": "1", "text": "去", "voter_count": 0}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}


@pytest.fixture
async def bo(town: Town) -> TelegramResident:
    found: TelegramResident = await town.resident("telegram")
    return found


async def parked(town: Town) -> list[dict[str, Any]]:
    return [row for row in await all_of(town, inbox) if row["state"] == "parked"]


async def nothing_failed(town: Town) -> bool:
    return all(row["state"] == "done" for row in await all_of(town, inbox))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"sticker": STICKER}, "表情"),
        ({"location": {"latitude": 29.6, "longitude": 106.5}}, "楼栋"),
        ({"contact": {"phone_number": "02300000000", "first_name": "老李"}}, "联系人"),
        ({"poll": POLL}, "文字"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "文字"),
        ({"text": "\u200b\u200c\u200d\u2060\ufeff"}, "空白"),
        ({"text": " \n\t "}, "空白"),
        ({"photo": [PHOTO]}, "照片"),
        (
            {"document": {**FILE, "file_name": "合同.pdf", "mime_type": "application/pdf", "file_size": 4_000_000_000}},
            "文件",
        ),
    ],
)
async def test_whatever_is_not_words_gets_a_kind_answer(
    sent: dict[str, Any], words: str, bo: TelegramResident, town: Town
) -> None:
    heard = await bo.sends(arrival_of(bo.raw(**sent)))
    assert words in "\n".join(heard)
    assert await nothing_failed(town)
    assert await all_of(town, tickets) == []


async def test_what_telegram_notes_by_itself_is_not_answered(bo: TelegramResident, town: Town) -> None:
    await bo.says("您好")
    pinned = bo.raw()["message"] | {"text": "您好"}
    assert await bo.sends(arrival_of(bo.raw(pinned_message=pinned))) == []
    assert await nothing_failed(town)


async def test_keyboard_mash_is_no_place(ana: Any, town: Town) -> None:
    await ana.says("厨房水管爆了")
    await ana.presses("同意")
    assert "没看懂" in "\n".join(await ana.says("asdf！！@#￥"))
    assert "请您看看对不对" in "\n".join(await ana.says("7栋1204"))


async def test_where_nothing_is_known_a_person_is_offered_and_no_choice_of_none(ana: Any, town: Town) -> None:
    """ "None of these" stood alone under a reply that had offered nothing."""
    assert "还不会答" in (await ana.says("7栋1304那里"))[0]
    assert "都不是，找人工" not in await ana.buttons()
    assert "叫人" in "".join(await ana.presses("请工作人员回答"))


async def test_a_button_that_is_gone_is_no_edit_of_what_was_said(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    asked = [message for message in await ana.thread() if "同意吗" in message.text]
    assert [(message.buttons, message.edited_at) for message in asked] == [(None, None)]


async def test_a_voice_message_is_kept_and_a_person_called(bo: TelegramResident, town: Town) -> None:
    assert "语音收到" in "\n".join(await bo.sends(arrival_of(bo.raw(voice=VOICE))))
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["reason"]) == ("waiting", "voice")
    [kept] = await all_of(town, blobs)
    assert (kept["remote_file"], kept["mime"]) == ("AgAD1", "audio/ogg")
    [said] = [m for m in await all_of(town, messages) if m["sender"] == "resident"]
    assert said["attachments"][0]["kind"] == "voice"
    assert said["conversation_id"] == talk["id"]


async def test_an_album_is_one_request_with_all_its_pictures(bo: TelegramResident, town: Town) -> None:
    pictures = [
        bo.raw(photo=[{**PHOTO, "file_id": f"F{n}", "file_unique_id": f"f{n}"}], media_group_id="777") for n in range(4)
    ]
    heard = await bo.sends(*map(arrival_of, pictures))
    assert len(heard) == 1, "an album is one thing said"
    [draft] = await all_of(town, drafts)
    assert len(draft["answers"]["blobs"]) == 4


async def test_an_album_into_an_open_form_is_answered_once(bo: TelegramResident, town: Town) -> None:
    await bo.says("厨房水管爆了")
    await bo.presses("同意")
    pictures = [
        bo.raw(photo=[{**PHOTO, "file_id": f"F{n}", "file_unique_id": f"f{n}"}], media_group_id="778") for n in range(3)
    ]
    assert len(await bo.sends(*map(arrival_of, pictures))) == 1
    assert "\n照片等附件：3 份\n" in "".join(await bo.says("7栋1204"))
    await bo.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert [kept["ticket_id"] for kept in await all_of(town, ticket_blobs)] == [ticket["id"]] * 3


async def test_a_caption_is_understood_like_words(bo: TelegramResident, town: Town) -> None:
    await bo.sends(arrival_of(bo.raw(photo=[PHOTO], caption=PIPE)))
    await bo.presses("同意")
    assert "7栋1204" in await bo.sees()
    await bo.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["description"] == PIPE


async def test_ten_thousand_characters_are_heard_to_the_end(ana: Any, town: Town) -> None:
    long = "我们这栋楼住了好多年了，" * 830 + "社区用房一百户要配多少平方米？"
    assert len(long) > 9_900
    assert await ana.says(long)
    assert await nothing_failed(town)
    [said] = [m["text"] for m in await all_of(town, messages) if m["sender"] == "resident"]
    assert said.endswith("多少平方米？")


@pytest.mark.parametrize(
    "noise",
    [
        "\u202e一百户要配多大的社区用房？",
        "一百户\x07要配\x1b[31m多大的社区用房？",
        "一\u200b百\u200b户要配多大的社区用房？",
    ],
)
async def test_invisible_characters_do_not_hide_the_question(noise: str, ana: Any) -> None:
    assert "二(一)" in "\n".join(await ana.says(noise))


async def test_an_edited_message_changes_what_is_read_and_the_open_form(bo: TelegramResident, town: Town) -> None:
    raw = bo.raw(text="7栋1204厨房水管爆了")
    await bo.sends(arrival_of(raw))
    await bo.presses("同意")
    edited = {
        "update_id": raw["update_id"] + 900_000,
        "edited_message": raw["message"] | {"text": "7栋1304厨房水管爆了", "edit_date": 1_790_000_100},
    }
    await bo.sends(arrival_of(edited))
    [said] = [m for m in await all_of(town, messages) if m["sender"] == "resident"]
    assert said["text"] == "7栋1304厨房水管爆了"
    assert await nothing_failed(town)
    assert await all_of(town, tickets) == []


async def test_a_forwarded_message_is_heard_as_said(bo: TelegramResident) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "邻居", "date": 1_780_000_000}
    assert "二(一)" in "\n".join(await bo.sends(arrival_of(bo.raw(text=QUESTION, forward_origin=origin))))


@pytest.mark.parametrize(
    "data",
    [
        "",
        "d:999:1:submit",
        "d:x:y:z",
        "a:1:f:nothing",
        "e:1:false",
        "p:7:end",
        "t:1:withdraw",
        "::::",
        "💥" * 16,
        "c:maybe",
        "m:unknown",
    ],
)
async def test_a_forged_button_does_nothing(data: str, ana: Any, town: Town) -> None:
    await ana.says(QUESTION)
    message = (await ana.thread())[-1]
    before = [await all_of(town, table) for table in (tickets, drafts, alarms, conversations)]
    heard = await ana.presses_data(message, data)
    assert "按钮" in "\n".join(heard) or heard == []
    assert [await all_of(town, table) for table in (tickets, drafts, alarms, conversations)] == before
    assert await nothing_failed(town)


async def test_an_update_nobody_has_heard_of_is_parked_and_blocks_nothing(bo: TelegramResident, town: Town) -> None:
    strange = {"update_id": 5_000_001, "hologram": {"chat": {"id": bo.remote, "type": "private"}, "depth": 3}}
    bent = {"update_id": 5_000_002, "message": {"message_id": "seven", "chat": {"id": bo.remote, "type": "private"}}}
    heard = await bo.sends(arrival_of(strange), arrival_of(bent), bo.words(QUESTION))
    assert "二(一)" in "\n".join(heard)
    assert len(await parked(town)) == 2


async def test_blocking_the_bot_and_coming_back(bo: TelegramResident, town: Town) -> None:
    def member(status: str, number: int) -> dict[str, Any]:
        person = {"id": bo.remote, "is_bot": False, "first_name": "居民"}
        change = {
            "chat": {"id": bo.remote, "type": "private"},
            "from": person,
            "date": 1_790_000_000,
            "old_chat_member": {"user": person, "status": "member"},
            "new_chat_member": {"user": person, "status": status} | ({"until_date": 0} if status == "kicked" else {}),
        }
        return {"update_id": number, "my_chat_member": change}

    assert await bo.sends(arrival_of(member("kicked", 6_000_001))) == []
    assert await bo.sends(arrival_of(member("member", 6_000_002))) == []
    assert await nothing_failed(town)
    assert "二(一)" in "\n".join(await bo.says(QUESTION))


async def test_in_a_group_the_bot_asks_to_be_spoken_to_alone(bo: TelegramResident, town: Town) -> None:
    raw = bo.raw(text="/start")
    raw["message"]["chat"] = {"id": -100_123, "type": "supergroup", "title": "7栋"}
    await bo.sends(arrival_of(raw))
    said = await town.storage.read(
        lambda tx: tx.all(select(message_table.c.text).where(message_table.c.sender == "bot"))
    )
    assert [row["text"] for row in said] == ["请私下和我说，这样您的事只有经手的人看得到。"]
    raw = bo.raw(text="/id@lianxin_bot")
    raw["message"]["chat"] = {"id": -100_123, "type": "supergroup", "title": "7栋"}
    await bo.sends(arrival_of(raw))
    said = await town.storage.read(lambda tx: tx.all(select(message_table.c.text).order_by(message_table.c.id)))
    assert "-100123" in said[-1]["text"]
    raw = bo.raw(text=PIPE)
    raw["message"]["chat"] = {"id": -100_123, "type": "supergroup", "title": "7栋"}
    await bo.sends(arrival_of(raw))
    assert len(await all_of(town, drafts)) == 0


async def test_a_handler_that_fails_keeps_the_words_and_calls_a_person(
    ana: Any, town: Town, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr("handlers.residents.asking.hear", broken)
        assert await ana.says(QUESTION) == []
        for _ in range(inbox_units.RETRIES - 1):
            clock.move(minutes=1)
            await town.works()
        assert "没有丢" in "\n".join(await ana.hears())
    [talk] = await all_of(town, conversations)
    assert talk["reason"] == "failed"
    [row] = await parked(town)
    await town.storage.run(inbox_units.retry_parked, row["id"])
    await town.works()
    assert await parked(town) == []
