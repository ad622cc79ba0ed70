"""Names, flats and impatience as people say them in passing; and what only sounds like one of these."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.datafiles import DATA, DataError
from knowledge.everyday import after_filing, introduced, load_wordings, wants_no_person
from knowledge.places import Place


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("我叫李秀英", "李秀英"),
        ("我叫李秀英。", "李秀英"),
        ("我是李秀英", "李秀英"),
        ("我的名字叫王芳", "王芳"),
        ("我姓李", "李"),
        ("免贵姓张", "张"),
        ("My name is mary smith", "Mary Smith"),
    ],
)
def test_a_name(words: str, name: str) -> None:
    told = introduced(words)
    assert told is not None
    assert told.name == name


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("7栋", Place("7")),
        ("7栋 1204", Place("7", room="1204")),
        ("我住7栋1204", Place("7", room="1204")),
        ("我家在七栋", Place("7")),
        ("1204", Place(room="1204")),
        ("building 7, room 1204", Place("7", room="1204")),
        ("I live in building 7", Place("7")),
    ],
)
def test_a_place_alone(words: str, where: Place) -> None:
    told = introduced(words)
    assert told is not None
    assert told.place == where


def test_both() -> None:
    told = introduced("我叫李秀英，住7栋1204")
    assert told is not None
    assert (told.name, told.place) == ("李秀英", Place("7", room="1204"))


@pytest.mark.parametrize(
    "words",
    [
        "", "我叫保安来", "我叫张师傅来", "我叫了", "我是志愿者", "我是老年人", "我是安装工", "我叫李秀英，水管爆了",
        "7栋1204水管爆了", "8栋也漏", "13912345678", "120", "社区用房要多大", "my name is on the list", "3", "我姓什么",
    ],
)  # fmt: skip
def test_what_introduces_nobody(words: str) -> None:
    assert introduced(words) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("怎么还没来人", "how_far"),
        ("你们好久来", "how_far"),
        ("师傅好久来嘛？", "how_far"),
        ("人呢？", "how_far"),
        ("why has nobody come yet?", "how_far"),
        ("还在漏", "still"),
        ("哎呀水还在漏", "still"),
        ("still leaking", "still"),
        ("不修了 撤了", "take_back"),
        ("把工单撤了嘛", "take_back"),
        ("cancel my request", "take_back"),
        ("厨房水管爆了", None),
        ("7栋1204还在漏", None),
        ("救命", None),
        ("他还在打我", None),
        ("什么时候公开居务", None),
    ],
)
def test_what_is_said_after_filing(words: str, kind: str | None) -> None:
    assert after_filing(words) == kind


@pytest.mark.parametrize(
    ("words", "meant"), [("算了不找了", True), ("不用了", True), ("不用修了", False), ("找人", False)]
)
def test_no_person_after_all(words: str, meant: bool) -> None:
    assert wants_no_person(words) is meant


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "everyday.yaml"
    shipped = (DATA / "everyday.yaml").read_text(encoding="utf-8")
    broken.write_text(shipped.replace("  - '师傅|保安", "  - '(师傅|保安"), encoding="utf-8")
    with pytest.raises(DataError, match=r"everyday\.yaml"):
        load_wordings(broken)
