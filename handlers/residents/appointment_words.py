"""An appointment in words, and the buttons under it; the same in an answer and when a clock speaks."""

from __future__ import annotations

from datetime import datetime

from handlers.outcome import Button, Rows, Say, plain
from handlers.texts.catalogue import Texts
from handlers.texts.moments import CHINA, spoken
from knowledge.appointments import offered
from knowledge.calendar import OfficeCalendar
from storage.appointments import Kept

TIMES = 3


def told(words: Texts, kept: Kept, key: str, *, now: datetime, office: OfficeCalendar, **more: object) -> Say:
    """``key`` says it; it may name {when} and {way}."""
    when = span(words, kept.at, kept.until, now)
    return Say(words(key, when=when, way=way(words, kept), **more), buttons(words, kept, now=now, office=office))


def span(words: Texts, start: datetime, end: datetime, now: datetime) -> str:
    """ "明天 09:00 到 10:00"."""
    until = end.astimezone(CHINA).strftime("%H:%M")
    return words("appointment.span", start=spoken(words, start, now=now), end=until)


def way(words: Texts, kept: Kept) -> str:
    if kept.way == "phone" and kept.phone:
        return words("appointment.by_phone", phone=kept.phone)
    return words("appointment.here")


def buttons(words: Texts, kept: Kept, *, now: datetime, office: OfficeCalendar) -> Rows:
    """Other times, the telephone or the chat, and giving it up."""
    mark = f"b:{kept.id}:{kept.revision}"
    others = [slot for slot in offered(now, office=office) if slot.start != kept.at][:TIMES]
    times = [[Button(span(words, s.start, s.end, now), f"{mark}:{at(s.start, s.end)}")] for s in others]
    other = "phone" if kept.way == "here" else "here"
    switch = [] if kept.quiet else [Button(words(f"appointment.to_{other}"), f"{mark}:{other}")]
    return (*times, [*switch, Button(words("appointment.drop"), f"{mark}:drop")])


def at(start: datetime, end: datetime) -> str:
    """A time as a button carries it, in minutes."""
    return f"at:{int(start.timestamp()) // 60}:{int(end.timestamp()) // 60}"


def plain_rows(said: Say) -> list[list[dict[str, str]]]:
    """The buttons as a message keeps them."""
    return plain(said.buttons)
