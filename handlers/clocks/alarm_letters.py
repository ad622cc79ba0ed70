"""Whoever is on call reads an alarm in their own chat, with the two buttons it takes, again each time it rings (EM-03).

Of what is nobody's business (EM-04, EM-07) it says that a person is needed at once and no more; when it is over nothing
of where it was stays there.
"""

from __future__ import annotations

from handlers import alarm_buttons
from handlers.clocks.telling import danger_name
from handlers.outcome import plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import CHINA
from knowledge.emergencies import emergency
from storage import alarm_letters, group_home, messages
from storage.alarm_letters import Letter
from storage.chats import language_of
from storage.transaction import Tx

LONGEST_QUOTE = 200


def tell(tx: Tx, texts: Catalogue) -> None:
    """Say what was not said; the letter before it loses its buttons, so that one place has them."""
    for letter in alarm_letters.to_say(tx):
        words = texts[language_of(tx, letter.chat_id)]
        if letter.message_id is not None:
            messages.edit(tx, letter.message_id, text=words("on_call.said_again"))
        text, rows = _text(texts, words, letter), plain(alarm_buttons.private(words, int(letter.alarm["id"])))
        said = messages.say(tx, chat_id=letter.chat_id, text=text, buttons=rows, priority=messages.ALARM)
        alarm_letters.said(tx, letter, said)


def _text(texts: Catalogue, words: Texts, letter: Letter) -> str:
    alarm = letter.alarm
    known = emergency(alarm["kind"])
    again = words("on_call.again", times=letter.times) if letter.times > 1 else ""
    if alarm["ticket_id"] is not None:
        what = words("on_call.for_ticket", number=letter.number or "–")
    elif known.private:
        what = words("on_call.private")
    else:
        name = known.name.get(words.language) if words.language != "zh" else danger_name(texts, alarm["kind"])
        place = alarm["place"] or words("on_call.no_place")
        what = words("on_call.what", kind=name, place=place, words=letter.words[:LONGEST_QUOTE] or "–")
    return "\n".join(filter(None, (words("on_call.lead"), again, what, words("on_call.asks"))))


def tell_group(tx: Tx, texts: Catalogue) -> None:
    """Whoever was running already can stop: once, and nothing of what it was."""
    for alarm in alarm_letters.to_tell_group(tx):
        who, at = alarm_letters.holder(tx, alarm) or "", f"{alarm['taken_at'].astimezone(CHINA):%H:%M}"
        text = texts["zh"]("on_call.taken_group", name=who, at=at)
        for chat_id in group_home.rung_in(tx, alarm):
            messages.say(tx, chat_id=chat_id, text=text, priority=messages.ALARM)


def settle(tx: Tx, texts: Catalogue) -> None:
    """Who has it, or that it is over; without buttons, and without where it was."""
    for letter in alarm_letters.to_settle(tx):
        words = texts[language_of(tx, letter.chat_id)]
        assert letter.message_id is not None
        messages.edit(tx, letter.message_id, text=_outcome(tx, words, letter))
        alarm_letters.settled(tx, letter)


def _outcome(tx: Tx, words: Texts, letter: Letter) -> str:
    alarm = letter.alarm
    if alarm["taken_at"] is not None:
        at = f"{alarm['taken_at'].astimezone(CHINA):%H:%M}"
        key = "on_call.yours" if alarm["taken_by"] == letter.staff_id else "on_call.taken"
        return words(key, name=alarm_letters.holder(tx, alarm) or "", at=at)
    if alarm["ended_at"] is not None:
        return words("on_call.over")
    names = alarm_letters.names_called(tx, int(alarm["id"]), but=letter.staff_id)
    return words("on_call.handed", names="、".join(names))
