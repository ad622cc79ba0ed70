"""Waiting for a person: what climbs when, which times can be kept, and the plain orders for a person and for the bot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.appointments import Impossible, Slot, chosen, names_a_time, offered
from knowledge.calendar import CHINA
from knowledge.calling import asks_for_bot, asks_for_person
from knowledge.danger import spot
from knowledge.datafiles import DATA, DataError
from knowledge.emergencies import by_a_child, emergency, shipped_emergencies
from knowledge.escalation import Level
from knowledge.waiting import load_clocks, shipped_clocks, usual_wait

MONDAY_NIGHT = datetime(2026, 11, 23, 20, 0, tzinfo=CHINA)
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=CHINA)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


# --- ladders ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("minutes", "level"),
    [
        (1, None),
        (2, Level.DESK),
        (9, Level.DESK),
        (10, Level.COMMITTEE),
        (29, Level.COMMITTEE),
        (30, Level.SUBDISTRICT),
    ],
)
def test_the_line_climbs(minutes: int, level: Level | None) -> None:
    line = shipped_clocks().ladders["line"]
    assert line.reached(MONDAY_MORNING, MONDAY_MORNING + timedelta(minutes=minutes)) is level


def test_the_lines_clock_runs_in_office_hours_and_the_alarms_day_and_night() -> None:
    line, alarm = shipped_clocks().ladders["line"], shipped_clocks().ladders["alarm"]
    assert line.reached(at(23, 11, 59), at(23, 13, 59)) is None
    assert line.reached(at(23, 11, 59), at(23, 14, 1)) is Level.DESK
    assert alarm.reached(MONDAY_NIGHT, MONDAY_NIGHT + timedelta(minutes=10)) is Level.SUBDISTRICT


def test_what_was_taken_back_never_runs_up_to_the_sub_district() -> None:
    back = shipped_clocks().ladders["taken_back"]
    assert back.reached(MONDAY_NIGHT, MONDAY_NIGHT + timedelta(days=1)) is Level.COMMITTEE


def test_a_usual_wait_is_told_only_when_it_is_known() -> None:
    assert usual_wait([timedelta(minutes=3)] * 4) is None
    assert usual_wait([timedelta(minutes=m) for m in (1, 2, 3, 4, 60)]) == 3
    assert usual_wait([timedelta(seconds=5)] * 5) == 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("committee: 10", "committee: 1", "a higher level hears later"),
        ("counts: office\n    desk: 2", "counts: moon\n    desk: 2", "'moon' is not one of"),
        ("nudge: 5, release: 15", "nudge: 15, release: 15", "before the conversation is taken"),
        ("minutes: 120", "minutes: 0", "too small"),
    ],
)
def test_a_broken_file_of_clocks_names_its_fault(tmp_path: Path, old: str, new: str, problem: str) -> None:
    whole = (DATA / "waiting.yaml").read_text(encoding="utf-8")
    assert old in whole
    path = tmp_path / "waiting.yaml"
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_clocks(path)


# --- appointments -----------------------------------------------------------------------------------------------------
def test_what_is_offered_lies_in_office_hours_and_is_still_to_come() -> None:
    assert [slot.start for slot in offered(MONDAY_NIGHT)] == [at(24, 9), at(24, 14), at(25, 9), at(25, 14)]
    assert offered(at(23, 11, 45))[0] == Slot(at(23, 14), at(23, 15)), "a quarter of an hour before lunch is too short"
    assert offered(at(27, 17, 50), count=1)[0].start == at(30, 9), "a weekend lies between"


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("明天上午", at(24, 9), at(24, 12)),
        ("后天下午三点", at(25, 15), at(25, 16)),
        ("明天上午十点吧", at(24, 10), at(24, 11)),
        ("明天", at(24, 9), at(24, 18)),
        ("call me back tomorrow at 3pm", at(24, 15), at(24, 16)),
    ],
)
def test_a_time_in_words(words: str, start: datetime, end: datetime) -> None:
    assert names_a_time(words, MONDAY_NIGHT)
    assert chosen(words, MONDAY_NIGHT) == Slot(start.astimezone(UTC), end.astimezone(UTC))


@pytest.mark.parametrize(
    ("words", "key"), [("今晚九点", "shut"), ("周六上午", "shut"), ("昨天上午", "past"), ("明年五月一号", "too_far")]
)
def test_what_cannot_be_kept_says_why_and_the_nearest_that_can(words: str, key: str) -> None:
    told = chosen(words, MONDAY_NIGHT)
    assert isinstance(told, Impossible)
    assert told.key == key
    assert told.instead.start > MONDAY_NIGHT


@pytest.mark.parametrize("words", ["明天社区开会吗，几点开始，要带什么", "楼上昨天晚上吵到半夜", "随便", "13800001234"])
def test_other_words_are_no_time(words: str) -> None:
    assert not names_a_time(words, MONDAY_NIGHT)


# --- orders -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    [
        "转人工",
        "请帮我转人工客服，谢谢！",
        "喊个人来嘛",
        "转人公",
        "给老子换人工",
        "can i talk to someone?",
        "HUMAN pls",
    ],
)
def test_the_plain_order_for_a_person(words: str) -> None:
    assert asks_for_person(words)


@pytest.mark.parametrize(
    "words",
    ["找人修水管", "人工湖水脏了", "我不要人工", "有人在楼道抽烟", "喊楼上小声点", "社区有多少工作人员", "人工" * 60],
)
def test_what_only_sounds_like_it(words: str) -> None:
    assert not asks_for_person(words)


def test_the_order_for_the_bot() -> None:
    assert all(map(asks_for_bot, ["不等了", "回机器人", "我不等了。", "back to the bot"]))
    assert not any(map(asks_for_bot, ["算了", "机器人不行", "等了好久了"]))


# --- danger, and who writes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["我不想填了", "我不想弄了", "不用打电话了", "我不想填了，找个人", "不想报了，算了"])
def test_giving_up_a_form_is_no_danger(words: str) -> None:
    """It used to be taken for somebody who does not want to live."""
    assert spot(words) is None


@pytest.mark.parametrize("words", ["我不想活了", "不想填了，算了，不想活了", "我不想弄了，药都吃了"])
def test_giving_up_oneself_is(words: str) -> None:
    assert spot(words) is not None


@pytest.mark.parametrize(
    "words", ["我12岁，爸爸打我", "我是小学生", "我上四年级", "老师摸我", "I'm 12 and my dad hits me", "妈妈老是打我"]
)
def test_a_child_is_heard(words: str) -> None:
    assert by_a_child(words)


@pytest.mark.parametrize(
    "words",
    ["我12岁的儿子走丢了", "我52岁", "我是学生家长", "我在小学门口", "我在小学上班", "他打我", "i'm 9 months pregnant"],
)
def test_a_grown_up_is_no_child(words: str) -> None:
    assert not by_a_child(words)


def test_every_kind_has_something_to_tick_off_and_the_private_ones_a_care_note() -> None:
    for kind in shipped_emergencies().values():
        assert kind.checks
        assert kind.private == kind.care
        assert (kind.child_steps is None) == (kind.child_asks is None)
    assert {kind.kind for kind in shipped_emergencies().values() if kind.private} == {
        "domestic_violence",
        "self_harm",
        "child_harm",
    }


def test_a_child_that_writes_is_reason_enough_to_report() -> None:
    assert emergency("self_harm").duty(child=False) is None
    assert emergency("self_harm").duty(child=True) == "EM-09"
    assert emergency("domestic_violence").duty(child=False) == "EM-06"
    assert emergency("fire").duty(child=True) is None
    assert "您" not in emergency("domestic_violence").steps_for(child=True).zh
    assert "12338" not in emergency("domestic_violence").numbers_for(child=True)
