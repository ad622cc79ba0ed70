"""What is said in a topic and at the resident's, over HTTP against the strict double: replies, voice, files, edits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from handlers.web.shown import shown
from knowledge.answers import Answerer
from knowledge.matcher import Matcher
from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.desk_service import a_photo
from tests.doubles.telegram_groups import Member
from tests.doubles.telegram_people import Person
from tests.scenarios.group_town import GroupTown, group_town
from tests.scenarios.office import files

LAMP = "11栋楼道灯不亮了"
POINT = {"latitude": 29.563012, "longitude": 106.551567}


@pytest.fixture
async def town(storage: Storage, matcher: Matcher, answerer: Answerer, clock: FrozenClock) -> AsyncIterator[GroupTown]:
    async with group_town(storage, matcher, answerer, clock) as opened:
        yield opened


class Story:
    """A resident on Telegram, a colleague who has their ticket, and its topic."""

    def __init__(self, town: GroupTown, bo: Person, zhou: Member, topic: int) -> None:
        self.town, self.bo, self.zhou, self.topic = town, bo, zhou, topic

    async def writes(self, text: str = "", *, answers: int | None = None, **more: Any) -> int:
        number = await self.zhou.writes(text, topic=self.topic, answers=answers, **more)
        await self.town.works()
        await self.town.desk.passes(3)
        return number

    def newest_in(self, what: str) -> dict[str, Any]:
        """The newest line of the bot's in the topic that says this."""
        found = [
            one for one in self.town.group.shown_in(self.topic) if what in str(one.get("text") or one.get("caption"))
        ]
        assert found, self.town.group.says_in(self.topic)
        return found[-1]

    def newest_at_bo(self, what: str) -> dict[str, Any]:
        found = [one for one in self.bo.shown() if what in str(one.get("text") or one.get("caption"))]
        assert found, self.bo.sees()
        return found[-1]


@pytest.fixture
async def story(town: GroupTown) -> Story:
    zhou, bo = await town.colleague("周敏"), town.api.person()
    topic = await town.files(bo, LAMP)
    assert "由您来办" in await town.presses(zhou, "接单")
    return Story(town, bo, zhou, topic)


async def test_replies_stand_as_replies_on_both_sides(story: Story) -> None:
    """It used to be: a resident's reply was a new question to the bot, and in the topic a line like any other."""
    town, bo = story.town, story.bo
    asked = await story.writes("几楼的灯？")
    there = story.newest_at_bo("几楼的灯")
    await town.says(bo, "四楼和五楼", answers=there["message_id"])
    line = story.newest_in("四楼和五楼")
    assert line["reply_to_message"]["message_id"] == asked
    await story.writes("五楼的我去看", answers=line["message_id"])
    answer = story.newest_at_bo("五楼的我去看")
    assert bo.chat.messages[answer["reply_to_message"]["message_id"]]["text"] == "四楼和五楼"
    # The same on the chat page, to a line of the console's answer too.
    ana = await town.resident("web")
    await files(ana)
    other = town.group.topic("水管")
    await town.presses(story.zhou, "接单")
    await ana.presses("补充几句")
    await ana.says("楼下也湿了")
    line = next(one for one in town.group.shown_in(other) if "楼下也湿了" in one.get("text", ""))
    await story.zhou.writes("楼下几号？", topic=other, answers=line["message_id"])
    await town.works()
    thread = await ana.thread()
    quoted = next(one.id for one in thread if one.text == "楼下也湿了")
    assert shown(next(one for one in thread if "楼下几号" in one.text)).answers == quoted
    # A reply that is a matter of danger is danger first.
    await town.says(bo, "电线冒火花了，起火了", answers=answer["message_id"])
    assert any("【紧急】着火" in text for text in town.group.says_in(None))


