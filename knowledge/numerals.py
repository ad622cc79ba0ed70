"""Numbers as people say them: 十二, 两百零三, 幺二零四, １２, turned into digits.

Pure and total: what is not a number gives None, never an error.
"""

from __future__ import annotations

import re

_SAME = ("零〇○洞", "一壹幺", "二贰两兩俩", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")
DIGITS = {char: number for number, chars in enumerate(_SAME) for char in chars}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
#: Characters that may stand inside a Chinese numeral; for use inside a regular expression's brackets.
NUMERAL = "零〇一二两兩三四五六七八九十百千"
#: Digits as they are read out one by one on the telephone, 幺 (one) included.
SPOKEN = "零〇一幺二两三四五六七八九"


def value(numeral: str) -> int | None:
    """`numeral` as a whole number: '12', '十二', '一百零二' and read-out digits ('一二零四') all work."""
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    if not numeral or any(char not in DIGITS and char not in UNITS for char in numeral):
        return None
    if any(char in UNITS for char in numeral):
        return _with_units(numeral)
    return int("".join(str(DIGITS[char]) for char in numeral))


def _with_units(numeral: str) -> int:
    total, digit = 0, 0
    for position, char in enumerate(numeral):
        if char in UNITS:
            total += (digit or (1 if position == 0 else 0)) * UNITS[char]
            digit = 0
        else:
            digit = DIGITS[char]
    return total + digit


def digits(spoken: str) -> str:
    """Every spoken digit in `spoken` as an ASCII digit, the rest untouched: '幺三八' → '138'."""
    return "".join(str(DIGITS[char]) if char in DIGITS else char for char in spoken)


_RUN = re.compile(f"[{SPOKEN}][{SPOKEN} \\-]*[{SPOKEN}]")


def with_spoken_runs(text: str, *, shortest: int = 3) -> str:
    """`text` with runs of at least `shortest` read-out digits written as digits; ordinary words (一楼, 十二) stay."""

    def as_digits(run: re.Match[str]) -> str:
        plain = re.sub(r"[ \-]", "", run[0])
        return digits(plain) if len(plain) >= shortest else run[0]

    return _RUN.sub(as_digits, text)
