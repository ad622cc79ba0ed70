"""How people change what they said: a correction in words, another mind half way, anger, a "what do you mean?".

Pure; each answers None when the message is nothing of the kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from knowledge.folding import fold
from knowledge.places import Place, place
from knowledge.private_data import phone

Mood = Literal["confused", "angry", "why", "how_long", "cost"]
_MOODS: tuple[tuple[Mood, re.Pattern[str]], ...] = (
    (
        "why",
        re.compile(
            r"(?:为什么|为啥子?|干嘛|凭什么|做啥子?)(?:还?要|老|总)?(?:问|填|晓得|知道|这个|地址|电话)|"
            r"why (?:do|are) you (?:ask|need)"
        ),
    ),
    (
        "confused",
        re.compile(
            r"(?:啥子?|什么|哪样|几个)意思|看不(?:懂|明白|清)|不(?:懂|明白|晓得(?:选|填|点|啷个)|知道(?:选|填|点|怎么))|"
            r"搞不(?:懂|清|来)|听不懂|不会(?:弄|填|选|用)|啷个(?:填|选|弄|点|搞)|怎么(?:填|选|弄|点)|没(?:看|听)懂|"
            r"^我?(?:也)?不(?:晓得|知道|清楚)[了啊嘛哦呢。.]*$|"
            r"[?？]{2,}$|^[?？]+$|^啊[?？]*$|what do you mean|(?:do not|don't) understand|confus"
        ),
    ),
    (
        "angry",
        re.compile(
            r"烦死|烦不烦|气死|扯淡|废话|啰嗦|罗嗦|搞快点|搞什么|搞啥子|有病|神经|妈的|他妈|狗日|龟儿|老子|滚|"
            r"垃圾(?:机器|系统|软件)|什么态度|啥子态度|问(?:这么|那么|恁个)多|没完没了|"
            r"shut up|stupid|ridiculous|useless|damn|wtf"
        ),
    ),
    (
        "how_long",
        re.compile(
            r"(?:要|得|等|好)(?:多久|好久|几天|多长时间)|how long|when will|"
            r"(?:什么时候|好久|哪阵|多久)(?:能|才|会|可以)?(?:来|修|好|到|办|有人)(?!.{0,6}(?:都|也)(?:可以|行|得行|要得))"
        ),
    ),
    (
        "cost",
        re.compile(
            r"(?:要|收)(?:不要)?(?:给)?(?:钱|费)(?:吗|嘛|不|么)?[?？]?$|(?:多少|好多)钱|免费(?:吗|的吗|不)|"
            r"how much (?:does|will)|is it free|(?:does|will) (?:it|this|that) cost|any (?:fees?|charges?)|"
            r"do i (?:have to )?pay"
        ),
    ),
)
LONGEST_MOOD = LONGEST_CORRECTION = 24
_CHANGE = re.compile(
    r"^(?:哎+|唉+|呃+|嗯+|那?个?)?[,，\s]*(?:算了|不说(?:这个|这件)了?|先不(?:说|管|报)(?:这个|这件)?了?|不是这(?:个|件事?)|"
    r"搞错了|"
    r"换(?:一?个|一?件)(?:事)?|等一?下|never ?mind|forget (?:that|it)|actually)[,，。.\s!！]*"
    r"(?:我?(?:还是|要|想|先)?(?:想?(?:说|报|问|讲)的?是?|说|报|换成)|instead|let me|i (?:want|need) to)?"
    r"[,，:：\s]*(?P<rest>.+)$"
)
SHORTEST_REST = 5
_CUE = re.compile(
    r"不是.{1,16}?(?:,|，)?(?:是|而是)|(?:改成|改为|换成|应该是|其实是|说错了|写错了?|填错了?|弄错了?|搞错了?|更正|更改|错了)|"
    r"\b(?:not .{1,24} but|should be|change .{1,20} to|i meant|correction|wrong)\b"
)
_AFTER = re.compile(r"(?:而是|应该是|其实是|改成|改为|换成|,是|，是|是|but|should be|to|meant)\s*", re.I)
_PLACE_PARTS = ("building", "unit", "floor", "room")


def mood(text: str) -> Mood | None:
    """Somebody confused, angry, or asking about the form itself; long messages say more than that."""
    plain = fold(text)
    if len(plain) > LONGEST_MOOD * (2 if plain.isascii() else 1):
        return None
    return next((name for name, pattern in _MOODS if pattern.search(plain)), None)


def another_matter(text: str) -> str | None:
    """ "算了，还是说楼上漏水的事": what they want to speak of instead."""
    found = _CHANGE.match(fold(text))
    rest = found["rest"].strip(" ,，。") if found else ""
    return rest if len(rest) >= SHORTEST_REST else None


def correction(answers: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    """The answers a correction in words changes: place or telephone; None when it corrects neither."""
    plain = fold(text)
    if not _CUE.search(plain):
        return None
    number = phone(text)
    if number is not None:
        return {"phone": number}
    right = place(_AFTER.split(plain)[-1]) or _bare_room(plain, answers)
    return None if right is None else _corrected(answers, right, wrong=place(plain))


def only_corrects(text: str) -> bool:
    """A short message that says of a place or a telephone that it was another, and nothing besides."""
    longest = LONGEST_CORRECTION * (2 if text.isascii() else 1)
    return len(fold(text)) <= longest and correction({"room": "?"}, text) is not None


def _corrected(answers: Mapping[str, Any], right: Place, *, wrong: Place | None) -> dict[str, Any]:
    """Only what was said anew changes: "不是7栋是8栋" keeps the flat; a building not named as wrong replaces all."""
    said = {part: getattr(right, part) for part in _PLACE_PARTS if getattr(right, part)}
    replaces = "building" in said and ("room" in said or wrong is None or wrong.building != answers.get("building"))
    kept = {} if replaces else {part: answers.get(part) for part in _PLACE_PARTS}
    if "room" in said:
        kept.pop("floor", None)
    return dict.fromkeys(_PLACE_PARTS) | kept | said


def _bare_room(plain: str, answers: Mapping[str, Any]) -> Place | None:
    """ "不是1204是1402": a number alone corrects the flat that is known."""
    found = re.search(r"(?:是|成|为|but|to)\s*(\d{3,4}|\d{1,2}-\d{1,2})\s*$", plain)
    return Place(room=found[1]) if found and answers.get("room") else None
