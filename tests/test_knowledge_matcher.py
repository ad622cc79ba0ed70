"""Residents are understood however they write; an admin's phrase counts at once; nothing takes the matcher down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import concepts, evaluate, gate
from knowledge.datafiles import DataError
from knowledge.features import features
from knowledge.gate import Evidence, Gate
from knowledge.masking import masked, says_something
from knowledge.matcher import AlreadyMeans, Matcher, load_matcher
from knowledge.nearest import Nearest
from knowledge.normalise import normalise
from knowledge.phrases import CLAUSES, Label, known_label, load_phrases, name_of
from knowledge.prepare import prepared

VAR = Path(__file__).parents[1] / "var"
MESSAGES = Path(__file__).parent / "understanding"


@pytest.fixture(scope="module")
def shipped() -> Matcher:
    return load_matcher(VAR)


@pytest.fixture
def matcher() -> Matcher:
    """One of this test's own, to change."""
    return prepared(VAR)


def meaning(matcher: Matcher, text: str) -> str:
    return name_of(matcher.read(text).guesses[0].label)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("一百户要配多大的社区用房？", "faq/二(一)"),
        ("一百戶要配多大的社區用房", "faq/二(一)"),
        ("7栋1204厨房水管爆了", "service_request/repair"),
        ("shuiguan baole kuai lai xiu", "service_request/repair"),
        ("楼上漏水漏到我家天花板，找他几回都不认账，帮我们评个理", "dispute/leak"),
        ("楼上半夜三更还在蹦，吵得一家人睡不到觉，麻烦出面说哈他", "dispute/noise"),
        ("电梯又不动了，来个人嘛", "service_request/property"),
        ("我想当志愿者，周末有空", "volunteer"),
        ("转人工", "human"),
        ("我上次报的那个修好没得", "ticket_status"),
        ("建议在花园多装几把椅子", "suggestion"),
        ("帮我写一首情诗", "out_of_scope"),
        ("明天会下雨吗", "out_of_scope"),
        ("着火了快来人", "emergency"),
        ("my sink is leaking, please help", "service_request/repair"),
    ],
)
def test_what_residents_mean(said: str, meant: str, shipped: Matcher) -> None:
    assert meaning(shipped, said) == meant


@pytest.mark.parametrize(
    ("name", "route", "whole"),
    [
        ("strangers", 0.95, 0.94),
        ("untouched", 0.95, 0.93),
        ("calibration", 0.96, 0.94),
        ("messages-1", 0.95, 0.93),
        ("messages-2", 0.92, 0.90),
        ("doors", 0.94, 0.90),
        ("pinyin", 0.90, 0.85),
    ],
)
def test_messages_nobody_trained_on_are_understood(name: str, route: float, whole: float, shipped: Matcher) -> None:
    """Floors under what was measured: at first sight ``strangers`` 97.0 % and 96.3 %, untouched 97.7 % and 96.3 %.

    ``strangers``, ``untouched`` and ``calibration`` were written by people who had seen neither phrases nor answers. The
    first two were only looked at afterwards; ``messages-1`` pointed at weak labels, for which phrases were then written.
    ``doors`` names a door and hardly more ("3栋801漏水"): 57 of 70 while a door was masked like a building, 66 since (one
    half was looked at: 34 of 35 there, 32 of 35 in the other). ``pinyin`` is short and in Latin letters: two of three
    before phrases were learned as they are spelt, too.
    """
    rows = [json.loads(line) for line in (MESSAGES / f"{name}.jsonl").read_text("utf-8").splitlines()]
    taught = {normalise(phrase.text) for phrase in load_phrases()}
    fresh = [row for row in rows if normalise(row["text"]) not in taught]
    assert len(fresh) >= 0.98 * len(rows), "two people may say the same few words, not more"
    read = [(Label(r["route"], r["category"], r["clause"]), shipped.read(r["text"]).guesses[0].label) for r in fresh]
    assert sum(wanted.route == got.route for wanted, got in read) >= route * len(fresh)
    assert sum(wanted == got for wanted, got in read) >= whole * len(fresh)


