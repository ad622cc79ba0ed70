"""Answers in words to what a side is asked in its mediation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge.course_words import could_be, meant, wanted

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("session", "我能来", "yes"),
        ("session", "准时到", "yes"),
        ("session", "那天来不了", "no"),
        ("session", "我要上班，走不开", "no"),
        ("session", "能不能换个时间？", "other"),
        ("session", "星期六上午嘛", "other"),
        ("session", "I can come", "yes"),
        ("extension", "同意延长", "yes"),
        ("extension", "不想再拖了", "no"),
        ("agreement", "没错，就这样", "yes"),
        ("agreement", "有地方不对", "change"),
        ("visit", "已经修好了", "performed"),
        ("visit", "钱收到了", "performed"),
        ("visit", "还没修", "not_yet"),
        ("visit", "又打麻将了", "trouble"),
        ("visit", "not yet", "not_yet"),
    ],
)
def test_words_that_can_mean_nothing_else(kind: str, text: str, answer: str) -> None:
    assert could_be(text, NOW)
    assert meant(kind, text, NOW, just_asked=False) == answer


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("session", "好的", "yes"),
        ("session", "要得", "yes"),
        ("session", "不行", "no"),
        ("extension", "同意", "yes"),
        ("extension", "不愿意", "no"),
        ("agreement", "嗯嗯", "yes"),
        ("agreement", "不对", "change"),
        ("visit", "对", "performed"),
        ("visit", "没有", "not_yet"),
    ],
)
def test_a_bare_yes_or_no_counts_right_after_the_question(kind: str, text: str, answer: str) -> None:
    assert meant(kind, text, NOW, just_asked=True) == answer


@pytest.mark.parametrize("text", ["好的", "不行", "嗯"])
def test_a_bare_word_said_later_is_no_answer(text: str) -> None:
    assert meant("session", text, NOW, just_asked=False) is None
    assert meant("extension", text, NOW, just_asked=False) is None


@pytest.mark.parametrize(
    "text", ["我家厨房水管爆了", "楼上又漏水了，墙都湿了，来看看怎么办，我说过好几次", "我要报修", ""]
)
def test_what_is_no_answer_goes_on_its_own_way(text: str) -> None:
    for kind in ("session", "extension", "agreement", "visit"):
        assert meant(kind, text, NOW, just_asked=True) is None


@pytest.mark.parametrize("text", ["调解是哪天？", "我们约的几点", "好久去谈嘛", "when do we meet?", "下次调解在哪里"])
def test_when_they_meet_is_asked_in_many_ways(text: str) -> None:
    assert wanted(text) == "when"


@pytest.mark.parametrize(
    "text", ["协议再念一遍", "看看协议", "协议写的啥", "我们的协议怎么写的", "show me the agreement"]
)
def test_the_agreement_can_be_heard_again(text: str) -> None:
    assert wanted(text) == "agreement"


@pytest.mark.parametrize(
    "text", ["什么时候来修水管", "租房协议怎么签", "几点上班", "调解要多少钱", "签什么协议才能退租"]
)
def test_other_questions_are_not_about_it(text: str) -> None:
    assert wanted(text) is None
