"""A number read out over a bad line arrives whole, or is noticed to be wrong."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge.numerals import digits, value, with_spoken_runs
from knowledge.ticket_numbers import (
    CLAIM_ALPHABET,
    TicketNumber,
    find,
    has_slip,
    make_claim_code,
    make_number,
    parse,
    parse_claim_code,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
SEQUENCES = st.integers(1, 999_999)


def test_the_seventh_ticket_of_a_day() -> None:
    assert make_number(date(2026, 11, 23), 7) == "LX-261123-0007-4"


@given(DAYS, SEQUENCES)
def test_every_number_is_read_back(day: date, sequence: int) -> None:
    assert parse(make_number(day, sequence)) == TicketNumber(day, sequence)


@given(DAYS, SEQUENCES, st.data())
def test_one_wrong_digit_is_noticed(day: date, sequence: int, data: st.DataObject) -> None:
    number = make_number(day, sequence)
    place = data.draw(st.sampled_from([at for at, char in enumerate(number) if char.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert parse(number[:place] + other + number[place + 1 :]) is None


@given(DAYS, SEQUENCES, st.data())
def test_two_neighbours_swapped_are_noticed(day: date, sequence: int, data: st.DataObject) -> None:
    plain = make_number(day, sequence).replace("-", "")[2:]
    place = data.draw(st.integers(0, len(plain) - 2))
    assume(plain[place] != plain[place + 1])
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert parse("LX" + swapped) is None


@pytest.mark.parametrize(
    "written",
    [
        "lx-261123-0007-4",
        "LX 261123 0007 4",
        "ＬＸ－２６１１２３－０００７－４",
        "lx2611230007—4",
        "LX–261123–0007–4",
        "二六一一二三 零零零七 四",
        "LX 二六幺幺二三 零零零七 四",
        "261123-0007-4",
    ],
)
def test_however_it_is_typed_or_spoken(written: str) -> None:
    assert parse(written) == TicketNumber(date(2026, 11, 23), 7)


def test_it_is_found_in_a_sentence() -> None:
    assert find("我那个单子 LX-261123-0007-4 咋样了") == TicketNumber(date(2026, 11, 23), 7)


def test_a_slip_is_told_apart_from_no_number() -> None:
    assert has_slip("我的单号是LX-261123-0007-5")
    assert not has_slip("我的单号是LX-261123-0007-4")
    assert not has_slip("电话13800138000")


@pytest.mark.parametrize("sequence", [0, -1, 1_000_000])
def test_a_sequence_out_of_range_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match="sequence"):
        make_number(date(2026, 1, 1), sequence)


@given(st.text(max_size=60))
def test_parsers_take_any_text(text: str) -> None:
    parse(text), find(text), has_slip(text), parse_claim_code(text)


def test_claim_codes_have_no_look_alikes_and_differ() -> None:
    codes = {make_claim_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(set(code.replace("-", "")) <= set(CLAIM_ALPHABET) for code in codes)
    assert not set(CLAIM_ALPHABET) & set("01OILBSZU")


@given(st.text(alphabet=CLAIM_ALPHABET, min_size=8, max_size=8))
def test_a_claim_code_survives_small_letters_gaps_and_look_alikes(letters: str) -> None:
    written = f"{letters[:4]}-{letters[4:]}"
    assert parse_claim_code(f" {letters[:4].lower()} {letters[4:].lower()} ") == written
    assert parse_claim_code(written.replace("8", "B").replace("5", "S").replace("2", "Z").replace("V", "U")) == written


@pytest.mark.parametrize("wrong", ["", "ABCD", "ABCD-EFG0", "ABCD-EFGHJ", "查询码"])
def test_what_is_no_claim_code(wrong: str) -> None:
    assert parse_claim_code(wrong) is None


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("十二", 12), ("二十", 20), ("一百零二", 102), ("两千", 2000), ("一二零四", 1204), ("幺零", 10),
        ("17", 17), ("三楼", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_as_people_say_them(said: str, number: int | None) -> None:
    assert value(said) == number


@given(st.integers(0, 9999))
def test_read_out_digits_come_back(number: int) -> None:
    spoken = "".join("零幺二三四五六七八九"[int(digit)] for digit in str(number))
    assert digits(spoken) == str(number)


def test_only_runs_of_digits_are_rewritten() -> None:
    assert with_spoken_runs("七栋幺二零四，一楼") == "七栋1204，一楼"


@pytest.mark.parametrize("code", ["7KQM-2XRT", "2345-6789", "A234-5678"])
def test_a_number_is_found_with_its_claim_code_behind_it(code: str) -> None:
    """A code that begins with a digit used to be read into the number, which then looked wrong."""
    number = make_number(date(2026, 11, 23), 7)
    for between in (" ", "，查询码", "-", "\n"):
        assert str(find(f"{number}{between}{code}")) == number
