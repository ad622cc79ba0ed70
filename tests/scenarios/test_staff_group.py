"""What residents say, on the chat page and on Telegram, through the real dispatcher into the topic of their ticket."""

from __future__ import annotations

from typing import Any

from handlers.web.updates import take_in_file
from knowledge.answers import Answerer
from knowledge.matcher import Matcher
from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.desk_service import a_photo
from tests.doubles.telegram_people import Person
from tests.scenarios.group_town import GroupTown, group_town
from tests.scenarios.office import files


async def uploads(ana: Any, content: bytes, *, key: str) -> None:
    """A photo from the chat page."""
    await ana.town.storage.run(
        take_in_file, ana.visitor, kind="photo", mime="image/jpeg", name="楼道.jpg", content=content,
        shape={"width": 64, "height": 48}, caption="", client_id=key, at=1_790_000_000,
    )  # fmt: skip
    await ana.town.works()


async def says(town: GroupTown, bo: Person, *texts: str) -> None:
    for text in texts:
        await bo.says(text)
        await town.works()


async def presses(town: GroupTown, bo: Person, words: str) -> None:
    await bo.presses(words)
    await town.works()


async def test_from_both_channels_words_photos_and_edits_stand_in_the_topic(
    storage: Storage, matcher: Matcher, answerer: Answerer, clock: FrozenClock
) -> None:
    async with group_town(storage, matcher, answerer, clock) as town:
        group, api, desk = town.group, town.api, town.desk

        ana = await town.resident("web")
        await files(ana)
        thread = group.topic("水管")
        assert "7栋" in group.says_in(thread)[0]
        await ana.presses("补充几句")
        await ana.says("水流到客厅了，我的电话 13912345678")
        assert "水流到客厅了" in group.says_in(thread)[-1]
        assert "13912345678" not in "\n".join(group.sees())
        await ana.presses("补充几句")
        await uploads(ana, a_photo(), key="p1")
        assert "photo" in group.shown_in(thread)[-1]

        bo = api.person()
        await says(town, bo, "11栋楼道灯不亮了")
        if "同意" in bo.buttons():
            await presses(town, bo, "同意")
        await presses(town, bo, "提交")
        other = group.topic("11栋")
        await presses(town, bo, "补充几句")
        number = await bo.says("三楼和四楼都不亮")
        await town.works()
        assert group.says_in(other)[-1] == "🗣 居民：三楼和四楼都不亮"
        await bo.edits(number, "三楼到五楼都不亮")
        await town.works()
        assert group.says_in(other)[-1] == "🗣 居民：三楼到五楼都不亮"
        await presses(town, bo, "补充几句")
        await bo.sends_photo(a_photo())
        await town.works()
        await desk.passes(3)
        assert "photo" in group.shown_in(other)[-1]
        assert "三楼" not in "\n".join(group.says_in(thread))
