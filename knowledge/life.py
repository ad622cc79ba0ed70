"""The life of a work order (WO-05) as a table: which step leads where, and who may take it.

Pure: `step` answers with the next `State` or a `Refusal` in words. Flags lie over the states: a ticket can wait for
its resident or stand under supervision in any open state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a ticket is. The values are what storage keeps."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    RETURN_ASKED = "return_asked"
    SIGNED = "signed"
    HANDLING = "handling"
    EXTENSION_ASKED = "extension_asked"
    FED_BACK = "fed_back"
    CALLING_BACK = "calling_back"
    CLOSED = "closed"
    ARCHIVED = "archived"
    DECLINED = "declined"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Flag(StrEnum):
    """What lies over a state without changing it."""

    WAITING_RESIDENT = "waiting_resident"
    SUPERVISED = "supervised"


class Role(StrEnum):
    """Who acts. `system` is the scheduler and the bot."""

    ADMIN = "admin"
    OPERATOR = "operator"
    WORKER = "worker"
    MEDIATOR = "mediator"
    SUPERVISOR = "supervisor"
    BUILDING_HEAD = "building_head"
    VIEWER = "viewer"
    RESIDENT = "resident"
    SYSTEM = "system"


STATE_NAMES: dict[State, tuple[str, str]] = {
    State.RECEIVED: ("已收到", "received"),
    State.ACCEPTED: ("已受理", "accepted"),
    State.ASSIGNED: ("已派单", "assigned"),
    State.RETURN_ASKED: ("申请退回", "return asked for"),
    State.SIGNED: ("已签收", "signed for"),
    State.HANDLING: ("办理中", "being handled"),
    State.EXTENSION_ASKED: ("申请延期", "extension asked for"),
    State.FED_BACK: ("已反馈", "fed back"),
    State.CALLING_BACK: ("待回访", "call-back due"),
    State.CLOSED: ("已办结", "closed"),
    State.ARCHIVED: ("已归档", "archived"),
    State.DECLINED: ("不予受理", "not accepted"),
    State.TRANSFERRED: ("已转紧急渠道", "passed to an emergency line"),
    State.WITHDRAWN: ("已撤回", "withdrawn"),
    State.MERGED: ("已并入另一张", "merged into another"),
}
FLAG_NAMES: dict[Flag, tuple[str, str]] = {
    Flag.WAITING_RESIDENT: ("等您补充", "waiting for the resident"),
    Flag.SUPERVISED: ("督办中", "under supervision"),
}

S, R = State, Role
_DESK = frozenset({R.ADMIN, R.OPERATOR})
_UNIT = _DESK | {R.WORKER, R.MEDIATOR}
_WATCHERS = frozenset({R.ADMIN, R.SUPERVISOR})
_UNDER_WAY = (S.RECEIVED, S.ACCEPTED, S.ASSIGNED, S.SIGNED, S.HANDLING)
_OPEN = (*_UNDER_WAY, S.FED_BACK, S.CALLING_BACK, S.RETURN_ASKED, S.EXTENSION_ASKED)
_IN_HAND = (S.ACCEPTED, S.SIGNED, S.HANDLING)
_WITH_A_UNIT = (S.ASSIGNED, S.RETURN_ASKED, S.SIGNED, S.HANDLING, S.EXTENSION_ASKED)
_OVER = (S.CLOSED, S.DECLINED, S.TRANSFERRED, S.WITHDRAWN)


class Duty(StrEnum):
    """What whoever takes a step owes with it."""

    WHY = "why"
    """a written reason"""
    TELL = "tell"
    """a message to the resident"""


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed move; `to=None` keeps the state."""

    action: str
    origins: tuple[State, ...]
    to: State | None
    roles: frozenset[Role]
    rule: str
    duties: frozenset[Duty] = frozenset()
    raises: frozenset[Flag] = frozenset()
    clears: frozenset[Flag] = frozenset()

    @property
    def zh(self) -> str:
        return ACTION_NAMES[self.action][0]

    @property
    def en(self) -> str:
        return ACTION_NAMES[self.action][1]


