"""Facts in words: places, times, spans, names of states and matters. Given to templates as ``w``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.texts.catalogue import Texts
from knowledge import catalogue, closing, likeness, mediation
from knowledge.emergencies import emergency
from knowledge.escalation import LEVEL_NAMES, Level
from knowledge.life import ACTION_NAMES, STATE_NAMES, State, is_open

CHINA = ZoneInfo("Asia/Shanghai")
KINDS = ("service_request", "dispute")
BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
"""What browsers call themselves, the more particular first."""
MINUTE, HOUR, DAY = 60, 3600, 86400
MORNING = 9


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language at one instant; times are shown in Asia/Shanghai."""

    texts: Texts
    now: datetime

    @property
    def _english(self) -> bool:
        return self.texts.language == "en"

    def place(self, facts: Any, *, covered: bool = False) -> str:
        """Where: ``facts`` has building, unit, room (and place_note); covered shows the building only."""
        parts = [self._part("building", facts), "" if covered else self._part("unit", facts)]
        room = "" if covered or not _of(facts, "room") else str(_of(facts, "room"))
        note = "" if covered else str(_of(facts, "place_note") or "")
        gap = " " if self._english else ""
        exact = gap.join(part for part in (*parts, room) if part)
        return " · ".join(part for part in (exact, note) if part) or self.texts("place.none")

    def _part(self, name: str, facts: Any) -> str:
        value = _of(facts, name)
        return self.texts(f"place.{name}", value=value) if value else ""

    def at(self, moment: datetime | None) -> str:
        """ "今天 10:05", "11月20日 10:05"; a dash where there is none."""
        if moment is None:
            return "—"
        here, today = moment.astimezone(CHINA), self.now.astimezone(CHINA).date()
        clock = f"{here:%H:%M}"
        near = {0: "time.today", 1: "time.tomorrow", -1: "time.yesterday"}.get((here.date() - today).days)
        if near:
            return self.texts(near, clock=clock)
        month = f"{here:%b}" if self._english else here.month
        key = "time.day" if here.year == self.now.year else "time.day_of_year"
        return self.texts(key, year=here.year, month=month, day=here.day, clock=clock)

    def on(self, moment: datetime) -> str:
        """The day of a moment as a date field has it."""
        return moment.astimezone(CHINA).date().isoformat()

    def day_at(self, moment: datetime) -> str:
        """A date with its weekday and hour, however near: 11月28日周六 19:30."""
        here = moment.astimezone(CHINA)
        weekday = self.texts("occasions.weekdays").split()[here.weekday()]
        return self.texts("occasions.day_at", month=here.month, day=here.day, weekday=weekday, clock=f"{here:%H:%M}")

    @staticmethod
    def days_on(day: date, days: int) -> date:
        return day + timedelta(days=days)

    @staticmethod
    def minutes(count: int) -> timedelta:
        return timedelta(minutes=count)

    def span(self, length: timedelta) -> str:
        """A length of time in at most two units: "2 天 3 小时", "5 分钟"."""
        seconds = max(0, int(abs(length).total_seconds()))
        days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
        if days:
            return self._join(("days", days), ("hours", hours))
        if hours:
            return self._join(("hours", hours), ("minutes", minutes))
        return self.texts("time.minutes", count=minutes) if minutes else self.texts("time.moment")

    def _join(self, *parts: tuple[str, int]) -> str:
        return " ".join(self.texts(f"time.{unit}", count=count) for unit, count in parts if count)

    def left(self, due_at: datetime) -> str:
        """ "还剩 2 小时" or "超时 5 分钟"."""
        key = "time.overdue" if self.late(due_at) else "time.left"
        return self.texts(key, span=self.span(due_at - self.now))

    def since(self, moment: datetime | None) -> str:
        """How far away a moment is, on whichever side; nothing where there is none."""
        return self.span(moment - self.now) if moment is not None else ""

    def late(self, due_at: datetime) -> bool:
        return due_at <= self.now

    def pressing(self, row: Any) -> str:
        """How a promise looks: late, soon (under two hours, or a quarter of its span), or calm; calm, too, while the
        next word is the resident's."""
        if not self.ours(row):
            return "calm"
        if self.late(row.due_at):
            return "late"
        span = row.due_at - row.opened_at
        return "soon" if row.due_at - self.now < max(timedelta(hours=2), span / 4) else "calm"

    def ours(self, row: Any) -> bool:
        """True while the clock is ours: the resident owes neither an answer nor a verdict."""
        return not _of(row, "waiting_resident") and _of(row, "state") != State.CALLING_BACK

    def rating(self, value: str) -> str:
        """An answer of the scale in words."""
        known = closing.shipped().answer(value)
        return known.name.get(self.texts.language) if known else value

    def scale(self) -> list[tuple[str, str]]:
        return [(answer.value, answer.name.get(self.texts.language)) for answer in closing.shipped().scale]

    def ago(self, moment: datetime) -> str:
        return self.texts("time.ago", span=self.span(self.now - moment))

    def state(self, name: str) -> str:
        return STATE_NAMES[State(name)][self._english]

    def is_open(self, state: str) -> bool:
        return is_open(state)

    def action(self, name: str) -> str:
        """What was done, for the history."""
        own = f"event.{name}"
        return self.texts(own) if self.texts.has(own) else ACTION_NAMES[name][self._english]

    def matter(self, row: Any) -> str:
        """The category in words; the route where it has none."""
        route, id = str(_of(row, "route")), _of(row, "category")
        found = catalogue.category(route, id)
        if found is not None:
            return found.name.get(self.texts.language)
        return self.texts(f"route.{route}") if self.texts.has(f"route.{route}") else route

    def mediation_state(self, case: Any) -> str:
        """Where a case stands; once it is over, how it ended."""
        language = self.texts.language
        return mediation.ending(case.ending, language) if case.ending else mediation.name(case.state, language)

    def mediation_event(self, action: str) -> str:
        for key in (f"med_event.{action}", f"course_event.{action}"):
            if self.texts.has(key):
                return self.texts(key)
        known = mediation.table().steps.get(action)
        return known.name.get(self.texts.language) if known else action

    def mediation_steps(self, case: Any, on: Any) -> list[str]:
        """What this colleague may do in a case now."""
        return [step.action for step in mediation.allowed(case.state, on.who)]

    @property
    def likeness_days(self) -> int:
        return likeness.shipped().span.days

    def link_kinds(self) -> list[tuple[str, str]]:
        """How two tickets may belong together."""
        return [(id, name.get(self.texts.language)) for id, name in likeness.shipped().links.items()]

    def link(self, link: Any) -> str:
        """How another ticket belongs to this one: a follow-up looks otherwise from its other end."""
        backwards = {"follow_up": "matter.followed", "repeated": "matter.came_again"}
        if not link.forth and link.kind in backwards:
            return self.texts(backwards[link.kind])
        return likeness.shipped().links[link.kind].get(self.texts.language)

    def happens(self, incident: Any) -> str:
        """What an incident is about, and where."""
        kind = catalogue.service(incident["category"])
        topic = kind.topics.get(incident["topic"] or "")
        name = (topic.name if topic else kind.name).get(self.texts.language)
        return f"{name} · {self.place(incident) if incident['building'] else self.texts('incidents.everywhere')}"

    def chain_link(self, name: str) -> str:
        """A link of the chain of ME-17."""
        return mediation.table().links[name].get(self.texts.language)

    def dispute(self, kind: str) -> str:
        """One of the eleven kinds."""
        found = catalogue.category("dispute", kind)
        return found.name.get(self.texts.language) if found else kind

    def title(self, row: Any, *, covered: bool = False) -> str:
        return self.matter(row) if covered else str(_of(row, "title"))

    def details(self, row: Any) -> list[tuple[str, str]]:
        """The answers to the category's own questions, with the questions in words."""
        answers: Mapping[str, Any] = _of(row, "details") or {}
        found = catalogue.category(str(_of(row, "route")), _of(row, "category"))
        asked = {question.key: question for question in found.questions} if found else {}
        return [
            (self._question(asked.get(key), key), self._chosen(asked.get(key), value)) for key, value in answers.items()
        ]

    def turned_away(self, row: Any) -> str:
        """Why another door was named."""
        found = catalogue.category(str(_of(row, "route")), _of(row, "category"))
        stopper = found.stopper(str(_of(row, "reason"))) if found else None
        return stopper.says.get(self.texts.language) if stopper else self.texts("redirects.duty")

    def asked_secret(self, row: Any) -> bool:
        """The resident asked for it, or the kind of matter demands it."""
        return str((_of(row, "details") or {}).get("confidential", "yes")) == "yes"

    def _question(self, question: catalogue.Question | None, key: str) -> str:
        if question is None and self.texts.has(f"detail.{key}"):
            return self.texts(f"detail.{key}")
        return question.prompt.get(self.texts.language) if question else key

    def _chosen(self, question: catalogue.Question | None, value: Any) -> str:
        labels = (
            {choice.value: choice.label.get(self.texts.language) for choice in question.choices} if question else {}
        )
        if isinstance(value, list):
            return "、".join(labels.get(str(one), str(one)) for one in value)
        return labels.get(str(value), str(value))

    def danger(self, kind: str) -> str:
        try:
            return emergency(kind).name.get(self.texts.language)
        except KeyError:
            return kind

    def quiet(self, kind: str) -> bool:
        """True where nobody may telephone: it could bring more danger (EM-07)."""
        try:
            return emergency(kind).quiet
        except KeyError:
            return False

    def level(self, level: int) -> str:
        """Who has heard of it by now."""
        return LEVEL_NAMES[Level(level)].get(self.texts.language)

    @property
    def today(self) -> str:
        """The day it is, as a form's field takes it."""
        return self.now.astimezone(CHINA).date().isoformat()

    @property
    def this_minute(self) -> str:
        return f"{self.now.astimezone(CHINA):%Y-%m-%dT%H:%M}"

    @property
    def morning(self) -> str:
        """The next nine in the morning."""
        here = self.now.astimezone(CHINA)
        return f"{here.date() + timedelta(days=here.hour >= MORNING):%Y-%m-%d}T{MORNING:02}:00"

    def clock(self, moment: datetime) -> str:
        return f"{moment.astimezone(CHINA):%H:%M}"

    def reason(self, name: str) -> str:
        key = f"reason.{name}"
        return self.texts(key) if self.texts.has(key) else name

    def subject(self, name: str) -> str:
        """A kind of matter, or a category of one."""
        if self.texts.has(f"route.{name}"):
            return self.texts(f"route.{name}")
        found = next((catalogue.category(route, name) for route in KINDS if catalogue.category(route, name)), None)
        return found.name.get(self.texts.language) if found else name

    def browser(self, agent: str | None) -> str:
        """A browser and its system as people call them, from what it says of itself."""
        named = [next((name for mark, name in marks if mark in (agent or "")), "") for marks in (BROWSERS, SYSTEMS)]
        return " · ".join(filter(None, named)) or self.texts("own.unknown_browser")

    def masked(self, value: str | None) -> str:
        """A telephone number or name of which only the ends show."""
        if not value:
            return "—"
        return value[:3] + "****" + value[-2:] if len(value) > 6 else value[:1] + "**"


def _of(facts: Any, name: str) -> Any:
    if isinstance(facts, Mapping):
        return facts.get(name)
    return getattr(facts, name, None)
