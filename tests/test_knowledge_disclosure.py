"""What is published and when, how residents speak of it, which notices they want, when they sleep: rules without a town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import disclosure, subscribing
from knowledge.calendar import CHINA
from knowledge.datafiles import DATA, DataError
from knowledge.disclosure import fitting, missing, objection, shares_words, wanted, wants_to_see
from knowledge.quarters import asked_for, due_on, quarter_of, reported, written
from knowledge.quiet import NEVER, USUAL, Quiet, quiet_in
from knowledge.subscribing import NoticeWish, notice_wish

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Item:
    title: str
    body: str = ""
    kind: str = "finance"
    matter: str | None = None


PARKING = Item("三季度停车费收支", "收入86400元，其中安保费12000元", matter="parking_fees")
OFFICE = Item("居委会办公经费", "办公费2360元")
LIST = Item("低保名单", "李明 650元", kind="government", matter="relief_list")


# --- quarters ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("quarter", "due"),
    [
        ("2026Q3", date(2026, 10, 15)),
        ("2026Q4", date(2027, 1, 15)),
        ("2022Q3", date(2022, 10, 14)),  # the 15th is a Saturday
        ("2023Q3", date(2023, 10, 13)),  # a Sunday
    ],
)
def test_a_quarter_is_out_by_the_fifteenth_or_the_working_day_before(quarter: str, due: date) -> None:
    assert due_on(written(quarter)) == due


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_what_is_read_about_is_the_quarter_that_is_over(day: date) -> None:
    assert reported(day).following == quarter_of(day)
    assert due_on(reported(day)) >= date(quarter_of(day).year, quarter_of(day).number * 3 - 2, 1)
    assert written(str(reported(day))) == reported(day)


@pytest.mark.parametrize(
    ("text", "quarter"),
    [
        ("上季度停车费", "2026Q3"),
        ("第三季度的账", "2026Q3"),
        ("一季度 电子版", "2026Q1"),
        ("2025年四季度", "2025Q4"),
        ("去年第二季度", "2025Q2"),
        ("Q2 accounts", "2026Q2"),
    ],
)
def test_quarters_as_people_say_them(text: str, quarter: str) -> None:
    assert str(asked_for(text, TODAY)) == quarter


@pytest.mark.parametrize("text", ["四季花开", "这个季节", "停车费", ""])
def test_what_is_no_quarter(text: str) -> None:
    assert asked_for(text, TODAY) is None


@pytest.mark.parametrize("text", ["2026", "2026Q5", "26Q1", ""])
def test_a_quarter_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no quarter"):
        written(text)


# --- wishes to see ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "上季度停车费收了好多,用到哪去了",
        "我们的停车费花到哪了",
        "社区的钱花到哪里去了嘛",
        "第三季度财务收支",
        "居务公开",
        "看财务公开",
        "where did the parking money go",
    ],
)
def test_wishes_to_see_are_heard(text: str) -> None:
    assert wants_to_see(text)


@pytest.mark.parametrize(
    "text",
    [
        "我停车费多交了，钱退到哪里去了",
        "我的停车费去哪交",
        "社区活动费怎么交",
        "停车费用到哪去了，物业不公开我要投诉",
        "居务公开是怎么规定的",
        "楼道灯坏了",
        "停车费用到哪去了" + "，" * 200,
    ],
)
def test_ones_own_bill_a_complaint_or_the_rule_is_something_else(text: str) -> None:
    assert not wants_to_see(text)


def test_the_item_that_was_asked_for_is_found_by_its_matter_its_words_or_its_class() -> None:
    items = [PARKING, OFFICE, LIST]
    assert fitting(items, wanted("停车费用到哪去了", TODAY)) == [PARKING]
    assert fitting(items, wanted("办公费花了多少", TODAY)) == [OFFICE]
    assert fitting(items, wanted("政务公开", TODAY)) == [LIST]
    assert fitting(items, wanted("捐款用到哪了", TODAY)) == []
    assert {matter.key for matter in missing(items)} == set(disclosure.rules().matters) - {
        "parking_fees",
        "relief_list",
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("这个数字不对", "content"),
        ("安保费写错了吧", "content"),
        ("早该公布了", "time"),
        ("看不懂", "form"),
        ("没得明细", None),
    ],
)
def test_objections_are_of_three_kinds(text: str, kind: str | None) -> None:
    assert objection(text) == kind


def test_a_message_speaks_of_an_item_when_it_shares_words_with_it() -> None:
    assert shares_words("安保费为什么这么多", PARKING)
    assert not shares_words("为什么楼上这么吵", PARKING)


# --- quiet hours ------------------------------------------------------------------------------------------------------
def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        (at(20, 59), at(20, 59)),
        (at(21), at(8, day=24)),
        (at(23, 59), at(8, day=24)),
        (at(0, day=24), at(8, day=24)),
        (at(7, 59, day=24), at(8, day=24)),
        (at(8, day=24), at(8, day=24)),
    ],
)
def test_the_usual_quiet_goes_over_midnight(moment: datetime, over: datetime) -> None:
    assert USUAL.over_at(moment) == over


@given(
    begins=st.times(),
    ends=st.times(),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_when_the_quiet_is_over_people_may_be_disturbed(begins: time, ends: time, moment: datetime) -> None:
    quiet = Quiet(begins, ends)
    over = quiet.over_at(moment)
    assert moment <= over < moment + timedelta(days=1, seconds=1)
    assert not quiet.holds(over)
    assert (over == moment) is not quiet.holds(moment)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("晚上8点到早上9点别发", "20:00–09:00"),
        ("晚上十点半到第二天早上六点", "22:30–06:00"),
        ("八点以后莫发", "20:00–08:00"),
        ("早上9点以前别发", "21:00–09:00"),
        ("夜里12点到早上7点", "00:00–07:00"),
        ("夜里1点到5点", "01:00–05:00"),
        ("9pm to 7am", "21:00–07:00"),
        ("中午12点到下午2点", "12:00–14:00"),
    ],
)
def test_hours_as_people_say_them(text: str, hours: str) -> None:
    found = quiet_in(text)
    assert found is not None
    assert found.words() == hours


@pytest.mark.parametrize("text", ["晚上别发", "25点到30点", "晚上8点到晚上8点", ""])
def test_no_hours_or_impossible_ones(text: str) -> None:
    assert quiet_in(text) is None


# --- wishes about notices ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("我们11栋停水的时候告诉我一声，晚上莫发", NoticeWish("start", ("outage",), "11", USUAL)),
        ("只要11栋停水的通知，晚上别发", NoticeWish("start", ("outage",), "11", USUAL)),
        ("11栋停水通知一下我", NoticeWish("start", ("outage",), "11")),
        ("订阅停水通知", NoticeWish("start", ("outage",))),
        ("公开了新的账目就告诉我", NoticeWish("start", ("disclosure",))),
        ("所有通知都发给我", NoticeWish("start", everything=True)),
        ("tell me when the water is off in building 11", NoticeWish("start", ("outage",), "11")),
        ("退订", NoticeWish("stop")),
        ("退订停水通知", NoticeWish("stop", ("outage",))),
        ("活动莫给我发了", NoticeWish("stop", ("events",))),
        ("不要物业通知", NoticeWish("stop", ("property",))),
        ("退订所有通知", NoticeWish("stop", everything=True)),
        ("晚上别发", NoticeWish("quiet", quiet=USUAL)),
        ("晚上8点以后莫给我发通知", NoticeWish("quiet", quiet=Quiet(time(20), time(8)))),
        ("晚上也可以发", NoticeWish("anytime", quiet=NEVER)),
        ("我订了哪些通知", NoticeWish("list")),
        ("订通知", NoticeWish("list")),
    ],
)
def test_wishes_about_notices_are_heard(text: str, wish: NoticeWish) -> None:
    assert notice_wish(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "停水了怎么不通知我们",
        "我们楼停水了",
        "又停水了，也没人通知",
        "今天停水吗",
        "什么时候停水",
        "以后不要给我发消息",
        "水管爆了通知物业",
        "请通知物业来修电梯",
        "半夜楼上吵，不要打扰我睡觉",
        "收到通知说我要退房",
        "物业通知我搬家",
        "报名活动",
        "有停水通知吗",
        "只贴了停水的通知，水啥时候来",
        "只看到了停水的通知",
        "喊物业莫停电梯",
        "公示的账目发我看看",
        "订阅停水通知" + "哈" * 100,
    ],
)
def test_a_cut_that_happens_now_noise_and_repairs_are_no_wishes_about_notices(text: str) -> None:
    assert notice_wish(text) is None


# --- the files --------------------------------------------------------------------------------------------------------
def test_the_files_name_each_thing_once_and_nothing_unknown(tmp_path: Path) -> None:
    broken = tmp_path / "d.yaml"
    whole = (DATA / "disclosure.yaml").read_text("utf-8")
    broken.write_text(whole.replace("key: committee_accounts", "key: parking_fees"), "utf-8")
    with pytest.raises(DataError, match="given twice"):
        disclosure.load(broken)
    broken.write_text(whole.replace("kind: finance", "kind: money", 1), "utf-8")
    with pytest.raises(DataError, match="'money' is not one of"):
        disclosure.load(broken)
    broken.write_text((DATA / "notices.yaml").read_text("utf-8").replace("topic: health", "topic: outage"), "utf-8")
    with pytest.raises(DataError, match="given twice"):
        subscribing.load(broken)
