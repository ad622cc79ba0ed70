"""A community's facts as a form says them: a name of each field that cannot be, or the values to keep."""

from __future__ import annotations

from datetime import date
from typing import Any

from handlers.web.console.duty_forms import date_of
from handlers.web.console.gates import Form
from knowledge.bodies import HAS, KINDS, Kind
from knowledge.profile import STATUSES
from knowledge.towns import COUNTS

MOST = 1_000_000
LONGEST = 120


class Wrong(ValueError):
    """Which field cannot be so: its name, as in the texts ``estates.field_…``."""


def facts_of(form: Form, today: date) -> dict[str, Any]:
    """What is to be kept; ``Wrong`` for the first field that cannot be."""
    status, founded = form.fields.get("status", ""), form.fields.get("established_on", "")
    since = date_of(founded) if founded else None
    if status not in STATUSES:
        raise Wrong("status")
    if (founded and since is None) or (since is not None and since > today):
        raise Wrong("established_on")
    counts = {name: whole(form, name) for name in COUNTS}
    found: dict[str, Any] = {"status": status, "established_on": since.isoformat() if since else None, **counts}
    found["community"] = pair(form, "name")
    if found["community"] is None:
        raise Wrong("name")
    found |= {"posting_places": pair(form, "posting"), "office": _office(form)}
    return found | {"file_word": form.text("file_word", longest=8)}


def whole(form: Form, name: str) -> int | None:
    """A number of something; None where nothing was written. Full-width digits and 1,234 are numbers too."""
    written = form.text(name, longest=20).replace(",", "").replace("，", "")
    if not written:
        return None
    if not written.isdecimal() or int(written) > MOST:
        raise Wrong(name)
    return int(written)


def pair(form: Form, name: str) -> dict[str, str] | None:
    zh, en = form.text(name, longest=LONGEST), form.text(f"{name}_en", longest=LONGEST)
    return {"zh": zh, "en": en or zh} if zh else None


def _office(form: Form) -> dict[str, Any] | None:
    """The rooms, as far as they were said; answers name them once address and hours are known."""
    area, floors = whole(form, "area_m2"), form.text("floors", longest=20)
    try:
        storeys = [int(one) for one in floors.replace("、", ",").replace("，", ",").split(",") if one.strip()]
    except ValueError as error:
        raise Wrong("floors") from error
    found = {"area_m2": area, "floors": storeys, "address": pair(form, "address"), "hours": pair(form, "hours")}
    return found if any(found.values()) else None


def body_of(form: Form) -> dict[str, Any]:
    """A committee, a head, a room …: only what such a thing can have."""
    kind: Kind | None = next((one for one in KINDS if one == form.fields.get("kind")), None)
    if kind is None:
        raise Wrong("kind")
    found: dict[str, Any] = {"kind": kind, "name": form.text("name", longest=LONGEST)}
    if not found["name"]:
        raise Wrong("name")
    for name in HAS[kind] & {"person", "phone", "hours"}:
        found[name] = form.text(name, longest=32 if name == "phone" else LONGEST)
    for name in HAS[kind] & {"since", "until"}:
        found[name] = _day(form, name)
    if "until" in found and found["until"] and found["since"] and found["until"] < found["since"]:
        raise Wrong("until")
    if "area_m2" in HAS[kind]:
        found["area_m2"] = whole(form, "area_m2")
    if "buildings" in HAS[kind]:
        found["buildings"] = [name.removeprefix("b_") for name in form.fields if name.startswith("b_")]
    return found | {"note": form.text("note", longest=LONGEST)}


def _day(form: Form, name: str) -> str | None:
    written = form.fields.get(name, "")
    day = date_of(written) if written else None
    if written and day is None:
        raise Wrong(name)
    return day.isoformat() if day else None
