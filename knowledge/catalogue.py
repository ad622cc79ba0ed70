"""What the community does, for whom, by when, and which door is the right one otherwise.

The service catalogue (18 categories), the kinds of dispute (11) and of volunteering (6), and the emergency lines with
their first steps: data files an admin edits, validated when read (`DataError` names file and line). Who first owns a
matter is the routing table of the domain rules, §10; the duty list is WO-09.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.deadlines import TERMS, Span, Terms
from knowledge.emergencies import (
    Emergency,
    EmergencyLine,
    emergency,
    emergency_line,
    emergency_lines,
    first_steps,
    lines,
)
from knowledge.notice import Words, words
from knowledge.questions import Choice, Question, Stopper, Topic, read_question, read_stopper, read_topic

__all__ = [
    "CATEGORIES", "OWNERS", "Category", "Choice", "Emergency", "EmergencyLine", "Question", "Stopper", "Topic",
    "as_shipped", "category", "dispute", "emergency", "emergency_line", "emergency_lines", "first_steps", "lines", "load",
    "owner_name", "read_category", "service", "shipped", "stand", "volunteering",
]  # fmt: skip

Owner = Literal[
    "committee", "mediation", "housing_centre", "property_company", "utility", "service_window", "police_room",
    "service_committee", "supervision_committee", "health_station", "subdistrict",
]  # fmt: skip
OWNERS: dict[str, Owner] = {owner: owner for owner in get_args(Owner)}
_OWNER_NAMES: Mapping[Owner, Words] = MappingProxyType({
    "committee": Words("社区居委会", "the residents' committee"),
    "mediation": Words("人民调解委员会", "the mediation committee"),
    "housing_centre": Words("房管中心", "the housing centre"),
    "property_company": Words("物业公司", "the property company"),
    "utility": Words("水电气等专业单位", "the water, power or gas company"),
    "service_window": Words("社区便民服务窗口", "the community service desk"),
    "police_room": Words("社区警务室", "the community police room"),
    "service_committee": Words("社区服务委员会", "the community service committee"),
    "supervision_committee": Words("居务监督委员会", "the supervision committee"),
    "health_station": Words("社区卫生服务站", "the community health station"),
    "subdistrict": Words("街道办事处", "the sub-district office"),
})  # fmt: skip
Duty = Literal["ours", "assist", "redirect"]
_DUTIES: dict[str, Duty] = {duty: duty for duty in get_args(Duty)}
_ROUTES = {"service_request": "services.yaml", "dispute": "disputes.yaml", "volunteer": "volunteering.yaml"}

#: The second labels of the three routes that have categories, as the matcher knows them.
CATEGORIES: Mapping[str, frozenset[str]] = MappingProxyType({
    "service_request": frozenset({
        "repair", "housing", "property", "sanitation", "safety", "employment", "social_insurance", "assistance", "care",
        "education", "health", "family_planning", "household", "legal", "psychology", "youth", "culture", "petition",
    }),
    "dispute": frozenset({
        "noise", "leak", "parking", "pets", "clutter", "property_company", "family", "neighbour", "tenancy", "debt",
        "other",
    }),
    "volunteer": frozenset({"culture_sports", "education", "elderly_help", "building_watch", "environment", "order"}),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter.

    `duty` is `ours` (on the community's duty list), `assist` (we help, somebody else decides) or `redirect` (the
    `door` is the right one, with the numbers of its `lines`). `hidden_from` are owners who must not see a matter of this
    kind (WO-24). `sensitive` keeps it out of lists that more people see than handle it. `topics` are what neighbours may
    have in common.
    """

    id: str
    route: str
    name: Words
    covers: Words
    owner: Owner
    then: tuple[Owner, ...]
    duty: Duty
    door: Words | None
    needs_place: bool
    sensitive: bool
    questions: tuple[Question, ...]
    stoppers: tuple[Stopper, ...]
    hidden_from: tuple[Owner, ...]
    terms: Mapping[str, Terms]
    lines: tuple[str, ...] = ()
    topics: Mapping[str, Topic] = field(default_factory=dict)

    def question(self, key: str) -> Question | None:
        return next((question for question in self.questions if question.key == key), None)

    def stopper(self, when: str) -> Stopper | None:
        return next((stopper for stopper in self.stoppers if stopper.when == when), None)

    def topic_in(self, plain: str, *, from_a_flat: bool = False) -> Topic | None:
        """What folded words are about in public; None when that is nobody else's business."""
        found = next((topic for topic in self.topics.values() if topic.words.search(plain)), None)
        return None if found is None or (from_a_flat and not found.shared) else found


def service(id: str) -> Category:
    """The service category `id`; KeyError when there is none."""
    return shipped("service_request")[id]


def dispute(id: str) -> Category:
    """The kind of dispute `id`; KeyError when there is none."""
    return shipped("dispute")[id]


def volunteering(id: str) -> Category:
    """The kind of volunteering `id`; KeyError when there is none."""
    return shipped("volunteer")[id]


