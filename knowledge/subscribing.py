"""Which notices somebody wants, by their words: to have a kind, to stop it, not to be disturbed at night, to see it all.

Wordings are data (``data/notices.yaml``) and lean to caution: a cut that happens now, or that nobody told of, is a
matter for the desk and no wish about notices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, read
from knowledge.folding import fold
from knowledge.notice import Words, words
from knowledge.patterns import compiled, word_lists
from knowledge.places import place
from knowledge.quiet import NEVER, USUAL, Quiet, quiet_in

WishKind = Literal["start", "stop", "quiet", "anytime", "list"]
WISH_KINDS: Mapping[str, WishKind] = {kind: kind for kind in get_args(WishKind)}
LONGEST = 80
"""Characters: a longer message tells of something else."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of notice; ``near``: each building has its own; ``unasked``: it comes until somebody stops it."""

    topic: str
    name: Words
    says: re.Pattern[str]
    near: bool = False
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the data file holds."""

    topics: Mapping[str, Topic]
    wishes: Mapping[WishKind, re.Pattern[str]]
    unless: re.Pattern[str]
    all_of_it: re.Pattern[str]
    outage_notice: timedelta


@dataclass(frozen=True, slots=True)
class NoticeWish:
    """``topics`` none named: none; ``everything``: all of them. ``quiet``: the hours that were said along."""

    kind: WishKind
    topics: tuple[str, ...] = ()
    building: str | None = None
    quiet: Quiet | None = None
    everything: bool = False


def notice_wish(text: str) -> NoticeWish | None:
    """What is wished about notices; None where the words are, or may be, about anything else."""
    plain, known = fold(text), rules()
    if not plain or len(plain) > LONGEST or "\n" in plain or known.unless.search(plain):
        return None
    heard = {kind for kind, pattern in known.wishes.items() if pattern.search(plain)}
    if "start" in heard and ("quiet" in heard or "stop" not in heard):
        begun = _start(plain, disturbed="quiet" not in heard)
        if begun is not None:
            return begun
    if "stop" in heard and "quiet" not in heard:
        return NoticeWish("stop", topics_in(plain), everything=known.all_of_it.search(plain) is not None)
    if "anytime" in heard:
        return NoticeWish("anytime", quiet=NEVER)
    if "quiet" in heard:
        return NoticeWish("quiet", quiet=quiet_in(plain) or USUAL)
    return NoticeWish("list") if "list" in heard else None


def _start(plain: str, *, disturbed: bool) -> NoticeWish | None:
    """ "停水告诉我, 晚上莫发": the hours belong to it. Without a kind it is no wish but a word."""
    where, topics = place(plain), topics_in(plain)
    everything = rules().all_of_it.search(plain) is not None
    if not topics and not everything:
        return NoticeWish("list") if "订" in plain else None
    quiet = None if disturbed else quiet_in(plain) or USUAL
    return NoticeWish("start", topics, where.building if where else None, quiet, everything)


def topics_in(text: str) -> tuple[str, ...]:
    """The kinds of notice that are named, in their order."""
    plain = fold(text)
    return tuple(topic.topic for topic in rules().topics.values() if topic.says.search(plain))


@cache
def rules() -> Rules:
    return load(DATA / "notices.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything missing, unknown or given twice."""
    root = read(path).only("checked_on", "outage_notice_hours", "topics", "words", "all_of_it", "wishes", "unless")
    root["checked_on"].day()
    lists = word_lists(root["words"])
    topics: dict[str, Topic] = {}
    for item in root["topics"].items():
        item.only("topic", "name", "says", optional=("near", "unasked"))
        flags = {name: name in item.fields() and item[name].flag() for name in ("near", "unasked")}
        topic = Topic(item["topic"].text(), words(item["name"]), compiled(item["says"]), **flags)
        if topic.topic in topics:
            item.fail(f"topic {topic.topic!r} is given twice")
        topics[topic.topic] = topic
    wishes = root["wishes"].only(*WISH_KINDS).fields()
    return Rules(
        topics=topics,
        wishes={WISH_KINDS[kind]: compiled(field, lists) for kind, field in wishes.items()},
        unless=compiled(root["unless"], lists),
        all_of_it=compiled(root["all_of_it"]),
        outage_notice=timedelta(hours=root["outage_notice_hours"].integer(least=1)),
    )
