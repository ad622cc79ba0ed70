"""How words are cut for the search: the same for what is written and for what is asked."""

from __future__ import annotations

import pytest

from knowledge.searching import grams, of_number, of_phone, question


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("7栋1204厨房水管爆了，水往客厅流", "水管"),
        ("7栋1204厨房水管爆了，水往客厅流", "7栋水管爆了"),
        ("七号楼的电梯坏了", "7栋电梯"),
        ("7幢电梯", "七栋 电梯"),
        ("三单元门禁刷不开", "3单元门禁"),
        ("電梯壞了", "电梯坏"),
        ("The pipes are leaking again", "pipe leak"),
        ("Ｌｉｆｔ ２ is stuck", "LIFT stuck"),
        ("住在12栋302室", "302"),
    ],
)
def test_what_is_written_is_found_by_what_is_asked(written: str, asked: str) -> None:
    found = question(asked, personal=False)
    assert found.grams
    assert set(found.grams) <= grams(written)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("17栋水管", "7栋"),
        ("水和管子", "水管"),
        ("1000 units", "100"),
        ("这里漏了，水很多", "漏水"),
        ("3楼走廊", "3栋"),
    ],
)
def test_what_is_near_is_not_the_same(written: str, asked: str) -> None:
    assert not set(question(asked, personal=False).grams) <= grams(written)


@pytest.mark.parametrize("words", ["", "水", "'--", "%_\\", "a", "，。", "栋"])
def test_there_are_questions_that_ask_for_nothing(words: str) -> None:
    assert not question(words, personal=True)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("LX-261123", "LX-261123"),
        ("lx2611230007", "LX-261123-0007"),
        ("LX-261123-0007-4", "LX-261123-0007-4"),
        ("261123-0007-4", "LX-261123-0007-4"),
        ("lx-26", "LX-26"),
        ("13800001234", None),
        ("2611230", None),
    ],
)
def test_a_ticket_number_is_heard_as_it_is_read_out(typed: str, number: str | None) -> None:
    assert question(typed, personal=True).number == number


def test_flats_and_telephones_are_asked_for_by_those_who_may() -> None:
    mine, theirs = question("1234", personal=True).grams, question("1234", personal=False).grams
    kept = of_phone("023-0000 1234")
    assert set(mine) <= kept
    assert not set(theirs) & kept
    number = of_number("LX-261123-1234-4")
    assert set(mine) <= number
    assert set(theirs) <= number


def test_what_is_nowhere_together_is_asked_for_in_pairs() -> None:
    found = question("厨房漏水", personal=False)
    assert not set(found.grams) <= grams("漏水，在厨房")
    assert set(found.loose) <= grams("漏水，在厨房")


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "漏水" * 50_000, "1" * 5000 + "栋", "\ud800水管\x00", "a" * 25 + " 电梯"]
)
def test_no_text_is_too_much(text: str) -> None:
    assert all(0 < len(gram) <= 32 for gram in grams(text))
    question(text, personal=True)
