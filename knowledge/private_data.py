"""Finds what needs care in a message: telephone numbers, and what no summary may repeat (PI-04, PI-06)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from knowledge.folding import fold
from knowledge.masking import FLAT, anywhere
from knowledge.numerals import with_spoken_runs

SecretKind = Literal["id_card", "bank_card", "password"]

_GAP = r"[ \-.]?"
_MOBILE = re.compile(
    rf"(?<![\d\-.])(?:\+?86{_GAP})?(1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}|1[3-9]\d{_GAP}\d{{3}}{_GAP}\d{{5}})(?![\d.])"
)
_LOOSE_MOBILE = re.compile(r"(?<![\d.])(1(?:[ \-]?\d){10})(?![ \-]?\d)")
_LANDLINE = re.compile(
    r"(?<![\d\-.])\(?(0(?:10|2\d|[3-9]\d{2}))\)?[ \-]?(\d{4}[ \-]?\d{3,4}|\d{3}[ \-]?\d{4})(?![\d.])"
)
_LOCAL = re.compile(r"(?:电话|座机|打|号码|联系|tel|phone|call)\D{0,6}([2-9]\d{3}[ \-]?\d{4})(?!\d)")
_ID_CARD = re.compile(
    r"(?<!\d)[1-9]\d{5}[ \-]?(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ \-]?\d{3}[\dxX](?!\d)"
)
_CARD = re.compile(r"(?<!\d)[3-6]\d{3}(?:[ \-]?\d{4}){2}(?:[ \-]?\d{1,4}){1,2}(?!\d)")
_PASSWORD = re.compile(
    r"(?:密码|口令|验证码|校验码|动态码|(?<![a-z])(?:password|passcode|verification code|otp|pin)(?![a-z]))"
    r"\s*(?:是|为|:|：|=|is)?\s*(?=[a-z._\-]*[\d@#$%^&*!])([a-z0-9@#$%^&*!._\-]{4,20})",
    re.I,
)
"""A word for it and something with a digit or sign in it: "password is wrong" and "opinions" are none."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A stretch of the original text, `text[start:end]`, that must not be repeated."""

    kind: SecretKind
    start: int
    end: int


def phone(text: str) -> str | None:
    """The first telephone number said, digits only (landlines as 023-12345678), or None."""
    plain = with_spoken_runs(fold(_without_cards(text), keep_gaps=True), shortest=7)
    if found := _MOBILE.search(plain) or _LOOSE_MOBILE.search(plain):
        digits = _digits(found[1])
        return digits if re.fullmatch(r"1[3-9]\d{9}", digits) else None
    if found := _LANDLINE.search(plain):
        return f"{found[1]}-{_digits(found[2])}"
    found = _LOCAL.search(plain)
    return _digits(found[1]) if found else None


def secrets_in(text: str) -> tuple[Secret, ...]:
    """Identity card numbers, bank cards (Luhn) and passwords in `text`, in order, none overlapping."""
    cards = [Secret("id_card", found.start(), found.end()) for found in _ID_CARD.finditer(text)]
    banks = [Secret("bank_card", f.start(), f.end()) for f in _CARD.finditer(text) if _is_bank_card(_digits(f[0]))]
    words = [Secret("password", found.start(1), found.end(1)) for found in _PASSWORD.finditer(text)]
    return _apart(sorted(cards + banks + words, key=lambda secret: secret.start))


def without_secrets(text: str) -> str:
    """`text` with every secret covered: for summaries, notices and anything that leaves the conversation."""
    covered, last = [], 0
    for secret in secrets_in(text):
        covered += [text[last : secret.start], _COVERS[secret.kind]]
        last = secret.end
    return "".join([*covered, text[last:]])


def nameless(text: str) -> str:
    """`text` without secrets, telephone numbers and the flat: for lists that only the matter counts in."""
    covered = without_numbers(without_secrets(text), cover="〔电话〕")
    return re.sub(r"〔处〕(?:\s*〔处〕)+", "〔处〕", anywhere(covered).replace(FLAT, "〔处〕"))


def without_numbers(text: str, *, cover: str = "") -> str:
    """`text` without telephone numbers, and without the word that only led to one: for titles."""
    for pattern in (_MOBILE, _LANDLINE, _LOOSE_MOBILE):
        led = re.compile(rf"[,，。;；、]?\s*{_LED.pattern}{pattern.pattern}") if not cover else pattern
        text = pattern.sub(cover, led.sub(cover, text))
    return text


_LED = re.compile(r"(?:(?:我的?|联系)?(?:电话|手机号?|号码|联系方式)|(?:my )?(?:phone|tel|number|mobile))\D{0,4}")
_COVERS: dict[SecretKind, str] = {"id_card": "〔身份证号〕", "bank_card": "〔银行卡号〕", "password": "〔密码〕"}


def _apart(secrets: list[Secret]) -> tuple[Secret, ...]:
    kept: list[Secret] = []
    for secret in secrets:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return tuple(kept)


def _without_cards(text: str) -> str:
    return _CARD.sub(" ", _ID_CARD.sub(" ", text))


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)


def _is_bank_card(digits: str) -> bool:
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return 15 <= len(digits) <= 19 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
