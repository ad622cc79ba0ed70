"""One day of a worker who has Telegram and nothing else, the whole service between them, the Bot API and a web page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from bot.service import Service
from storage import staff_telegram
from storage.tables import staff_telegram as links
from storage.tables import tickets
from tests.desk_service import a_photo, hire
from tests.doubles.bot_api import BotApi
from tests.doubles.telegram_groups import Group, Member
from tests.doubles.telegram_people import Person
from tests.doubles.web_people import WebPerson
from tests.patience import PATIENCE
from tests.telegram.test_service import PIPE, started

LAMP = "11栋楼道灯不亮了"


async def at_work(service: Service, api: BotApi, group: Group, name: str, role: str) -> tuple[Person, Member]:
    """Hired, and linked from their own telephone: their private chat, and the same person in the group."""
    staff_id, _ = await service.storage.run(hire, name, role)
    phone = api.person()
    await phone.says(f"/start {await service.storage.run(staff_telegram.make_code, staff_id)}")
    await phone.hears(f"接到同事“{name}”")
    await phone.presses("是我，接上")
    await phone.hears("接上了")
    return phone, Member(api, phone.about, group)


async def until(api: BotApi, true: Any) -> None:
    assert await api.world.pulse.until(true, PATIENCE)


async def reads(resident: WebPerson, words: str) -> None:
    """Wait until a person's words stand on their page."""
    for _ in range(int(PATIENCE * 10)):
        if any(words in one["text"] for one in await resident.shown() if one["from"] == "staff"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{words!r} never stood on the page")


async def the_ticket(service: Service) -> dict[str, Any]:
    row = await service.storage.read(lambda tx: tx.first(select(tickets).order_by(tickets.c.id.desc())))
    assert row is not None
    return dict(row)


async def test_a_day_in_the_group(api: BotApi, tmp_path: Path) -> None:
    group, ana = api.group("forum"), api.person()
    async with (
        started(api, tmp_path, staff_chat_id=group.chat_id) as service,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.server.port}", timeout=PATIENCE) as client,
    ):
        _, li = await at_work(service, api, group, "李强", "worker")
        zhou_phone, zhou = await at_work(service, api, group, "周敏", "operator")
        assert len(await service.storage.read(lambda tx: tx.all(select(links)))) == 2
        # A resident on the page: their photo's worth of trouble, answered with pictures from the topic.
        bo = WebPerson(client, "bo")
        await bo.opens_the_page()
        await bo.says(PIPE)
        assert await bo.hears("同意吗")
        assert await bo.presses("同意")
        assert await bo.hears("请您看看对不对")
        assert await bo.presses("提交")
        assert await bo.hears("登记好了")
        await until(api, lambda: any("水管" in name for name in group.topics()))
        topic = group.topic("水管")
        await until(api, lambda: "接单" in group.buttons())
        [taken] = await li.presses("接单")
        await until(api, lambda: taken.answers)
        assert "由您来办" in taken.answers[0]
        [late] = await zhou.presses("接单")
        await until(api, lambda: late.answers)
        assert "李强 在办" in late.answers[0]
        await li.writes("师傅十点到", topic=topic)
        await reads(bo, "师傅十点到")
        await li.sends_album(a_photo(), a_photo(colour="red"), topic=topic, caption="请先关这个阀门")
        await reads(bo, "请先关这个阀门")
        await li.writes("// 门口有狗", topic=topic)
        await zhou.presses("延期")
        await until(api, lambda: any("延到哪一天" in text for text in group.says_in(topic)))
        await zhou.presses(next(words for words in reversed(group.buttons()) if "（+2）" in words))
        await until(api, lambda: any("请写原因" in text for text in group.says_in(topic)))
        await zhou.writes("要调配件", topic=topic)
        await reads(bo, "要调配件")
        await li.presses("转交")
        await until(api, lambda: "周敏" in group.buttons())
        await li.presses("周敏")
        await until(api, lambda: any("交给了 周敏" in text for text in group.says_in(topic)))
        await zhou.presses("办结")
        await until(api, lambda: "办好，请居民确认" in group.buttons())
        await zhou.presses("办好，请居民确认")
        await until(api, lambda: any("请写办得怎么样" in text for text in group.says_in(topic)))
        await zhou.writes("换了新水管，试过不漏", topic=topic)
        await reads(bo, "试过不漏")
        assert await bo.presses("解决了")
        await until(api, lambda: group.group.threads[topic].closed)
        assert (await the_ticket(service))["state"] == "closed"
        page = await bo.shown()
        assert not [one for one in page if "有狗" in one["text"]]
        assert sum(len(one["attachments"] or ()) for one in page if one["from"] == "staff") == 2, "both pictures of it"
        # A resident on Telegram, and a worker who acts from their own chat.
        await ana.says(LAMP)
        await ana.hears("同意吗")
        await ana.presses("同意")
        await ana.hears("请您看看对不对")
        await ana.presses("提交")
        await ana.hears("登记好了")
        number = str((await the_ticket(service))["number"])
        await zhou_phone.says(f"/接单 {number}")
        await zhou_phone.hears("这张由您来办")
        await zhou_phone.says(f"/答复 {number} 今晚八点前修好")
        await ana.hears("今晚八点前修好")
        await until(api, lambda: any("今晚八点前修好" in text for text in group.sees()))
