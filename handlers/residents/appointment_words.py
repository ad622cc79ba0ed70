"""An appointment in words, and the buttons under it; the same in an answer and when a clock speaks."""

from __future__ import annotations

from datetime import datetime

from handlers.outcome import Button, Say, plain
from handlers.texts.catalogue import Texts
from handlers.texts.moments import CHINA, spoken
from knowledge.appointments import offered
from knowledge.calendar import OfficeCalendar
from storage.appointments import Kept

TIMES = 3
SETTLED = ("appointment.booked", "appointment.booked_phone")


def told(words: Texts, kept: Kept, key: str, *, now: datetime, office: OfficeCalendar, **more: object) -> Say:
    """``key`` says it; it may name {when} and {way}. What is settled offers to be moved, what is not offers times."""
    when = span(words, kept.at, kept.until, now)
    offer = [[_button(words, kept, "time")]] if key in SETTLED else times(words, kept, now=now, office=office)
    rows = [[*offer[0], *ways(words, kept)]] if key in SETTLED else [*offer, ways(words, kept)]
    return Say(words(key, when=when, way=way(words, kept), **more), rows)


def span(words: Texts, start: datetime, end: datetime, now: datetime) -> str:
    """ "明天 09:00 到 10:00"."""
    until = end.astimezone(CHINA).strftime("%H:%M")
    return words("appointment.span", start=spoken(words, start, now=now), end=until)


def way(words: Texts, kept: Kept) -> str:
    if kept.way == "phone" and kept.phone:
        return words("appointment.by_phone", phone=kept.phone)
    return words("appointment.here")


def times(words: Texts, kept: Kept, *, now: datetime, office: OfficeCalendar) -> list[list[Button]]:
    """The next office times but the one that is kept."""
    others = [slot for slot in offered(now, office=office) if slot.start != kept.at][:TIMES]
    mark = f"b:{kept.id}:{kept.revision}"
    return [[Button(span(words, s.start, s.end, now), f"{mark}:{at(s.start, s.end)}")] for s in others]


def ways(words: Texts, kept: Kept, *, asking: bool = False) -> list[Button]:
    """The telephone or the chat, and giving it up; ``asking``: the number is being asked for."""
    other = "phone" if kept.way == "here" and not asking else "here"
    return [*([] if kept.quiet else [_button(words, kept, other)]), _button(words, kept, "drop")]


def _button(words: Texts, kept: Kept, action: str) -> Button:
    key = action if action == "drop" else f"to_{action}"
    return Button(words(f"appointment.{key}"), f"b:{kept.id}:{kept.revision}:{action}")


def at(start: datetime, end: datetime) -> str:
    """A time as a button carries it, in minutes."""
    return f"at:{int(start.timestamp()) // 60}:{int(end.timestamp()) // 60}"


def plain_rows(said: Say) -> list[list[dict[str, str]]]:
    """The buttons as a message keeps them."""
    return plain(said.buttons)
