"""What both sides of a mediation read of its course, each in their language and from where they stand.

Built here for chat, desk and clock alike. Only what the mediator puts before both stands in it: never a side's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping

from handlers.outcome import Button, Rows
from handlers.texts.catalogue import Texts
from handlers.texts.moments import CHINA, spoken
from knowledge.agreements import Agreement, Term
from knowledge.mediation import Side
from storage.mediation import Case
from storage.mediation_asks import ANSWERS

PREFIX = "v"
"""The first part of the data of these buttons."""
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of one language for one side of a case, at one instant."""

    words: Texts
    case: Case
    side: Side
    now: datetime

    def __call__(self, key: str, /, **values: object) -> str:
        """A text under the case's own number, so that one knows what it is about."""
        return f"{self.words('course.lead', number=self.number)}\n{self.plain(key, **values)}"

    def plain(self, key: str, /, **values: object) -> str:
        return self.words(f"course.{key}", **values).strip()

    @property
    def number(self) -> str:
        """The archive's number; the applicant's ticket is nobody else's business."""
        return self.case.file_number or ""

    def at(self, moment: datetime) -> str:
        return spoken(self.words, moment, now=self.now)

    def until(self, moment: datetime) -> str:
        """The day that ends at this midnight, or that this instant lies in."""
        return self.day((moment - A_MOMENT).astimezone(CHINA).date())

    def day(self, day: date) -> str:
        return self.words("mine.date", year=day.year, month=day.month, day=day.day)

    # --- a session ----------------------------------------------------------------------------------------------------
    def session(self, key: str, row: RowMapping) -> str:
        return self(key, when=self.span(row), place=row["place"], mediator=self.case.mediator or "")

    def span(self, row: RowMapping) -> str:
        until = row["until"].astimezone(CHINA).strftime("%H:%M")
        return self.plain("span", start=self.at(row["at"]), end=until)

    # --- an agreement -------------------------------------------------------------------------------------------------
    def agreement(self, text: Agreement) -> str:
        """All of it as it is read out."""
        told = [(name, getattr(text, name)) for name in ("facts", "dispute", "responsibility")]
        lines = [f"{self.plain(name)}{self._colon}{said}" for name, said in told if said.strip()]
        return "\n".join([*lines, f"{self.plain('agreed')}{self._colon}", self.terms(text)])

    def terms(self, text: Agreement) -> str:
        return "\n".join(self.term(place, term) for place, term in enumerate(text.terms, 1))

    def term(self, place: int, term: Term) -> str:
        """One duty; whoever reads it is "you"."""
        more = [part for part in (term.way, term.place, self._by(term)) if part]
        what = term.what + (
            f"（{'，'.join(more)}）" if more and not self._english else f" ({', '.join(more)})" if more else ""
        )
        return self.plain("term", place=place, who=self.who(term.who), what=what)

    def who(self, who: str) -> str:
        return self.plain("both" if who == "both" else "you" if who == self.side else "other")

    def _by(self, term: Term) -> str:
        if term.by is None:
            return self.plain("lasting") if term.lasting else ""
        return self.plain("by", day=self.day(term.by))

    @property
    def _english(self) -> bool:
        return self.words.language == "en"

    @property
    def _colon(self) -> str:
        return ": " if self._english else "："


def buttons(words: Texts, ask: RowMapping, *, but: str | None = None) -> Rows:
    """The answers to what was asked, two a row; ``but``: what was answered needs no button."""
    found = [
        Button(words(f"course.{ask['kind']}_{answer}_button"), f"{PREFIX}:{ask['id']}:{answer}")
        for answer in ANSWERS[ask["kind"]]
        if answer != but
    ]
    return [found[at : at + 2] for at in range(0, len(found), 2)]