FRAMES = (
    "你好，{}",
    "{}，谢谢",
    "不好意思打扰了，{}，麻烦你们了",
    "我是7栋1204的住户，{}",
    "您好，我叫李芳，住3栋2单元1105，电话13912345678，{}",
    "反映一下：{}",
    "Hello, {}, please help",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_courtesies_and_who_one_is_change_nothing(frame: str, shipped: Matcher) -> None:
    """Of 250 messages 245 were understood bare; 208 between apologies, 232 after "你好", until they were set aside."""
    rows = [json.loads(line) for line in (MESSAGES / "strangers.jsonl").read_text("utf-8").splitlines()][::5]
    other = [r["text"] for r in rows if not _alike(shipped, r["text"], frame.format(r["text"]))]
    assert len(other) <= 0.03 * len(rows), other


def _alike(shipped: Matcher, bare: str, framed: str) -> bool:
    return shipped.read(bare).guesses[0].label == shipped.read(framed).guesses[0].label


def test_who_says_nothing_else_greets(shipped: Matcher) -> None:
    for said in ("你好", "您好，在吗？", "不好意思，打扰了", "hello", "谢谢", "早上好"):
        assert shipped.read(said).guesses[0].label.route == "greeting", said


def test_a_flat_alone_means_nothing_and_nobody_pretends(shipped: Matcher) -> None:
    """It used to ring the alarm: emergencies name their flat."""
    for said in ("7栋1204", "在3栋2单元", "13800000000"):
        reading = shipped.read(said)
        assert reading.danger is None
        assert not reading.sure or reading.guesses[0].label.route == "out_of_scope"


def test_which_flat_it_is_changes_nothing(shipped: Matcher) -> None:
    plain = shipped.read("厨房水管爆了").guesses[0].label
    for where in ("7栋1204", "B区12栋3单元9-2", "十二栋二单元五楼", "我住8号楼402，"):
        assert shipped.read(f"{where}厨房水管爆了").guesses[0].label == plain


def test_a_score_is_a_share_and_the_winner_has_the_highest(shipped: Matcher) -> None:
    for said in ("一百户要配多大的社区用房？", "水管", "你好", "楼上太吵", "asdf", "救命啊失火了"):
        reading = shipped.read(said, limit=5)
        best, *others = reading.guesses
        assert all(0 <= guess.score <= 1 for guess in reading.guesses)
        assert all(guess.score <= best.score for guess in others)
        assert len(others) <= 5
        assert len({guess.label for guess in reading.guesses}) == len(reading.guesses)


@pytest.mark.parametrize("said", ["", " ", "\u200b\ufeff", "？？？", "😀", "\x00", "1", "\ud83d"])
def test_nothing_said_is_declined(said: str, shipped: Matcher) -> None:
    assert shipped.read(said).guesses[0].label.route == "out_of_scope"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_a_reading(said: str) -> None:
    reading = load_shared().read(said)
    assert reading.guesses
    assert load_shared().read(said).guesses == reading.guesses


_shared: list[Matcher] = []


def load_shared() -> Matcher:
    if not _shared:
        _shared.append(load_matcher(VAR))
    return _shared[0]


def test_a_hundred_thousand_characters_are_read_at_both_ends(shipped: Matcher) -> None:
    filler = "我在这里住了很多年，" * 10_000
    assert len(features(filler)[0]) < 10_000, "the work is bounded, however long the message"
    assert meaning(shipped, f"{filler}社区用房每一百户要多少平方米？") != "out_of_scope"


# --- phrases an admin teaches -----------------------------------------------------------------------------------------
def test_a_phrase_counts_as_soon_as_it_is_taught(matcher: Matcher) -> None:
    taught = Label("service_request", "culture")
    assert matcher.read("水表娃娃要去哪里拿").guesses[0].label != taught
    matcher.add("水表娃娃要去哪里拿", taught)
    assert matcher.read("水表娃娃要去哪里拿").guesses[0].label == taught
    assert matcher.read("水表娃娃要去哪里拿？？").guesses[0].label == taught
    assert matcher.remove("水表娃娃要去哪里拿")
    assert matcher.read("水表娃娃要去哪里拿").guesses[0].label != taught
    assert not matcher.remove("水表娃娃要去哪里拿")


def test_a_phrase_that_means_something_else_is_refused_and_nothing_changes(matcher: Matcher) -> None:
    matcher.add("水表娃娃要去哪里拿", Label("activity"))
    with pytest.raises(AlreadyMeans) as refused:
        matcher.add("水表娃娃，要去哪里拿？", Label("suggestion"))
    assert refused.value.label == Label("activity")
    assert meaning(matcher, "水表娃娃要去哪里拿") == "activity"


def test_a_taught_label_that_no_phrase_had_before_works(matcher: Matcher) -> None:
    new = Label("service_request", "lost_and_found")
    matcher.change("我的蓝色保温杯落在活动室了", new)
    assert matcher.read("我的蓝色保温杯落在活动室了").guesses[0].label == new


def test_changing_a_phrase_gives_it_the_new_meaning_only(matcher: Matcher) -> None:
    matcher.change("水表娃娃要去哪里拿", Label("activity"))
    matcher.change("水表娃娃要去哪里拿", Label("suggestion"))
    assert meaning(matcher, "水表娃娃要去哪里拿") == "suggestion"
    matcher.change("水表娃娃要去哪里拿", None)
    assert meaning(matcher, "水表娃娃要去哪里拿") != "suggestion"


# --- the files an admin edits -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "content", "line", "said"),
    [
        ("human.txt", "plain\t找人\nplain 没有制表符\n", 2, "voice<TAB>text"),
        ("human.txt", "# 注\n\nloud\t找人\n", 3, "unknown voice 'loud'"),
        ("human.txt", "plain\t \n", 1, "voice<TAB>text"),
        ("near_misses.txt", "plain\tfaq/9-9\t多少平方\n", 1, "no clause is called '9-9'"),
        ("near_misses.txt", "plain\t多少平方\n", 1, "voice<TAB>label<TAB>text"),
    ],
)
def test_a_broken_phrase_file_is_named_with_its_line(
    name: str, content: str, line: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DataError, match=name) as wrong:
        load_phrases(tmp_path)
    assert wrong.value.line == line
    assert said in str(wrong.value)


