"""The privacy gate: no number of a forbidden shape ever passes, and ordinary accounts do (DI-08)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.datafiles import DATA, DataError
from knowledge.disclosure_gate import findings
from knowledge.disclosure_people import load_lists
from knowledge.emergencies import lines

DIGITS = st.text("0123456789", min_size=1, max_size=1)
WORDS = st.text("停车费收入支出元个，。 ；联系户主的\n", max_size=30)
JOINED = st.sampled_from(["", " ", "-", ".", "·", "—", " - "])
PUBLIC = {"".join(filter(str.isdigit, line.number)) for line in lines().values()}
CHINESE, WIDE = (
    dict(zip("0123456789", "零一二三四五六七八九", strict=True)),
    {str(n): chr(0xFF10 + n) for n in range(10)},
)


DOORS = [
    *("{b}栋{r}", "{b}栋{u}单元{r}", "{b}号楼{r}室", "{b}幢{u}单元{r}号", "{b}-{u}-{r}", "{b}栋{u}-{r}", "{r}室"),
    *(
        "{b}栋,{r}",
        "{b}栋{f}楼{d}号",
        "{b}栋{u}单元{f}-{d}",
        "{r}号房",
        "{b}#{r}",
        "{u}单元{r}",
        "room{r}",
        "{b}栋{r}户",
    ),
]


def kinds(*texts: str) -> set[str]:
    return {found.kind for found in findings(*texts)}


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    """Eleven digits, in any of the groups people write, with any of the usual signs between them, in any digits."""
    number = "1" + draw(st.sampled_from("3456789")) + draw(digits(9))
    cuts = draw(st.sampled_from([(), (3, 7), (3, 6), (4, 8), (3,), (7,), tuple(range(1, 11))]))
    sign, parts = draw(JOINED), [number[a:b] for a, b in zip((0, *cuts), (*cuts, 11), strict=True)]
    written = sign.join(parts)
    return "".join(draw(st.sampled_from([{}, WIDE, CHINESE])).get(one, one) for one in written)


@st.composite
def landlines(draw: st.DrawFn) -> str:
    area = draw(st.sampled_from(["023", "010", "0816", "028"]))
    number = draw(st.sampled_from("23456789")) + draw(digits(7))
    return draw(st.sampled_from(["{}-{}", "{}{}", "({}){}", "{} {}", "（{}） {}"])).format(area, number)


@st.composite
def identity_cards(draw: st.DrawFn) -> str:
    last = draw(st.sampled_from("0123456789Xx"))
    parts = [draw(digits(6)), draw(digits(8)), draw(digits(3)) + last]
    return draw(st.sampled_from(["", " ", "-"])).join(parts)


@st.composite
def flats(draw: st.DrawFn) -> str:
    building, unit = draw(st.integers(1, 40)), draw(st.integers(1, 4))
    floor, door = draw(st.integers(1, 33)), draw(st.integers(1, 9))
    room = f"{floor}{door:02d}"
    shape = draw(st.sampled_from(DOORS))
    return shape.format(b=building, u=unit, f=floor, d=door, r=room)


@given(before=WORDS, number=mobiles(), after=WORDS)
def test_no_mobile_number_passes_however_it_is_written(before: str, number: str, after: str) -> None:
    assert findings(f"{before.rstrip('零一二三四五六七八九')}{number}{after}")


@given(before=WORDS, number=landlines(), after=WORDS)
def test_no_landline_passes_but_those_of_public_offices(before: str, number: str, after: str) -> None:
    if "".join(filter(str.isdigit, number)) not in PUBLIC:
        assert findings(f"{before}{number}{after}")


@given(before=WORDS, number=identity_cards(), after=WORDS)
def test_no_identity_card_passes(before: str, number: str, after: str) -> None:
    assert findings(f"{before}{number}{after}")


@given(before=WORDS, number=st.integers(10**10, 10**20 - 1), after=WORDS)
def test_no_number_of_eleven_digits_or_more_passes(before: str, number: int, after: str) -> None:
    assert findings(f"{before}{number}{after}")


@given(
    before=st.sampled_from(["", "低保名单：", "应收："]),
    flat=flats(),
    after=st.sampled_from(["", "，650元", " 张桂花", "漏水维修"]),
)
def test_no_flat_passes(before: str, flat: str, after: str) -> None:
    assert "flat" in kinds(f"{before}{flat}{after}")


@given(
    name=st.sampled_from(["李明", "王小红", "张某", "陈某某", "刘*", "欧阳", "赵同学"]),
    age=st.integers(1, 17),
    shape=st.sampled_from(
        ["{n}，{a}岁，200元", "{n}（男，{a}岁）", "{a}岁的{n}", "{n}之子，{a}周岁", "学生{n} {a}岁", "{n}、女、{a}岁"]
    ),
)
def test_no_child_is_named_with_its_age(name: str, age: int, shape: str) -> None:
    assert "minor" in kinds(shape.format(n=name, a=age))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("李秀英患糖尿病，救助1000元", "illness"),
        ("王桂花（肺结核）补助 500元", "illness"),
        ("车主渝A12345 月租", "plate"),
        ("渝A·D12345", "plate"),
        ("发到 a@b.com", "mail"),
        ("张伟 1990年5月3日出生", "birthday"),
        ("联系电话63651399", "phone"),
        ("微信号 8765432", "phone"),
        ("七栋一二零四", "flat"),
        ("十二楼四号", "flat"),
        ("138\u200b0000\u200b0000", "phone"),
        ("138 0000 0000元", "phone"),
    ],
)
def test_other_things_that_are_nobodys_business(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "停车费收入123,456.78元，支出98,000.00元，结余25,456.78元",
        "2026年7月1日至9月30日，共收停车费86400元",
        "2026-07-01至2026-09-30；2026-07-01-2026-09-30",
        "序号 1 3856 2 9480 3 1234",
        "合计 13856元 29480元 12345元",
        "7栋楼道灯12盏，共1,200元；7栋120个车位；3-5栋外墙",
        "7栋2单元电梯维修3600元",
        "低保：李明 650元、王秀英 680元",
        "0-17岁儿童32人参加夏令营，60岁以上老人120名",
        "大病救助3人，共9000元；为残疾人家庭上门服务12次",
        "有事打12345，举报转租打023-63651390",
        "会议时间：2026年9月12日 14:30，应到31人，实到27人",
        "社会保险补贴 12 人 21600 元",
        "Parking income 86,400 yuan, lift maintenance 3,600 yuan",
    ],
)
def test_ordinary_accounts_pass(text: str) -> None:
    assert findings(text) == []


def test_what_was_found_is_shown_in_its_words_and_once() -> None:
    [found] = findings("户主李明电话13800000000，请联系")
    assert found.words == "户主李明电话【13800000000】,请联系"
    assert len(findings("7栋2单元1204室", "7栋2单元1204室")) == 1


def test_a_long_text_is_read_to_its_end() -> None:
    assert kinds("停车费收入。" * 4000 + "电话13800000000") == {"phone"}


def test_a_file_without_its_lists_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "gate.yaml"
    broken.write_text((DATA / "disclosure_gate.yaml").read_text("utf-8").replace("illnesses:", "ilnesses:"), "utf-8")
    with pytest.raises(DataError, match="unknown key 'ilnesses'"):
        load_lists(broken)
