"""What is typed of an incident: read, and looked through for what must not be said to all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping

from handlers.texts.catalogue import LANGUAGES
from handlers.web.console.gates import Form, Stop
from knowledge import catalogue, forms, incidents
from knowledge.disclosure_gate import Finding, findings
from knowledge.incidents import Person
from storage.incidents import Plan

LONGEST_TITLE, LONGEST_TEXT = 60, 1500
KINDS_OF_TOPICS = {
    "lift": "fault", "gate": "fault", "light": "fault", "street_light": "fault", "equipment": "fault",
    "water_cut": "outage", "power_cut": "outage", "gas_cut": "outage", "leak": "leak", "drain": "leak",
    "waste": "dirt", "pests": "dirt", "cleaning": "dirt",
}  # fmt: skip
"""What an incident is taken for until staff say otherwise."""


class Unfit(Exception):
    """What was typed cannot be said; ``code`` names the words that say why, ``found`` what is in it."""

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code, self.found = code, found


def plan_of(form: Form) -> Plan:
    """The plan; Unfit where something is missing."""
    category, _, topic = form.fields.get("about", "").partition("/")
    kind = catalogue.category("service_request", category)
    if kind is None or (topic and topic not in kind.topics) or form.fields.get("kind") not in incidents.shipped().kinds:
        raise Stop(422, "bad_form")
    title = form.text("title", longest=LONGEST_TITLE)
    if not title:
        raise Unfit("no_title")
    return Plan(
        kind=form.fields["kind"],
        title=title,
        title_en=form.text("title_en", longest=LONGEST_TITLE * 2) or None,
        category=category,
        topic=topic or None,
        building=form.text("building", longest=20) or None,
        unit=form.text("unit", longest=8) or None,
        known=form.text("known", longest=LONGEST_TEXT) or None,
        known_en=form.text("known_en", longest=LONGEST_TEXT) or None,
    )


def fit(form: Form, people: Iterable[Person], *texts: str | None) -> None:
    """Unfit where a reporter's own name, number or flat is in it, always; what looks like somebody's, until it is
    confirmed."""
    said = [text for text in texts if text]
    for text in said:
        if (named := incidents.names_somebody(text, people)) is not None:
            raise Unfit("names", named)
    if form.fields.get("sure") != "yes" and (found := findings(*said)):
        raise Unfit("doubtful", _words(found))


def _words(found: Sequence[Finding]) -> str:
    return "、".join(dict.fromkeys(one.words for one in found))


def suggested(rows: Sequence[RowMapping]) -> dict[str, str]:
    """What the form begins with, from the tickets it is opened from: what most of them say, and no word of anybody."""
    category, topic = _most(rows, "category"), _most(rows, "topic")
    building, unit = _most(rows, "building"), _all(rows, "unit")
    kind = catalogue.category("service_request", category)
    if kind is None:
        return {"kind": "other", "building": building, "unit": unit}
    known = kind.topics.get(topic)
    named = {one: (known.name if known else kind.name).get(one) for one in LANGUAGES}
    return {
        "about": f"{category}/{topic if known else ''}",
        "kind": KINDS_OF_TOPICS.get(topic, "other"),
        "building": building,
        "unit": unit,
        "title": forms.public_matter(building, named["zh"], "zh"),
        "title_en": forms.public_matter(building, named["en"], "en"),
    }


def _most(rows: Sequence[RowMapping], name: str) -> str:
    said = Counter(str(row[name]) for row in rows if row[name])
    return said.most_common(1)[0][0] if said else ""


def _all(rows: Sequence[RowMapping], name: str) -> str:
    """What every one of them says."""
    said = {row[name] for row in rows}
    return str(said.pop() or "") if len(said) == 1 else ""


def choices(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What an incident can be about: every category, and its topics."""
    return [
        (kind.name.get(language), [(f"{kind.id}/", kind.name.get(language)), *_topics(kind, language)])
        for kind in catalogue.shipped("service_request").values()
        if not kind.sensitive
    ]


def _topics(kind: Any, language: str) -> list[tuple[str, str]]:
    return [(f"{kind.id}/{id}", topic.name.get(language)) for id, topic in kind.topics.items()]
