"""Who is at work: the colleague behind a Telegram account, asked again inside the unit that changes something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiogram.types import CallbackQuery, Message

from handlers.outcome import Outcome, do
from handlers.residents.case import Case
from handlers.texts.catalogue import Texts, load_catalogue
from storage import group_members, staff_telegram
from storage.access import NotThere
from storage.staff import MayNot, Member
from storage.transaction import Tx

R = TypeVar("R")
ANONYMOUS = 1087968824
"""Telegram's own account that stands for an admin who writes as the group."""


class HasLeft(MayNot):
    """They have left the group of the place they want to work for."""


REFUSALS = (MayNot, NotThere, LookupError)
"""By what a unit refuses a step of somebody's, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing was changed; ``key`` says why, in the section ``colleague``."""

    key: str


@dataclass(frozen=True)
class Work:
    """One message or press of whoever writes from ``user_id``, a colleague or not."""

    case: Case
    user_id: int

    @property
    def group(self) -> int | None:
        return self.case.chat_id if self.case.scene.kind != "private" else None

    @property
    def words(self) -> Texts:
        """The staff group speaks Chinese; a private chat as its owner reads."""
        return self.case.front.texts["zh"] if self.case.scene.kind == "staff" else self.case.words

    @property
    def console(self) -> Texts:
        """The console's words, for what is said the same there."""
        return load_catalogue("console")[self.words.language]

    async def colleague(self) -> Member | Stopped:
        return await self.case.front.storage.read(who, self.user_id, self.group)

    def by_colleague(self, unit: Callable[[Tx, Member], R]) -> Outcome[R | Stopped]:
        """The unit for the colleague as they are at its commit; for nobody else. Its refusals come back as words."""
        return do(_guarded, self.user_id, self.group, unit)


def who(tx: Tx, user_id: int, group: int | None, /) -> Member | Stopped:
    """``group``: our id of the group they act in; None: their own chat, where whoever has left every group may not."""
    if user_id == ANONYMOUS:
        return Stopped("anonymous")
    member = staff_telegram.colleague(tx, user_id)
    if member is None:
        return Stopped("not_linked")
    return Stopped("left") if group_members.is_gone(tx, user_id, group) else member


def _guarded(tx: Tx, user_id: int, group: int | None, unit: Callable[[Tx, Member], Any]) -> Any:
    member = who(tx, user_id, group)
    if isinstance(member, Stopped):
        return member
    try:
        return unit(tx, member)
    except REFUSALS as error:
        return stopped(error)


def stopped(error: Exception) -> Stopped:
    """What somebody is told whose step one of ``REFUSALS`` stopped."""
    if isinstance(error, HasLeft):
        return Stopped("left")
    return Stopped("may_not" if isinstance(error, MayNot) else "gone")


def work_of(event: Message | CallbackQuery, case: Case) -> Work:
    """Whoever writes as a channel or as the group itself is nobody in particular."""
    sender = event.from_user
    as_another = isinstance(event, Message) and event.sender_chat is not None
    return Work(case, ANONYMOUS if as_another or sender is None else sender.id)
