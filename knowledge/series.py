"""Numbers with a check digit besides the ticket's: a volunteer's `LV-261128-0007-4`, a certificate's `LC-261128-483105-9`.

The digit is a ticket number's, begun in another place for each series: a number read out under the wrong letters has a
slip. A certificate's six digits are drawn, not counted, so that nobody finds others' by counting on.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Literal

from knowledge.ticket_numbers import check_digit, compact

Series = Literal["LV", "LC"]
_STARTS: Mapping[Series, int] = {"LV": 7, "LC": 1}
_BODY = r"(\d{6})(\d{4,6})(\d)(?!\d)"
FIRST_DRAWN, DRAWN = 100_000, 900_000


def make(series: Series, day: date, sequence: int) -> str:
    """ValueError outside 1..999999 or the years 2000-2099."""
    if not 1 <= sequence <= 999_999 or not 2000 <= day.year <= 2099:
        raise ValueError(f"no number for {day} and {sequence}")
    digits = f"{day:%y%m%d}", f"{sequence:04d}"
    return "-".join((series, *digits, check_digit("".join(digits), start=_STARTS[series])))


def draw() -> int:
    """Six digits nobody can guess from the ones before."""
    return FIRST_DRAWN + secrets.randbelow(DRAWN)


def parse(series: Series, text: str) -> str | None:
    """The number `text` consists of, in its written form; the letters may be left out. None with a slip in it."""
    found = re.fullmatch(rf"(?:{series})?{_BODY}", compact(text))
    return _checked(series, found) if found else None


def find(series: Series, text: str) -> str | None:
    """The first valid number of the series anywhere in `text`; there it needs its letters."""
    every = re.finditer(rf"(?<![A-Z0-9]){series}{_BODY}", compact(text))
    return next((number for found in every if (number := _checked(series, found))), None)


def _checked(series: Series, found: re.Match[str]) -> str | None:
    day, sequence, check = found.groups()
    if check_digit(day + sequence, start=_STARTS[series]) != check or (len(sequence) > 4 and sequence[0] == "0"):
        return None
    try:
        return make(series, date(2000 + int(day[:2]), int(day[2:4]), int(day[4:])), int(sequence))
    except ValueError:
        return None
