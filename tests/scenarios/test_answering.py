"""A ticket answered from its page: what the knowledge base suggests, used or turned down, and heard in the chat."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from knowledge.answers import Answerer
from knowledge.matcher import Matcher
from storage import messages, tickets
from storage.transaction import Tx
from tests.desk_service import Desk, desk_browser, hire
from tests.scenarios.office import files, newest
from tests.town import Town
from tests.web_service import web_parts

QUESTION = "社区用房每百户要配多少平方米"


async def adds(town: Town, ana: Any, words: str) -> None:
    """More about the ticket, in its own words."""

    ticket_id = int((await newest(town))["id"])

    def say(tx: Tx) -> None:
        message_id = messages.record(tx, chat_id=ana.chat_id, sender="resident", text=words)
        tickets.add_words(tx, ticket_id, chat_id=ana.chat_id, message_id=message_id)

    await town.storage.run(say)


async def test_a_question_in_a_ticket_is_answered_from_the_knowledge_base_by_a_person(
    town: Town, matcher: Matcher, answerer: Answerer
) -> None:
    ana = await town.resident("web")
    number = await files(ana)
    member, token = await town.storage.run(hire, "周敏", "operator")
    async with desk_browser(web_parts(town.storage, reader=matcher, answerer=answerer)) as client:
        await client.post("/console/enter", data={"token": token})
        desk, ticket = Desk(client, member), f"/console/tickets/{number}"
        assert "知识库建议的答复" not in await desk.opens(ticket), "a burst pipe is no question"
        await adds(town, ana, QUESTION)
        page = await desk.opens(ticket)
        assert "知识库建议的答复" in page
        assert "渝民发〔2013〕30号 二(一)" in page
        assert await ana.hears() == [], "nothing is sent by itself"
        page = await desk.opens(f"{ticket}?put=suggested")
        text = unescape(re.search(r'aria-label="写在这里">\n(.*?)</textarea>', page, re.S)[1])  # type: ignore[index]
        aids = re.search(r'name="aids" value="([^"]*)"', page)[1]  # type: ignore[index]
        await desk.sends("/act", action="answer", text=f"{text}\n有事再说。", aids=unescape(aids))
        assert any("15平方米" in said and "有事再说" in said for said in await ana.hears())
        assert "用了建议答复" in desk.page
        assert "知识库建议的答复" not in desk.page, "it has been answered"

        await adds(town, ana, "居委会成员一般几个人")
        await desk.opens(ticket)
        page = await desk.sends("/suggestion")
        assert "答非所问" in page or "不合适" in page
        assert "知识库建议的答复" not in page
        page = await desk.opens("/console/questions")
        assert "居委会成员一般几个人" in page
        assert "建议答复用得怎样" in page
        assert json.loads(unescape(aids))[0]["kind"] == "suggested"
