"""Volunteering without a database: what a sign-up says, what is meant later, who may serve and fits, the ledger's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge import series, served, sign_up, volunteer_data, volunteer_words
from knowledge.calendar import CHINA
from knowledge.datafiles import DATA, DataError
from knowledge.masking import masked_name
from knowledge.occasions import Occasion
from knowledge.phrases import load_phrases
from knowledge.served import BadEntry
from knowledge.sign_up import Window
from knowledge.volunteers import Volunteer, free_at, may_serve, ranked, send_at

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Chongqing
SATURDAY = datetime(2026, 11, 28, 11, 30, tzinfo=UTC)  # 19:30
SOMEBODY = Volunteer(
    id=1, number="LV-261123-0001-5", resident_id=1, chat_id=1, name=None, phone=None, building=None, categories=(),
    skills="", times=(), reach=(), age="adult", state="active", paused_until=None, guardian_name=None,
    guardian_phone=None, guardian_yes_at=None, guardian_via=None, joined_at=NOW, asked_at=None, revision=1,
)  # fmt: skip


def shift(**changed: Any) -> Occasion:
    base: dict[str, Any] = {
        "id": 1, "kind": "shift", "category": "order", "title": "夜巡", "about": "", "place": "岗亭", "building": None,
        "starts_at": SATURDAY, "ends_at": SATURDAY + timedelta(hours=2), "places_min": 2, "places_max": 4,
        "with_family": False, "insured_at": NOW, "insurance_note": "x", "organiser_id": 1, "state": "open",
        "revision": 1, "reason": None,
    }  # fmt: skip
    return Occasion(**base | changed)


@pytest.mark.parametrize(
    ("said", "kinds", "times", "age"),
    [
        ("我退休教师,周末可以教娃儿写字", ("education",), [((5, 6), ("am", "pm", "eve"))], "adult"),
        ("六十五岁,每周三下午和周六上午有空", (), [((2,), ("pm",)), ((5,), ("am",))], "senior"),
        ("周末没空,平时晚上可以巡逻", ("order",), [((0, 1, 2, 3, 4), ("eve",))], None),
        ("周一到周五白天都行", (), [((0, 1, 2, 3, 4), ("am", "pm"))], None),
        ("我高一，周六9点到11点可以扫楼道", (), [((5,), ("am",))], "under18"),
        ("我今年十二岁", (), [], "under14"),
        ("I can teach kids on Saturday mornings", ("education",), [((5,), ("am",))], None),
        ("", (), [], None),
        ("哈" * 9000, (), [], None),
    ],
)
def test_one_sentence_is_heard(said: str, kinds: tuple[str, ...], times: list[Any], age: str | None) -> None:
    heard = sign_up.hear(said)
    assert heard.categories == kinds
    assert [(one.days, one.parts) for one in heard.times] == times
    assert heard.age == age


def test_reach_number_and_guardian_are_heard() -> None:
    assert sign_up.hear("住9栋，只在我们这栋看楼").reach == ("9",)
    assert sign_up.hear("就在7栋帮忙").reach == ("7",)
    assert sign_up.hear("哪里都行").reach == ()
    assert sign_up.hear("我16岁，我妈电话13900002222").guardian_phone == "13900002222"
    assert sign_up.hear("我16岁，我妈电话13900002222").phone is None
    assert sign_up.hear("带娃儿一起来清楼道").with_child


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("我有几个小时？", "hours"),
        ("帮我查一下我的志愿时长", "hours"),
        ("how many hours do I have", "hours"),
        ("开个志愿服务证明", "certificate"),
        ("最近忙,先暂停志愿服务", "pause"),
        ("我想继续当志愿者", "resume"),
        ("我不当志愿者了", "leave"),
        ("我的志愿者编号是多少", "mine"),
        ("开个居住证明", None),
        ("证明怎么开", None),
        ("几个小时能修好", None),
        ("我想休息一下", None),
    ],
)
def test_what_a_volunteer_wants(said: str, wanted: str | None) -> None:
    assert volunteer_words.wish(said) == wanted


def test_no_phrase_of_another_matter_is_taken_for_a_volunteers_wish() -> None:
    meant = [(one.label.route, one.text) for one in load_phrases() if volunteer_words.wish(one.text)]
    claimed = [(one.label.route, one.text) for one in load_phrases() if volunteer_words.claim(one.text, NOW)]
    assert [text for route, text in (*meant, *claimed) if route not in ("ticket_status", "volunteer")] == []


@pytest.mark.parametrize(
    ("said", "minutes", "start", "days"),
    [
        ("上个月清楼道我来了3个小时,给我记了没?", 180, "2026-10-01", 31),
        ("周六巡逻两个半小时没给我记", 150, "2026-11-21", 1),
        ("昨天下午2点到5点打扫怎么没记", 180, "2026-11-22", 0),
        ("半个小时的值守，上周三，没记上", 30, "2026-11-18", 1),
    ],
)
def test_a_missing_entry_says_how_long_and_when(said: str, minutes: int, start: str, days: int) -> None:
    claimed = volunteer_words.claim(said, NOW)
    assert claimed is not None
    assert claimed.start is not None
    assert claimed.end is not None
    assert (claimed.minutes, claimed.start.date().isoformat()) == (minutes, start)
    assert (claimed.end - claimed.start).days == days
    assert volunteer_words.claim("物业说来修，等了3个小时没来", NOW) is None


def test_who_may_serve_and_why_not() -> None:
    young = replace(SOMEBODY, age="under18")
    agreed = replace(young, guardian_yes_at=NOW)
    assert may_serve(None, shift()) == "unknown"
    assert may_serve(SOMEBODY, shift()) is None
    assert may_serve(replace(SOMEBODY, state="left"), shift()) == "left"
    assert may_serve(replace(SOMEBODY, state="paused"), shift()) == "paused"
    assert may_serve(replace(SOMEBODY, state="paused", paused_until=SATURDAY), shift()) is None
    assert may_serve(young, shift(category="environment")) == "guardian"
    assert may_serve(agreed, shift(category="environment")) is None
    assert may_serve(agreed, shift()) == "too_young", "a patrol is for adults (VO-05)"


def test_who_fits_goes_first_and_whoever_was_just_asked_last() -> None:
    evening = Window((5, 6), ("eve",))
    fits = replace(SOMEBODY, id=2, categories=("order",), times=(evening,))
    asked = replace(fits, id=3, asked_at=NOW - timedelta(days=1))
    far = replace(fits, id=4, reach=("1",))
    found = ranked([SOMEBODY, asked, far, fits], shift(building="7"), now=NOW)
    assert [fit.volunteer.id for fit in found] == [2, 4, 3, 1]
    assert free_at((evening,), SATURDAY, SATURDAY + timedelta(hours=2))
    assert not free_at((evening,), SATURDAY - timedelta(hours=8), SATURDAY - timedelta(hours=6))


@pytest.mark.parametrize(
    ("hour", "sent"), [(10, "10"), (20, "20"), (21, "08"), (23, "08"), (2, "08"), (7, "08"), (8, "08")]
)
def test_nobody_is_asked_at_night(hour: int, sent: str) -> None:
    now = datetime(2026, 11, 22, 16, 0, tzinfo=UTC) + timedelta(hours=hour)
    told = send_at(now)
    assert told >= now
    assert told.astimezone(CHINA).strftime("%H") == sent


def test_the_ledgers_rules() -> None:
    start = NOW - timedelta(hours=4)
    assert served.minutes_of(start, NOW, 30, now=NOW) == 210
    for bad, code in (((NOW, start, 0), "order"), ((start, NOW, 240), "breaks"), ((start, NOW, -1), "breaks")):
        with pytest.raises(BadEntry, match=code):
            served.minutes_of(*bad, now=NOW)
    line = {
        "id": 1, "volunteer_id": 1, "occasion_id": None, "corrects_id": None, "kind": "served", "minutes": 240,
        "what": "x", "category": None, "place": None, "starts_at": start, "ends_at": NOW, "breaks_minutes": 0,
        "staff_id": 1, "at": NOW,
    }  # fmt: skip
    less = line | {"id": 2, "corrects_id": 1, "kind": "correction", "minutes": -60}
    [entry] = served.entries([line, less])
    assert (entry.first, entry.minutes, entry.corrected, entry.newest) == (240, 180, True, 2)
    assert served.overlapping([entry], NOW - timedelta(hours=1), NOW + timedelta(hours=1)) == [entry]
    assert served.overlapping([entry], NOW, NOW + timedelta(hours=1)) == []


def test_numbers_notice_every_wrong_digit_and_the_wrong_letters() -> None:
    number = series.make("LC", date(2026, 11, 28), 483105)
    digits = [at for at, char in enumerate(number) if char.isdigit()]
    for at in digits:
        wrong = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert series.parse("LC", wrong) is None, wrong
    assert series.parse("LC", number.lower().replace("-", " ")) == number
    assert series.parse("LV", number.replace("LC", "LV")) is None
    assert series.find("LC", f"我的证明是{number}，对吗") == number
    with pytest.raises(ValueError, match="no number"):
        series.make("LV", date(2026, 11, 28), 0)


@pytest.mark.parametrize(
    ("name", "shown"), [("李小明", "李*明"), ("李明", "李*"), ("欧阳小明", "欧*明"), ("Ann Lee", "A** L**")]
)
def test_a_name_is_masked(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("broken", "by", "said"),
    [
        ("  education: '教", "  educatoin: '教", "unknown key 'educatoin'"),
        ("confirm: '(?:好", "confirm: '(?:(好", "does not work"),
        ("    - '<please>(?:要|开", "    - '<pleese>(?:要|开", "does not work"),
        ("quiet: {from: 21", "quiet: {from: 25", "too large"),
    ],
)
def test_a_slip_in_the_data_names_its_line(broken: str, by: str, said: str, tmp_path: Path) -> None:
    text = (DATA / "volunteers.yaml").read_text("utf-8")
    assert broken in text
    path = tmp_path / "volunteers.yaml"
    path.write_text(text.replace(broken, by, 1), "utf-8")
    with pytest.raises(DataError, match=said):
        volunteer_data.load(path)
