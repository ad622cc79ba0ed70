"""What a message already says, so that nobody is asked for it again: where, when, how urgent, what is wished.

Pure; every function takes any text and answers None, nothing or a default when the text does not say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.danger import spot
from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.moments import Moment, when
from knowledge.patterns import compiled
from knowledge.places import Place, place
from knowledge.private_data import Secret, phone, secrets_in, without_secrets

__all__ = [
    "Moment", "Place", "Secret", "Weighed", "happening_now", "phone", "place", "secrets_in", "urgency", "weigh",
    "when", "wishes", "without_secrets",
]  # fmt: skip

Urgency = Literal["P0", "P1", "P2", "P3"]

_CUES = ("going_on", "finished", "long_ago", "hurry", "idea", "question")
_NUMBERED = (
    r"(?:^|(?<=[\n。;!?,， ]))(?:第[一二三四五六]|[一二三四五六](?:是(?!不)|(?=、))|[1-6](?=[.、):] ?(?!\d))|[①②③④⑤⑥])"
    r"[、.,:)]?"
)
_ALSO = (
    r"(?:另外|此外|还有(?!多久|没有|多少|几|效|名额|人|问题吗|[水电气]吗|吗|没)|再就是|再说一?个|顺便|顺带|对了|"
    r"同时也?(?:请|希望|想)|还想|也想|并且请|除此之外|and also|also[, ]|besides,|another thing)"
)
_SPLIT = re.compile(
    rf"\n+|{_NUMBERED}|(?<=[。!?;,， ])(?={_ALSO})|(?<=[\u4e00-\u9fff])(?=(?:另外|此外|顺便|还有就是|对了))", re.I
)
_LEAD = re.compile(rf"^[\s,，。;!]*(?:{_ALSO}(?:就是|个事|一?件?事)?)?[\s,，:、。]*", re.I)
_WISH = re.compile(r"[\u4e00-\u9fff]{3}|\b[a-z]+ [a-z]+ [a-z]+", re.I)
_MOST_WISHES = 6
_HALF_WIDTH = str.maketrans("：；？！（）", ":;?!()")


@dataclass(frozen=True, slots=True)
class Weighed:
    """An urgency of WO-SLA and why, in developers' English."""

    level: Urgency
    reason: str


@dataclass(frozen=True, slots=True)
class Cues:
    """What `data/urgency.yaml` holds: patterns by name, and what is serious, most serious first."""

    cues: dict[str, re.Pattern[str]]
    serious: tuple[tuple[str, re.Pattern[str]], ...]

    def hears(self, cue: str, plain: str) -> bool:
        return self.cues[cue].search(plain) is not None


def weigh(text: str) -> Weighed:
    """How urgent `text` is, with the reason (WO-SLA).

    Danger is P0; water, power or gas gone, water coming in or a hurt about to happen P1; a question or an idea P3;
    everything else P2.
    """
    if (danger := spot(text)) and not danger.faint:
        return Weighed("P0", f"danger: {danger.kind} ({danger.rule})")
    cues, plain = shipped_cues(), fold(text)
    idea = cues.hears("idea", plain)
    serious = next((reason for reason, pattern in cues.serious if pattern.search(plain)), None)
    if serious and not idea and happening_now(text) is not False:
        return Weighed("P1", serious)
    if cues.hears("hurry", plain):
        return Weighed("P2", "in a hurry")
    if idea or cues.hears("question", plain):
        return Weighed("P3", "an idea" if idea else "a question")
    return Weighed("P2", "help or a complaint")


def urgency(text: str) -> Urgency:
    """The level alone; see `weigh`."""
    return weigh(text).level


def happening_now(text: str) -> bool | None:
    """True when `text` says it is going on, False when it is over or long past, None when the text does not say."""
    cues, plain = shipped_cues(), fold(text)
    if cues.hears("finished", plain):
        return False
    if cues.hears("going_on", plain):
        return True
    return False if cues.hears("long_ago", plain) else None


def wishes(text: str) -> tuple[str, ...]:
    """The separate wishes of one message, in order, joining words cut off; at most six, none for an empty text.

    Only words that open something new split ('另外', '还有', '1.'); a story told in many sentences stays one wish.
    """
    whole = text.strip()
    parts = [_LEAD.sub("", part).strip(" ,，、;；。\n") for part in _SPLIT.split(whole.translate(_HALF_WIDTH))]
    told = [part for part in parts if _WISH.search(part)]
    return tuple(told[:_MOST_WISHES]) if len(told) > 1 else ((whole,) if whole else ())


@cache
def shipped_cues() -> Cues:
    """The cues of `data/urgency.yaml`, read once."""
    return load_cues(DATA / "urgency.yaml")


def load_cues(path: Path) -> Cues:
    """Read a cue file; `DataError` with its line for anything wrong."""
    root = read(path).only(*_CUES, "serious")
    return Cues({cue: compiled(root[cue]) for cue in _CUES}, tuple(map(_serious, root["serious"].items())))


def _serious(field: Field) -> tuple[str, re.Pattern[str]]:
    field.only("reason", "says")
    return field["reason"].text(), compiled(field["says"])
