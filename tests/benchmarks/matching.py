"""How long one message takes to be understood, against rapidfuzz's nearest phrase; and how that grows with the phrases.

"Understood" is everything a message goes through: danger, the matcher, and what is taken out of it (place, time, urgency,
telephone, separate wishes). The other side is ``process.extractOne`` with ``fuzz.ratio`` over the same phrases. Both sides
read the same messages in turns within one run; a ratio is the median over the rounds.
"""

from __future__ import annotations

import gc
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from rapidfuzz import fuzz, process

from knowledge.extract import phone, place, weigh, when, wishes
from knowledge.matcher import AlreadyMeans, Matcher, load_matcher
from knowledge.phrases import Phrase, load_phrases
from tests.benchmarks.town import KNOWLEDGE

PHRASES, FEW, MANY, ROUNDS = 5_000, 10_000, 100_000, 11
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MESSAGES = (
    "您好",
    "厨房水管爆了,水都流到楼下去了,快来人",
    "7栋1204卫生间灯不亮,明天下午有人在家",
    "楼道的灯坏了好多天了,晚上老人下楼看不见",
    "我们单元的电梯又停了,是不是没人管",
    "隔壁天天半夜打麻将,说了好几次都不听,能不能来调解一下",
    "租金是按什么标准收的?低保户能不能少交一点",
    "请问居委会要多少户才能成立",
    "楼栋长是怎么选出来的,我想报名当楼栋长",
    "上个星期报的漏水,现在到哪一步了",
    "邻里节什么时候搞,怎么报名",
    "上个月的收支明细在哪里看",
    "我可以周末来教小朋友写毛笔字,不要钱",
    "建议在三号楼下面加几个充电桩",
    "今天天气怎么样",
    "how many volunteers does a building need",
    "转人工",
    "我屋头的门锁打不开了,人在外头进不去,请师傅来一下,电话13800000000",
    "楼上长期往下面扔烟头和纸巾,我妈在楼下晒被子被烫了一个洞,物业说管不了,要他们赔也不认,我就想问问这个事情到底该"
    "哪个来管,另外,顺便问一下我们这栋楼的外墙什么时候修,去年就说要修",
    "shuiguan louShui le, qing lai xiu",
)

ENDINGS = ("", "吧", "啊", "呢", "嘛", "哦", "哈", "了", "呀", "噻", "谢谢", "哟")
"""More than rounds: nothing is to be gained by remembering what was read."""


def measure(*, phrases: int = PHRASES, few: int = FEW, many: int = MANY, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds a message on either side, and the two ratios."""
    shipped = load_phrases()
    matcher, texts = _with_phrases(phrases, shipped)
    sides = [_seconds(lambda m: _understand(matcher, m)), _seconds(lambda m: _nearest(texts, m))]
    ours, theirs = _in_turns(sides, rounds)
    small, large = (_with_phrases(count, shipped)[0] for count in (few, many))
    at_few, at_many = _in_turns([_seconds(small.read), _seconds(large.read)], rounds)
    return {
        "matcher_phrases": len(texts),
        "matcher_ms": _ms(ours),
        "nearest_neighbour_ms": _ms(theirs),
        "matcher_to_nearest_neighbour": _ratio(ours, theirs),
        "matcher_ms_at_10000": _ms(at_few),
        "matcher_ms_at_100000": _ms(at_many),
        "matcher_growth_10000_to_100000": _ratio(at_many, at_few),
    }


def _understand(matcher: Matcher, text: str) -> object:
    return matcher.read(text), place(text), when(text, NOW), weigh(text), phone(text), wishes(text)


def _nearest(texts: list[str], text: str) -> object:
    return process.extractOne(text, texts, scorer=fuzz.ratio)


def _seconds(read: Callable[[str], object]) -> Callable[[], float]:
    """A side: reads every message once and says how long one took; never the same words twice."""
    endings = itertools.cycle(ENDINGS)

    def turn() -> float:
        ending = next(endings)
        said = [f"{text}{ending}" for text in MESSAGES]
        start = time.perf_counter()
        for text in said:
            read(text)
        return (time.perf_counter() - start) / len(said)

    return turn


def _in_turns(sides: list[Callable[[], float]], rounds: int) -> tuple[list[float], list[float]]:
    for side in sides:
        side()
    gc.collect()
    gc.freeze()  # what was loaded is not looked through again: a serving process does not load phrases while it reads
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for side, times in zip(sides, taken, strict=True):
            times.append(side())
    gc.unfreeze()
    return taken


def _with_phrases(count: int, shipped: list[Phrase]) -> tuple[Matcher, list[str]]:
    """The shipped matcher with so many phrases: some taken away, or made-up ones added."""
    matcher = load_matcher(KNOWLEDGE)
    known = list(dict.fromkeys(phrase.text for phrase in random.Random(1).sample(shipped, len(shipped))))
    for text in known[count:]:
        matcher.remove(text)
    kept = known[:count]
    for phrase in _made_up(shipped):
        if len(kept) >= count:
            break
        try:
            matcher.add(phrase.text, phrase.label)
        except AlreadyMeans:
            continue
        kept.append(phrase.text)
    return matcher, kept


def _made_up(shipped: list[Phrase]) -> Iterator[Phrase]:
    """Endless distinct phrases, always the same: the beginning of one, a number or none, the end of another."""
    chance, seen = random.Random(2), {phrase.text for phrase in shipped}
    while True:
        one, other = chance.choice(shipped), chance.choice(shipped)
        middle = chance.choice(("", "", ",", f"{chance.randint(1, 40)}栋", f"{chance.randint(101, 3308)}"))
        text = one.text[: max(2, len(one.text) // 2)] + middle + other.text[len(other.text) // 2 :]
        if text not in seen:
            seen.add(text)
            yield Phrase(text, one.label, one.voice)


def _ms(times: list[float]) -> float:
    return round(statistics.median(times) * 1000, 3)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return round(statistics.median(one / other for one, other in zip(ours, theirs, strict=True)), 3)
