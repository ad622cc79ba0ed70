"""A form played as a resident would meet it, by the dialogue's own code: nothing is kept, nobody is told or alarmed.

What the handlers return is carried out where there is nothing (``_Nowhere``), so that only their words remain. A form is
played up to the press that would file it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping

from handlers.incoming import Incoming
from handlers.outcome import Button, Outcome, Reply, Rows, Say
from handlers.residents import hearing, requests
from handlers.residents.case import Case, FrontDesk
from knowledge import catalogue
from knowledge.catalogue import Category
from storage.chats import Draft, Scene
from storage.filling import Stood
from storage.transaction import Tx

Step = tuple[Literal["say", "press"], str]
"""What the resident does: words, or what a button of the prompt says (``q:part:tap``, ``skip`` ...)."""
MOST_STEPS = 12
FILES: Final = "submit"
ALARMS: Final = "alarm"
PROMPT = 1
"""The one message of ours whose buttons can be pressed."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One bubble. ``mine``: the resident's. ``buttons``: words, and what pressing them is (``Step``), "" for what cannot
    be played. ``end``: what would happen now - it is filed, or an alarm rings."""

    mine: bool
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    end: Literal["", "submit", "alarm"] = ""


class _Unplayed(Exception):
    """What the unit wants to know, nobody knows here."""


class _Nowhere(Tx):
    """A database in which nothing is and nothing stays."""

    def __init__(self, now: datetime) -> None:
        self.now, self.wakes = now, set()

    @property
    def connection(self) -> Connection:  # type: ignore[override]
        raise _Unplayed

    @property
    def sqlite(self) -> Any:  # type: ignore[override]
        raise _Unplayed

    def execute(self, *_: Any, **__: Any) -> Any:
        return None

    def first(self, *_: Any, **__: Any) -> RowMapping | None:
        return None

    def all(self, *_: Any, **__: Any) -> Sequence[RowMapping]:
        return []

    def tuples(self, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return []

    def scalar(self, *_: Any, **__: Any) -> Any:
        return None

    def insert(self, *_: Any, **__: Any) -> int:
        return PROMPT

    def changed(self, *_: Any, **__: Any) -> int:
        return 1


def play(front: FrontDesk, kind: Category, steps: Sequence[Step], *, language: str, now: datetime) -> list[Spoken]:
    """What is said, from the resident's first words on; steps after the end are left out."""
    said: list[Spoken] = []
    draft: Draft | None = None
    with catalogue.rehearsed(kind):
        for way, what in steps[:MOST_STEPS]:
            words = _offered(said, what) if way == "press" else what or kind.name.get(language)
            if words is None:
                continue
            said = [*_without_buttons(said), Spoken(mine=True, text=words)]
            if way == "press" and what == FILES:
                return [*said, Spoken(mine=False, text="", end=FILES)]
            case = Case(
                front, Incoming(scene=_scene(language, draft), row_id=0, message_id=None, received_at=now), words
            )
            if way == "say" and case.reading.danger is not None:
                return [*said, Spoken(mine=False, text="", end=ALARMS)]
            try:
                result, replies = _carried_out(_outcome(case, draft, way, what, kind), now)
            except _Unplayed:
                return [*said, Spoken(mine=False, text="", end=ALARMS)]
            draft = _moved(draft, _stood(result), kind.route, now)
            said += _bubbles(replies)
    return said


def _outcome(case: Case, draft: Draft | None, way: str, what: str, kind: Category) -> Outcome[Any]:
    if draft is None:
        return requests.begin(case, route=kind.route, category=kind.id)
    return requests.press(case, draft, what) if way == "press" else hearing.hear(case, draft)


def _carried_out(outcome: Outcome[Any], now: datetime) -> tuple[Any, Iterable[Reply]]:
    result = outcome.unit(_Nowhere(now))
    return result, list(outcome.replies(result))


def _stood(result: Any) -> Stood | None:
    """Where the form stands now, among what the units brought."""
    if isinstance(result, tuple):
        return next(filter(None, map(_stood, result)), None)
    return result if isinstance(result, Stood) else None


def _moved(draft: Draft | None, stood: Stood | None, form: str, now: datetime) -> Draft | None:
    if stood is None:
        return draft
    fresh = Draft(PROMPT, form, stood.answers, stood.step, 1, "open", PROMPT, now + timedelta(days=1))
    return fresh if draft is None else replace(draft, answers=stood.answers, step=stood.step)


def _bubbles(replies: Iterable[Reply]) -> list[Spoken]:
    """A changed message of ours is said again where it has buttons, for they are what changed."""
    shown = [one for one in replies if isinstance(one, Say) or one.buttons]
    return [Spoken(mine=False, text=one.text or "", buttons=_buttons(one.buttons)) for one in shown]


def _buttons(rows: Rows) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple((button.text, _action(button)) for button in row) for row in rows if row)


def _action(button: Button) -> str:
    prefix, _, rest = button.data.partition(":")
    return rest.split(":", 2)[2] if prefix == "d" and rest.count(":") > 1 else ""


def _offered(said: Sequence[Spoken], action: str) -> str | None:
    """The words of the button that says this; None where there is none."""
    offered = [button for one in said for row in one.buttons for button in row]
    return next((text for text, known in offered if known == action), None)


def _without_buttons(said: Sequence[Spoken]) -> list[Spoken]:
    return [replace(one, buttons=()) for one in said]


def _scene(language: str, draft: Draft | None) -> Scene:
    """Somebody of whom nothing is known but that they agreed to the notice."""
    known = dict.fromkeys(Scene.__dataclass_fields__)
    given: dict[str, Any] = known | {"chat_id": 0, "channel": "web", "remote": 0, "kind": "private"}
    given |= {"language": language, "language_chosen": True, "consent": "given", "draft": draft}
    return Scene(**given)
