"""What a form's words bring about: answers heard, turns taken once, the right door, and what is asked at most."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge import forms
from knowledge.catalogue import CATEGORIES, load, service, shipped
from knowledge.datafiles import DATA, DataError
from knowledge.forms import Settled
from knowledge.turns import MOST_ASKED, next_question

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVERY = [found for route in CATEGORIES for found in shipped(route).values()]


PASSED: dict[str, dict[str, Any]] = {"door": {"door": None}, "place": {"building": "7"}, "for": {"for": None}}


def begun(category: str, words: str, route: str = "service_request") -> Settled:
    return forms.settle(forms.begin(words, route=route, category=category, told_at=NOW))


def steps(category: str, words: str) -> list[str]:
    """Every step until the summary, each question passed over."""
    answers, taken = begun(category, words).answers, []
    while (step := forms.missing(answers)) != "confirm":
        taken.append(step)
        if step.startswith("q:"):
            answers = forms.answered(answers, step[2:], None)
        answers = answers | PASSED.get(step, {})
        answers = forms.settle(answers).answers
    return taken


@pytest.mark.parametrize(
    ("category", "words", "known"),
    [
        ("repair", "我家厨房水管漏水，漏到楼下了", {"part": "own", "below": "yes"}),
        ("repair", "7栋1204的窗子是娃儿打烂的", {"part": "own", "cause": "accident"}),
        ("repair", "卫生间堵了，楼下没影响", {"part": "own"}),
        ("repair", "没漏到楼下，就是我家厕所渗水", {"part": "own", "below": "no"}),
        ("housing", "娃儿生了，一室一厅住不下，想换两室", {"matter": "exchange"}),
        ("housing", "押金啥子时候退", {"matter": "leave"}),
        ("property", "电梯停了，里面没得人", {"trapped": "no"}),
        ("assistance", "高铝补贴怎么领", {"kind": "age"}),
        ("legal", "明天就要开庭了", {"date": "soon"}),
        ("culture", "活动室想借来排练", {"wish": "use"}),
        ("petition", "投诉3栋楼栋长", {"about": "building_head"}),
        ("petition", "complaint about the property guards", {"about": "property"}),
    ],
)
def test_what_was_said_is_known(category: str, words: str, known: dict[str, str]) -> None:
    assert known.items() <= forms.known(begun(category, words).answers).items()


def test_an_answer_given_stands_above_one_heard() -> None:
    answers = forms.answered(begun("repair", "我家厕所漏水，漏到楼下了").answers, "below", "no")
    assert forms.known(forms.settle(answers).answers)["below"] == "no"


@pytest.mark.parametrize("found", EVERY, ids=lambda found: f"{found.route}-{found.id}")
def test_no_category_asks_more_than_two_questions(found: Any) -> None:
    answers = forms.begin("说不清楚的一件事", route=found.route, category=found.id, told_at=NOW)
    asked = 0
    while question := (next_question(answers, first=True) or next_question(answers, first=False)):
        answers = forms.answered(answers, question.key, None)
        asked += 1
    assert asked <= MOST_ASKED


@pytest.mark.parametrize(
    ("category", "words", "taken"),
    [
        ("repair", "7栋1204厨房水管爆了", []),
        ("repair", "水龙头坏了", ["place", "q:part"]),
        ("repair", "马桶漏水", ["place", "q:below"]),
        ("property", "电梯停了", ["q:trapped", "place"]),
        ("housing", "想办一下房子的事", ["door", "place", "q:matter"]),
        ("petition", "我要投诉", ["q:confidential", "q:about"]),
        ("care", "有位老人没人管", ["for"]),
        ("sanitation", "垃圾没人收", ["place"]),
    ],
)
def test_only_what_changes_what_is_done_is_asked(category: str, words: str, taken: list[str]) -> None:
    assert steps(category, words) == taken


def test_a_turn_is_told_once_however_often_the_form_is_looked_at() -> None:
    first = begun("repair", "7栋1204厕所漏到楼下了")
    again = forms.settle(first.answers)
    assert any("加急" in words.zh for words in first.says)
    assert again.says == []
    assert again.answers == first.answers


def test_a_shared_part_changes_its_owner_and_brings_the_other_categorys_questions() -> None:
    found = begun("repair", "3栋楼道的灯坏了")
    assert found.answers["category"] == "property"
    assert [words.zh for words in found.says] == [service("repair").stopper("shared_part").says.zh]  # type: ignore[union-attr]


def test_somebody_who_chose_the_category_is_not_moved_again() -> None:
    answers = begun("repair", "3栋楼道的灯坏了").answers | {"category": "repair"}
    assert forms.settle(answers).answers["category"] == "repair"


def test_danger_comes_out_of_an_answer() -> None:
    answers = forms.answered(begun("property", "3栋电梯停了").answers, "trapped", "yes")
    assert forms.settle(answers).danger == "trapped"
    assert begun("property", "3栋电梯停了").danger is None


@pytest.mark.parametrize(
    ("category", "words", "door"),
    [
        ("household", "办居住证", "duty"),
        ("employment", "工资的事我已经在仲裁了", "arbitration"),
        ("petition", "信访局已经受理了", "elsewhere"),
        ("housing", "隔壁把房子转租了", None),
        ("repair", "水管漏了", None),
    ],
)
def test_the_right_door(category: str, words: str, door: str | None) -> None:
    assert begun(category, words).answers.get("door") == door


@pytest.mark.parametrize(
    ("category", "words", "topic"),
    [
        ("property", "3栋电梯坏了", "lift"),
        ("property", "3栋1204，电梯坏了", "lift"),
        ("sanitation", "5栋1204下水道堵了", None),
        ("repair", "7栋1204厨房漏水", None),
        ("repair", "整栋楼停水了", "water_cut"),
        ("property", "3栋电梯坏了，莫说是我说的", None),
        ("care", "老人没人管", None),
    ],
)
def test_only_what_is_everybodys_has_a_public_topic(category: str, words: str, topic: str | None) -> None:
    assert forms.topic(begun(category, words).answers) == topic


def test_secrecy_is_kept_and_can_be_taken_back() -> None:
    answers = begun("safety", "匿名举报6栋有人飞线充电").answers
    assert (answers["confidential"], answers["anonymous"]) == (True, True)
    open_again = forms.keep_secret(answers, False)
    assert (open_again["confidential"], open_again["anonymous"]) == (False, False)
    assert forms.settle(open_again).answers["confidential"] is False


def test_a_repair_cannot_be_anonymous_but_can_be_confidential() -> None:
    answers = begun("repair", "7栋1204水管漏了，匿名").answers
    assert (answers["confidential"], answers["anonymous"]) == (True, False)


@pytest.mark.parametrize("found", EVERY, ids=lambda found: f"{found.route}-{found.id}")
def test_every_effect_leads_somewhere_that_exists(found: Any) -> None:
    for stopper in found.stoppers:
        assert stopper.then.category is None or stopper.then.category in CATEGORIES[found.route]
        keys = set((stopper.answer or ())[:1]) | {q.after[0] for q in found.questions if q.after}
        assert keys <= {question.key for question in found.questions}
        for key, value in [stopper.answer] if stopper.answer else []:
            question = found.question(key)
            assert value in {choice.value for choice in question.choices}
    assert all(question.choices or not question.ask for question in found.questions), "what is asked can be pressed"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("answer: {below: 'yes'}", "answer: {below: 'yes', part: own}", "exactly one answer"),
        ("then: {urgency: P1}", "then: {urgency: P7}", "'P7' is not one of"),
        ("then: {danger: trapped}", "then: {danger: lift}", "'lift' is not one of"),
        ("lines: ['12345']", "lines: ['911']", "911 is not in the table of lines"),
        ("        answer: {part: shared}\n", "", "needs words or an answer"),
    ],
)
def test_a_broken_question_or_stopper_names_its_fault(tmp_path: Path, old: str, new: str, problem: str) -> None:
    whole = (DATA / "services.yaml").read_text("utf-8")
    assert old in whole
    path = tmp_path / "services.yaml"
    path.write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=problem):
        load(path, "service_request")
