"""Journey 2 as stories: follow-ups, several questions, verdicts with a consequence, the right door, the admin's list."""

from __future__ import annotations

from typing import Any

from storage import gaps, questions
from storage.tables import answers, drafts
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.test_first_slice import QUESTION, all_of
from tests.town import Town


async def test_a_follow_up_keeps_the_subject_and_says_so(ana: Any, town: Town) -> None:
    await ana.says("社区居委会成员是选的还是派的？是不是居民选？")
    assert "三(一)" in await ana.sees() or "三(一)" in "\n".join(m.text for m in await ana.thread())
    heard = "\n".join(await ana.says("那几个人？"))
    assert "三(一)" in heard
    assert "接着" in heard
    assert [row["entry"] for row in await all_of(town, answers)][-1] == "committee-size"
    assert "年" in "\n".join(await ana.says("一届几年？"))


async def test_after_a_while_or_another_matter_nothing_is_kept(ana: Any, town: Town, clock: FrozenClock) -> None:
    await ana.says(QUESTION)
    clock.move(minutes=16)
    assert "接着" not in "\n".join(await ana.says("谁来出？"))
    await ana.says(QUESTION)
    await ana.says("我的工单")
    assert "接着" not in "\n".join(await ana.says("谁来出？"))


async def test_a_request_right_after_an_answer_is_no_follow_up(ana: Any, town: Town) -> None:
    await ana.says(QUESTION)
    await ana.says("我屋头灯坏了")
    [draft] = await all_of(town, drafts)
    assert draft["form"] == "service_request"


async def test_a_question_and_a_request_in_one_message_are_both_handled(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("社区用房要多大？还有我屋头厨房的灯坏了，请来修"))
    assert "二(一)" in heard
    assert "一件一件" in heard
    assert "您同意吗" in heard
    [draft] = await all_of(town, drafts)
    assert draft["form"] == "service_request"
    assert "灯坏了" in draft["answers"]["description"]
    assert "社区用房" not in draft["answers"]["description"]


async def test_two_questions_with_nothing_but_a_mark_between(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("社区用房要多大？居务多久公开一次？"))
    assert "二(一)" in heard
    assert "五(二)" in heard


async def test_not_helpful_offers_the_next_best_then_a_person_and_is_on_the_admins_list(ana: Any, town: Town) -> None:
    await ana.says(QUESTION)
    heard = "\n".join(await ana.presses("没帮上"))
    assert "已经记下" in heard
    others = [text for text in await ana.buttons() if text.endswith(("？", "?"))]
    assert len(others) >= 2
    assert "二(一)" in "\n".join(await ana.presses(others[0]))
    assert len({row["entry"] for row in await all_of(town, answers)}) == 2
    [listed] = await town.storage.read(questions.judged)
    assert (listed.not_helpful, listed.clause) == (1, "二(一)")


async def test_what_was_not_known_is_listed_by_likeness_and_without_anybody(town: Town) -> None:
    for number, words in enumerate(("你们几点放电影，我住7栋1204", "你们几点放电影？我住3栋501")):
        resident = await town.resident("web" if number else "telegram")
        await resident.says(f"帮我算命{words}打13800000000")
    await town.storage.run(gaps.sort_some)
    [listed] = await town.storage.read(gaps.listed)
    assert (listed.count, listed.people) == (2, 2)
    async with at_the_desk(town.storage) as desk:
        page = await desk.opens("/console/questions")
    assert "放电影" in page
    for secret in ("1204", "501", "13800000000"):
        assert secret not in page


async def test_what_is_outside_is_shown_its_door(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("护照丢了去哪里补办"))
    assert "12345" in heard


async def test_what_is_known_now_about_published_lists_is_told_with_its_source(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("我想看居务公开的账目明细"))
    assert "五(二)" in heard
