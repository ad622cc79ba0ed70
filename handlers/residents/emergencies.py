"""Danger, before everything else: the right number and the first steps at once, and a person alarmed (EM-01 … EM-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, do
from handlers.residents.case import Case
from knowledge.danger import Danger
from knowledge.emergencies import Emergency, emergency
from knowledge.forms import begin, where
from storage import alarms, conversations
from storage.messages import ALARM
from storage.transaction import Tx

LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm, whether it is new, and the staff chats that must hear of it."""

    alarm_id: int
    new: bool
    staff_chats: Sequence[int]


def respond(case: Case, danger: Danger) -> Outcome[Any]:
    known = emergency(danger.kind)
    answers = begin(case.text, route="service_request", category=None, told_at=case.incoming.received_at)
    place = where(answers) or _known_place(case)
    raised = do(
        _raise,
        chat_id=case.chat_id,
        message_id=case.incoming.message_id,
        kind=danger.kind,
        rule=danger.rule,
        place=place,
    )
    return raised.then(lambda found: _replies(case, known, place, found))


def _raise(tx: Tx, *, chat_id: int, message_id: int | None, kind: str, rule: str, place: str | None) -> Raised:
    alarm_id, new = alarms.raise_alarm(tx, chat_id=chat_id, message_id=message_id, kind=kind, rule=rule, place=place)
    conversation_id, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="emergency")
    if message_id is not None:
        conversations.add(tx, conversation_id=conversation_id, message_id=message_id)
    return Raised(alarm_id, new, alarms.staff_chats(tx))


def _replies(case: Case, known: Emergency, place: str | None, raised: Raised) -> list[Reply]:
    if not raised.new:
        return [Say(case.words("emergency.still"), _buttons(case, known, raised.alarm_id), priority=ALARM)]
    words, language = case.words, case.scene.language
    steps = words("emergency.steps", steps=known.first_steps.get(language), asks=known.asks.get(language))
    first = Say(steps, _buttons(case, known, raised.alarm_id), priority=ALARM)
    return [first, *(_to_staff(case, known, place, chat) for chat in raised.staff_chats)]


def _buttons(case: Case, known: Emergency, alarm_id: int) -> tuple[tuple[Button, ...], ...]:
    calls = tuple(Button(case.words("emergency.call", number=number), f"tel:{number}") for number in known.numbers[:3])
    return (calls, (Button(case.words("emergency.false_alarm"), f"e:{alarm_id}:false"),))


def _to_staff(case: Case, known: Emergency, place: str | None, chat_id: int) -> Say:
    """What the staff group reads; a quiet kind (violence at home, self-harm) goes without the words (EM-07)."""
    zh = case.front.texts["zh"]
    quote = "…" if known.quiet else case.text[:LONGEST_QUOTE]
    text = zh("emergency.staff", kind=known.name.zh, place=place or zh("emergency.unknown_place"), words=quote)
    return Say(text, to=chat_id, priority=ALARM)


def _known_place(case: Case) -> str | None:
    return where({"building": case.scene.building, "unit": case.scene.unit, "room": case.scene.room}) or None


def false_alarm(case: Case, alarm_id: int) -> Outcome[Any]:
    """One press; staff still look. The bot has the chat again unless a person already has it."""
    said = do(_false, chat_id=case.chat_id, alarm_id=alarm_id, conversation_id=case.scene.conversation_id)
    return said.then(lambda mine: [Say(case.words("emergency.false_thanks" if mine else "odd.unknown_button"))])


def _false(tx: Tx, *, chat_id: int, alarm_id: int, conversation_id: int | None) -> bool:
    mine = alarms.report_false(tx, alarm_id, chat_id=chat_id)
    if mine and conversation_id is not None and not conversations.is_held(tx, conversation_id):
        conversations.end(tx, conversation_id, by="resident")
    return mine
