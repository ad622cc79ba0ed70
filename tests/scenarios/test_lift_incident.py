"""The lift stops and five households say so, in two languages: one incident, one answer, each one's own word at the end."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage.tables import incident_heard, incident_tickets, ticket_events, tickets
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import passes
from tests.town import Town

KNOWN = "电梯公司已经在路上，先走1号梯。"
KNOWN_EN = "The lift company is on its way; use lift 1 meanwhile."
FIXED = "换了门机，试了十次都正常。"


ZH, EN = ("同意", "没有", "不是，我这是另一件", "提交"), ("I agree", "No", "No, mine is different", "Submit")
ME_TOO = ("同意", "没有", "我也是，跟着它")


async def reports(town: Town, words: str, ways: tuple[str, ...] = ZH) -> Any:
    """Somebody new says it, and presses on as far as these ways lead."""
    who = await town.resident("web")
    await who.says(words)
    for _ in range(len(ways)):
        offered = await who.buttons()
        if press := next((way for way in ways if way in offered), None):
            await who.presses(press)
    return who


async def number_of(town: Town, who: Any) -> str:
    query = select(tickets.c.number).where(tickets.c.chat_id == who.chat_id).order_by(tickets.c.id.desc())
    return str(await town.storage.read(lambda tx: tx.scalar(query)))


async def rows(town: Town, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await town.storage.read(lambda tx: tx.all(select(table).order_by(table.c.id)))]


async def test_one_incident_many_reporters(town: Town, clock: FrozenClock) -> None:
    ana = await reports(town, "3栋2单元的电梯门关不上了")
    bo = await reports(town, "3栋1单元302，电梯坏了，老人下不来")
    cleo = await reports(town, "The lift in building 3 is broken, it does not move", EN)
    dora = await reports(town, "3栋电梯门坏了，关不上", ME_TOO)
    numbers = [await number_of(town, who) for who in (ana, bo, cleo)]
    assert len({*numbers, "None"}) == 4, "three filed, one follows"

    async with at_the_desk(town.storage) as desk:
        await desk.opens("/console")
        address, token = desk.form("/console/bulk")
        picked = {f"pick-{number}": "1" for number in numbers}
        page = desk._shows(await desk.client.post("/console/incidents/new", data=token | picked))
        assert "3栋电梯" in page
        form = {"title": "3栋电梯停运", "about": "property/lift", "kind": "fault", "building": "3", "unit": ""}
        page = await desk.sends("/console/incidents", **form, **picked, known="302老人家在等", known_en="")
        assert "门牌" in page, "a reporter's flat is not told to everybody"
        page = await desk.sends("/console/incidents", **form, **picked, known=KNOWN, known_en=KNOWN_EN)
        assert "里面的工单（3）" in page

        eva = await reports(town, "3栋电梯又不动了")
        told = "\n".join(message.text for message in await eva.thread())
        assert KNOWN in told
        assert "登记好了" in told, "theirs is filed all the same"
        last = await number_of(town, eva)
        assert "3栋电梯停运" in await desk.opens("/console")
        page = await desk.opens(f"/console/tickets/{last}")
        assert "可能就是这个事件" in page
        assert "同一栋" in page
        await desk.sends("/join", **{f"pick-{last}": "1"})
        assert "放进事件了" in desk.page

        for who in (ana, bo, cleo, dora, eva):
            await who.hears()
        await desk.opens("/console/incidents/1")
        address, hidden = desk.form("/answer")
        said = {"action": "answer", "text": FIXED, "text_en": "The door drive was replaced; it works."}
        for _ in range(2):
            assert "已经答复大家" in desk._shows(
                await desk.client.post(address, data=hidden | said, follow_redirects=True)
            )
        heard = {name: await who.hears() for name, who in zip("abcde", (ana, bo, cleo, dora, eva), strict=True)}
        assert all(len(words) == 1 for words in heard.values()), "each hears it once"
        for name, number in zip("abce", [*numbers, last], strict=True):
            assert number in heard[name][0]
            assert not any(other in heard[name][0] for other in {*numbers, last} - {number})
        assert "door drive" in heard["c"][0]
        assert "3栋电梯停运" in heard["d"][0]
        assert not any(number in heard["d"][0] for number in numbers)
        kept = await rows(town, tickets)
        assert all(row["first_contact_at"] is not None for row in kept)
        assert {row["assigned_to"] for row in kept} == {None}, "answering all takes nothing over"
        assert len(await rows(town, incident_heard)) == 5
        # What went to everybody is not taken back from one ticket, and the page does not offer it.
        page = await desk.opens(f"/console/tickets/{numbers[0]}")
        assert "/take-back" not in page
        _, hidden = desk.form("/act")
        [mine] = [row for row in await rows(town, incident_heard) if row["chat_id"] == ana.chat_id]
        address = f"/console/tickets/{numbers[0]}/messages/{mine['message_id']}/take-back"
        assert "发给好多人" in (await desk.client.post(address, data={"csrf": hidden["csrf"]})).text
        await desk.opens("/console/incidents/1")

        assert "告诉大家" in await desk.sends("/answer", action="finish", text="修好了。")
        assert {row["state"] for row in await rows(town, tickets)} == {"calling_back"}
        await ana.presses("解决了")
        await bo.presses("没有解决")
        states = {row["number"]: row["state"] for row in await rows(town, tickets)}
        assert states == dict(
            zip([*numbers, last], ["closed", "handling", "calling_back", "calling_back"], strict=True)
        )
        page = await desk.opens("/console/incidents/1")
        assert "还没看" in page

        await desk.sends("/leave")
        assert sorted(row["state"] for row in await rows(town, incident_tickets)) == ["in", "in", "in", "left"]
        await desk.sends("/close")
        assert "事件结束了" in desk.page
    await passes(town, clock, minutes=1)
    actions = [event["action"] for event in await rows(town, ticket_events)]
    assert actions.count("finish") == 4
