"""The figures as lines of a page, of a paper and of a spreadsheet: the same ones, made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.web.console.charts import Column
from handlers.web.console.queue_address import address
from handlers.web.console.wording import Wording
from knowledge import breakdowns, catalogue, figures
from knowledge.breakdowns import Row, Seasonal
from knowledge.figure_rules import rules
from knowledge.figures import Counts, Rate, Spread
from storage.figures import FACES, Figures


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown; what is None is not shown, for it would be of too few."""

    label: str
    href: str
    received: int
    over: int
    rates: Mapping[str, Rate | None]
    spans: Mapping[str, Spread | None]
    part: float


@dataclass(frozen=True, slots=True)
class Spot:
    """The same matter in the same building, again and again (WO-20)."""

    label: str
    count: int
    before: int
    year_ago: int
    still_open: str
    over: str


@dataclass(frozen=True, slots=True)
class View:
    """Puts figures into words; ``careful``: the reader is shown nothing that could be one household."""

    w: Wording
    careful: bool
    units: Mapping[str, str]

    def breakdown(self, face: str, found: Mapping[str, Counts]) -> list[Line]:
        listed = breakdowns.rows(found)
        if self.careful and face == "building":
            listed = breakdowns.without_few(listed, rules().least_by_building)
        most = max([1, *(row.counts.get("received", 0) for row in listed)])
        return [self._line(self._label(face, row), self._href(face, row), row.counts, most, face) for row in listed]

    def weeks(self, found: Mapping[str, Counts]) -> list[Line]:
        most = max([1, *(counts.get("received", 0) for counts in found.values())])
        return [self._line(self._week(monday), "", counts, most, "week") for monday, counts in found.items()]

    def columns(self, found: Mapping[str, Counts]) -> list[Column]:
        return [
            Column(self._week(monday), counts.get("received", 0), counts.get("over", 0))
            for monday, counts in found.items()
        ]

    def _line(self, label: str, href: str, counts: Counts, most: int, face: str) -> Line:
        few = rules().least_by_building if self.careful and face == "building" else 1
        rates = {one.name: one if not 0 < one.denominator < few else None for one in figures.rates(counts)}
        spans = {name: figures.spread(counts, name) for name in ("contact_clock", "close_clock")}
        shown = {name: one if not 0 < one.count < few else None for name, one in spans.items()}
        received = counts.get("received", 0)
        return Line(label, href, received, counts.get("over", 0), rates, shown, received / most)

    def _label(self, face: str, row: Row) -> str:
        if row.merged:
            return self.w.texts("sums.merged", count=row.merged)
        if not row.value or (face == "matter" and row.value == "/"):
            return self.w.texts(f"sums.no_{face}")
        if face == "building":
            return self.w.texts("place.building", value=row.value)
        return self.matter(row.value) if face == "matter" else self.units.get(row.value, row.value)

    def matter(self, value: str) -> str:
        route, _, category = value.partition("/")
        return self.w.matter({"route": route, "category": category or None})

    @staticmethod
    def _href(face: str, row: Row) -> str:
        if row.merged or not row.value:
            return ""
        if face == "matter":
            route, _, category = row.value.partition("/")
            return address({"route": route, "category": category})
        return address({face: row.value}) if face == "building" else ""

    def _week(self, monday: str) -> str:
        return _month_day(date.fromisoformat(monday))

    def spots(self, now: Figures, before: Figures, year_ago: Figures) -> list[Spot]:
        least = max(rules().recurs_least, rules().least_by_building if self.careful else 0)
        often = sorted(
            ((count, spot) for spot, count in now.spots.items() if count >= least), key=lambda one: (-one[0], one[1])
        )
        return [
            self._spot(spot, count, before.spots.get(spot, 0), year_ago.spots.get(spot, 0))
            for count, spot in often[: rules().recurs_shown]
        ]

    def _spot(self, spot: str, count: int, before: int, year_ago: int) -> Spot:
        building, matter, topic = spot.split("|", 2)
        route, _, category = matter.partition("/")
        kind = catalogue.category(route, category)
        known = kind.topics.get(topic) if kind else None
        what = known.name.get(self.w.texts.language) if known else self.matter(matter)
        where = self.w.texts("place.building", value=building)
        wanted = {"building": building, "route": route, "category": category}
        label = self.w.texts("sums.spot", place=where, what=what)
        over = address({"filter": "closed", **wanted})
        return Spot(label, count, before, year_ago, address(wanted), over)

    def seasonal(self, now: Figures, before: Figures, year_ago: Figures) -> list[tuple[str, Seasonal, str]]:
        here, earlier, then = (one.faces["matter"] for one in (now, before, year_ago))
        found = breakdowns.seasonal(here, earlier, then, rules())
        return [(self.matter(one.value), one, self._href("matter", Row(one.value, {}))) for one in found]

    def rate(self, found: Rate | None) -> str:
        """ "75.0 %（3/4）"; "n/a" where nothing was due, a dash where it would be of too few."""
        if found is None:
            return self.w.texts("sums.few")
        if found.value is None:
            return self.w.texts("sums.none_due")
        return self.w.texts("sums.rate", percent=percent(found.value), n=found.numerator, d=found.denominator)

    def spread(self, found: Spread | None) -> str:
        if found is None:
            return self.w.texts("sums.few")
        if found.middle is None or found.ninth is None:
            return "—"
        return f"{self.length(found.middle)} / {self.length(found.ninth)}"

    def length(self, span: timedelta | None) -> str:
        return "—" if span is None else self.w.span(span)

    def channel(self, name: str) -> str:
        return self._named("channel", name)

    def ending(self, name: str) -> str:
        return self._named("ended_name", name)

    def _named(self, section: str, name: str) -> str:
        key = f"{section}.{name}"
        return self.w.texts(key) if self.w.texts.has(key) else name

    def excluded(self, found: Rate) -> str:
        """ "未到时间 2，已撤回 1"."""
        said = [
            self.w.texts("sums.because", why=self.w.texts(f"why_not.{why}"), count=n)
            for why, n in found.excluded.items()
        ]
        return self.w.texts("sums.comma").join(said)


def percent(value: float) -> str:
    return f"{value * 100:.1f}"


def _month_day(day: date) -> str:
    return f"{day.month}-{day.day:02d}"


def tables(view: View, found: Figures) -> Sequence[tuple[str, list[Line]]]:
    """Every breakdown, in the order of the page."""
    return [("week", view.weeks(found.weeks)), *((face, view.breakdown(face, found.faces[face])) for face in FACES)]
