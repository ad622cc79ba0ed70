"""What a colleague's message in the staff group is meant as. Pure: nothing reaches a resident by accident.

Only one thing speaks to a resident without being asked to: plain words, or a picture, of whoever looks after the ticket,
written in its topic to nobody in particular, to its card, or to the resident's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from knowledge import ticket_numbers
from knowledge.numerals import value

Answers = Literal["nothing", "card", "resident", "colleague", "ours"]
"""What a message replies to; ``ours``: some other line of the bot's."""
SPEAKS_TO = ("nothing", "card", "resident")
COMMANDS: Mapping[str, str] = {
    word: action
    for action, words in {
        "take": "claim take 接单 接手",
        "answer": "answer reply 答复 回复",
        "ask_back": "ask 追问 请居民补充",
        "note": "note 备注",
        "pass": "transfer 转交 转派 派单",
        "due": "due 延期",
        "end": "close done 办结 办好",
        "mine": "mine 我的",
        "queue": "queue 待办 待接",
        "back": "undo 收回 撤回",
        "cancel": "cancel 取消",
        "help": "help work start 帮助",
    }.items()
    for word in words.split()
}
"""Every command, in both languages, and what it does."""
NOTE = re.compile(r"(?://|#\s*(?:备注|note)|(?:备注|note)\s*[:：])\s*[:：]?\s*", re.I)
COMMAND = re.compile(r"[/／](?P<word>[^\s/@／]+)(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?", re.S)


_DAYS = re.compile(
    r"(?P<days>\d{1,2}|[一二两三四五六七八九十]) ?个?(?:工作)?(?:天|日|(?:working )?days?\b|d\b)[\s,，。:：]*(?P<why>.*)",
    re.I | re.S,
)


class Meaning(StrEnum):
    ANSWER = "answer"
    """it goes to the resident"""
    NOTE = "note"
    COMMAND = "command"
    UNKNOWN = "unknown"
    """a command nobody knows: a slip"""
    OTHER_BOT = "other_bot"
    UNCLAIMED = "unclaimed"
    """plain words, and nobody looks after the ticket"""
    NOT_THEIRS = "not_theirs"
    """plain words, and a colleague looks after it"""
    AMONG = "among"
    """colleagues among themselves, or nothing that can be passed on"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message as far as it matters here. ``second_hand``: forwarded, by another bot, in a channel's name."""

    text: str
    files: bool = False
    answers: Answers = "nothing"
    second_hand: bool = False
    calls_somebody: bool = False
    bot: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with what stands behind it. ``number``: a ticket it names; ``short``: its sequence and check digit, as they
    stand above a topic ("0007-4", "#7"); ``slip``: it means a number, and there is none such."""

    action: str
    rest: str
    number: str | None = None
    short: tuple[int, str] | None = None
    slip: bool = False

    @property
    def names(self) -> bool:
        return self.number is not None or self.short is not None


def meaning(heard: Heard, *, holder: Literal["me", "another", "nobody"]) -> Meaning:
    """``holder``: who looks after the ticket, as the writer sees it."""
    if heard.second_hand:
        return Meaning.AMONG
    if NOTE.match(heard.text):
        return Meaning.NOTE
    if heard.text[:1] in ("/", "／"):
        return _command(heard)
    if heard.answers not in SPEAKS_TO or heard.calls_somebody or not (heard.text or heard.files):
        return Meaning.AMONG
    return {"me": Meaning.ANSWER, "another": Meaning.NOT_THEIRS, "nobody": Meaning.UNCLAIMED}[holder]


def _command(heard: Heard) -> Meaning:
    found = COMMAND.fullmatch(heard.text)
    if found and found["bot"] and found["bot"].lower() != heard.bot.lower():
        return Meaning.OTHER_BOT
    return Meaning.COMMAND if found and found["word"].lower() in COMMANDS else Meaning.UNKNOWN


def more_time(rest: str) -> tuple[int, str] | None:
    """ "三天 等配件": how many working days more, and why; None where no days stand there first."""
    found = _DAYS.fullmatch(rest.strip())
    days = value(found["days"]) if found else None
    return (days, found["why"].strip()) if found and days else None


def note_in(text: str) -> str:
    """A note without the sign that makes it one."""
    return NOTE.sub("", text, count=1).strip()


def order(text: str) -> Order | None:
    """The command a message is, with the ticket's number taken out of it; None where it is none that is known."""
    found = COMMAND.fullmatch(text.strip())
    action = COMMANDS.get(found["word"].lower()) if found else None
    if found is None or action is None:
        return None
    rest = (found["rest"] or "").strip()
    return _numbered(action, rest)


_GAP = r"[\s\-—–_·.]*"
_WHOLE = re.compile(rf"(?P<lx>LX{_GAP})?\d{{6}}{_GAP}\d{{4,6}}{_GAP}\d(?!\d)", re.I)
_SHORT = re.compile(
    rf"(?:(?:LX|#){_GAP}(?P<loose>\d{{1,6}})(?:-(?P<check>\d))?|(?P<strict>\d{{4,6}})-(?P<digit>\d))(?![\d\-])", re.I
)
_HALF = {0xFF01 + step: 0x21 + step for step in range(94)} | {0x3000: 0x20}
"""Full-width signs as people's keyboards make them; one for one, so that places in the text stay."""


def _numbered(action: str, rest: str) -> Order:
    plain = rest.translate(_HALF)
    if (whole := _WHOLE.match(plain)) is not None:
        number = ticket_numbers.parse(whole[0])
        if number is not None:
            return Order(action, rest[whole.end() :].strip(), str(number))
        if whole["lx"]:
            return Order(action, rest, slip=True)
    if (short := _SHORT.match(plain)) is not None:
        sequence, check = int(short["loose"] or short["strict"]), short["check"] or short["digit"] or ""
        return Order(action, rest[short.end() :].strip(), short=(sequence, check))
    return Order(action, rest, slip=plain[:2].upper() == "LX")
