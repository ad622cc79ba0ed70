"""For whom somebody speaks, in confidence or not, when one may come; corrections; whom a complaint names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from knowledge import corrections
from knowledge.catalogue import dispute, service
from knowledge.circumstances import on_behalf, says_only_secrecy, visit, wants_no_name, wants_secrecy
from knowledge.life import Role
from knowledge.phrases import Label
from knowledge.stepping_aside import barred, names
from knowledge.tone import COMPLAINT, PRAISE, THANKS, meant

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("我帮我妈报修，7栋1204水管漏了", "我妈"),
        ("隔壁张婆婆家灯坏了", "隔壁张婆婆"),
        ("我老汉儿家热水器坏了", "我老汉儿"),
        ("隔壁李婆婆一个人，几天没出门了", "隔壁李婆婆"),
        ("my mother's kitchen leaks", "my mother"),
        ("7栋1204厨房水管爆了", None),
        ("楼上王叔叔家天天吵", None),
        ("邻居家的狗叫", None),
        ("隔壁好像把公租房转租出去了", None),
        ("给我妈打个电话", None),
        ("帮我修一下", None),
        ("", None),
    ],
)
def test_for_whom(words: str, who: str | None) -> None:
    assert on_behalf(words) == who


@pytest.mark.parametrize(
    "words",
    [
        "莫说是我说的",
        "保密哈",
        "不要告诉楼上是我说的",
        "别让他知道",
        "keep my name out",
        "匿名举报",
        "请莫把我名字说出去",
    ],
)
def test_whoever_wants_secrecy_is_heard(words: str) -> None:
    assert wants_secrecy(words)
    assert says_only_secrecy(words)


@pytest.mark.parametrize("words", ["不用保密", "要不要保密", "他没告诉我", "物业不说几点来", "水管漏了"])
def test_and_nobody_else(words: str) -> None:
    assert not wants_secrecy(words)


def test_no_name_is_more_than_secrecy() -> None:
    assert wants_no_name("我要匿名反映")
    assert not wants_no_name("替我保密")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("明天下午在家", "明天下午"),
        ("周六上午来修嘛", "周六上午"),
        ("I am home tomorrow afternoon", "tomorrow afternoon"),
        ("我明天不在家", None),
        ("昨天来修过", None),
        ("昨天晚上开始漏的", None),
        ("明天要下雨", None),
    ],
)
def test_when_somebody_may_come(words: str, said: str | None) -> None:
    found = visit(words, NOW)
    assert (found.words if found else None) == said


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("算了,还是说楼上漏水的事", "楼上漏水的事"),
        ("换一件事：路灯不亮了", "路灯不亮了"),
        ("actually, my kitchen sink leaks", "my kitchen sink leaks"),
        ("算了", None),
        ("算了不报了", None),
        ("等一下", None),
    ],
)
def test_another_mind(words: str, rest: str | None) -> None:
    assert corrections.another_matter(words) == rest


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("不是7栋是8栋", {"building": "8", "room": "1204"}),
        ("应该是8栋301", {"building": "8", "room": "301", "unit": None}),
        ("在3栋2单元，刚才写错了，应该是3栋2单元", {"building": "3", "unit": "2", "room": None}),
        ("not building 7 but building 8", {"building": "8"}),
        ("电话改成13912345678", {"phone": "13912345678"}),
    ],
)
def test_a_correction(words: str, changed: dict[str, str | None]) -> None:
    found = corrections.correction({"building": "7", "room": "1204", "floor": "12"}, words)
    assert found is not None
    assert changed.items() <= found.items()


@pytest.mark.parametrize("words", ["厨房漏水，不是大问题", "8栋也漏", "13912345678", "我在7栋1204"])
def test_what_corrects_nothing(words: str) -> None:
    assert corrections.correction({"building": "7", "room": "1204"}, words) is None


@pytest.mark.parametrize(
    ("words", "mood"),
    [
        ("does it cost anything?", "cost"),
        ("啥子意思", "confused"),
        ("烦死了", "angry"),
        ("为什么要问这个", "why"),
        ("好久能来？", "how_long"),
        ("要钱吗", "cost"),
        ("什么时候来都可以", None),
        ("厨房水管爆了", None),
        ("我在屋头等了一天了，师傅没有来，电话也打不通，你们到底是什么态度嘛", None),
    ],
)
def test_moods(words: str, mood: str | None) -> None:
    assert corrections.mood(words) == mood


@pytest.mark.parametrize(
    ("words", "name", "meant"),
    [
        ("周敏骂人", "周敏", True),
        ("那个小周骂人", "周敏", True),
        ("周姐态度差", "周敏", True),
        ("欧阳主任推诿", "欧阳青", True),
        ("一周没人来", "周敏", False),
        ("周围的人都晓得", "周敏", False),
        ("李强骂人", "周敏", False),
        ("维修班态度差", "维修班", True),
    ],
)
def test_a_colleague_is_known_by_name_or_by_surname_and_title(words: str, name: str, meant: bool) -> None:
    assert names(words, name) == meant


def test_who_steps_aside() -> None:
    petition = service("petition")
    assert barred(petition, "building_head", "楼栋长乱收钱", []).roles == {Role.WORKER}
    assert barred(petition, None, "周敏收红包", ["周敏", "李强"]).names == {"周敏"}
    assert Role.ADMIN in barred(petition, "committee", "居委会主任偏心", []).roles
    assert barred(dispute("property_company"), None, "物业费乱收", []).roles == {Role.WORKER}
    assert not barred(service("repair"), None, "周敏你好，水管坏了", ["周敏"])
    assert not barred(None, None, "", [])


@pytest.mark.parametrize(
    ("words", "route", "label"),
    [
        ("表扬一下保洁大姐", "suggestion", PRAISE),
        ("怎么表扬工作人员", "service_request", PRAISE),
        ("表扬依据哪条规定？", "faq", None),
        ("谢谢网格员小王帮我妈买药", "greeting", THANKS),
        ("谢谢你哈", "greeting", None),
        ("谢谢师傅，但是水管还是没修好", "service_request", None),
        ("窗口的人态度差，骂人", "suggestion", COMPLAINT),
        ("投诉物业", "out_of_scope", COMPLAINT),
        ("窗口的人态度很好", "suggestion", None),
        ("师傅什么时候来", "ticket_status", None),
        ("厨房水管爆了", "service_request", None),
    ],
)
def test_the_tone_decides_where_it_is_plain(words: str, route: str, label: Label | None) -> None:
    assert meant(words, Label(route)) == label
