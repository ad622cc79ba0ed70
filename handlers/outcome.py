"""What a handler returns: what should happen, not a thing done.

A handler reads, decides, and returns an ``Outcome``: a unit of work, and a pure function from the unit's result to what is
said. The inbox worker runs both in the one transaction that also marks the update done; a handler itself changes nothing
and calls no Bot API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from storage import drafts, messages
from storage.transaction import Tx

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button. ``data`` is at most 64 bytes (Bot API) and untrusted when it comes back; a ``tel:`` or ``https:``
    address as ``data`` makes it a link instead."""

    text: str
    data: str

    def __post_init__(self) -> None:
        if len(self.data.encode()) > 64:
            raise ValueError(f"button data over 64 bytes: {self.data!r}")


Rows = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Say:
    """Something to say; ``to`` None is the chat the update came from. ``prompt_of`` names the draft this asks for,
    ``answers`` the message it answers."""

    text: str
    buttons: Rows = ()
    to: int | None = None
    priority: int = messages.REPLY
    ticket_id: int | None = None
    attachments: Sequence[dict[str, object]] = ()
    prompt_of: int | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Change one of our messages; without ``text`` only its buttons."""

    message_id: int
    text: str | None = None
    buttons: Rows = ()


Reply = Say | Edit


def nothing(tx: Tx) -> None:
    """The unit of an outcome that only says something."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """A unit of work with its arguments bound, what is said about its result, and the toast of a pressed button."""

    unit: Callable[[Tx], R]
    replies: Callable[[R], Iterable[Reply]] = field(default=lambda _: ())
    toast: str | None = None
    toasting: Callable[[R], str | None] = field(default=lambda _: None)
    """The toast where it depends on what came of it."""

    def then(self, replies: Callable[[R], Iterable[Reply]]) -> Outcome[R]:
        return replace(self, replies=replies)

    def saying(self, *replies: Reply) -> Outcome[R]:
        return replace(self, replies=lambda _: replies)

    def with_toast(self, toast: str) -> Outcome[R]:
        return replace(self, toast=toast)

    def toasted(self, toasting: Callable[[R], str | None]) -> Outcome[R]:
        """With a toast that says what came of it."""
        return replace(self, toasting=toasting)

    def before(self, *replies: Reply) -> Outcome[R]:
        """The same outcome, with something said first."""
        return replace(self, replies=lambda result: (*replies, *self.replies(result)))


def do(unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> Outcome[R]:
    """``do(open_ticket, chat_id=...).then(lambda ticket: [Say(...)])``"""
    return Outcome(lambda tx: unit(tx, *args, **kwargs))


def say(*replies: Reply) -> Outcome[None]:
    """An outcome that changes nothing but says something."""
    return do(nothing).saying(*replies)


def both(first: Outcome[R], second: Outcome[S]) -> Outcome[tuple[R, S]]:
    """Two outcomes as one: both units in the one transaction, both sets of words in order."""
    return Outcome(
        lambda tx: (first.unit(tx), second.unit(tx)),
        lambda results: (*first.replies(results[0]), *second.replies(results[1])),
        second.toast or first.toast,
        lambda results: second.toasting(results[1]) or first.toasting(results[0]),
    )


def carry_out(tx: Tx, outcome: Outcome[Any], *, chat_id: int) -> str | None:
    """Run an outcome inside an open transaction; the toast of the button that was pressed."""
    result = outcome.unit(tx)
    for reply in outcome.replies(result):
        _speak(tx, reply, chat_id)
    return outcome.toasting(result) or outcome.toast


def speak(tx: Tx, replies: Iterable[Say]) -> list[int]:
    """Say what nobody's message brought about; each names the chat it goes to. The ids of the messages, in order."""
    said = [_speak(tx, reply, reply.to) for reply in replies if reply.to is not None]
    return [message_id for message_id in said if message_id is not None]


def _speak(tx: Tx, reply: Reply, chat_id: int) -> int | None:
    if isinstance(reply, Edit):
        messages.edit(tx, reply.message_id, text=reply.text, buttons=plain(reply.buttons))
        return None
    message_id = messages.say(
        tx,
        chat_id=reply.to or chat_id,
        text=reply.text,
        buttons=plain(reply.buttons),
        priority=reply.priority,
        ticket_id=reply.ticket_id,
        attachments=reply.attachments,
        reply_to_id=reply.answers,
    )
    if reply.prompt_of is not None:
        drafts.set_prompt(tx, reply.prompt_of, message_id)
    return message_id


def plain(rows: Rows) -> list[list[dict[str, str]]]:
    return [[{"text": button.text, "data": button.data} for button in row] for row in rows if row]
