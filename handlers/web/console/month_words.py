"""The month in sentences, each from a number that stands in the tables; no cause is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.web.console.figure_view import View
from knowledge import catalogue, figures
from storage.figures import Redirected

MOST = 3
"""So many matters are named in a sentence."""


@dataclass(frozen=True, slots=True)
class MonthWords:
    """``found`` is what the figures' page is made of, of one month."""

    view: View
    found: Mapping[str, Any]

    def _say(self, key: str, **values: object) -> str:
        return self.view.w.texts(f"month_report.{key}", **values)

    def in_short(self) -> list[str]:
        """The first paragraph."""
        now = self.found["now"].total
        if not now.get("received") and not now.get("over"):
            return [self._say("none")]
        said = [self._received(), self._say("over", count=now.get("over", 0), solved=now.get("ended:solved", 0))]
        if most := self._most():
            said.append(self._say("most", **most))
        if self.found["left"] is not None:
            said.append(self._say("left", count=self.found["left"]))
        for name in (figures.PASSED, figures.PASSED_ON, figures.TAKEN_OVER):
            if count := now.get(name, 0):
                said.append(self._say(name, count=count))
        if self.found["answered"]:
            said.append(self._say("answered", count=self.found["answered"]))
        return said + self._grew()

    def _received(self) -> str:
        now, before = (self.found[name].total.get("received", 0) for name in ("now", "before"))
        if not before:
            return self._say("received_first", count=now)
        key = "same" if now == before else "more" if now > before else "fewer"
        change = self._say(key, count=abs(now - before)) if now != before else self._say("same")
        return self._say("received", count=now, before=before, change=change)

    def _most(self) -> Mapping[str, object] | None:
        listed = [line for line in self.view.breakdown("matter", self.found["now"].faces["matter"]) if line.href]
        return {"what": listed[0].label, "count": listed[0].received} if listed and listed[0].received else None

    def _grew(self) -> list[str]:
        seasons = self.view.seasonal(*(self.found[name] for name in ("now", "before", "year_ago")))
        grown = [(label, one) for label, one, _ in seasons if one.more][:MOST]
        said = [
            self._say("grew_one", what=label, now=one.now, before=one.before, year=one.year_ago) for label, one in grown
        ]
        return [self._say("grew", what=self.view.w.texts("sums.comma").join(said))] if said else []

    def times(self) -> list[str]:
        said = []
        for name in ("contact", "close"):
            what = self.view.w.texts(f"span_name.{name}")
            one = figures.spread(self.found["now"].total, f"{name}_clock")
            if one.middle is None or one.ninth is None:
                said.append(self._say("no_times", what=what))
                continue
            middle, ninth = self.view.length(one.middle), self.view.length(one.ninth)
            said.append(self._say("times", what=what, middle=middle, ninth=ninth, count=one.count))
        return said

    def recurs(self) -> list[str]:
        spots = self.view.spots(*(self.found[name] for name in ("now", "before", "year_ago")))
        return [
            self._say("recurs", what=spot.label, count=spot.count, before=spot.before, year=spot.year_ago)
            for spot in spots
        ]

    def late(self) -> str:
        now, before = (self.found[name].total for name in ("now", "before"))
        supervised = now.get("supervised", 0)
        if not now.get("missed"):
            return self._say("none_missed", supervised=supervised)
        return self._say("missed", count=now["missed"], before=before.get("missed", 0), supervised=supervised)

    def elsewhere(self) -> list[str]:
        listed: Sequence[Redirected] = self.found["elsewhere"]
        return [self._redirected(one) for one in listed]

    def _redirected(self, one: Redirected) -> str:
        what, kind = self.view.w.matter(one), catalogue.category(one.route, one.category)
        if kind is None or kind.door is None:
            return self._say("redirected_plain", what=what, count=one.count)
        door = kind.door.get(self.view.w.texts.language)
        return self._say("redirected", what=what, count=one.count, door=door.rstrip("。. "))