_WHY, _TELL, _BOTH = frozenset({Duty.WHY}), frozenset({Duty.TELL}), frozenset({Duty.WHY, Duty.TELL})
_WAIT, _WATCH = frozenset({Flag.WAITING_RESIDENT}), frozenset({Flag.SUPERVISED})

STEPS: tuple[Step, ...] = (
    Step("accept", (S.RECEIVED,), S.ACCEPTED, _UNIT, "WO-05", _TELL),
    Step("answer", _OPEN, None, _UNIT, "WO-05", _TELL, clears=_WAIT),
    Step("ask_back", _OPEN, None, _UNIT, "WO-05", _TELL, raises=_WAIT),
    Step("add", _OPEN, None, _DESK | {R.RESIDENT}, "WO-05", clears=_WAIT),
    Step("decline", (S.RECEIVED, S.ACCEPTED), S.DECLINED, _DESK, "WO-06", _BOTH),
    Step("transfer", _OPEN, S.TRANSFERRED, _DESK, "WO-07", _BOTH),
    Step("assign", (S.RECEIVED, S.ACCEPTED), S.ASSIGNED, _DESK, "WO-05", _TELL),
    Step("sign", (S.ASSIGNED,), S.SIGNED, _UNIT, "WO-05"),
    Step("ask_return", (S.ASSIGNED, S.SIGNED), S.RETURN_ASKED, _UNIT, "WO-10", _WHY),
    Step("reassign", (S.RETURN_ASKED, S.ASSIGNED, S.SIGNED, S.HANDLING), S.ASSIGNED, _DESK, "WO-11", _BOTH),
    Step("keep", (S.RETURN_ASKED,), S.ASSIGNED, _DESK, "WO-11", _WHY),
    Step("designate", (S.RETURN_ASKED, S.ASSIGNED), S.ASSIGNED, _DESK, "WO-10", _BOTH),
    Step("assist", _WITH_A_UNIT, None, _UNIT, "WO-12", _WHY),
    Step("report", _WITH_A_UNIT, None, _UNIT, "WO-12", _WHY),
    Step("handle", (S.ACCEPTED, S.SIGNED), S.HANDLING, _UNIT, "WO-05", _TELL),
    Step("ask_extension", _IN_HAND, S.EXTENSION_ASKED, _UNIT, "WO-13", _WHY),
    Step("extend", (S.RECEIVED, *_IN_HAND, S.EXTENSION_ASKED), S.HANDLING, _DESK, "WO-13", _BOTH),
    Step("refuse_extension", (S.EXTENSION_ASKED,), S.HANDLING, _DESK, "WO-13", _WHY),
    Step("follow_up", (*_IN_HAND, S.EXTENSION_ASKED, S.FED_BACK), S.HANDLING, _DESK, "WO-13", _BOTH),
    Step("feed_back", (S.SIGNED, S.HANDLING), S.FED_BACK, _UNIT, "WO-14", _WHY),
    Step("check", (S.FED_BACK,), S.CALLING_BACK, _DESK, "WO-14", _TELL, clears=_WAIT),
    Step("send_back", (S.FED_BACK,), S.HANDLING, _DESK | {R.SUPERVISOR}, "WO-14", _WHY),
    Step("finish", (*_UNDER_WAY, S.FED_BACK), S.CALLING_BACK, _UNIT, "WO-14", _TELL, clears=_WAIT),
    Step("redo", (S.CALLING_BACK,), S.HANDLING, _DESK | {R.SUPERVISOR, R.RESIDENT}, "WO-14", _BOTH),
    Step("close", (S.CALLING_BACK,), S.CLOSED, _DESK | {R.RESIDENT, R.SYSTEM}, "WO-14", _BOTH, clears=_WAIT | _WATCH),
    Step("reopen", _OVER, S.ACCEPTED, _DESK | {R.RESIDENT, R.SUPERVISOR}, "WO-18", _BOTH),
    Step("withdraw", _OPEN, S.WITHDRAWN, _DESK | {R.RESIDENT}, "WO-05", _BOTH, clears=_WAIT | _WATCH),
    Step("archive", _OVER, S.ARCHIVED, _DESK | {R.SYSTEM}, "WO-05"),
    Step("supervise", _OPEN, None, _WATCHERS | {R.SYSTEM}, "WO-17", _WHY, raises=_WATCH),
    Step("end_supervision", _OPEN, None, _WATCHERS, "WO-17", _WHY, clears=_WATCH),
)
ACTION_NAMES: dict[str, tuple[str, str]] = {
    "accept": ("受理", "accept"),
    "answer": ("答复", "answer"),
    "ask_back": ("请居民补充", "ask back"),
    "add": ("补充", "add to"),
    "decline": ("不予受理", "decline"),
    "transfer": ("转紧急渠道", "pass to an emergency line"),
    "assign": ("派单", "assign"),
    "sign": ("签收", "sign for"),
    "ask_return": ("申请退回", "ask to send back"),
    "reassign": ("改派", "reassign"),
    "keep": ("维持原派", "keep the assignment of"),
    "designate": ("指定承办", "designate a unit for"),
    "assist": ("请单位协办", "add an assisting unit to"),
    "report": ("协办反馈", "report an assisting unit's part of"),
    "handle": ("开始办理", "start handling"),
    "ask_extension": ("申请延期", "ask for more time on"),
    "extend": ("批准延期", "grant more time on"),
    "refuse_extension": ("不准延期", "refuse more time on"),
    "follow_up": ("列入跟踪", "put on the follow-up list"),
    "feed_back": ("反馈结果", "feed back on"),
    "check": ("审核通过", "pass the check of"),
    "send_back": ("审核退回", "send back the feedback on"),
    "finish": ("办好，请居民确认", "report as done"),
    "redo": ("退回重办", "send for redoing"),
    "close": ("办结", "close"),
    "reopen": ("重开", "reopen"),
    "withdraw": ("撤回", "withdraw"),
    "archive": ("归档", "archive"),
    "supervise": ("督办", "supervise"),
    "end_supervision": ("结束督办", "end supervision of"),
}
_BY_ACTION = {step.action: step for step in STEPS}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken, for the person who tried; `kind` is unknown, role, over or order."""

    kind: str
    zh: str
    en: str


def step(state: State | str, action: str, role: Role | str) -> State | Refusal:
    """The state after `role` takes `action` in `state`, or why not. Actions that keep the state return it."""
    state = State(state)
    found = _BY_ACTION.get(action)
    if found is None:
        return Refusal("unknown", f"没有“{action}”这个操作。", f"There is no step called “{action}”.")
    if role not in found.roles:
        return Refusal("role", f"您的身份不能“{found.zh}”。", f"Your role may not {found.en} a ticket.")
    if state not in found.origins:
        return _wrong_moment(state, found)
    return found.to or state


def _wrong_moment(state: State, tried: Step) -> Refusal:
    zh, en = STATE_NAMES[state]
    kind = "order" if is_open(state) else "over"
    return Refusal(kind, f"工单现在是“{zh}”，不能“{tried.zh}”。", f"You cannot {tried.en} this ticket: it is {en}.")


def move(action: str) -> Step:
    """The table's line for `action`; KeyError when there is none."""
    return _BY_ACTION[action]


def allowed(state: State | str, role: Role | str) -> tuple[Step, ...]:
    """The steps `role` may take in `state`, in the table's order: what a ticket page offers as buttons."""
    return tuple(found for found in STEPS if role in found.roles and state in found.origins)


def flags_after(flags: Iterable[Flag | str], action: str) -> frozenset[Flag]:
    """The flags once `action` is taken. Unknown flags raise ValueError, unknown actions KeyError."""
    found = _BY_ACTION[action]
    return (frozenset(Flag(flag) for flag in flags) - found.clears) | found.raises


def is_open(state: State | str) -> bool:
    """True while somebody still owes the resident something."""
    return state in _OPEN


def name(state: State | str, language: str = "zh") -> str:
    """The state's name for a person: `zh` or, for anything else, English."""
    zh, en = STATE_NAMES[State(state)]
    return zh if language.startswith("zh") else en
