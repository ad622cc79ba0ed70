"""The buttons under an alarm on Telegram: in a private chat, and under what the staff group reads."""

from __future__ import annotations

from handlers.outcome import Button, Rows
from handlers.texts.catalogue import Texts

PREFIX = "wa"


def private(words: Texts, alarm_id: int) -> Rows:
    return ((_take(words, alarm_id), Button(words("on_call.hand_on"), f"{PREFIX}:{alarm_id}:next")),)


def group(words: Texts, alarm_id: int) -> Rows:
    return ((_take(words, alarm_id),),)


def _take(words: Texts, alarm_id: int) -> Button:
    return Button(words("on_call.take"), f"{PREFIX}:{alarm_id}:take")
