"""Alarms by button: taken, or handed on to the next, by whoever is called, in their own chat or in the group."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Outcome, Reply, Say
from handlers.staff.work import Stopped, Work
from handlers.texts.catalogue import load_catalogue
from handlers.texts.moments import CHINA
from storage import desk_alarms, taking_alarms
from storage.desk_alarms import Alarm
from storage.staff import Member
from storage.taking_alarms import Holder
from storage.transaction import Tx

Result = tuple[Any, Holder | Alarm | None]


def press(work: Work, parts: list[str]) -> Outcome[Any]:
    """Whoever was faster has it, and the other is told who."""
    alarm_id, action = int(parts[0]), parts[1]
    unit = {"take": _take, "next": _hand_on}[action]
    done = work.by_colleague(lambda tx, member: unit(tx, alarm_id, member))
    private = work.case.scene.kind == "private"
    return done.then(lambda found: _told(work, alarm_id, found) if private else []).toasted(
        lambda found: _toast(work, found)
    )


def _take(tx: Tx, alarm_id: int, member: Member) -> Result:
    taken = taking_alarms.take(tx, alarm_id, staff_id=member.id, words=_person_is_there)
    return ("took", desk_alarms.alarm(tx, alarm_id, member=member)) if taken else _late(tx, alarm_id)


def _hand_on(tx: Tx, alarm_id: int, member: Member) -> Result:
    handed = taking_alarms.hand_on(tx, alarm_id, staff_id=member.id)
    return _late(tx, alarm_id) if handed == "taken" else (handed, None)


def _late(tx: Tx, alarm_id: int) -> Result:
    return "late", taking_alarms.holder(tx, alarm_id)


def _person_is_there(language: str) -> str:
    """The very words of the console."""
    return load_catalogue("console")[language]("resident.alarm_taken")


def _toast(work: Work, found: Result | Stopped) -> str | None:
    words = work.words
    if isinstance(found, Stopped):
        return words(f"colleague.{found.key}")
    said, about = found
    if said == "took" and isinstance(about, Alarm):
        return words("on_call.yours", at=_clock(about.taken_at))
    if said == "late" and isinstance(about, Holder):
        return too_late(work, about)
    if said == "not_called":
        return words("on_call.not_called")
    return words("on_call.handed", names="、".join(said)) if said else words("on_call.handed_nobody")


def too_late(work: Work, about: Holder) -> str:
    if about.name is None:
        return work.words("on_call.too_late_over")
    return work.words("on_call.too_late", name=about.name, at=_clock(about.since))


def _told(work: Work, alarm_id: int, found: Result | Stopped) -> list[Reply]:
    """What whoever took it needs now; a refusal is the toast's."""
    if isinstance(found, Stopped) or not isinstance(found[1], Alarm):
        return []
    alarm, words = found[1], work.words
    if alarm.known.private:
        what = words("on_call.took_private")
    else:
        what = words(
            "on_call.what",
            kind=alarm.known.name.get(words.language),
            place=alarm.place or "–",
            words=alarm.words or "–",
        )
    link = f"{work.case.front.public_url.rstrip('/')}/console/alarms/{alarm_id}"
    return [Say(words("on_call.took", what=what, link=link))]


def _clock(at: Any) -> str:
    return f"{at.astimezone(CHINA):%H:%M}" if at else ""
