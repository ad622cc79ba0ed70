"""Numbers people read out over the telephone: ticket numbers and claim codes.

A ticket number is `LX-YYMMDD-NNNN-C`; C is a Damm check digit, so every single wrong digit and every two
neighbouring digits swapped are noticed. A claim code is eight characters without look-alikes, made from the
system's randomness. Both parsers forgive how people type, not what they type.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date

from knowledge.numerals import DIGITS

# Damm's totally anti-symmetric quasigroup of order 10 (dissertation, Marburg 2004).
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
_PREFIX_STATE = 4  # stands for the letters LX; any start keeps Damm's promise

#: 27 characters: no 0/O, 1/I/L, and of 8/B, 5/S, 2/Z, V/U only the first.
CLAIM_ALPHABET = "23456789ACDEFGHJKMNPQRTVWXY"
LOOKALIKES = str.maketrans("BSZU", "852V")
_SPOKEN = str.maketrans({char: str(number) for char, number in DIGITS.items()})
_NUMBER = re.compile(r"(?<![A-Z0-9])(?:LX)?(\d{6})(\d{4,6})(\d)(?!\d)")
_BEFORE_A_CODE = re.compile(r"(?<![A-Z0-9])LX(\d{6})(\d{4})(\d)(?=[A-Z0-9]{7})")
"""A number with a claim code behind it that begins with a digit; the dash between them is gone by then."""
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212_.·、/~杠横]+")


@dataclass(frozen=True, slots=True, order=True)
class TicketNumber:
    """A ticket number taken apart. `opened_on` is the day in Asia/Shanghai, `sequence` counts within it from 1."""

    opened_on: date
    sequence: int

    def __post_init__(self) -> None:
        if not 1 <= self.sequence <= 999_999:
            raise ValueError(f"a day's sequence runs from 1 to 999999, not {self.sequence}")
        if not 2000 <= self.opened_on.year <= 2099:
            raise ValueError(f"two digits cannot hold the year {self.opened_on.year}")

    def __str__(self) -> str:
        day, sequence = f"{self.opened_on:%y%m%d}", f"{self.sequence:04d}"
        return f"LX-{day}-{sequence}-{check_digit(day + sequence)}"


def make_number(opened_on: date, sequence: int) -> str:
    """`LX-261123-0007-4` for the 7th ticket of 2026-11-23. ValueError outside 1..999999 or the years 2000–2099."""
    return str(TicketNumber(opened_on, sequence))


def check_digit(payload: str, *, start: int = _PREFIX_STATE) -> str:
    """The Damm digit of a string of ASCII digits; ``start`` stands for the letters before it."""
    state = start
    for digit in payload:
        state = int(_DAMM[state][int(digit)])
    return str(state)


def parse(text: str) -> TicketNumber | None:
    """The ticket number `text` consists of (nothing else around it), or None when it is none or has a slip."""
    found = _NUMBER.fullmatch(compact(text))
    return _checked(found) if found else None


def find(text: str) -> TicketNumber | None:
    """The first valid ticket number anywhere in `text`."""
    return next((number for found in _candidates(text) if (number := _checked(found))), None)


def has_slip(text: str) -> bool:
    """Somebody wrote a ticket number here, but its check digit or date is wrong: ask them to look again."""
    named = "LX" in compact(text)
    return named and find(text) is None and any(True for _ in _candidates(text))


def _candidates(text: str) -> list[re.Match[str]]:
    plain = compact(text)
    return [*_NUMBER.finditer(plain), *_BEFORE_A_CODE.finditer(plain)]


def compact(text: str) -> str:
    """``text`` as numbers are looked for in it: no blanks and dashes, capitals, spoken digits as digits."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_SPOKEN)
    return _SEPARATORS.sub("", plain)


def _checked(found: re.Match[str]) -> TicketNumber | None:
    day, sequence, check = found.groups()
    if check_digit(day + sequence) != check or (len(sequence) > 4 and sequence.startswith("0")):
        return None
    try:
        return TicketNumber(date(2000 + int(day[:2]), int(day[2:4]), int(day[4:])), int(sequence))
    except ValueError:
        return None


def make_claim_code() -> str:
    """A fresh claim code such as `7KQM-2XRT`: 27⁸ possibilities, about 38 bits."""
    letters = "".join(secrets.choice(CLAIM_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def parse_claim_code(text: str) -> str | None:
    """The code in its written form, or None. Lower case, full width, spaces, dashes and look-alikes are forgiven."""
    letters = compact(text).translate(LOOKALIKES)
    if len(letters) != 8 or any(letter not in CLAIM_ALPHABET for letter in letters):
        return None
    return f"{letters[:4]}-{letters[4:]}"
