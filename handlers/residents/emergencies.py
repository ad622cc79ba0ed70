"""Danger, before everything else: the right number and the first steps at once, and a person alarmed (EM-01 … EM-14).

One calm message. The staff group reads where and what, except of what is nobody's business there: of violence at home,
of a child harmed, of somebody who does not want to live, it learns only that a person is needed at once (EM-04, EM-07).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers import alarm_buttons
from handlers.outcome import Button, Outcome, Reply, Rows, Say, both, do
from handlers.residents import people, returning
from handlers.residents.case import Case
from handlers.texts.catalogue import Texts
from knowledge.danger import Danger
from knowledge.emergencies import Emergency, by_a_child, emergency
from knowledge.forms import begin, where
from storage import alarm_calls, alarms, appointments, conversations, drafts, group_home
from storage.chats import Draft
from storage.messages import ALARM
from storage.transaction import Tx

LONGEST_QUOTE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """The alarm as it stands now, and the staff chats that must hear of it."""

    alarm: alarms.Raised
    staff_chats: Sequence[int]
    called: str = ""


def respond(case: Case, danger: Danger, *, edited_id: int | None = None) -> Outcome[Any]:
    """The first steps; ``edited_id`` is the message whose new words tell of the danger."""
    known, child = emergency(danger.kind), by_a_child(case.text)
    message_id = edited_id or case.incoming.message_id
    answers = begin(case.text, route="service_request", category=None, told_at=case.incoming.received_at)
    place = where(answers) or _known_place(case)
    raised = do(
        _raise,
        chat_id=case.chat_id,
        message_id=message_id,
        known=known,
        rule=danger.rule,
        place=place,
        child=child,
    ).then(lambda told: _replies(case, known, place, child, told))
    return both(people.edited(case, edited_id, danger=True), raised) if edited_id else raised


def _raise(
    tx: Tx, *, chat_id: int, message_id: int | None, known: Emergency, rule: str, place: str | None, child: bool
) -> Told:
    raised = alarms.raise_alarm(
        tx, chat_id=chat_id, message_id=message_id, kind=known.kind, rule=rule, place=place, child=child
    )
    conversation_id, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason=conversations.EMERGENCY)
    if message_id is not None:
        conversations.add(tx, conversation_id=conversation_id, message_id=message_id)
    if known.quiet:
        appointments.hush(tx, chat_id)
    if not raised.new:
        return Told(raised, ())
    return Told(raised, group_home.rung_for(tx, raised.id), alarm_calls.names(alarm_calls.of(tx, [raised.id])))


def _replies(case: Case, known: Emergency, place: str | None, child: bool, told: Told) -> list[Reply]:
    if not told.alarm.new:
        return _said_again(case, known, told.alarm)
    words, language = case.words, case.scene.language
    steps = words(
        "text.emergency" if case.scene.channel == "phone" else "emergency.steps",
        steps=known.steps_for(child=child).get(language),
        asks=known.asks_for(child=child).get(language),
        numbers=" · ".join(known.numbers_for(child=child)),
    )
    first = Say(steps, _buttons(case, known, told.alarm.id, child=child), priority=ALARM)
    heard = (_to_staff(case, known, place, chat, told.called) for chat in told.staff_chats)
    rows = alarm_buttons.group(case.front.texts["zh"], told.alarm.id)
    return [first, *(replace(one, buttons=rows) for one in heard)]


def _said_again(case: Case, known: Emergency, alarm: alarms.Raised) -> list[Reply]:
    """More about a danger that is known: the numbers once more, but nothing between a resident and who helps them."""
    if alarm.taken and case.scene.conversation == "held":
        return []
    text = case.words("emergency.still", numbers=" · ".join(known.numbers[:3]))
    return [Say(text, _buttons(case, known, alarm.id), priority=ALARM)]


def _buttons(case: Case, known: Emergency, alarm_id: int, *, child: bool = False) -> Rows:
    """To ring with one press (on the chat page: Telegram takes no telephone numbers as buttons, there they stand in the
    words), and to say that it was nothing."""
    numbers = known.numbers_for(child=child)[:4]
    calls = [Button(case.words("emergency.call", number=number), f"tel:{number}") for number in numbers]
    false = Button(case.words("emergency.false_alarm"), f"e:{alarm_id}:false")
    return (*(calls[at : at + 2] for at in range(0, len(calls), 2)), [false])


def _to_staff(case: Case, known: Emergency, place: str | None, chat_id: int, called: str) -> Say:
    """What the staff group reads, and who of it is called."""
    zh = case.front.texts["zh"]
    who = zh("on_call.names", names=called) if called else zh("on_call.nobody")
    return Say(f"{in_the_group(zh, known, place, case.text)}\n{who}", to=chat_id, priority=ALARM)


def in_the_group(zh: Texts, known: Emergency, place: str | None, words: str) -> str:
    """What a staff group reads of a danger, told in the chat or by telephone: of what is nobody's business there only that
    a person is needed (EM-04, EM-07)."""
    if known.private:
        return zh("emergency.staff_private").rstrip()
    where_ = place or zh("emergency.unknown_place")
    return zh("emergency.staff", kind=known.name.zh, place=where_, words=words[:LONGEST_QUOTE]).rstrip()


def _known_place(case: Case) -> str | None:
    return where({"building": case.scene.building, "unit": case.scene.unit, "room": case.scene.room}) or None


def false_alarm(case: Case, alarm_id: int) -> Outcome[Any]:
    """One press; staff still look. The bot has the chat again unless a person already has it."""
    said = do(_false, chat_id=case.chat_id, alarm_id=alarm_id, conversation_id=case.scene.conversation_id)
    return said.then(lambda found: _thanked(case, *found))


def _false(tx: Tx, *, chat_id: int, alarm_id: int, conversation_id: int | None) -> tuple[bool, Draft | None]:
    mine = alarms.report_false(tx, alarm_id, chat_id=chat_id)
    if conversation_id is None or alarms.in_danger(tx, chat_id) or conversations.is_held(tx, conversation_id):
        return mine, None
    conversations.end(tx, conversation_id, by="resident")
    return mine, drafts.keep_open(tx, chat_id)


def _thanked(case: Case, mine: bool, draft: Draft | None) -> list[Reply]:
    if not mine:
        return [Say(case.words("odd.unknown_button"))]
    return [Say(case.words("emergency.false_thanks")), *returning.draft_again(case.words, draft)]


def whereabouts(case: Case, latitude: float, longitude: float) -> Outcome[Any]:
    """A point on the map, sent while somebody may be in danger, is where help must go."""
    return do(alarms.note_place, chat_id=case.chat_id, place=f"{latitude:.5f}, {longitude:.5f}")
