"""The FAQ in the database: seeded once, drafted, published, checked, retired; upgrades overwrite no admin's edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from knowledge.faq import Entry, load_entries
from knowledge.faq_wording import LOCAL, Wording, faults, merge, of_entry, warnings
from knowledge.notice import Words
from knowledge.phrases import Label
from storage import faq, faq_live, faq_phrases, faq_seed, phrases
from storage.engine import Storage
from storage.faq import Unfit
from storage.staff import MayNot
from tests.conftest import FrozenClock
from tests.desk_service import hire

SHIPPED = load_entries()[:6]
MAIL = Wording(
    Words("收发室几点开门？", "When does the mail room open?"),
    Words("工作日九点到十八点。", "On working days from nine to six."),
    source=Words("物业公告", "notice of the property company"),
)


def with_answer(one: Wording, zh: str) -> Wording:
    return replace(one, answer=replace(one.answer, zh=zh))


# --- pure -------------------------------------------------------------------------------------------------------------
def test_what_is_wrong_is_told_before_anybody_gets_it() -> None:
    assert faults(MAIL) == []
    odd = {
        "no_source": replace(MAIL, source=Words("", "")),
        "no_clause": replace(MAIL, clause="九(九)"),
        "half_translated": replace(MAIL, answer=replace(MAIL.answer, en="")),
        "unknown_value": with_answer(MAIL, "共{housholds}户"),
        "maybe_unknown": with_answer(MAIL, "共{households}户"),
        "open_part": with_answer(MAIL, "[[共{households}户"),
        "lone_brace": with_answer(MAIL, "共{户"),
        "no_answer": with_answer(MAIL, ""),
        "too_long": with_answer(MAIL, "很" * 1501),
    }
    for code, one in odd.items():
        assert code in [fault.code for fault in faults(one)], code
    chinese = replace(MAIL, question=Words("收发室？", ""), answer=Words("九点。", ""))
    assert (faults(chinese), [one.code for one in warnings(chinese)]) == ([], ["not_translated"])


def test_three_ways_mine_stays_where_both_changed() -> None:
    base, theirs = MAIL, with_answer(replace(MAIL, question=Words("收发室何时开？", MAIL.question.en)), "八点。")
    merged = merge(base, with_answer(base, "十点。"), theirs)
    assert (merged.wording.answer.zh, merged.wording.question.zh, merged.both) == (
        "十点。",
        "收发室何时开？",
        ("answer.zh",),
    )
    assert merge(base, base, theirs).wording == theirs


# --- storage ----------------------------------------------------------------------------------------------------------
async def seeded(storage: Storage) -> int:
    await storage.run(faq_seed.seed, SHIPPED)
    return (await storage.run(hire, "管理员", "admin"))[0]


async def test_the_files_seed_once_and_read_as_they_are_written(any_storage: Storage) -> None:
    assert await any_storage.run(faq_seed.seed, SHIPPED) == len(SHIPPED)
    assert await any_storage.run(faq_seed.seed, SHIPPED) == 0
    found = await any_storage.read(faq_live.live)
    assert list(found.entries) == list(SHIPPED)
    assert found.silent == frozenset()


async def test_a_local_fact_is_drafted_looked_over_published_and_goes_back(
    any_storage: Storage, clock: FrozenClock
) -> None:
    run, read, admin = any_storage.run, any_storage.read, await seeded(any_storage)
    operator, _ = await run(hire, "周敏", "operator")
    worker, _ = await run(hire, "李强", "worker")
    with pytest.raises(MayNot):
        await run(faq.save_draft, None, MAIL, staff_id=worker)
    key = await run(faq.save_draft, None, with_answer(MAIL, ""), staff_id=operator, why="居民常问")
    with pytest.raises(Unfit, match="no_answer"):
        await run(faq.submit, key, staff_id=operator)
    with pytest.raises(Unfit, match="changed"):
        await run(faq.save_draft, key, MAIL, staff_id=operator, revision=0)
    await run(faq.save_draft, key, MAIL, staff_id=operator, revision=1, why="居民常问")
    await run(faq.submit, key, staff_id=operator)
    assert await read(faq_live.count_tasks) == 1
    with pytest.raises(MayNot):
        await run(faq.publish, key, staff_id=operator)
    assert key not in [one.id for one in (await read(faq_live.live)).entries]
    before = await read(faq_live.stamp)
    assert await run(faq.publish, key, staff_id=admin, checked_on=date(2026, 11, 20)) == 1
    assert await read(faq_live.stamp) > before
    [entry] = [one for one in (await read(faq_live.live)).entries if one.id == key]
    assert (entry.clause, entry.source, entry.version, entry.checked_on) == (LOCAL, MAIL.source, 1, date(2026, 11, 20))
    await run(faq.save_draft, key, with_answer(MAIL, "八点。"), staff_id=admin)
    assert await run(faq.publish, key, staff_id=admin, sense="sense", why="改了时间") == 2
    assert await run(faq.roll_back, key, 1, staff_id=admin, why="改错了") == 3
    history = await read(faq.versions, key)
    assert [(one.number, one.sense, one.made_by, one.again) for one in history] == [
        (3, "sense", "管理员", 1),
        (2, "sense", "管理员", None),
        (1, "first", "周敏", None),
    ]
    assert history[0].wording == history[2].wording == MAIL
    with pytest.raises(Unfit, match="same"):
        await run(faq.roll_back, key, 1, staff_id=admin, why="")
    with pytest.raises(Unfit, match="checked_ahead"):
        await run(faq.checked, key, staff_id=admin, on=date(2026, 12, 1))


async def test_time_publishes_what_was_planned_and_silences_what_has_run_out(
    any_storage: Storage, clock: FrozenClock
) -> None:
    run, read, admin = any_storage.run, any_storage.read, await seeded(any_storage)
    key = await run(faq.save_draft, None, MAIL, staff_id=admin, name="mail-room")
    start, end = clock() + timedelta(hours=1), clock() + timedelta(hours=2)
    with pytest.raises(Unfit, match="expires_before"):
        await run(faq.publish, key, staff_id=admin, at=end, expires_at=start)
    assert await run(faq.publish, key, staff_id=admin, at=start, expires_at=end) is None
    assert await run(faq.come_due) == 0
    clock.move(hours=1)
    assert (await run(faq.come_due), await run(faq.come_due)) == (1, 0)
    assert (await read(faq_live.live)).entries[-1].id == key
    clock.move(hours=1)
    assert (await run(faq.come_due), await run(faq.come_due)) == (1, 0)
    assert (await read(faq_live.live)).silent == {key}
    assert [one.key for one in (await read(faq_live.tasks))["expired"]] == [key]
    await run(faq.bring_back, key, staff_id=admin)
    assert await read(faq_live.count_tasks) == 0
    await run(faq.retire, key, staff_id=admin, why="搬走了", instead=SHIPPED[0].id)
    led = [one.text for one in await read(faq.phrases_of, SHIPPED[0].id)]
    assert MAIL.question.zh in led


async def test_a_phrase_leads_to_one_entry_and_what_was_taught_goes_first(any_storage: Storage) -> None:
    run, read, admin = any_storage.run, any_storage.read, await seeded(any_storage)
    one, other = SHIPPED[0], SHIPPED[1]
    assert await run(faq.add_phrase, one.id, "  社区 咋个划嘛 ", staff_id=admin)
    assert await run(faq.add_phrase, one.id, "社区咋个划嘛", staff_id=admin) is None
    with pytest.raises(Unfit, match="means_entry") as refused:
        await run(faq.add_phrase, other.id, "社区咋个划嘛", staff_id=admin)
    assert refused.value.about == one.id
    assert await run(faq.add_phrase, other.id, "社区咋个划嘛", staff_id=admin, take=True)
    assert "社区 咋个划嘛" not in [row.text for row in await read(faq.phrases_of, one.id)]
    await run(phrases.change, "社区咋个划嘛", Label("human"))
    assert "社区咋个划嘛" not in [row.text for row in await read(faq.phrases_of, other.id)]
    with pytest.raises(Unfit, match="means"):
        await run(faq.add_phrase, other.id, "社区咋个划嘛", staff_id=admin)
    assert await run(faq.add_phrase, other.id, "社区咋个划嘛", staff_id=admin, take=True)
    assert await read(phrases.changes) == []
    for odd in ("", "？！", "长" * (faq_phrases.LONGEST["example"] + 1)):
        with pytest.raises(Unfit):
            await run(faq.add_phrase, one.id, odd, staff_id=admin)


async def test_an_upgrade_follows_where_nobody_edited_and_asks_where_somebody_did(any_storage: Storage) -> None:
    run, read, admin = any_storage.run, any_storage.read, await seeded(any_storage)
    quiet, edited, gone = SHIPPED[0], SHIPPED[1], SHIPPED[2]
    mine = with_answer(of_entry(edited), "我们这里不一样。")
    await run(faq.save_draft, edited.id, mine, staff_id=admin)
    await run(faq.publish, edited.id, staff_id=admin)
    assert await run(faq.remove_phrase, edited.id, edited.examples[0], staff_id=admin)
    newer = [upgraded(one) if one in (quiet, edited) else one for one in SHIPPED if one != gone]
    for _ in range(2):
        await run(faq_seed.seed, newer)
    found = {one.id: one for one in (await read(faq_live.live)).entries}
    assert (found[quiet.id].answer.zh, found[quiet.id].version) == ("新的说法。", 2)
    assert (found[edited.id].answer.zh, found[edited.id].version) == ("我们这里不一样。", 2)
    assert edited.examples[0] not in found[edited.id].examples, "what an admin took away stays away"
    assert "新来的问法" in found[edited.id].examples
    assert (await read(faq_live.live)).silent == {gone.id}
    [task] = (await read(faq_live.tasks))["shipped"]
    assert (task.key, task.incoming and task.incoming.answer.zh) == (edited.id, "新的说法。")
    await run(faq_seed.decide, edited.id, "mine", staff_id=admin)
    assert await run(faq_seed.seed, newer) == 0, "decided once"
    with pytest.raises(Unfit, match="nothing_waits"):
        await run(faq_seed.decide, edited.id, "theirs", staff_id=admin)


def upgraded(one: Entry) -> Entry:
    return replace(one, answer=replace(one.answer, zh="新的说法。"), examples=(*one.examples, "新来的问法"))