def test_a_broken_family_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "concepts.yaml"
    file.write_text("lift: [电梯]\npipe: [水管, 这个词实在是太长了一点]\n", "utf-8")
    with pytest.raises(DataError, match=r"concepts\.yaml:2"):
        concepts.load(file)


def test_every_label_has_phrases_and_no_text_two_meanings() -> None:
    means: dict[str, Label] = {}
    for phrase in load_phrases():
        plain = normalise(phrase.text)
        if not plain:  # emoji and dots alone: nothing to tell them apart by
            continue
        assert means.setdefault(plain, phrase.label) == phrase.label, f"two meanings: {phrase.text}"
    labels = set(means.values())
    assert {label.clause for label in labels if label.route == "faq"} == set(CLAUSES.values())
    assert len({(label.route, label.category) for label in labels}) == 12 + 18 + 11 + 6 - 2


@pytest.mark.parametrize("name", ["nix", "dispute", "dispute/repair", "faq/7-1", "faq/", "volunteer/x"])
def test_a_label_that_is_none_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(ValueError, match=r"there are|needs one of"):
        known_label(name)


# --- parts ------------------------------------------------------------------------------------------------------------
def test_flats_telephones_and_numbers_are_masked() -> None:
    assert masked("7栋1204厨房").split() == ["¤", "厨房"]
    assert masked("12-3-1104漏水").split() == masked("六栋二单元五零三漏水").split() == ["¤", "漏水"]
    assert masked("7栋2单元楼道").split() == ["§", "楼道"], "a building is what all share, a door is somebody's flat"
    assert masked("打02300000000找我").split() == ["打", "找我"]
    assert masked("等了3天") == "等了0天"
    assert masked("三号线几点收班") == "三号线几点收班"
    assert not says_something("7栋2单元1204")
    assert says_something("7栋漏水")


def test_words_of_a_family_are_found_in_chinese_and_english() -> None:
    assert {"water_pipe", "broken"} <= concepts.concepts(normalise("水龙头坏了"))
    assert "lift" in concepts.concepts(normalise("the elevators are stuck"))
    assert "lift" not in concepts.concepts(normalise("weightlifting"))


def test_the_nearest_phrase_can_come_and_go() -> None:
    near = Nearest()
    pipe, lift = near.add("水管爆了"), near.add("电梯坏了")
    assert near.near("水管爆掉了")[0][0] == pipe
    assert near.add("水管爆了") == pipe
    assert near.remove("水管爆了") == pipe
    assert [number for number, _ in near.near("水管爆掉了")] in ([], [lift])


def test_a_gate_keeps_to_its_bound_and_finds_what_lies_apart() -> None:
    inside = [Evidence(-1 + n / 100, 1 - n / 100, -0.5, 0.8) for n in range(50)]
    beyond = [Evidence(0.5 - n / 100, -0.6 + n / 100, -0.8, 0.3) for n in range(50)]
    fitted = gate.fit([*inside, *beyond], [False] * 50 + [True] * 50, most_wrong=0.02)
    assert sum(fitted.chance(one) >= 0.5 for one in inside) <= 1
    assert sum(fitted.chance(one) >= 0.5 for one in beyond) >= 45
    assert Gate((0, 0, 0, 0, -1e9)).chance(inside[0]) < 0.5


# --- any other set of labels ------------------------------------------------------------------------------------------
COLOURS = {
    "red": "blood rose cherry tomato ruby",
    "blue": "sky sea sapphire navy jeans",
    "green": "grass leaf moss lime",
}


def colour_lines(numbers: range, outside: bool) -> Iterator[str]:
    for label, words in COLOURS.items():
        for word in words.split():
            for number in numbers:
                yield json.dumps({"text": f"the {word} number {number} shines {word}", "label": label})
    for number in numbers if outside else ():
        yield json.dumps({"text": f"please calculate invoice {number} of march", "label": None})
        yield json.dumps({"text": f"who sings song {number}", "label": "oos"})


@pytest.mark.parametrize("outside", [True, False])
def test_the_engine_learns_any_set_and_says_how_well(
    outside: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text("\n".join(colour_lines(range(6), outside)), "utf-8")
    test.write_text("\n".join(colour_lines(range(6, 9), True)), "utf-8")
    assert evaluate.main(["--train", str(train), "--test", str(test)]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["labels"] == 3
    assert figures["accuracy_in_scope"] > 0.95
    assert 0 <= figures["out_of_scope_declined"] <= 1
    assert figures["median_ms"] > 0
    assert figures["memory_mb"] > 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"text": "a"}', ":1: expected"),
        ('{"text": "a", "label": "x"}\nnonsense', ":2: is not JSON"),
        ('{"text": "a", "label": 3}', ":1: the label is neither"),
        ("", "no example"),
    ],
)
def test_a_set_that_cannot_be_read_is_named_with_its_line(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(content, "utf-8")
    assert evaluate.main(["--train", str(file), "--test", str(file)]) == 2
    assert said in capsys.readouterr().err