def owner_name(owner: Owner, language: str = "zh") -> str:
    """The owner as a resident would call it."""
    return _OWNER_NAMES[owner].get(language)


def category(route: str, id: str | None) -> Category | None:
    """The category of a label, or None when the route has none or the label left it open."""
    return shipped(route).get(id) if route in _ROUTES and id else None


_REHEARSED: ContextVar[Category | None] = ContextVar("rehearsed", default=None)
_STANDING: dict[str, Mapping[str, Category]] = {}
"""What an admin's edits make of a route, where there are any (`stand`)."""


def shipped(route: str) -> Mapping[str, Category]:
    """All categories of `service_request`, `dispute` or `volunteer`, in file order, as they stand: as they ship, but for
    what an admin changed. KeyError for other routes."""
    standing, kind = _STANDING.get(route) or as_shipped(route), _REHEARSED.get()
    return {**standing, kind.id: kind} if kind is not None and kind.route == route else standing


@contextmanager
def rehearsed(kind: Category) -> Iterator[None]:
    """Whatever is asked inside is answered as if this category stood; nobody else notices."""
    before = _REHEARSED.set(kind)
    try:
        yield
    finally:
        _REHEARSED.reset(before)


def stand(route: str, kinds: Mapping[str, Category]) -> None:
    """From now on this process answers by these. Whoever calls has them from `knowledge.catalogue_edits`."""
    _STANDING[route] = kinds


@cache
def as_shipped(route: str) -> Mapping[str, Category]:
    """The same as the files say."""
    return load(DATA / _ROUTES[route], route)


def load(path: Path, route: str) -> Mapping[str, Category]:
    """Read one catalogue file. `DataError` unless it holds exactly the route's categories, each complete."""
    root = read(path).only("checked_on", "categories")
    root["checked_on"].day()
    listed = root["categories"].fields()
    missing = f"missing: {', '.join(sorted(CATEGORIES[route] - listed.keys()))}"
    if unknown := next((id for id in listed if id not in CATEGORIES[route]), None):
        listed[unknown].fail(f"{unknown!r} is no category of {route}; {missing}")
    if CATEGORIES[route] - listed.keys():
        root["categories"].fail(missing)
    return MappingProxyType({id: read_category(id, route, field) for id, field in listed.items()})


def read_category(id: str, route: str, field: Field) -> Category:
    """One category of a file, or of what an admin made of it. `DataError`."""
    field.only(
        "name", "covers", "owner", "duty",
        optional=(
            "then", "door", "lines", "needs_place", "sensitive", "questions", "stoppers", "hidden_from", "terms", "topics",
        ),
    )  # fmt: skip
    duty, door = field["duty"].choice(_DUTIES), field.get("door")
    if duty != "ours" and door is None:
        field.fail("a matter that is not ours needs a door: where the resident goes instead (WO-06)")
    return Category(
        id=id,
        route=route,
        name=words(field["name"]),
        covers=words(field["covers"]),
        owner=field["owner"].choice(OWNERS),
        then=_owners(field.get("then")),
        duty=duty,
        door=words(door) if door else None,
        needs_place=_flag(field.get("needs_place")),
        sensitive=_flag(field.get("sensitive")),
        questions=tuple(map(read_question, _items(field.get("questions")))),
        stoppers=tuple(map(read_stopper, _items(field.get("stoppers")))),
        hidden_from=_owners(field.get("hidden_from")),
        terms=_terms(field.get("terms")),
        lines=tuple(map(_known_line, _items(field.get("lines")))),
        topics=_topics(field.get("topics")),
    )


def _known_line(field: Field) -> str:
    if field.text() not in lines():
        field.fail(f"{field.text()} is not in the table of lines (emergency.yaml)")
    return field.text()


def _topics(field: Field | None) -> Mapping[str, Topic]:
    listed = field.fields() if field else {}
    return MappingProxyType({id: read_topic(id, topic) for id, topic in listed.items()})


def _terms(field: Field | None) -> Mapping[str, Terms]:
    listed = field.fields() if field else {}
    for level, terms in listed.items():
        if level not in TERMS:
            terms.fail(f"{level!r} is not one of: {', '.join(TERMS)}")
        terms.only("first_contact", "close")
    return MappingProxyType(
        {level: Terms(span_of(terms["first_contact"]), span_of(terms["close"])) for level, terms in listed.items()}
    )


def span_of(field: Field) -> Span:
    """A length of time as data files write it: ``{office_days: 1}``."""
    units = ("clock_minutes", "office_minutes", "office_days", "working_days")
    given = field.only(optional=units).fields()
    if len(given) != 1:
        field.fail(f"exactly one of {', '.join(units)}")
    return Span(**{unit: amount.integer(least=1) for unit, amount in given.items()})


def _items(field: Field | None) -> tuple[Field, ...]:
    return field.items() if field else ()


def _owners(field: Field | None) -> tuple[Owner, ...]:
    return tuple(item.choice(OWNERS) for item in _items(field))


def _flag(field: Field | None) -> bool:
    return field.flag() if field else False
