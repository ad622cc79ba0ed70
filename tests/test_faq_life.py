"""The FAQ while the service runs: one process publishes, another answers within a second; and the admin's desk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.library import Library
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.faq_wording import Wording
from knowledge.matcher import load_matcher
from knowledge.normalise import normalise
from knowledge.notice import Words
from knowledge.profile import load_profile
from storage import answers, faq, faq_seed, messages
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.faq_rows import TOPIC
from storage.postgres import PostgresStorage
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, desk_browser, hire
from tests.patience import PATIENCE
from tests.web_service import web_parts

VAR = Path(__file__).parents[1] / "var"
MAIL = Wording(
    Words("收发室几点开门？", "When does the mail room open?"),
    Words("工作日九点到十八点。", "Working days, nine to six."),
    source=Words("物业公告", "the property company's notice"),
)
QUESTION = "收发室早上几点开呢"


class Process:
    """What one process answers with."""

    def __init__(self, storage: Storage) -> None:
        self.matcher = load_matcher(VAR).twin()
        self.answerer = Answerer(load_entries(), load_profile(), normalise=normalise)
        self.library = Library(storage, self.matcher, self.answerer)

    def answers(self, question: str) -> str:
        reading = self.matcher.read(question)
        label = reading.guesses[0].label
        found = self.answerer.known(question, reading.clauses(label), "zh") if reading.sure else None
        return f"{found.text} {found.source}" if found and label.route == "faq" else ""


@pytest.mark.postgres
async def test_what_one_process_publishes_another_hears_of_and_answers(
    postgres_storage: Storage, migrated_database: str, clock: FrozenClock
) -> None:
    here, there = postgres_storage, PostgresStorage(migrated_database, clock=clock)
    await there.open()
    try:
        other = Process(there)
        await other.library.seed()
        waiter = there.signals.waiter(TOPIC)
        admin, _ = await here.run(hire, "管理员", "admin")
        key = await here.run(faq.save_draft, None, MAIL, staff_id=admin)
        await here.run(faq.add_phrase, key, "收发室", staff_id=admin, kind="keyword")
        await other.library.catch_up()
        assert other.answers(QUESTION) == ""
        await here.run(faq.publish, key, staff_id=admin)
        while not other.answers(QUESTION):
            assert await waiter.wait(PATIENCE), "nobody said that something has changed"
            await other.library.catch_up()
        assert "来源：物业公告 · 版本 1" in other.answers(QUESTION)
    finally:
        await there.close()


# --- at the desk ------------------------------------------------------------------------------------------------------
@asynccontextmanager
async def admin_at(storage: Storage, process: Process) -> AsyncIterator[Desk]:
    member, token = await storage.run(hire, "管理员", "admin")
    parts = web_parts(storage, reader=process.matcher, answerer=process.answerer)
    async with desk_browser(parts) as client:
        await client.post("/console/enter", data={"token": token})
        yield Desk(client, member)


def ask(tx: Tx, text: str) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 5)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=text)
    answers.keep(tx, chat_id=chat_id, question_id=said, entry=None, clause=None, version=None, score=0.1)


def typed(**more: str) -> dict[str, str]:
    """What the editor sends."""
    both = {"question_zh": "收发室几点开门？", "answer_zh": "九点<b>。", "source_zh": "物业公告", "why": "常有人问"}
    return both | dict.fromkeys(("question_en", "answer_en", "source_en", "clause"), "") | more


async def test_an_admin_writes_looks_publishes_adds_phrases_and_goes_back(storage: Storage, clock: FrozenClock) -> None:
    process = Process(storage)
    await process.library.seed()
    for text in ("我是7栋1204的，收发室早上几点开呢", "收发室早上几点开呢", "社区办公用房在几楼"):
        await storage.run(ask, text)
    async with admin_at(storage, process) as desk:
        await desk.opens("/console/faq/new")
        page = await desk.sends("/new", **typed(answer_zh="共{housholds}户", source_zh="", look="yes"))
        assert "没有叫“housholds”的数" in page
        assert "不在通知里的事，要写来源" in page
        page = await desk.sends("/new", **typed())
        assert "草稿存好了" in page
        assert "九点&lt;b&gt;。" in page
        key = re.findall(r"/console/faq/(own-\d+)/edit", page)[0]
        assert await storage.read(faq.get, key) is not None
        page = await desk.sends("/phrases", phrases="收发室", kind="keyword", look="yes")
        assert "多答 2 个" in page
        assert "1204" not in page, "nothing of who asked is shown"
        await desk.sends("/phrases", phrases="收发室", kind="keyword")
        page = await desk.sends("/phrases", phrases=load_entries()[0].examples[0])
        assert desk.status == 422
        assert "现在是别的意思" in page
        page = await desk.sends("/phrases", phrases="收发室几点关门\n厨房水管爆了")
        assert "<q>厨房水管爆了</q> 现在是： 报修、办事" in page, "a burst pipe gets no hours"
        assert "<q>收发室几点关门</q> 现在是" not in page, "it speaks of what the entry speaks of"
        assert await storage.read(faq.phrases_of, key, "example") == []
        page = await desk.sends("/publish", sense="sense", at="2020-13-01T00:00", expires_at="")
        assert "时间看不懂" in page
        await desk.sends("/publish", sense="sense", at="", expires_at="")
        await process.library.catch_up()
        assert process.answers(QUESTION) == "九点<b>。 来源：物业公告 · 版本 1 · 核对于 2026-11-23"
        await desk.opens(f"/console/faq/{key}/edit")
        await desk.sends("/edit", **typed(answer_zh="八点。"))
        page = await desk.sends("/submit")
        assert "<del>九" in page
        await desk.sends("/publish", sense="words", at="", expires_at="")
        await desk.opens(f"/console/faq/{key}/versions/1")
        page = await desk.sends("/roll-back", why="写错了", sense="sense")
        assert "回到第 1 版的说法" in page
        page = await desk.sends("/retire", why="", instead="")
        assert "请写一句原因" in page
        await desk.sends("/retire", why="收发室搬走了", instead="")
        await process.library.catch_up()
        assert process.answers(QUESTION) == "", "nobody else answers in its place"


async def test_an_operator_drafts_and_an_admin_decides(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await desk.opens("/console/faq/new?question=我电话13800000000收发室几点开")
        assert "13800000000" not in desk.page
        page = await desk.sends("/new", **typed())
        assert "交审核" in page
        assert "/publish" not in page
        await desk.sends("/submit")
        address = "/console/faq/own-1/publish"
        csrf = desk.form("/drop")[1]
        assert (await desk.client.post(address, data={**csrf, "revision": "2"})).status_code == 403
        stale = {**csrf, **typed(), "revision": "1"}
        answer = await desk.client.post("/console/faq/own-1/edit", data=stale)
        assert (answer.status_code, "别人也改了" in answer.text) == (409, True)


async def test_what_an_upgrade_brings_is_compared_and_merged_by_an_admin(storage: Storage, clock: FrozenClock) -> None:
    one, other = load_entries()[:2]
    await storage.run(faq_seed.seed, (one, other))
    async with at_the_desk(storage, role="admin") as desk:
        mine = Wording(one.question, Words("我们这里不一样。", "Not here."), one.clause)
        await storage.run(faq.save_draft, one.id, mine, staff_id=desk.staff_id)
        await storage.run(faq.publish, one.id, staff_id=desk.staff_id, expires_at=clock() + timedelta(hours=1))
        newer = replace(one, question=Words("社区按什么划？", one.question.en), answer=Words("新的说法。", "New."))
        await storage.run(faq_seed.seed, (newer,))
        page = await desk.opens("/console/faq")
        assert "程序带来了新说法" in page
        page = await desk.opens(f"/console/faq/{one.id}")
        assert "两边都改了" in page
        page = await desk.sends("/shipped", choice="merge")
        assert "合并成草稿了" in page
        kept = await storage.read(faq.get, one.id)
        assert kept is not None
        assert (kept.newest.question.zh, kept.newest.answer.zh) == ("社区按什么划？", "我们这里不一样。")
        clock.move(hours=2)
        await storage.run(faq.come_due)
        assert "到期，已经不再回答" in await desk.opens(f"/console/faq/{one.id}")
        await desk.sends("/back")
        assert "没有另一条可以接过去" in await desk.sends("/retire", why="并掉", instead=other.id), (
            "that one is retired"
        )
