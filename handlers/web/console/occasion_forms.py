"""What an organiser types: an occasion's plan, and who came. Times are Chongqing's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from handlers.web.console.gates import Form, Stop
from handlers.web.console.wording import CHINA
from knowledge.occasion_kinds import shipped
from knowledge.occasions import Occasion, Plan, served
from storage.desk_occasions import Came, Guest

FIELDS = (
    "what",
    "title",
    "about",
    "place",
    "building",
    "day",
    "from",
    "to",
    "places_min",
    "places_max",
    "family",
    "insurance",
)
LONGEST_TITLE, LONGEST_ABOUT, LONGEST_PLACE = 60, 1000, 120


def plan_of(form: Form) -> Plan:
    """Stop for what no browser sends; whether the plan is a good one is ``knowledge.occasions.faults``."""
    what = shipped().categories.get(form.fields.get("what", ""))
    if what is None:
        raise Stop(422, "bad_form")
    start, end = _span(form)
    return Plan(
        kind=what.kind,
        category=what.id,
        title=" ".join(form.text("title", longest=LONGEST_TITLE).split()),
        about=form.text("about", longest=LONGEST_ABOUT),
        place=form.text("place", longest=LONGEST_PLACE),
        building=form.text("building", longest=16) or None,
        starts_at=start,
        ends_at=end,
        places_min=form.number("places_min") if form.fields.get("places_min") else 0,
        places_max=form.number("places_max"),
        with_family=form.fields.get("family") == "yes",
        insurance_note=form.text("insurance", longest=200) or None,
    )


def _span(form: Form) -> tuple[datetime, datetime]:
    """The day, from and to; an end at or before the beginning is on the next day."""
    try:
        day = date.fromisoformat(form.fields.get("day", ""))
        start, end = (time.fromisoformat(form.fields.get(name, "")) for name in ("from", "to"))
    except ValueError:
        raise Stop(422, "bad_form") from None
    first = datetime.combine(day, start.replace(tzinfo=None), CHINA)
    last = datetime.combine(day + timedelta(days=end <= start), end.replace(tzinfo=None), CHINA)
    return first.astimezone(UTC), last.astimezone(UTC)


def typed(form: Form) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: form.fields.get(name, "") for name in FIELDS}


def of_occasion(occasion: Occasion) -> dict[str, str]:
    """A kept occasion as it would be typed."""
    start, end = occasion.starts_at.astimezone(CHINA), occasion.ends_at.astimezone(CHINA)
    return {
        "what": f"{occasion.kind}:{occasion.category}",
        "title": occasion.title,
        "about": occasion.about,
        "place": occasion.place,
        "building": occasion.building or "",
        "day": f"{start:%Y-%m-%d}",
        "from": f"{start:%H:%M}",
        "to": f"{end:%H:%M}",
        "places_min": str(occasion.places_min),
        "places_max": str(occasion.places_max),
        "family": "yes" if occasion.with_family else "",
        "insurance": occasion.insurance_note or "",
    }


def fresh(what: str, now: datetime) -> dict[str, str]:
    """An empty form: next Saturday morning."""
    today = now.astimezone(CHINA).date()
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    empty = dict.fromkeys(FIELDS, "")
    return empty | {"what": what, "day": saturday.isoformat(), "from": "09:00", "to": "11:00", "places_max": "10"}


# --- attendance -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """One of the list, with the span that is proposed."""

    guest: Guest
    start: str
    end: str


def lines(occasion: Occasion, guests: Sequence[Guest]) -> list[Line]:
    found = []
    for guest in guests:
        start, end = served(occasion, guest.checked_in_at, guest.checked_out_at)
        found.append(Line(guest, *(f"{one.astimezone(CHINA):%H:%M}" for one in (start, end))))
    return found


def came_of(form: Form, occasion: Occasion, guests: Sequence[Guest]) -> list[Came]:
    """Those of whom something was said."""
    return [_came(form.fields, occasion, guest) for guest in guests if form.fields.get(f"came{guest.id}")]


def _came(fields: Mapping[str, str], occasion: Occasion, guest: Guest) -> Came:
    if fields[f"came{guest.id}"] != "yes":
        return Came(guest.id, attended=False)
    start = _on_the_day(occasion, fields.get(f"from{guest.id}", ""))
    end = _on_the_day(occasion, fields.get(f"to{guest.id}", ""))
    breaks = fields.get(f"break{guest.id}", "") or "0"
    if not (breaks.isascii() and breaks.isdigit() and len(breaks) < 4):
        raise Stop(422, "bad_form")
    return Came(guest.id, attended=True, start=start, end=end, breaks_minutes=int(breaks))


def _on_the_day(occasion: Occasion, clock: str) -> datetime | None:
    """An hour of the occasion's day; of one over midnight, of the next where it is before its beginning."""
    try:
        said = time.fromisoformat(clock).replace(tzinfo=None)
    except ValueError:
        return None
    first = occasion.starts_at.astimezone(CHINA)
    moment = datetime.combine(first.date(), said, CHINA)
    over_midnight = occasion.ends_at.astimezone(CHINA).date() > first.date()
    if over_midnight and moment < first - timedelta(hours=3):
        moment += timedelta(days=1)
    return moment.astimezone(UTC)
