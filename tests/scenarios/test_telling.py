"""An answer changes its meaning: whoever got the old one is told, once; whoever knows the new one is left in peace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.library import Library
from knowledge.answer_telling import fitted, offered, to_tell
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.faq_wording import Wording
from knowledge.matcher import Matcher
from knowledge.normalise import normalise
from knowledge.notice import Words
from knowledge.profile import load_profile
from storage import (
    answers,
    audiences,
    erasure,
    faq,
    faq_ringing,
    faq_telling,
    messages,
    notice_sending,
    notices,
    ring_backs,
    sending,
    subscriptions,
    tables,
)
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.notices import Composed
from storage.passing import leave
from storage.staff import MayNot
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, hire
from tests.scenarios.conftest import build_town
from tests.scenarios.test_notices import arrives

MAIL = Wording(
    Words("收发室几点开门？", "When does the mail room open?"),
    Words("工作日九点到十八点。", "Working days, nine to six."),
    source=Words("物业公告", "the property company's notice"),
)
QUESTION = "收发室早上几点开呢"
LATER = replace(MAIL, answer=Words("工作日十点到十八点。", "Working days, ten to six."))


# --- pure -------------------------------------------------------------------------------------------------------------
def test_the_last_change_of_sense_is_offered_and_what_it_overtook_is_not() -> None:
    kept = {1: "first", 2: "sense", 3: "words", 4: "sense", 5: "words", 6: "words"}
    assert [offered(kept, number) for number in range(8)] == ["", "", "", "", "sense", "", "words", ""]
    assert (to_tell(kept), to_tell({1: "first", 2: "words"}), to_tell({})) == (4, 2, 0)


def test_an_answer_too_long_for_a_notice_says_that_there_is_more() -> None:
    assert fitted("问：{}。源".format, "短", longest=20, cut="…") == "问：短。源"
    cut = fitted("问：{}。源".format, "长" * 50, longest=20, cut="…")
    assert (len(cut), cut[-3:]) == (20, "…。源")


# --- who, in both databases -------------------------------------------------------------------------------------------
def answered(tx: Tx, key: str, number: int, version: int) -> int:
    """Somebody, the ``number``-th on the chat page, is answered with this version."""
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + number)
    answers.keep(tx, chat_id=chat_id, question_id=None, entry=key, clause=None, version=version, score=1.0)
    return chat_id


def called(tx: Tx, key: str, number: str | None, version: int) -> None:
    """Somebody is answered at the telephone."""
    given: dict[str, Any] = {"entry": key, "version": version, "outcome": "answered", "done_at": tx.now}
    moments = dict.fromkeys(("began_at", "updated_at"), tx.now)
    tx.insert(tables.calls, source="phone", state="done", number=number, noted={}, **given, **moments)


def another_chat(tx: Tx, first: int, phone: str) -> int:
    """The person of this chat has a Telegram chat as well, wrote there last, and is known by number."""
    resident = tx.insert(tables.residents, created_at=tx.now, phone=phone)
    second = find_or_open(tx, channel="telegram", remote=first + 900)
    theirs = tables.chats.c.id.in_([first, second])
    tx.execute(tables.chats.update().where(theirs).values(resident_id=resident))
    for chat_id in (first, second):
        messages.record(tx, chat_id=chat_id, sender="resident", text="在吗")
    return second


async def test_who_has_two_chats_is_told_in_the_one_used_last_and_once(any_storage: Storage) -> None:
    run = any_storage.run
    admin, _ = await run(hire, "管理员", "admin")
    key = await run(faq.save_draft, None, MAIL, staff_id=admin)
    await run(faq.publish, key, staff_id=admin)
    first = await run(answered, key, 1, 1)
    second = await run(another_chat, first, "02388880000")
    await run(answered, key, 2, 1)
    await run(faq.save_draft, key, LATER, staff_id=admin)
    await run(faq.publish, key, staff_id=admin, sense="sense")

    async def offer() -> faq_telling.Offer:
        kept = await any_storage.read(faq.get, key)
        assert kept is not None
        found = await any_storage.read(lambda tx: faq_telling.offer(tx, kept))
        assert found is not None
        return found

    assert (await offer()).reach.channels == {"web": 1, "telegram": 1}, "asked on the page, told where they are now"
    await run(sending.blocked, second, at=any_storage.clock())
    assert (await offer()).reach.channels == {"web": 2}, "the page is left to them"
    await run(lambda tx: messages.record(tx, chat_id=first, sender="resident", text="还在吗"))
    notice = await run(
        faq_telling.draft, key, 2, Composed(topic="answers", title="收发室", text="十点开。"), staff_id=admin
    )
    assert await run(notices.begin, notice, revision=1, staff_id=admin)
    assert await run(notice_sending.find_some) == 2
    assert await run(notice_sending.tell_some, lambda _, language: ("十点开。", [])) == 2
    unblocked = tables.chats.update().where(tables.chats.c.id == second).values(blocked_at=None)
    await run(lambda tx: tx.changed(unblocked))
    await run(lambda tx: messages.record(tx, chat_id=second, sender="resident", text="我又来了"))
    assert (await offer()).reach.gets == 0, "told once, whichever chat they are in by now"


async def test_who_is_told_and_who_is_not(any_storage: Storage, clock: FrozenClock) -> None:
    run = any_storage.run
    admin, _ = await run(hire, "管理员", "admin")
    operator, _ = await run(hire, "接线员", "operator")
    key = await run(faq.save_draft, None, MAIL, staff_id=admin)
    await run(faq.publish, key, staff_id=admin)
    await run(answered, key, 0, 1)
    clock.now += timedelta(days=91)
    chats = [await run(answered, key, number, 1) for number in range(1, 8)]
    await run(answered, "another-entry", 8, 1)
    await run(faq.save_draft, key, LATER, staff_id=admin)
    await run(faq.publish, key, staff_id=admin, sense="sense")
    for number in (1, 9):
        await run(answered, key, number, 2)
    await run(sending.blocked, chats[1], at=clock.now)
    await run(leave, chat_id=chats[2])
    await run(subscriptions.stop, chat_id=chats[3], topics=["answers"])
    await run(erasure.erase, chat_id=chats[4], row_id=0)

    async def offer() -> faq_telling.Offer | None:
        kept = await any_storage.read(faq.get, key)
        assert kept is not None
        return await any_storage.read(lambda tx: faq_telling.offer(tx, kept))

    found = await offer()
    assert found is not None
    assert (found.number, found.kind, found.reach.channels) == (2, "sense", {"web": 2}), "the sixth and the seventh"
    assert found.reach.why_not == {"blocked": 1, "left": 1, "declined": 1}
    said = Composed(topic="answers", title="收发室", text="十点开。")
    with pytest.raises(MayNot):
        await run(faq_telling.draft, key, 2, said, staff_id=operator)
    await run(faq_telling.draft, key, 2, said, staff_id=admin)
    found = await offer()
    assert found is not None
    assert found.notice is not None
    waiting = found.notice

    await run(called, key, "02366660000", 1)
    await run(called, key, "02366660000", 1)
    await run(called, key, "02377770000", 1)
    await run(called, key, "02377770000", 2)
    await run(called, key, None, 1)
    await run(another_chat, chats[5], "02388880000")
    await run(called, key, "02388880000", 1)
    found = await offer()
    assert found is not None
    assert found.to_ring == 1, "a number once; not who called again, named none, or is told in a chat"
    assert await run(faq_ringing.ring, key, 2, staff_id=admin) == 1
    assert await run(faq_ringing.ring, key, 2, staff_id=admin) == 0
    [line] = await any_storage.read(lambda tx: ring_backs.listed(tx, staff_id=admin))
    assert (line.reason, line.phone, line.wish, line.entry) == ("changed", "02366660000", MAIL.question.zh, key)
    with pytest.raises(MayNot):
        await run(faq_ringing.ring, key, 2, staff_id=operator)

    await run(faq.roll_back, key, 1, staff_id=admin, why="又改回来了")
    assert await any_storage.read(lambda tx: ring_backs.listed(tx, staff_id=admin)) == [], "nobody is rung about it now"
    assert await any_storage.read(audiences.count, waiting) == 0, "what waits says nothing that is wrong again"
    back = await offer()
    assert back is not None
    assert (back.number, back.notice, back.reach.gets) == (3, None, 2), (
        "the first and the ninth; to the others it holds"
    )
    await run(faq.retire, key, staff_id=admin, why="没有收发室了")
    assert await offer() is None


# --- the story --------------------------------------------------------------------------------------------------------
async def test_who_asked_before_reads_the_new_answer_once_and_who_asked_after_nothing(
    storage: Storage, matcher: Matcher, clock: FrozenClock
) -> None:
    reader, answerer = matcher.twin(), Answerer(load_entries(), load_profile(), normalise=normalise)
    town, library = build_town(storage, reader, answerer), Library(storage, reader, answerer)
    await library.seed()
    ana, bo = await town.resident("telegram"), await town.resident("web")
    async with at_the_desk(storage, name="王芳", role="admin") as desk, at_the_desk(storage, name="李强") as other:
        key = await storage.run(faq.save_draft, None, MAIL, staff_id=desk.staff_id)
        await storage.run(faq.add_phrase, key, "收发室", staff_id=desk.staff_id, kind="keyword")
        await storage.run(faq.publish, key, staff_id=desk.staff_id)
        await library.catch_up()
        assert "九点到十八点" in "".join(await ana.says(QUESTION))
        await storage.run(faq.save_draft, key, LATER, staff_id=desk.staff_id)
        await storage.run(faq.publish, key, staff_id=desk.staff_id, sense="sense")
        await library.catch_up()
        assert "十点到十八点" in "".join(await bo.says(QUESTION))

        here = f"/console/faq/{key}"
        assert "有 1 位居民得到的是以前的答复" in await desk.opens(here)
        assert "告诉问过的人" not in await other.opens(here), "an admin's"
        page = await desk.opens(f"{here}/versions/2/tell")
        assert "会发给 1 位居民" in page
        assert QUESTION not in page, "nobody's own words"
        for shown in (
            "<del>九</del><ins>十</ins>",
            'value="收发室几点开门？"',
            "您问过这件事。答复 2026-",
            "物业公告",
            "ten to six",
        ):
            assert shown in page, shown
        assert (await desk.client.get(f"{here}/versions/1/tell")).status_code == 404
        text = "您问过收发室几点开。现在十点开门。依据：物业公告。"
        await desk.sends("/tell", title="收发室", text="  ", title_en="", text_en="")
        assert desk.status == 422
        page = await desk.sends("/tell", title="收发室", text=text, title_en="", text_en="")
        assert "因为您问过这件事" in page
        assert '/send"' not in await other.opens("/console/notices/1"), "an operator sees it and does not send it"
        await desk.opens(f"{here}/versions/2/tell")
        page = await desk.sends("/tell", title="收发室改了时间", text=text, title_en="", text_en="")
        assert "收发室改了时间" in page, "changed, not written a second time"
        await desk.sends("/send")
        await arrives(town)
        assert text in "".join(await ana.hears())
        assert await bo.hears() == []

        assert "第 2 版已经写了通知" in await desk.opens(here)
        csrf = desk.form("/sign-out")[1]
        again = {"title": "收发室", "text": text, "revision": "1"} | csrf
        assert (await desk.client.post(f"{here}/versions/2/tell", data=again)).status_code == 409
        await arrives(town)
        assert await ana.hears() == []
        assert "不" in "".join(await ana.presses("不要这类通知了"))
        assert (await storage.read(subscriptions.of_chat, ana.chat_id)).stopped == {"answers"}
