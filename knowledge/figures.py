"""What a ticket counts as (WO-19): on which day, in which rate, and if in none, for which reason.

Pure. Everything here is about matters; nobody who works on one is in it, so that no figure can rank people. A ticket's
counts follow from its facts alone: counted anew they are the same, and whatever is taken up again is counted as it is now.

- Response: of what was received in the period, contacted within the first promise ÷ what was due for contact.
- Solved: of what residents judged in the period (the last word counts), "solved" ÷ judged.
- Satisfied: of what they rated in the period (the last answer counts), satisfied ÷ rated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from knowledge import closing
from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.closing import Verdict
from knowledge.periods import day_of

Counts = Mapping[str, int]
"""How often each thing was counted: "received", "response.in_time", "close_clock:90" (so many minutes)."""
ByDay = Mapping[str, Counter[str]]
RATES: Mapping[str, tuple[str, str]] = {
    "response": ("in_time", "late"),
    "solved": ("yes", "no"),
    "satisfied": ("yes", "no"),
}
"""Each rate with what counts for it and what against; everything else that was counted under its name is left out."""
REASONS: Mapping[str, tuple[str, ...]] = {
    "response": ("pending", "no_reply_wanted", "withdrawn", "declined", "transferred", "mediation"),
    "solved": ("not_reached", "waived", "no_word", "withdrawn", "declined", "transferred", "mediation"),
    "satisfied": ("unrated", "not_reached", "waived", "no_word", "withdrawn", "declined", "transferred", "mediation"),
}
SHARES = ("redone", "returned", "extended")
"""Of what was finished: how much had to be done again, was asked to be sent back, got more time."""
SPANS = ("contact_clock", "contact_work", "close_clock", "close_work")
ENDINGS = ("solved", "not_confirmed", "withdrawn", "declined", "transferred")


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident said of the work: a verdict, or how satisfied they are. ``round``: the ticket's redos then."""

    at: datetime
    round: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the counts follow from. ``ended`` is how it ended: a closing's outcome, or the state that ended it.

    ``contact_due`` is the first promise, whatever was promised after it passed.
    """

    source: str
    route: str
    opened_at: datetime
    contact_due: datetime
    contact_missed: bool = False
    contact_at: datetime | None = None
    closed_at: datetime | None = None
    ended: str | None = None
    redos: int = 0
    needs_reply: bool = True
    needs_call_back: bool = True
    verdict: Said | None = None
    rating: Said | None = None
    calls_in_vain: bool = False
    returned: bool = False
    extended: bool = False
    missed_at: datetime | None = None
    supervised_at: datetime | None = None
    in_mediation: bool = False
    shielded: bool = False
    passed_at: datetime | None = None
    """When another community of the estate took it over."""


def count(facts: Facts, office: OfficeCalendar = OFFICE) -> ByDay:
    """What this ticket adds to which days."""
    found: dict[str, Counter[str]] = {}
    for at, measure in _counted(facts, office):
        found.setdefault(day_of(at).isoformat(), Counter())[measure] += 1
    return found


def _counted(facts: Facts, office: OfficeCalendar) -> Iterator[tuple[datetime, str]]:
    yield facts.opened_at, "received"
    yield facts.opened_at, f"source:{facts.source}"
    yield facts.opened_at, f"type:{facts.route}"
    yield facts.opened_at, f"response.{_response(facts)}"
    if facts.shielded:
        yield facts.opened_at, "shielded"
    if facts.contact_at is not None and not facts.in_mediation:
        yield from _spans(facts, "contact", facts.opened_at, facts.contact_at, office)
    yield from _judged(facts)
    if facts.closed_at is not None:
        yield from _over(facts, facts.closed_at, office)
    if facts.missed_at is not None:
        yield facts.missed_at, "missed"
    if facts.supervised_at is not None:
        yield facts.supervised_at, "supervised"
    if facts.passed_at is not None:
        yield facts.passed_at, PASSED


PASSED, PASSED_ON, TAKEN_OVER = "passed", "passed_on", "taken_over"
RECEIVING = ("received", "source:", "type:", "response.", "contact_", "shielded")
"""What counts where a matter came in: that it did, and whether it was answered in time. Everything else counts where it is
done (WO-19: who is in touch in time, and what its resident says of the result)."""


def part(counts: Counts, *, came: bool, done: bool) -> Counts:
    """Of what one ticket counts as on a day, what counts for a community it came to, and for one that does it. For both
    together, as for the house, all of it, once."""
    if came and done:
        return counts
    kept = {name: number for name, number in counts.items() if name.startswith(RECEIVING) == came and name != PASSED}
    return kept | ({PASSED_ON if came else TAKEN_OVER: counts[PASSED]} if PASSED in counts else {})


def _response(facts: Facts) -> str:
    if facts.in_mediation:
        return "mediation"
    if not facts.needs_reply:
        return "no_reply_wanted"
    late = facts.contact_missed or (facts.contact_at is not None and facts.contact_at > facts.contact_due)
    if late:
        return "late"
    if facts.contact_at is not None:
        return "in_time"
    return facts.ended if facts.ended in ("withdrawn", "declined", "transferred") else "pending"


def _judged(facts: Facts) -> Iterator[tuple[datetime, str]]:
    """In the two rates of what residents say; a "solved" that was taken up again since is no verdict any more."""
    verdict, rating = valid(facts.verdict, facts), facts.rating
    if facts.in_mediation:
        if facts.closed_at is not None:
            yield facts.closed_at, "solved.mediation"
            yield facts.closed_at, "satisfied.mediation"
        return
    if verdict is not None:
        yield verdict.at, f"solved.{'yes' if verdict.value == Verdict.SOLVED else 'no'}"
    elif facts.closed_at is not None:
        yield facts.closed_at, f"solved.{_unjudged(facts)}"
    if rating is not None and rating.round == facts.redos:
        known = closing.shipped().answer(rating.value)
        yield rating.at, f"satisfied.{'yes' if known and known.counts else 'no'}"
    elif facts.closed_at is not None:
        yield facts.closed_at, f"satisfied.{'unrated' if verdict is not None else _unjudged(facts)}"


def valid(verdict: Said | None, facts: Facts) -> Said | None:
    if verdict is None or verdict.value == Verdict.NOT_SEEN:
        return None
    return verdict if verdict.value == Verdict.NOT_SOLVED or verdict.round == facts.redos else None


def _unjudged(facts: Facts) -> str:
    """Why a matter that is over is in no rate."""
    if facts.ended in ("withdrawn", "declined", "transferred"):
        return facts.ended
    if not facts.needs_call_back:
        return "waived"
    return "not_reached" if facts.calls_in_vain else "no_word"


def _over(facts: Facts, at: datetime, office: OfficeCalendar) -> Iterator[tuple[datetime, str]]:
    yield at, "over"
    yield at, f"ended:{facts.ended}"
    if facts.in_mediation or facts.ended in ("withdrawn", "declined", "transferred"):
        return
    yield from _spans(facts, "close", at, at, office)
    for share, so in (("redone", facts.redos > 0), ("returned", facts.returned), ("extended", facts.extended)):
        yield at, f"{share}.{'yes' if so else 'no'}"


def _spans(
    facts: Facts, name: str, counted_at: datetime, until: datetime, office: OfficeCalendar
) -> Iterator[tuple[datetime, str]]:
    until = max(until, facts.opened_at)
    yield counted_at, f"{name}_clock:{step(until - facts.opened_at)}"
    yield counted_at, f"{name}_work:{step(office.open_between(facts.opened_at, until))}"


HOUR, DAY = 60, 24 * 60
STEPS = ((HOUR, 1), (4 * HOUR, 5), (12 * HOUR, 15), (4 * DAY, HOUR), (30 * DAY, 6 * HOUR))
MONTHS = DAY
"""Minutes up to which spans are kept in steps of so many; each step is less than a tenth of the span."""


def step(span: timedelta) -> int:
    """A span in whole minutes, rounded down to its step."""
    minutes = int(span.total_seconds()) // 60
    size = next((size for limit, size in STEPS if minutes < limit), MONTHS)
    return minutes - minutes % size


# --- what is read from counts -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Rate:
    """``value`` is None where nothing was due: "n/a", not nought. ``excluded``: what is in neither, and why."""

    name: str
    numerator: int
    denominator: int
    excluded: Mapping[str, int]

    @property
    def value(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


def rate(counts: Counts, name: str) -> Rate:
    good, bad = RATES[name]
    yes, no = counts.get(f"{name}.{good}", 0), counts.get(f"{name}.{bad}", 0)
    excluded = {reason: counts[f"{name}.{reason}"] for reason in REASONS[name] if counts.get(f"{name}.{reason}")}
    return Rate(name, yes, yes + no, excluded)


def rates(counts: Counts) -> tuple[Rate, ...]:
    return tuple(rate(counts, name) for name in RATES)


def share(counts: Counts, name: str) -> Rate:
    """One of ``SHARES``."""
    yes, no = counts.get(f"{name}.yes", 0), counts.get(f"{name}.no", 0)
    return Rate(name, yes, yes + no, {})


def combined(counts: Counts, weights: Mapping[str, int]) -> float | None:
    """The weighted three; None without weights, or where one that has a weight is "n/a"."""
    found = {name: rate(counts, name).value for name, weight in weights.items() if weight}
    if not found or None in found.values():
        return None
    return sum(weights[name] * (value or 0.0) for name, value in found.items()) / sum(weights.values())


@dataclass(frozen=True, slots=True)
class Spread:
    """How long it took: the middle one and the ninth of ten, of ``count``."""

    count: int
    middle: timedelta | None
    ninth: timedelta | None


def spread(counts: Counts, name: str) -> Spread:
    """One of ``SPANS``."""
    start = f"{name}:"
    held = sorted((int(key[len(start) :]), number) for key, number in counts.items() if key.startswith(start))
    return Spread(sum(number for _, number in held), _at(held, 0.5), _at(held, 0.9))


def _at(held: Sequence[tuple[int, int]], part: float) -> timedelta | None:
    """The nearest rank."""
    rank = ceil(part * sum(number for _, number in held))
    for minutes, number in held:
        rank -= number
        if rank <= 0:
            return timedelta(minutes=minutes)
    return None


def added(*many: Counts) -> Counter[str]:
    total: Counter[str] = Counter()
    for counts in many:
        total.update(counts)
    return total


def of_kind(counts: Counts, kind: str) -> dict[str, int]:
    """ "source", "type" or "ended": how many of each, the most first."""
    start = f"{kind}:"
    found = {key[len(start) :]: number for key, number in counts.items() if key.startswith(start) and number}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
