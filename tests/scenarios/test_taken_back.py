"""Words sent by mistake: taken back in the topic or on the ticket's page, and nothing is hidden from whoever must know."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from handlers.texts.catalogue import load_catalogue
from storage import messages, own_data, progress, texting
from storage.tables import blobs, outbox
from storage.tables import messages as message_table
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import does, files, newest, opens_group, passes, ticket
from tests.scenarios.staff_group import Topic, connected, topic_for
from tests.scenarios.test_desk_in_group import reached
from tests.scenarios.test_hotline import noted, rings, texts
from tests.town import Town

GONE = "工作人员收回了"
WRONG = "隔壁1205的王大爷住院了"


async def message_of(town: Town, words: str) -> int:
    """Our newest message to a resident that says or said this."""
    query = select(message_table).where(message_table.c.sender == "staff").order_by(message_table.c.id.desc())
    rows = await town.storage.read(lambda tx: tx.all(query))
    return next(int(row["id"]) for row in rows if words in row["text"])


async def takes_back(desk: Desk, number: str, key: int) -> str:
    """Press it, also where the page offers no such button (any more)."""
    await desk.opens(f"/console/tickets/{number}")
    _, hidden = desk.form("/act")
    address = f"/console/tickets/{number}/messages/{key}/take-back"
    return (await desk.client.post(address, data={"csrf": hidden["csrf"]}, follow_redirects=True)).text


async def test_a_slip_is_taken_back_where_it_was_made_and_colleagues_still_read_it(ana: Any, town: Town) -> None:
    """It used to be: what was sent stood there for good."""
    await opens_group(town)
    number = await files(ana)
    topic = await topic_for(town, number)
    async with at_the_desk(town.storage, name="周敏") as zhou_desk, at_the_desk(town.storage, name="李强") as li_desk:
        zhou, li = await connected(town, zhou_desk), await connected(town, li_desk)
        await zhou.taps(topic, "接单")
        said = await zhou.writes(topic, WRONG)
        assert (await ticket(town, number))["first_contact_at"] is not None
        await li.writes(topic, "/收回")
        assert "没有可以收回的话" in await topic.reads(), "they have sent nothing"
        own = {"message_id": said, "date": 1, "chat": {"id": -4711, "type": "supergroup"}, "text": WRONG}
        person = {"id": zhou.remote, "is_bot": False, "first_name": "周"}
        await li.writes(topic, "/收回", reply_to_message=own | {"from": person})
        assert "这不是您说的" in await topic.reads()
        await zhou.writes(topic, "/收回", reply_to_message=own | {"from": person})
        assert WRONG not in await reached(ana)
        assert GONE in await reached(ana)
        assert "收回了" in await topic.reads()
        # The promise only these words had kept is owed again, and how it stands quotes them no more.
        assert (await ticket(town, number))["first_contact_at"] is None
        found = await town.storage.read(progress.of_number, number, chat_id=ana.chat_id)
        assert found is not None
        assert found.said is None
        page = await zhou_desk.opens(f"/console/tickets/{number}")
        assert f"<del>{WRONG}" in page
        assert "收回，居民看不到了" in page
        assert WRONG not in str(await town.storage.read(own_data.everything, ana.chat_id)), "it was about somebody else"
        # Twice is once; an edit brings nothing back; another answer counts.
        await zhou.writes(topic, "/收回", reply_to_message=own | {"from": person})
        assert "前面已经收回了" in await topic.reads()
        await zhou.edits(topic, said, "隔壁王大爷出院了")
        assert "王大爷" not in await reached(ana)
        await zhou.writes(topic, "师傅十点到")
        assert "师傅十点到" in await reached(ana)
        assert (await ticket(town, number))["first_contact_at"] is not None


async def test_on_the_tickets_page_by_whoever_said_it_or_has_it_within_a_day(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await opens_group(town)
    number = await files(ana)
    async with at_the_desk(town.storage, name="周敏") as zhou, at_the_desk(town.storage, name="李强") as li:
        await does(zhou, number, "answer", WRONG)
        key = await message_of(town, WRONG)
        refused = await takes_back(li, number, key)
        assert "这不是您说的" in refused
        await ana.says("好的")
        told = await takes_back(zhou, number, key)
        assert "居民已经看过" in told
        assert (await ticket(town, number))["first_contact_at"] is not None, "they had read it: contact was made"
        assert WRONG not in await reached(ana)
        # A question goes back and the clock is ours again; what a step said stays; a day later everything does.
        await does(zhou, number, "ask_back", "您家几口人？")
        assert (await ticket(town, number))["waiting_resident"]
        await takes_back(zhou, number, await message_of(town, "几口人"))
        assert not (await ticket(town, number))["waiting_resident"]
        await does(zhou, number, "finish", "换了新水管")
        assert "那一步已经算数" in await takes_back(zhou, number, await message_of(town, "换了新水管"))
        await does(zhou, number, "answer", "明天再来看一次")
        await passes(town, clock, hours=25)
        assert "过了 24 小时" in await takes_back(zhou, number, await message_of(town, "明天再来"))


async def test_what_has_not_left_yet_is_not_sent(any_town: Town) -> None:
    """On both databases."""
    town = any_town
    bo = await town.resident("telegram")
    await opens_group(town)
    number = await files(bo)
    async with at_the_desk(town.storage, name="周敏") as zhou:
        await does(zhou, number, "answer", WRONG)
        key = await message_of(town, WRONG)
        told = await takes_back(zhou, number, key)
        assert "还没送到居民那里" in told
        assert 'class="fate' not in told, "nothing of it was delivered"
        rows = await town.storage.read(lambda tx: tx.all(select(outbox).where(outbox.c.message_id == key)))
        assert rows == []


@pytest.fixture
async def topic(town: Town) -> Topic:
    await opens_group(town)
    return await topic_for(town, await files(await town.resident("web")))


async def test_a_photo_goes_with_its_words(topic: Topic, town: Town) -> None:
    """Whoever still has its address gets nothing; colleagues see it where it stood."""
    row = await ticket(town, topic.number)
    async with at_the_desk(town.storage, name="周敏") as desk:
        zhou = await connected(town, desk)
        await zhou.taps(topic, "接单")
        picture = [{"file_id": "big", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 3}]
        await zhou.writes(topic, caption="别人家的钥匙", photo=picture)
        await zhou.writes(topic, "/undo")
        lent = await town.storage.read(
            lambda tx: tx.all(select(blobs).where(blobs.c.chat_id == row["chat_id"], blobs.c.taken_back))
        )
        assert len(lent) == 1
        newest = (await town.storage.read(messages.latest, chat_id=row["chat_id"]))[-1]
        assert (newest.attachments, newest.text) == (None, load_catalogue()["zh"]("ticket.taken_back"))


async def test_a_text_message_that_has_left_cannot_be_called_back(town: Town) -> None:
    """While it waits it is not sent; afterwards one is told to answer again or ring."""
    await town.storage.run(texting.switch, True)
    async with at_the_desk(town.storage, name="周敏") as zhou:
        await rings(town, "c1", "ringing")
        await zhou.opens("/console/calls")
        await zhou.sends("/take")
        said = {"words": "厨房水管爆了", "place": "7栋2单元1204", "kind": "service_request:repair"}
        await noted(zhou, "file", **said, number="13800000011", name="王阿姨", consent="given")
        number = str((await newest(town))["number"])
        await does(zhou, number, "answer", WRONG)
        assert WRONG in (await texts(town))[-1]
        assert "还没送到居民那里" in await takes_back(zhou, number, await message_of(town, WRONG))
        assert WRONG not in "\n".join(await texts(town))
        await does(zhou, number, "answer", "师傅半小时到")
        await town.storage.run(lambda tx: tx.execute(outbox.update().values(state="sent")))  # the service took it
        refused = await takes_back(zhou, number, await message_of(town, "师傅半小时到"))
        assert "是当短信发出去的，收不回来" in refused
        assert "师傅半小时到" in "\n".join(await texts(town))
