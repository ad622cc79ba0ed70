"""What was not known, as a to-do list: dealt with in a press, gone, back when it is asked again, and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.faq import load_entries
from knowledge.phrases import Label
from storage import answer_figures, answers, erasure, faq_phrases, faq_seed, gap_settling, gaps, messages, phrases
from storage import tables as t
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.faq import Unfit
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, hire

LOCKERS = ("快递柜什么时候装", "啥时候能有快递柜哦，我住7栋1204", "我们这儿有没有快递柜")


def asks(tx: Tx, words: str, who: int = 1, *, why: str = "unknown", entry: str | None = None, verdict: str = "") -> int:
    """A question and what became of it."""
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + who)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=words)
    told: dict[str, Any] = {
        "entry": entry,
        "clause": "二(一)" if entry else None,
        "version": 1 if entry else None,
        "score": 0.4,
    }
    answer_id = answers.keep(tx, chat_id=chat_id, question_id=said, why=why, **told)
    if verdict:
        assert answers.judge(tx, answer_id, chat_id=chat_id, verdict=verdict)
    return chat_id


async def a_week(storage: Storage) -> list[int]:
    """Lockers asked three times, a pool once, one answer that did not help, one that did, one declined."""
    chats = [
        await storage.run(asks, words, who, why="unsure" if who else "unknown") for who, words in enumerate(LOCKERS)
    ]
    await storage.run(asks, "游泳池什么时候开", 4, verdict="person")
    await storage.run(asks, "社区用房怎么配", 5, entry="rooms", verdict="not_helpful")
    await storage.run(asks, "一百户配多大", 5, entry="rooms", verdict="helpful")
    await storage.run(asks, "写一首诗", 6, why="outside")
    while await storage.run(gaps.sort_some):
        pass
    return chats


async def open_ones(storage: Storage) -> list[tuple[str, int]]:
    return [(gap.words, gap.count) for gap in await storage.read(gaps.listed)]


async def test_alike_ones_stand_together_and_nobody_is_seen(any_storage: Storage) -> None:
    chats = await a_week(any_storage)
    first, *others = await any_storage.read(gaps.listed)
    assert (first.count, first.people, first.whys, first.again) == (3, 3, {"unknown": 1, "unsure": 2}, False)
    assert not any("1204" in words for words in first.examples)
    assert [(gap.words, gap.whys, gap.person) for gap in others] == [
        ("游泳池什么时候开", {"unknown": 1}, 1),
        ("社区用房怎么配", {"not_helpful": 1}, 0),
    ]
    assert [gap.words for gap in await any_storage.read(lambda tx: gaps.listed(tx, outside=True))] == ["写一首诗"]
    week = (await any_storage.read(answer_figures.weeks))[-1]
    assert (week.asked, week.alone, week.helped, week.judged) == (7, 1, 1, 3)
    await any_storage.run(erasure.erase, chat_id=chats[1], row_id=0)
    left = await any_storage.read(lambda tx: tx.tuples(select(t.gaps.c.core).where(t.gaps.c.question_id.is_(None))))
    assert left == [(None,)], "of what was asked nothing is left, of how often, everything"
    assert (await open_ones(any_storage))[0][1] == 2


async def test_dealt_with_it_is_gone_asked_again_it_is_back_and_every_step_can_be_undone(
    any_storage: Storage, clock: FrozenClock
) -> None:
    storage = any_storage
    await a_week(storage)
    await storage.run(faq_seed.seed, load_entries())
    who, _ = await storage.run(hire, "管理员", "admin")
    group = (await storage.read(gaps.listed))[0].id
    key = load_entries()[0].id
    clock.now += timedelta(minutes=1)
    step = await storage.run(gap_settling.add_to_entry, group, LOCKERS[0], key, take=False, staff_id=who)
    assert group not in [gap.id for gap in await storage.read(gaps.listed)]
    assert LOCKERS[0] in [one.text for one in await storage.read(faq_phrases.phrases_of, key)]
    clock.now += timedelta(days=1)
    await storage.run(asks, "小区有没有快递柜", 9)
    await storage.run(gaps.sort_some)
    [back] = [gap for gap in await storage.read(gaps.listed) if gap.id == group]
    assert (back.count, back.again, back.words) == (1, True, "小区有没有快递柜")
    assert await storage.run(gap_settling.undo, group, step, staff_id=who)
    assert not await storage.run(gap_settling.undo, group, step, staff_id=who), "once"
    assert (await storage.read(gaps.one, group)).again is False  # type: ignore[union-attr]
    assert LOCKERS[0] not in [one.text for one in await storage.read(faq_phrases.phrases_of, key)]
    await storage.run(gap_settling.teach, group, LOCKERS[0], "service_request/property", staff_id=who)
    last = await storage.run(gap_settling.teach, group, LOCKERS[0], "out_of_scope", staff_id=who)
    assert [one.label for one in await storage.read(phrases.changes)] == [Label("out_of_scope")]
    assert await storage.run(gap_settling.undo, group, last, staff_id=who)
    assert [one.label for one in await storage.read(phrases.changes)] == [Label("service_request", "property")]


@pytest.mark.parametrize(
    ("text", "to", "code"),
    [
        ("？！", "human", "no_phrase"),
        ("快" * 121, "human", "long_phrase"),
        ("快递柜〔处〕", "human", "covered"),
        ("快递柜", "moon", "no_route"),
        ("快递柜", "service_request/moon", "no_route"),
        ("快递柜", "emergency", "no_route"),
    ],
)
async def test_what_cannot_be_taught_is_refused_and_changes_nothing(
    text: str, to: str, code: str, storage: Storage
) -> None:
    await storage.run(asks, LOCKERS[0])
    await storage.run(gaps.sort_some)
    who, _ = await storage.run(hire, "管理员", "admin")
    with pytest.raises(Unfit, match=code):
        await storage.run(gap_settling.teach, 1, text, to, staff_id=who)
    assert await open_ones(storage) == [(LOCKERS[0], 1)]


async def test_at_the_desk_it_is_looked_at_first_and_only_admins_press(storage: Storage) -> None:
    await a_week(storage)
    await storage.run(faq_seed.seed, load_entries())
    async with at_the_desk(storage, role="admin") as desk:
        page = await desk.opens("/console/questions")
        assert "没答上 1 · 没把握 2 · " in page
        assert "14.3 %（1/7）" in page or "14.3%（1/7）" in page
        group = (await storage.read(gaps.listed))[0].id
        assert "帮我问问" not in await desk.opens(f"/console/questions/{group}")
        page = await desk.sends("/look", text="快递柜什么时候装", to="out_of_scope")
        assert "这个不归社区管" in page
        page = await desk.sends("/take", text="快递柜〔处〕")
        assert (desk.status, "遮住的内容" in page) == (422, True)
        assert "定为不归社区管" in await desk.sends("/take", text="快递柜什么时候装")
        await desk.opens(f"/console/questions/{group}")
        assert "已撤销" in await desk.sends("/undo")
        await quickly_done(desk)
    async with at_the_desk(storage, role="worker", name="李强") as desk:
        assert "/done" not in await desk.opens("/console/questions")
        assert (await desk.client.post(f"/console/questions/{group}/done")).status_code == 403


async def quickly_done(desk: Desk) -> None:
    """One press on the list."""
    before = (await desk.opens("/console/questions")).count('/done"')
    page: Any = await desk.sends("/done")
    assert page.count('/done"') == before - 1
