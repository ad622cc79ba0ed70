"""Somebody in danger is heard however they write; somebody who only sounds like it is not sent an ambulance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.danger import KINDS, cues, spot
from knowledge.danger_rules import load_rules, shipped_rules
from knowledge.danger_training import Example, fit
from knowledge.datafiles import DATA, DataError
from knowledge.folding import LONGEST, fold
from knowledge.matcher import load_matcher

UNSEEN = Path(__file__).parent / "understanding" / "emergency.jsonl"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("3栋着火了，快来人", "fire"),
        ("屋头燃起来了哦，老汉还在里头", "fire"),
        ("着火了！！！", "fire"),
        ("zhao huo le, 5 dong", "fire"),
        ("隔壁廚房失火，濃煙一直冒出來", "fire"),
        ("一股天然气味道，我不敢开灯", "gas"),
        ("ta yao sha wo", "violence"),
        ("laoren shuai dao qi bu lai", "medical"),
        ("我爸晕倒了叫不醒", "medical"),
        ("有人拿刀在单元门口砍人", "violence"),
        ("老公又打我，我躲在卫生间，别给他打电话", "domestic_violence"),
        ("我不想活了", "self_harm"),
        ("i want to kill myself", "self_harm"),
        ("隔壁天天打孩子，今天打得孩子没声音了", "child_harm"),
        ("我们被关在电梯里了", "trapped"),
        ("修插座的师傅触电了，手松不开", "electric"),
        ("楼上掉下来的花盆砸到人了", "fall"),
        ("我奶奶有老年痴呆，早上出去到现在没回来", "missing"),
        ("水漫到配电箱了", "water_danger"),
        ("jiu ming", "other"),
        ("救命！！", "other"),
        ("there is no point in living", "self_harm"),
        ("please help, he is beating me", "domestic_violence"),
    ],
)
def test_danger_is_heard_with_its_kind(said: str, kind: str) -> None:
    found = spot(said)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "said",
    [
        "楼主跳楼价甩卖电动车",
        "今晚吃火锅，差一个人",
        "楼上天天半夜唱歌，我真的火大",
        "上个月家里失火，想申请临时救助",
        "消防演习是哪天",
        "烧水壶一插就跳闸，换个插座",
        "救命啊作业太多了",
        "那部电影里最后着火的是谁家",
        "7栋1204厨房水管爆了",
        "停电了，什么时候来电",
        "燃气灶打不着火，是不是没电池了",
        "万一着火了消防车开不进来，把杂物清一下",
        "孩子已经找到了，谢谢大家",
        "电梯坏了三天了，什么时候修",
        "this song is fire",
        "huo guo dian zai na li",
        "想死你们了",
        "楼顶有人放风筝",
        "7栋1204厕所漏到楼下了",
        "3栋2单元电梯不动了",
        "still leaking",
        "关上了",
        "sorry, wrong button",
        "I cannot go on paying this rent",
        "",
    ],
)
def test_what_only_sounds_like_danger_is_let_go(said: str) -> None:
    assert spot(said) is None


def test_the_untouched_set_is_still_understood() -> None:
    """As the service hears them: 94 % of the dangers, 3 % of the rest, all of them traps. Floors, not aims."""
    reader = load_matcher(Path(__file__).parents[1] / "var")
    rows = [json.loads(line) for line in UNSEEN.read_text(encoding="utf-8").splitlines()]
    dangers = [row["text"] for row in rows if row["route"] == "emergency"]
    others = [row["text"] for row in rows if row["route"] != "emergency"]
    assert sum(reader.read(text).danger is not None for text in dangers) >= 0.9 * len(dangers)
    assert sum(reader.read(text).danger is not None for text in others) <= 0.06 * len(others)


def test_the_same_danger_is_heard_through_invisible_characters_and_full_width_letters() -> None:
    assert spot("着\u200b火\u200b了，快来人") is not None
    assert spot("ＨＥＬＰ！ ｍｙ ｋｉｔｃｈｅｎ ｉｓ ｏｎ ｆｉｒｅ") is not None


def test_a_danger_at_the_end_of_an_endless_message_is_heard() -> None:
    assert spot("我今天说来话长。" * 20_000 + "我家着火了，快来人") is not None


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    found = spot(text)
    assert found is None or (found.kind in KINDS and found.score > 0)


@given(st.text(max_size=40))
def test_folding_is_settled_after_one_time(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_bounds_what_the_rules_must_read() -> None:
    assert len(fold("啊" * 100_000)) <= LONGEST + 1
    assert len(fold("\ufdfa" * 100_000)) <= LONGEST + 1, "one character that stands for eighteen"


def test_cues_name_the_rule_the_guard_and_the_present() -> None:
    assert {"heard:fire", "danger:fire", "danger"} <= cues("厨房着火了")
    past = cues("去年厨房着火，想问补助")
    assert "heard:fire" in past
    assert not any(cue.startswith("danger") for cue in past)
    assert "now" in cues("现在着火了")


def test_every_kind_but_other_has_words_of_its_own() -> None:
    assert {rule.kind for rule in shipped_rules().rules} == set(KINDS)
    assert set(shipped_rules().hints) == set(KINDS) - {"other"}


def test_a_broken_pattern_names_file_and_line(tmp_path: Path) -> None:
    broken = tmp_path / "danger.yaml"
    whole = (DATA / "danger.yaml").read_text(encoding="utf-8")
    broken.write_text(whole.replace("'坠[楼搂落亡]", "'(坠[楼搂落亡]", 1), encoding="utf-8")
    line = next(at for at, text in enumerate(whole.splitlines(), 1) if "'坠[楼搂落亡]" in text)
    with pytest.raises(DataError, match=f"danger.yaml:{line}: not a pattern"):
        load_rules(broken)


def test_an_unknown_guard_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "danger.yaml"
    whole = (DATA / "danger.yaml").read_text(encoding="utf-8")
    broken.write_text(whole.replace("without: [hearsay]", "without: [heresay]", 1), encoding="utf-8")
    with pytest.raises(DataError, match="no such guard: heresay"):
        load_rules(broken)


def test_fitting_learns_words_the_rules_do_not_know() -> None:
    taught = [Example(f"蓝色信号{at}号", True) for at in range(8)] + [
        Example(f"普通日子{at}号", False) for at in range(8)
    ]
    weights = fit(taught)
    assert weights.score("蓝色信号", frozenset()) > 0 > weights.score("普通日子", frozenset())


@pytest.mark.parametrize("text", ["我不想说了", "不想再讲了", "我不想聊了。", "I don't want to talk any more"])
def test_who_gives_up_a_talk_gives_up_nothing_else(text: str) -> None:
    """It alone raised an alarm of self-harm; with any word of it beside, it still does."""
    assert spot(text) is None
    assert spot(f"{text}，活着没意思") is not None
