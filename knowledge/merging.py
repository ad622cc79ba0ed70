"""Which tickets may be folded into which, or linked; every refusal says in plain words what can be done instead.

Pure. Nobody comes to read a word that was not theirs to read: that decides (WO-23, WO-24, ME-15).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.life import Refusal, is_open

WALLED = frozenset({"dispute"})
"""Routes whose matters are on a desk of their own, or may come to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two tickets. ``complaint``: about somebody's work; ``aside``: who must not see it; ``folded``: others are
    folded into it; ``told``: its resident's words."""

    id: int
    number: str
    route: str
    state: str
    confidential: bool
    anonymous: bool
    complaint: bool
    aside: frozenset[str]
    folded: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """``first`` lives on, ``second`` is folded into it. ``one_home``: the same resident, or the same telephone and flat;
    ``shared``: whoever hears of the second may read the first already."""

    first: Side
    second: Side
    one_home: bool
    shared: bool


def in_order(one: Side, other: Side) -> tuple[Side, Side]:
    """The one that lives on, and the one folded into it: the older lives, unless only the younger has others in it."""
    older, younger = sorted((one, other), key=lambda side: side.id)
    return (younger, older) if younger.folded and not older.folded else (older, younger)


def may_merge(pair: Pair) -> Refusal | None:
    """None where nothing speaks against it."""
    return next((_MERGE_NO[name] for name, hit in _MERGE if hit(pair)), None)


def may_link(one: Side, other: Side) -> Refusal | None:
    return next((_LINK_NO[name] for name, hit in _LINK if hit(one, other)), None)


def _about(one: Side, other: Side) -> bool:
    """One complains of how the other was handled: it names the other's number."""
    return (one.complaint and other.number in one.told) or (other.complaint and one.number in other.told)


_MERGE: tuple[tuple[str, Callable[[Pair], bool]], ...] = (
    ("same", lambda pair: pair.first.id == pair.second.id),
    ("walled", lambda pair: bool(WALLED & {pair.first.route, pair.second.route})),
    ("over", lambda pair: not (is_open(pair.first.state) and is_open(pair.second.state))),
    ("secret", lambda pair: pair.first.confidential != pair.second.confidential),
    ("anonymous", lambda pair: pair.first.anonymous or pair.second.anonymous),
    ("aside", lambda pair: pair.first.aside != pair.second.aside),
    ("about", lambda pair: _about(pair.first, pair.second)),
    ("others", lambda pair: not (pair.one_home or pair.shared)),
    ("readers", lambda pair: not pair.shared),
    ("folded", lambda pair: pair.second.folded),
)
_LINK: tuple[tuple[str, Callable[[Side, Side], bool]], ...] = (
    ("same", lambda one, other: one.id == other.id),
    ("walled", lambda one, other: bool(WALLED & {one.route, other.route})),
    ("aside", lambda one, other: one.aside != other.aside),
)


def _no(kind: str, zh: str, en: str) -> Refusal:
    return Refusal(kind, zh, en)


_COMMON = {
    "same": _no("same", "这是同一张工单。", "This is the same ticket."),
    "aside": _no(
        "aside",
        "这两张要回避的人不一样，放在一起就会被不该看的人看到。",
        "Different people step aside from these two: together, somebody would see what they must not.",
    ),
}
_MERGE_NO = _COMMON | {
    "walled": _no("walled", "纠纷和调解不合并，各走各的。", "Disputes and mediations are not merged."),
    "over": _no(
        "over",
        "有一张已经结束（或已并入别的工单），不能合并；要让人看到它们有关，用“关联”。",
        "One of them is over or merged already; use “link” to show that they belong together.",
    ),
    "secret": _no(
        "secret",
        "一张保密、一张不保密，不能合并：保密的话会漏出去。可以一起加入一个事件。",
        "One is confidential and the other is not: merging would give it away. Both can join an incident.",
    ),
    "anonymous": _no(
        "anonymous",
        "匿名的不能合并：合并就等于说出是谁。可以加入一个事件。",
        "Anonymous reports are not merged: that would tell who it was. They can join an incident.",
    ),
    "about": _no(
        "about",
        "一张说的就是另一张怎么办的，不能合并，得分开查。可以用“关联”。",
        "One is about how the other was handled: they are looked into apart. Use “link”.",
    ),
    "others": _no(
        "others",
        "不是同一家人报的，合并会让一家看到另一家说的话。请用“事件”：一次答复，各看各的。",
        "Different residents filed them: merging would show one what the other said. Use an incident instead.",
    ),
    "readers": _no(
        "readers",
        "有别人凭查询码在看其中一张，合并就会看到另一张。可以用“关联”。",
        "Somebody else follows one of them with its code and would see the other. Use “link”.",
    ),
    "folded": _no(
        "folded",
        "两张都已经并进过别的工单，请先撤销其中一边的合并。",
        "Both have others folded into them: undo one side first.",
    ),
}  # fmt: skip
_LINK_NO = _COMMON | {
    "walled": _no("walled", "纠纷在调解那边单独看，这里不关联。", "Disputes stand apart and are not linked here."),
}