async def test_voice_and_places_reach_whoever_works_on_it(story: Story) -> None:
    town, bo = story.town, story.bo
    await story.writes("具体在哪里？")
    where = story.newest_at_bo("具体在哪里")
    reply = {"reply_to_message": dict(where)}
    await bo.sends(location=POINT, **reply)
    await town.works()
    assert "29.56301,106.55157" in story.newest_in("📍")["text"]
    stored = town.api.world.keep_file(b"OggS resident", folder="voice")
    await bo.sends(voice=stored | {"duration": 4, "mime_type": "audio/ogg"}, **reply)
    await town.works()
    await town.desk.passes(3)
    assert "voice" in town.group.shown_in(story.topic)[-1], "a reply to words had lost its files"
    # The colleague's voice goes as voice, what may give somebody away stays, and they are told.
    stored = town.api.world.keep_file(b"OggS colleague", folder="voice")
    await story.writes(voice=stored | {"duration": 4, "mime_type": "audio/ogg"})
    assert any("voice" in one for one in bo.shown())
    assert story.newest_at_bo("请听语音")
    before = len(bo.shown())
    await story.writes(contact={"phone_number": "13912345678", "first_name": "王师傅"})
    assert story.newest_in("名片没有发给居民")
    await story.writes(location=POINT)
    assert story.newest_in("位置没有发给居民")
    await story.writes(dice={"emoji": "🎲", "value": 3})
    big = town.api.world.keep_file(b"x", folder="documents", too_big=True) | {"file_size": 21 * 1024 * 1024}
    await story.writes(document=big | {"file_name": "图纸.zip", "mime_type": "application/zip"})
    assert story.newest_in("超过 20 MB")
    assert len(bo.shown()) == before
    await bo.sends(document=big | {"file_name": "视频.mov", "mime_type": "video/quicktime"})
    await town.works()
    assert story.newest_at_bo("这个文件超过 20 MB")
    round_one = town.api.world.keep_file(b"\0\0\0\x18ftypmp42" + bytes(16), folder="notes")
    await story.writes(video_note=round_one | {"length": 240, "duration": 3})
    assert any("video" in one for one in bo.shown()), bo.shown()[-1]


async def test_a_slip_with_pictures_is_gone_from_the_residents_telephone(story: Story) -> None:
    town, bo = story.town, story.bo
    said = await story.writes("师傅十点到")
    await story.writes("/收回", answers=said)
    assert "师傅十点到" not in "\n".join(bo.sees())
    assert story.newest_at_bo("工作人员收回了")
    [first, *_] = await story.zhou.sends_album(
        a_photo(), a_photo(colour="red"), topic=story.topic, caption="别家的钥匙"
    )
    await town.works()
    await town.desk.passes(3)
    assert sum("photo" in one for one in bo.shown()) == 2
    await story.writes("/撤回", answers=first)
    assert not [one for one in bo.shown() if "photo" in one], "both pictures"
    assert "别家的钥匙" not in "\n".join(bo.sees())
    assert sum("工作人员收回了" in text for text in bo.sees()) == 3


async def test_an_edit_never_becomes_a_command_or_a_leak(story: Story) -> None:
    town, bo = story.town, story.bo
    sent, note = await story.writes("师傅十点到"), await story.writes("// 家里有狗")
    ordered = await story.writes("/答复 带好钥匙")
    for number, text, told in (
        (sent, "// 别忘了带梯子", "没有照办"),
        (sent, "/办结 修好了", "没有照办"),
        (note, "家里有狗", "原来是备注"),
    ):
        await story.zhou.edits(number, text)
        await town.works()
        assert story.newest_in(told)
    seen = "\n".join(bo.sees())
    assert "师傅十点到" in seen
    assert not [words for words in ("梯子", "修好了", "有狗") if words in seen]
    await story.zhou.edits(ordered, "/答复 带好门禁卡")
    await story.zhou.edits(sent, "师傅十一点到")
    await story.zhou.edits(note, "// 家里有两条狗")
    await town.works()
    seen = "\n".join(bo.sees())
    assert ("带好门禁卡" in seen, "师傅十一点到" in seen, "带好钥匙" in seen) == (True, True, False)
    assert "狗" not in seen


async def test_captions_change_on_both_sides_and_a_voice_that_was_asked_for_is_the_tickets(story: Story) -> None:
    """A voice for a ticket used to call a person and never reach whoever worked on it."""
    town, bo = story.town, story.bo
    [first, _] = await story.zhou.sends_album(a_photo(), a_photo(colour="red"), topic=story.topic, caption="关左边的阀")
    await town.works()
    await town.desk.passes(3)
    await story.zhou.edits(first, "关右边的阀")
    await town.works()
    await town.desk.passes(3)
    assert story.newest_at_bo("关右边的阀")
    assert "关左边的阀" not in "\n".join(bo.sees())
    assert sum("photo" in one for one in bo.shown()) == 2
    await town.presses(bo, "补充几句")
    number = await bo.sends_photo(a_photo(), caption="是四楼这盏")
    await town.works()
    await town.desk.passes(3)
    assert "是四楼这盏" in story.newest_in("是四楼这盏")["caption"]
    await bo.edits(number, "是五楼这盏")
    await town.works()
    await town.desk.passes(3)
    assert story.newest_in("是五楼这盏")
    await story.writes("/ask 几点在家？")
    stored = town.api.world.keep_file(b"OggS at six", folder="voice")
    await bo.sends(voice=stored | {"duration": 4, "mime_type": "audio/ogg"})
    await town.works()
    await town.desk.passes(3)
    assert "voice" in town.group.shown_in(story.topic)[-1]
    assert "语音收到，已经转给工作人员听" in "\n".join(bo.sees()), "it may be danger: a person hears it at once"
