"""The privacy gate (DI-08): what in a text must not be published. It finds; whoever publishes mends.

Numbers are found by their shape, however they are written: full width, in Chinese, with spaces, dots or dashes. Better a
contract number too many than one telephone number too few. Names stand in published lists (low-income relief, L-14 §18);
beside an age under 18, a birthday or an illness they do not. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from knowledge.disclosure_people import lists, told_of_people
from knowledge.emergencies import lines as public_lines
from knowledge.folding import LONGEST, fold
from knowledge.numerals import DIGITS, SPOKEN, value

Kind = Literal["phone", "id_card", "long_number", "flat", "plate", "mail", "minor", "birthday", "illness"]

AROUND = 10
"""Characters shown on either side of what was found."""
_SEPARATOR = r"[ \t\-.·•—–_/()（）]"
_RUN = re.compile(rf"(?<!\d)\d(?:{_SEPARATOR}{{0,3}}\d){{6,}}(?!\d)")
_READ_OUT = "".join(DIGITS)
_SPOKEN_RUN = re.compile(rf"[{_READ_OUT}\d](?:{_SEPARATOR}{{0,3}}[{_READ_OUT}\d]){{6,}}")
_DAY = re.compile(
    r"(?<!\d)(?<!\d[\-./ ])(?:19|20)\d\d"
    r"(?:[\-./](?:0?[1-9]|1[0-2])[\-./](?:0?[1-9]|[12]\d|3[01])|[\-./](?:0[1-9]|1[0-2]))(?!\d)"
)
_CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-4]):[0-5]\d(?!\d)")
_MONEY = re.compile(
    r"(?<![\d.])\d{1,10}(?:\.\d{1,2})?(?=\s*(?:元|万元|圆|块钱|yuan))|(?<![\d.])\d{1,8}\.\d{2}(?![\d.])"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ID = re.compile(r"(?<!\d)\d{6}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{3}[\dx](?![\dx])|(?<!\d)\d{15}(?!\d)")
_MOBILE = re.compile(r"(?:86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}[2-9]\d{6,7}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_LONG = 11
_GROUPS = ((3, 4, 4), (3, 3, 5), (4, 4, 3), (3, 8), (7, 4), (4, 7), (3, 4), (4, 4), (4, 8), (4, 3), (3, 5), (5, 6))
"""How telephone numbers are parted by blanks; other figures side by side are a table."""
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][a-z][ ·.\-]?"
    r"(?=[a-z]*\d)[a-z0-9]{5,6}(?![a-z0-9])"
)
_MAIL = re.compile(r"[\w.+\-]+@[\w\-]+\.[a-z]{2,}")
_HOUSE = r"(?<!\d)\d{1,3}(?:号?[栋幢座#]|号楼)"
_GAP = r"[\s,，\-/第的]*"
_COUNTED_THINGS = r"(?!\s*(?:元|块|个|人[^家]|盏|平|㎡|米|年|台|根|次|件|吨|度|户次|小时|天|%))"
_FLAT = tuple(
    map(
        re.compile,
        (
            rf"{_HOUSE}{_GAP}(?:\d{{1,2}}(?:单元|门){_GAP})?(?:\d{{1,2}}[楼层]{_GAP})?\d{{3,4}}(?![\d.]){_COUNTED_THINGS}",
            rf"{_HOUSE}{_GAP}(?:\d{{1,2}}单元{_GAP})?\d{{1,2}}-\d{{1,4}}(?![\d\-栋幢座#号楼单层月日])",
            r"(?<![\d.])\d{1,2}[楼层][\s,，\-第]*\d{1,2}号(?!楼|线|车|机|梯)",
            r"(?<![\d.\-])(?:\d{3,4}|\d{1,2}-\d{1,2})(?:号房|室(?!内|外)|房间?(?!屋|租)|号(?=住户|家|房))",
            r"(?<![\d\-])\d{1,2}-\d{1,2}-\d{1,4}(?:-\d{1,2})?(?![\d\-])",
            rf"单元{_GAP}\d{{3,4}}(?![\d.]){_COUNTED_THINGS}",
            r"(?<![a-z])(?:room|flat|apt\.?|apartment) ?#?\d{3,4}(?!\d)",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must go before publishing: what it is, and the words it stands in."""

    kind: Kind
    words: str


