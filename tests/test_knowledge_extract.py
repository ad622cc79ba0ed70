"""What a message already says is not asked again: where, when, which number, how urgent, how many wishes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.extract import (
    Place,
    happening_now,
    phone,
    place,
    secrets_in,
    urgency,
    weigh,
    when,
    wishes,
    without_secrets,
)

MONDAY_ONE_PM = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("7栋1204厨房水管爆了", Place("7", room="1204")),
        ("3单元6楼天花板滴水", Place(unit="3", floor="6")),
        ("9幢2单元17-3", Place("9", "2", "17", "17-3")),
        ("七栋十二楼四号", Place("7", floor="12", room="4")),
        ("B区12#-3-5", Place("B区12", floor="3", room="3-5")),
        ("6棟2203", Place("6", room="2203")),
        ("building 5 room 302", Place("5", room="302")),
        ("5 dong", Place("5")),
        ("七栋幺二零四", Place("7", room="1204")),
        ("十号楼二单元三楼", Place("10", "2", "3")),
        ("5 栋 1 单元 1203 室", Place("5", "1", room="1203")),
        ("3栋2单元负一楼车库", Place("3", "2", "-1")),
        ("Block B, 7th floor", Place("B", floor="7")),
        ("9-2-1204", Place("9", "2", room="1204")),
        ("１２栋", Place("12")),
        ("我住1204", Place(room="1204")),
        ("我家1802的", Place(room="1802")),
        ("三号楼二单元十五楼三号", Place("3", "2", "15", "3")),
        ("7-2-1204", Place("7", "2", room="1204")),
        ("7幢2-12-4", Place("7", "2", "12", "12-4")),
        ("11幢15-3", Place("11", floor="15", room="15-3")),
        ("5栋17—3", Place("5", floor="17", room="17-3")),
        ("七棟二單元一二〇四", Place("7", "2", room="1204")),
        ("廿三栋", Place("23")),
        ("qi dong 1204", Place("7", room="1204")),
        ("7dong1204", Place("7", room="1204")),
        ("shier dong san danyuan", Place("12", "3")),
        ("5洞1204", Place("5", room="1204")),
        ("5东1204水管漏水", Place("5", room="1204")),
        ("地下2层", Place(floor="-2")),
        ("B2层车库", Place(floor="-2")),
        ("C7栋", Place("C7")),
        ("302", Place(room="302")),
    ],
)
def test_a_place_however_it_is_said(said: str, where: Place) -> None:
    assert place(said) == where


@pytest.mark.parametrize(
    "said",
    [
        "报了3次了",
        "3点到5点",
        "2026年12月3号下午",
        "8号线",
        "今年67岁了",
        "楼下太吵",
        "租金1200块",
        "",
        "两栋楼都停水了",
        "有3栋楼停电",
        "110",
        "wo shi lou shang de",
        "A区",
        "扣了1204块",
    ],
)
def test_numbers_that_are_no_place(said: str) -> None:
    assert place(said) is None


def test_a_place_is_completed_from_what_was_known() -> None:
    assert Place(unit="3").filled_from(Place("7", "1", room="1204")) == Place("7", "3", room="1204")
    assert not Place()


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 33), st.integers(1, 12))
def test_every_flat_of_an_estate_is_heard(building: int, unit: int, floor: int, door: int) -> None:
    heard = place(f"{building}栋{unit}单元{floor}-{door}漏水")
    assert heard == Place(str(building), str(unit), str(floor), f"{floor}-{door}")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("电话138 1234 5678", "13812345678"),
        ("幺三八零零幺三八零零零", "13800138000"),
        ("1 3 8 0 0 1 3 8 0 0 0", "13800138000"),
        ("+86 13912345678", "13912345678"),
        ("023-61234567", "023-61234567"),
        ("打61234567找我", "61234567"),
        ("单号LX-261123-0007-4", None),
        ("身份证500101199001011234", None),
        ("我住1204", None),
    ],
)
def test_a_telephone_number(said: str, number: str | None) -> None:
    assert phone(said) == number


def test_secrets_are_covered_before_a_summary() -> None:
    said = "身份证500101199001011234，卡号6222021234567890128，密码 abc123，电话13800138000"
    assert without_secrets(said) == "身份证〔身份证号〕，卡号〔银行卡号〕，密码 〔密码〕，电话13800138000"
    assert [secret.kind for secret in secrets_in(said)] == ["id_card", "bank_card", "password"]


def test_a_long_number_that_is_no_bank_card_stays() -> None:
    assert without_secrets("快递单6222021234567890129") == "快递单6222021234567890129"


@given(st.text(max_size=200))
def test_covering_secrets_leaves_the_rest_alone(text: str) -> None:
    found = secrets_in(text)
    kept = "".join(text[a.end : b.start] for a, b in pairwise(found))
    assert kept in without_secrets(text)


@pytest.mark.parametrize(
    ("said", "start", "hours"),
    [
        ("后天下午三点", "2026-11-25 15:00", 1),
        ("下周三上午", "2026-12-02 09:00", 3),
        ("明早8点半", "2026-11-24 08:30", 1),
        ("这周末", "2026-11-28 00:00", 48),
        ("周六有空", "2026-11-28 00:00", 24),
        ("12月3号", "2026-12-03 00:00", 24),
        ("上个月15号", "2026-10-15 00:00", 24),
        ("昨天晚上", "2026-11-22 18:00", 4),
        ("今晚八点", "2026-11-23 20:00", 1),
        ("晚上十二点", "2026-11-24 00:00", 1),
        ("中午一点", "2026-11-23 13:00", 1),
        ("下午两点一刻到四点", "2026-11-23 14:15", 1.75),
        ("半小时后", "2026-11-23 13:30", 1),
        ("8:30", "2026-11-24 08:30", 1),
        ("tomorrow at 3pm", "2026-11-24 15:00", 1),
        ("next friday morning", "2026-12-04 09:00", 3),
        ("下午两三点", "2026-11-23 14:00", 1),
        ("晚上七八点钟", "2026-11-23 19:00", 1),
        ("明天8-9点", "2026-11-24 08:00", 1),
        ("八点零五分", "2026-11-24 08:05", 1),
        ("周一到周五", "2026-11-23 00:00", 120),
        ("周四到下周二", "2026-11-26 00:00", 144),
        ("12月3号到5号", "2026-12-03 00:00", 72),
        ("2026-12-01", "2026-12-01 00:00", 24),
        ("on Nov 30th", "2026-11-30 00:00", 24),
        ("廿三号", "2026-11-23 00:00", 24),
        ("mingtian xiawu san dian ban", "2026-11-24 15:30", 1),
        ("xia xingqi san shangwu", "2026-12-02 09:00", 3),
        ("再过半小时", "2026-11-23 13:30", 1),
    ],
)
def test_a_moment_in_the_residents_own_time(said: str, start: str, hours: float) -> None:
    (moment,) = when(said, MONDAY_ONE_PM)
    assert f"{moment.start:%Y-%m-%d %H:%M}" == start
    assert moment.end - moment.start == timedelta(hours=hours)
    assert moment.start.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "said",
    ["2月30号", "一点都不好", "有点漏水", "25点", "都在家", "", "1点点水", "我提三点意见", "you yi dian lou shui"],
)
def test_what_names_no_moment(said: str) -> None:
    assert when(said, MONDAY_ONE_PM) == []


def test_several_moments_come_in_order() -> None:
    assert [moment.words for moment in when("周三上午不行，周四下午可以", MONDAY_ONE_PM)] == ["周三上午", "周四下午"]


@given(st.text(alphabet="今明后天上下午周一二三四五六日点半刻月号年0123456789到: ", max_size=24))
def test_every_moment_lasts(text: str) -> None:
    assert all(moment.start < moment.end for moment in when(text, MONDAY_ONE_PM))


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("着火了", "P0"),
        ("7栋1204厨房水管爆了", "P1"),
        ("停水两天了", "P1"),
        ("阳台的电线受潮了", "P1"),
        ("门锁坏了，请派人修", "P2"),
        ("楼上天天吵", "P2"),
        ("续租要带什么", "P3"),
        ("建议多放点凳子", "P3"),
        ("水费交多了", "P2"),
        ("上个月停过电，想要回冰箱里坏掉的东西的钱", "P2"),
        ("昨天开始停水,到现在还没来", "P1"),
        ("no water since yesterday", "P1"),
        ("wo jia ting shui le", "P1"),
        ("屋头莫得电", "P1"),
        ("我想问一下什么时候停水", "P3"),
        ("想问下租金怎么算", "P3"),
        ("有人在楼道给电瓶车充电", "P1"),
        ("去年停过水", "P2"),
    ],
)
def test_how_urgent_it_is(said: str, level: str) -> None:
    assert urgency(said) == level


def test_urgency_says_why() -> None:
    assert weigh("水管爆了").reason == "a pipe burst"
    assert weigh("着火了").reason.startswith("danger: fire")


@pytest.mark.parametrize(
    ("said", "now"), [("还在漏", True), ("上周漏过", False), ("后来好了", False), ("想换锁", None)]
)
def test_whether_it_is_going_on(said: str, now: bool | None) -> None:
    assert happening_now(said) is now


@pytest.mark.parametrize("endless", ["a", "yi", "1", "十", "另外", "1.", "3点到", "周一到", "7栋", "( ", "😀"])
def test_an_endless_message_is_read_like_any_other(endless: str) -> None:
    """A hundred thousand letters without a blank used to keep `wishes` busy for 47 seconds."""
    text = endless * (100_000 // len(endless))
    assert len(wishes(text)) <= 6
    assert weigh(text).level != "P0"
    place(text), when(text, MONDAY_ONE_PM), phone(text), without_secrets(text)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("家里水龙头坏了。另外想问一下低保怎么办", ("家里水龙头坏了", "想问一下低保怎么办")),
        ("1.路灯不亮 2.垃圾没人收 3、门禁坏了", ("路灯不亮", "垃圾没人收", "门禁坏了")),
        ("我家厨房漏水，还有电梯也坏了", ("我家厨房漏水", "电梯也坏了")),
        ("楼上吵，说了几次都不听，还骂人，你们管管", ("楼上吵，说了几次都不听，还骂人，你们管管",)),
        ("还有多久修好", ("还有多久修好",)),
        ("预约1.5小时的场地", ("预约1.5小时的场地",)),
        ("", ()),
        ("1.修水管 2.换灯泡 3.清楼道", ("修水管", "换灯泡", "清楼道")),
        ("一是电梯坏了,二是门禁坏了", ("电梯坏了", "门禁坏了")),
    ],
)
def test_several_wishes_in_one_message(said: str, told: tuple[str, ...]) -> None:
    assert wishes(said) == told


@given(st.text(max_size=300))
def test_any_text_may_be_asked_anything(text: str) -> None:
    place(text), phone(text), when(text, MONDAY_ONE_PM), happening_now(text)
    assert urgency(text) in ("P0", "P1", "P2", "P3")
    assert len(wishes(text)) <= 6


@pytest.mark.parametrize(
    "words",
    ["my opinions differ", "a finger got pinched in the lift", "the password is wrong", "footprints", "密码锁坏了"],
)
def test_words_that_only_look_like_a_secret_are_left(words: str) -> None:
    assert without_secrets(words) == words
