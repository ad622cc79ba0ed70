"""From the telephone to the chat: a caller without a chat, the operator's ticket, an answer by text, and the claim code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage import callers, messages, telephone, texting
from storage import tables as t
from storage.telephone import Told
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import does, newest, passes, ticket
from tests.town import Town


async def rings(town: Town, call: str, event: Any) -> None:
    told = Told(f"{call}-{event}", call, event, town.storage.clock(), number="13800000011")
    await town.storage.run(telephone.take_in, told)


async def noted(desk: Desk, act: str, **fields: str) -> str:
    """One of the buttons of the call that is open, with what stands in its form."""
    address, hidden = desk.form("/think")
    answer = await desk.client.post(address.replace("think", act), data=hidden | fields, follow_redirects=True)
    desk.page = answer.text
    return desk.page


async def texts(town: Town) -> list[str]:
    """What has gone out, or waits to go out, as text messages."""
    query = select(t.messages.c.text).join(t.outbox, t.outbox.c.message_id == t.messages.c.id)
    query = query.join(t.chats, t.chats.c.id == t.outbox.c.chat_id).where(t.chats.c.channel == callers.CHANNEL)
    return [text for (text,) in await town.storage.read(lambda tx: tx.tuples(query.order_by(t.outbox.c.id)))]


async def test_an_old_woman_calls_and_her_daughter_follows_it_in_the_chat(town: Town, clock: FrozenClock) -> None:
    await town.storage.run(texting.switch, True)
    async with at_the_desk(town.storage) as desk:
        await rings(town, "c1", "ringing")
        await rings(town, "c1", "ended")
        assert "13800000011" in await desk.opens("/console/call-backs"), "nobody was quick enough"
        await rings(town, "c2", "ringing")
        await desk.opens("/console/calls")
        await desk.sends("/take")
        await rings(town, "c2", "ended")
        assert "对方已挂断" in await desk.opens(desk.form("/think")[0].replace("/think", ""))
        said = {"words": "厨房水管爆了，水往客厅流", "place": "7栋2单元1204", "kind": "service_request:repair"}
        await noted(desk, "file", **said, number="13800000011", name="王阿姨", consent="given")
        filed = await newest(town)
        assert filed["claim_code"] in desk.page
        assert "13800000011" not in (await desk.opens("/console/call-backs")).split("最近回拨的")[0], "she rang again"
        assert filed["claim_code"] in (await texts(town))[-1]
        await does(desk, filed["number"], "accept")
        await does(desk, filed["number"], "answer", "师傅半小时到，请先关总阀。")
        assert "师傅半小时到" in (await texts(town))[-1]
        daughter = await town.resident("web")
        heard = "\n".join(await daughter.says(f"{filed['number']} {filed['claim_code']}"))
        assert filed["number"] in heard
        await does(desk, filed["number"], "answer", "师傅到楼下了。")
        assert "师傅到楼下了" in "\n".join(await daughter.hears())
        await does(desk, filed["number"], "finish", "换了一截管子。")
        asked = (await texts(town))[-1]
        assert "换了一截管子" in asked
        await passes(town, clock, days=2)
        await passes(town, clock, days=4)
        assert filed["number"] in await desk.opens("/console/call-backs"), "a telephone cannot press: she is rung"
        await desk.sends(
            f"/{filed['number']}", contacted="yes", about="verdict", solved="solved", satisfied="satisfied"
        )
    assert (await ticket(town, filed["number"]))["outcome"] == "solved"
    thread = await town.storage.read(messages.latest, chat_id=filed["chat_id"])
    assert thread[0].text == said["words"], "her words stand first, as they were said"


async def test_a_recording_is_opened_by_whoever_reads_the_ticket_each_look_kept_and_not_for_ever(
    town: Town, clock: FrozenClock
) -> None:
    async with at_the_desk(town.storage) as desk:
        await rings(town, "c1", "ringing")
        await desk.opens("/console/calls")
        await desk.sends("/take")
        said = {"words": "厨房水管爆了", "place": "7栋2单元1204", "kind": "service_request:repair"}
        await noted(desk, "file", **said, number="13800000011", name="王阿姨", consent="given")
        lies = Told("r1", "c1", "recording", clock.now, recording="https://pbx.example/r/1")
        await town.storage.run(telephone.take_in, lies)
        number = (await newest(town))["number"]
        page = await desk.opens(f"/console/tickets/{number}")
        assert "pbx.example" not in page, "the address itself stands on no page"
        address = page.split("/recordings/")[1].split('"')[0]
        heard = await desk.client.get(f"/console/tickets/{number}/recordings/{address}")
        assert (heard.status_code, heard.headers["location"]) == (303, "https://pbx.example/r/1")
        assert heard.headers["referrer-policy"] == "no-referrer"
        looks = select(t.audit.c.object).where(t.audit.c.action == "open_recording")
        assert await town.storage.read(lambda tx: tx.tuples(looks)) == [(number,)]
        clock.move(days=91)
        async with at_the_desk(town.storage, name="吴静") as later:
            gone = await later.client.get(f"/console/tickets/{number}/recordings/{address}")
            assert gone.status_code == 404


async def test_somebody_without_a_telephone_takes_a_slip_home_that_names_nobody(town: Town) -> None:
    async with at_the_desk(town.storage) as desk:
        await desk.opens("/console/calls")
        await desk.sends("/console/calls", source="walk_in")
        said = {"words": "厨房水管爆了，水往客厅流", "place": "7栋2单元1204", "kind": "service_request:repair"}
        await noted(desk, "file", **said, name="王阿姨", consent="given")
        filed = await newest(town)
        assert (filed["source"], filed["phone"]) == ("walk_in", None)
        slip = await desk.opens(desk.page.split("/slip")[0].rsplit('"', 1)[1] + "/slip")
        assert filed["number"] in slip
        assert filed["claim_code"] in slip
        for personal in ("王阿姨", "1204", "水管", "13800000011"):
            assert personal not in slip
        daughter = await town.resident("web")
        assert filed["number"] in "\n".join(await daughter.says(f"{filed['number']} {filed['claim_code']}"))
