"""What the linear model sees of a message: hashed n-grams of characters, words and toneless syllables, families, cues.

Syllables make homophone slips, and words typed in pinyin, look like the words that were meant; families of words
(``concepts``) lend a word no phrase has used the weight of its relatives. Flats and numbers are masked: which building it
is says nothing about what is the matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from knowledge.concepts import concepts
from knowledge.datafiles import DATA, DataError, text_of
from knowledge.masking import masked
from knowledge.normalise import normalise

BITS = 17
SIZE = 1 << BITS
LONGEST = 600
_LATIN = re.compile(r"[a-z]+")
_TOKENS = re.compile(r"[a-z]+|\d+|[\u4e00-\u9fff]")
Features = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]

CUES = (
    ("asks", re.compile(
        r"[?？吗么]\s*$|不嘛?[?？]?$|没有?[?？]?$|多少|几|哪|谁|什么|啥|怎么|咋|啷个|好久|是否|能不能|可不可以"
        r"|what|how|who|when|which", re.I)),
    ("rule", re.compile(r"规定|文件|政策|通知|要求|明文|制度|上头|应该|必须|按规|允许|标准|policy|rule|required", re.I)),
    ("please", re.compile(r"麻烦|请|帮|求|给我|来个|派|安排|修|换|办|登记|申请|报|please|pls|could|help|fix", re.I)),
    ("other party", re.compile(r"隔壁|楼上|楼下|对门|邻居|他|她|室友|老板|房东|物业|那家|同层|neighbou?r|upstairs", re.I)),
    ("quarrel", re.compile(r"调解|评理|评评|说理|主持|公道|劝|吵|骂|打|赖|不认|凭啥|讲不通|说和|两家|让他|赔", re.I)),
    ("offers", re.compile(r"义务|志愿|免费教|我(?:可以|愿意|想)(?:来|去|帮|教|参加)|加入|算我|volunteer|join", re.I)),
    ("wishes", re.compile(r"建议|希望|要是|如果能|能不能(?:加|设|搞|装)|就好了|提个|想法|suggest|wish", re.I)),
    ("filed", re.compile(
        r"上次|之前|上周|前天|昨天|报(?:的|了)|申请(?:的|了)|交(?:上去|了)|进度|处理得|结果|到哪|没下文|批"
        r"|status|update", re.I)),
    ("show me", re.compile(r"公示|公开|公布|明细|账|收支|名单|报表|发我|看看|看一下|电子版|show", re.I)),
    ("now", re.compile(r"救命|快|马上|正在|现在|刚刚|着火|流血|晕|倒|跳|help me|hurry|now", re.I)),
    ("event", re.compile(r"活动|报名|邻里节|运动会|讲座|课|比赛|演出|聚餐|节目|event|class|festival", re.I)),
)  # fmt: skip


def features(text: str, normal: str | None = None) -> Features:
    """Bucket numbers and weights (length 1 in all); the order of the words counts only within an n-gram.

    ``normal`` is the text's normal form, where it is known already.
    """
    plain = masked(normalise(text) if normal is None else normal)
    clipped = plain if len(plain) <= LONGEST else f"{plain[: LONGEST // 2]} {plain[-LONGEST // 2 :]}"
    spelt = _without_pinyin(clipped)
    names = (*_grams(spelt), *_words(spelt), *_sounds(clipped), *_families(clipped), *_cues(text), _length(clipped))
    hashes = np.fromiter(map(crc32, "\n".join(names).encode().split(b"\n")), np.uint32, len(names))
    buckets = np.unique(hashes & np.uint32(SIZE - 1)).astype(np.int32)
    weights = np.full(len(buckets), 1 / np.sqrt(max(len(buckets), 1)), np.float32)
    return buckets, weights


def _without_pinyin(plain: str) -> str:
    """Without words typed in pinyin, where all Latin ones are: their sounds say everything, their letters nothing."""
    _, known = syllable_table()
    words = _LATIN.findall(plain)
    return _LATIN.sub(" ", plain) if words and all(_split_pinyin(word, known) for word in words) else plain


def _families(plain: str) -> Iterator[str]:
    return (f"#{family}" for family in concepts(plain))


def _grams(plain: str) -> list[str]:
    """Of a Latin text within its words; of a Chinese one, which has none, across everything."""
    latin = 2 * sum(map(str.isascii, plain)) > len(plain)
    framed = [f"^{part}$" for part in (plain.split() if latin else [plain.replace(" ", "")])]
    sizes = (2, 3, 4) if latin else (1, 2, 3, 4)
    return [f"c{part[at : at + size]}" for part in framed for size in sizes for at in range(len(part) - size + 1)]


def _words(plain: str) -> Iterator[str]:
    words = _LATIN.findall(plain)
    yield from (f"w{word}" for word in words)
    yield from (f"w{one} {two}" for one, two in pairwise(words))


def _sounds(plain: str) -> Iterator[str]:
    sounds = list(syllables(plain))
    for size in (2, 3):
        for at in range(len(sounds) - size + 1):
            yield "s" + " ".join(sounds[at : at + size])


def _cues(text: str) -> Iterator[str]:
    return (f"cue {name}" for name, pattern in CUES if pattern.search(text))


def _length(plain: str) -> str:
    return f"length {min(len(plain) // 8, 8)}"


def syllables(plain: str) -> Iterator[str]:
    """The toneless syllables of Chinese characters and of pinyin typed in Latin letters; other words as they are."""
    table, known = syllable_table()
    for token in _TOKENS.findall(plain):
        if token in table:
            yield table[token]
        elif token.isascii() and token.isalpha():
            yield from _split_pinyin(token, known) or [token]
        else:
            yield token


def _split_pinyin(word: str, known: frozenset[str]) -> list[str]:
    """``shuiguan`` as ``shui guan``, longest syllable first; nothing for a word that is no pinyin."""
    parts, rest = [], word
    while rest:
        part = next((rest[:size] for size in range(6, 0, -1) if rest[:size] in known), None)
        if part is None:
            return []
        parts.append(_fuzzy(part))
        rest = rest[len(part) :]
    return parts


def _fuzzy(syllable: str) -> str:
    """Sounds many residents do not tell apart: zh/z, ch/c, sh/s, n/l at the front, -ng/-n at the end."""
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n")):
        if syllable.startswith(one):
            syllable = other + syllable[len(one) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


def spelt(text: str) -> str | None:
    """``text`` as it is typed in pinyin, a blank between the syllables; None where it is not Chinese throughout."""
    plain = normalise(text).replace(" ", "")
    found = [_spelling().get(character) for character in plain]
    return " ".join(map(str, found)) if plain and all(found) else None


@cache
def _spelling() -> dict[str, str]:
    lines = (line.partition("\t") for line in text_of(DATA / "syllables.tsv").splitlines() if not line.startswith("#"))
    return {character: syllable for syllable, _, characters in lines for character in characters}


@cache
def syllable_table(path: Path = DATA / "syllables.tsv") -> tuple[dict[str, str], frozenset[str]]:
    """Each character's toneless syllable, and the syllables there are. DataError names file and line."""
    table: dict[str, str] = {}
    known = set()
    for number, line in enumerate(text_of(path).splitlines(), 1):
        if not line.startswith("#"):
            syllable, _, characters = line.partition("\t")
            if not syllable.isascii() or not characters:
                raise DataError(path, number, "expected syllable<TAB>characters")
            known.add(syllable)
            table |= dict.fromkeys(characters, _fuzzy(syllable))
    return table, frozenset(known)