def findings(*texts: str) -> list[Finding]:
    """Everything found in these texts, in order, each once; none: it may be published."""
    found: dict[Finding, None] = {}
    for text in texts:
        for start in range(0, max(1, len(text)), LONGEST // 2):
            plain = fold(text[start : start + LONGEST], keep_gaps=True)
            found |= dict.fromkeys((*_numbers(plain), *_shapes(plain), *_people(plain)))
    return list(found)


# --- numbers ----------------------------------------------------------------------------------------------------------
def _numbers(plain: str) -> Iterator[Finding]:
    """Telephone numbers, identity cards, and whatever is so long that it may be one."""
    figures = _covered(_THOUSANDS.sub("", _digits(plain)), _DAY)
    found: list[tuple[Kind, int, int]] = [("id_card", *card.span()) for card in _ID.finditer(figures)]
    found += [("phone", *run.span()) for run in _RUN.finditer(figures) if _is_phone(run, figures)]
    counted = _covered(figures, _CLOCK, _MONEY)
    found += [("long_number", *run.span()) for run in _RUN.finditer(counted) if len(_bare(run[0])) >= _LONG]
    for kind, start, end in _apart(found):
        one = kind == "id_card" or _one_number(figures[start:end])
        if one and _bare(figures[start:end]) not in _public():
            yield _finding(kind, figures, start, end)


def _covered(text: str, *patterns: re.Pattern[str]) -> str:
    """Days, hours and sums of money are numbers of their own; they keep their place."""
    for pattern in patterns:
        text = pattern.sub(lambda gone: "§" * len(gone[0]), text)
    return text


def _apart(found: Sequence[tuple[Kind, int, int]]) -> list[tuple[Kind, int, int]]:
    """What overlaps something found before is the same thing once more."""
    kept: list[tuple[Kind, int, int]] = []
    for kind, start, end in found:
        if not any(start < other_end and other_start < end for _, other_start, other_end in kept):
            kept.append((kind, start, end))
    return sorted(kept, key=lambda one: one[1])


def _digits(plain: str) -> str:
    """Digits read out in Chinese as digits, where several stand side by side."""
    return _SPOKEN_RUN.sub(lambda run: "".join(str(DIGITS.get(one, one)) for one in run[0]), plain)


def _is_phone(run: re.Match[str], figures: str) -> bool:
    """A mobile or an area code; seven or eight digits alone where a word for it stands before them."""
    whole = _bare(run[0])
    if _MOBILE.fullmatch(whole) or _LANDLINE.fullmatch(whole):
        return True
    before = figures[max(0, run.start() - AROUND) : run.start()]
    return bool(_LOCAL.fullmatch(whole) and lists().phone_words.search(before))


def _bare(run: str) -> str:
    return re.sub(r"[^\dx]", "", run)


def _one_number(run: str) -> bool:
    """Figures with nothing but blanks between them are one number only where a telephone number is parted so."""
    if re.search(r"[^\d \t]", run):
        return True
    groups = tuple(len(part) for part in run.split())
    return (
        len(groups) == 1 or set(groups) == {1} or groups in _GROUPS or (groups[0] in (2, 3) and groups[1:] in _GROUPS)
    )


@cache
def _public() -> frozenset[str]:
    """Lines everybody may know: emergency numbers and public offices."""
    return frozenset(re.sub(r"\D", "", line.number) for line in public_lines().values())


# --- other shapes -----------------------------------------------------------------------------------------------------
def _shapes(plain: str) -> Iterator[Finding]:
    for found in _PLATE.finditer(plain):
        yield _finding("plate", plain, *found.span())
    for found in _MAIL.finditer(plain):
        yield _finding("mail", plain, *found.span())
    figures = _covered(_spoken_doors(plain), _DAY)
    doors: list[tuple[Kind, int, int]] = [("flat", *door.span()) for one in _FLAT for door in one.finditer(figures)]
    for kind, start, end in _apart(doors):
        yield _finding(kind, figures, start, end)


_DOOR = re.compile(rf"(?<=[栋幢座#楼元号层第])[ \-]*[{SPOKEN}]{{3,4}}(?![{SPOKEN}十百千万])")
_COUNTED = re.compile(
    r"(?:[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
    r"(?=号?[栋幢座]|号楼|单元|[楼层]\s*[一二三四五六七八九十\d]+号)"
)
_FLOOR_DOOR = re.compile(r"(?<=[楼层])\s*([一二三四五六七八九十]{1,3})(?=号)")


def _spoken_doors(plain: str) -> str:
    """七栋一二零四, 十二楼四号: with digits."""
    counted = _COUNTED.sub(lambda said: str(value(said[0]) or said[0]), plain)
    counted = _FLOOR_DOOR.sub(lambda said: str(value(said[1]) or said[1]), counted)
    return _DOOR.sub(lambda said: "".join(str(DIGITS.get(one, one)) for one in said[0]), counted)


# --- people ----------------------------------------------------------------------------------------------------------
def _people(plain: str) -> Iterator[Finding]:
    for about, said, start, end in told_of_people(plain):
        yield _finding(about, said, start, end)


def _finding(kind: Kind, text: str, start: int, end: int) -> Finding:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    shown = f"{before}【{text[start:end]}】{after}"
    return Finding(kind, " ".join(shown.replace("§", "·").split()))
