"""The rules of occasions and how residents speak of them, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.datafiles import DATA, DataError
from knowledge.demo_occasions import invented
from knowledge.occasion_kinds import category, load
from knowledge.occasion_words import asks, meant, party, proposes, wish
from knowledge.occasion_words import load as load_words
from knowledge.occasions import Occasion, Party, day_reminder, faults, moving_up, served, soon_reminder
from knowledge.phrases import load_phrases
from tests.scenarios.activities import plan

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Chongqing
HERE = timedelta(hours=8)


def occasion(id: int = 1, **values: object) -> Occasion:
    made = plan()
    base = {name: getattr(made, name) for name in made.__dataclass_fields__}
    more = {"id": id, "insured_at": None, "organiser_id": 1, "state": "open", "revision": 1, "reason": None}
    return Occasion(**base | more | values)


# --- words ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("这周六有啥活动", "list"),
        ("周末有没得好耍的活动嘛", "list"),
        ("what's on this weekend?", "list"),
        ("我想参加邻里聚餐,带两个娃儿", "join"),
        ("邻里聚餐算我一个", "join"),
        ("put me down for the dinner", "join"),
        ("周六巡逻我去不了了,喊老王替我", "swap"),
        ("周六的班找个人替我", "swap"),
        ("邻里聚餐我不去了", "leave"),
        ("取消报名", "leave"),
        ("I can't come on Saturday", "leave"),
        ("我到了", "here"),
        ("I'm here", "here"),
        ("搞完了", "done"),
        ("巡完了哈", "done"),
        ("我走了，巡完了", "done"),
        ("巡逻做完了", "done"),
        ("打扫都搞完了，先回去了", "done"),
        ("我报了哪些活动", "mine"),
        ("my sign-ups", "mine"),
        ("一家三口", "party"),
    ],
)
def test_what_is_wished(said: str, kind: str) -> None:
    found = wish(said)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "said", ["水管爆了", "楼上太吵了，喊物业来看", "我要投诉物业", "楼下骂我家孩子", "量血压的来", "居委会几个人", ""]
)
def test_what_is_no_wish_about_one(said: str) -> None:
    assert wish(said) is None


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("周六巡逻我去不了了,喊老王替我", "老王"),
        ("请王嬢嬢帮我顶班", "王嬢嬢"),
        ("我跟小李换班", "小李"),
        ("找个人替我", None),
    ],
)
def test_whom_they_ask(said: str, who: str | None) -> None:
    found = wish(said)
    assert found is not None
    assert found.who == who


@pytest.mark.parametrize(
    ("said", "adults", "children"),
    [
        ("带两个娃儿", 1, 2),
        ("带娃儿来", 1, 1),
        ("两大一小", 2, 1),
        ("2个大人1个小孩", 2, 1),
        ("一家三口", 2, 1),
        ("一家五口", 2, 3),
        ("我和老公带一个娃", 2, 1),
        ("带爸妈一起", 3, 0),
        ("一共5个人", 5, 0),
        ("我们四个人，两个娃儿", 2, 2),
        ("就我一个", 1, 0),
        ("with two kids", 1, 2),
        ("me and my wife", 2, 0),
        ("three people", 3, 0),
    ],
)
def test_how_many_come(said: str, adults: int, children: int) -> None:
    assert party(said) == Party(adults, children)


def test_nothing_said_of_how_many() -> None:
    assert party("我想参加邻里聚餐") is None


def test_which_one_is_meant() -> None:
    dinner, patrol = occasion(1), occasion(2, title="周六晚间巡逻", kind="shift", category="order", with_family=False)
    later = occasion(3, title="书法课", category="class", starts_at=dinner.starts_at + timedelta(days=4))
    there = [dinner, patrol, replace(later, ends_at=later.starts_at + timedelta(hours=2))]
    assert [one.id for one in meant("聚餐几点", there, NOW).found] == [1]
    assert [one.id for one in meant("周六的活动", there, NOW).found] == [1, 2]
    assert [one.id for one in meant("周六夜里的巡查", there, NOW).found] == [2]
    assert not meant("周日的巡逻", there, NOW).found
    assert not meant("瑜伽课", there, NOW).titled
    assert not meant("报名", there, NOW).found


def test_questions_and_wishes_for_something_new() -> None:
    assert asks("聚餐要带菜不")
    assert not asks("聚餐算我一个")
    assert proposes("希望社区办个象棋比赛")
    assert not proposes("我想参加象棋比赛")


SURE = {"mine", "here", "done", "swap", "list"}
"""What is acted on without an occasion being named by its title."""


def test_phrases_of_other_matters_are_not_taken_for_one() -> None:
    others = [one for one in load_phrases() if one.label.route not in ("activity", "volunteer", "emergency")]
    assert len(others) > 1000
    taken = [one.text for one in others if (found := wish(one.text)) is not None and found.kind in SURE]
    assert taken == []


# --- rules ------------------------------------------------------------------------------------------------------------
def test_the_line_moves_in_order_and_a_family_keeps_its_place() -> None:
    assert moving_up(2, [(1, 3), (2, 1), (3, 2), (4, 1)]) == [2, 4]
    assert moving_up(0, [(1, 1)]) == []


def test_reminders_come_at_hours_at_which_people_are_up() -> None:
    start = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)  # Saturday 8:00
    assert day_reminder(start) == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    assert soon_reminder(start) == datetime(2026, 11, 27, 23, 0, tzinfo=UTC)  # 7:00, not 6:00
    assert soon_reminder(start + timedelta(hours=4)) == start + timedelta(hours=2)


def test_what_is_proposed_as_served() -> None:
    shift = occasion(kind="shift", category="order")
    early, late = shift.starts_at - timedelta(minutes=20), shift.starts_at + timedelta(minutes=15)
    assert served(shift, early, None) == (shift.starts_at, shift.ends_at)
    assert served(shift, late, shift.ends_at - timedelta(minutes=5)) == (late, shift.ends_at - timedelta(minutes=5))
    assert served(shift, None, shift.starts_at - timedelta(minutes=5)) == (shift.starts_at, shift.starts_at)


def test_two_where_nobody_may_be_alone() -> None:
    assert occasion(kind="shift", category="order", places_min=0, taken=1).lacking == 1
    assert occasion(places_min=0, taken=0).lacking == 0
    assert faults(plan(kind="shift", category="order", with_family=False, places_max=1), NOW) == ["places"]
    assert faults(plan(), NOW) == []


def test_the_invented_ones_lie_in_the_coming_two_weeks_whenever_they_are_loaded() -> None:
    for days in range(7):
        now = NOW + timedelta(days=days)
        found = invented(now)
        assert len(found) == 3
        for one in found:
            assert faults(one, now) == []
            assert now < one.starts_at < now + timedelta(days=14)


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("least_age: 18", "least_age: 180", "too large"),
        ("pair: true", "pair: maybe", "true or false"),
        ('at: "18:00"', "at: evening", "not a time"),
        ("rule: VO-05, ", "", "'rule' is missing"),
        ("words: '巡逻", "words: '(巡逻", "does not work"),
    ],
)
def test_a_wrong_line_of_the_rules_is_named(tmp_path: Path, was: str, becomes: str, problem: str) -> None:
    text = (DATA / "occasions.yaml").read_text("utf-8")
    assert was in text
    (tmp_path / "o.yaml").write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(DataError, match=problem):
        load(tmp_path / "o.yaml")


@pytest.mark.parametrize(
    ("was", "becomes"), [("<please>", "<pleas>"), ("  mine:", "  mime:"), ("plain_words: '", "plain_words: '(")]
)
def test_a_wrong_wording_is_named(tmp_path: Path, was: str, becomes: str) -> None:
    text = (DATA / "occasion_words.yaml").read_text("utf-8")
    (tmp_path / "w.yaml").write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(DataError):
        load_words(tmp_path / "w.yaml")


def test_everybody_is_named_what_they_are() -> None:
    assert category("shift", "order").insured
    with pytest.raises(KeyError):
        category("event", "order")
