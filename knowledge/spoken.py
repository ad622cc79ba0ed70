"""Brings numbers, days and hours into the writing that `places` and `moments` read.

People type them in pinyin ('qi dong 1204', 'mingtian xiawu san dian'), dictate them ('5洞1204' for 5栋1204), say them
roughly ('两三点', '8-9点') and write 廿 for twenty. Total: what is nothing of the kind stays as it was.
"""

from __future__ import annotations

import re

_SYLLABLES = {
    "yi": "一", "er": "二", "liang": "两", "san": "三", "si": "四", "wu": "五", "liu": "六", "qi": "七", "ba": "八",
    "jiu": "九", "shi": "十",
}  # fmt: skip
_WORDS = {
    "da hou tian": "大后天", "jin tian": "今天", "ming tian": "明天", "hou tian": "后天", "zuo tian": "昨天",
    "qian tian": "前天", "jin wan": "今晚", "ming wan": "明晚", "ming zao": "明早", "zhou mo": "周末", "ling chen": "凌晨",
    "zao shang": "早上", "shang wu": "上午", "zhong wu": "中午", "xia wu": "下午", "wan shang": "晚上",
    "xia zhou": "下周", "zhe zhou": "这周",
}  # fmt: skip
_NUMBER = rf"(?:(?:{'|'.join(_SYLLABLES)}) ?){{1,3}}"
_OF = r"hao ?lou|dong|zhuang|dan ?yuan|lou(?! ?(?:shang|xia|dao|ti))|ceng|dian"
_NUMBERED = re.compile(rf"(?<![a-z])(?P<number>{_NUMBER})(?P<of>{_OF})(?P<half> ?ban)?(?![a-z])")
_WEEKDAY = re.compile(
    rf"(?<![a-z])(?P<next>xia ?)?(?:xing ?qi|li ?bai|zhou) ?(?P<day>{'|'.join(_SYLLABLES)}|tian)(?![a-z])"
)
_TIMES = re.compile(r"(?<![a-z])(?:" + "|".join(words.replace(" ", " ?") for words in _WORDS) + r")(?![a-z])")
_AS_HEARD = re.compile(r"(?<=[\d一二三四五六七八九十])[动东洞冻](?=\d{3,4}(?!\d)|[一二三四1-4]单元)")
_DASHES = re.compile(r"(?<=[\d栋幢座#])[—–−‐‑](?=\d)")
_ROUGHLY = re.compile(r"(?<![一二三四五六七八九十])(十?)(一|二|两|三|四|五|六|七|八|九)([二三四五六七八九十])(?=点)")
_FROM_TO = re.compile(r"(?<![\d栋幢楼元:\-])(\d{1,2}) ?[\-~到至] ?(\d{1,2})(?=点)")
_LATIN = re.compile(r"[a-z]")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_DIGITS = "一二三四五六七八九十"


def with_plain_places(plain: str) -> str:
    """A folded text in which buildings, floors and dashes are written out."""
    chinese = _NUMBERED.sub(_named, plain) if _LATIN.search(plain) else plain
    return _DASHES.sub("-", _AS_HEARD.sub("栋", _twenties(chinese)))


def with_plain_times(plain: str) -> str:
    """A folded text in which days and hours are written out."""
    chinese = _from_pinyin(plain) if _LATIN.search(plain) else plain
    return _FROM_TO.sub(_from_to, _ROUGHLY.sub(_roughly, _twenties(chinese)))


def _from_pinyin(plain: str) -> str:
    named = _WEEKDAY.sub(_weekday, _NUMBERED.sub(_named, _TIMES.sub(lambda found: _time(found[0]), plain)))
    return _BETWEEN_CHINESE.sub("", named)


def _twenties(plain: str) -> str:
    return plain.replace("廿", "二十").replace("卅", "三十")


def _named(found: re.Match[str]) -> str:
    number = "".join(_SYLLABLES[part] for part in re.findall("|".join(_SYLLABLES), found["number"]))
    of = found["of"].replace(" ", "")
    named = {"haolou": "号楼", "danyuan": "单元", "lou": "楼", "ceng": "层", "dian": "点"}.get(of, "栋")
    return f"{number}{named}{'半' if found['half'] else ''}"


def _time(written: str) -> str:
    return next(said for words, said in _WORDS.items() if words.replace(" ", "") == written.replace(" ", ""))


def _weekday(found: re.Match[str]) -> str:
    return f"{'下' if found['next'] else ''}周{'天' if found['day'] == 'tian' else _SYLLABLES[found['day']]}"


def _roughly(found: re.Match[str]) -> str:
    """'两三点' as '两点到三点', where the two follow on each other."""
    ten, one, other = found.groups()
    first = _DIGITS.index("二" if one == "两" else one)
    return f"{ten}{one}点到{ten}{other}" if _DIGITS[first + 1] == other else found[0]


def _from_to(found: re.Match[str]) -> str:
    return f"{found[1]}点到{found[2]}" if int(found[1]) < int(found[2]) <= 24 else found[0]
