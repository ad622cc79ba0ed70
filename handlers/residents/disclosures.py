"""What the community publishes, as residents read it: found by their words, opened with one press, honest about what is
not there yet and when it will be (DI-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, say
from handlers.residents.case import Case
from handlers.texts.moments import CHINA
from knowledge.disclosure import KINDS, Wanted, fitting, rules, wanted
from knowledge.quarters import Quarter, due_on, reported, written
from storage import disclosure
from storage.disclosure import Item
from storage.transaction import Tx

MOST = 8
"""Buttons of items on one screen of a small phone; more of them are shown class by class."""
LONGEST_BUTTON = 26
URGENT_SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Board:
    """What stands published: of the quarter that was asked for, and, where that is empty, of the newest there is."""

    quarter: Quarter
    items: Sequence[Item]
    urgent: Sequence[Item]
    older: Quarter | None
    shown: Sequence[Item]

    @property
    def empty(self) -> bool:
        return not self.shown and not self.urgent


def _board(tx: Tx, quarter: Quarter, building: str | None) -> Board:
    items = disclosure.published(tx, quarter, building=building)
    urgent = disclosure.urgent(tx, since=tx.now - URGENT_SHOWN, building=building)
    older = None if items else disclosure.latest_quarter(tx, building=building)
    shown = disclosure.published(tx, older, building=building) if older else items
    return Board(quarter, items, urgent, older, shown)


async def board(case: Case, quarter: Quarter | None = None) -> Board:
    return await case.front.storage.read(_board, quarter or reported(case.today), home(case))


def home(case: Case) -> str | None:
    """The building somebody lives in, or came from by its poster."""
    return case.scene.building or case.scene.poster


async def see(case: Case, otherwise: Outcome[Any] | None = None) -> Outcome[Any]:
    """What was asked for in words. ``otherwise``: what is said where nothing has ever been published."""
    look = wanted(case.text, case.today)
    found = await board(case, look.quarter)
    if found.empty and otherwise is not None:
        return otherwise
    return say(_answer(case, found, look))


async def now(case: Case) -> Outcome[Any]:
    """What was published last."""
    return say(overview(case, await board(case)))


def _answer(case: Case, found: Board, look: Wanted) -> Say:
    fits = fitting([*found.items, *found.urgent], look)
    if len(fits) == 1:
        return item_said(case, fits[0])
    if fits:
        return Say(case.words("disclosure.several", count=len(fits)), _with_end(case, _buttons(case, fits[:MOST])))
    if look.matter is not None:
        return _not_there(case, found, look.matter)
    return overview(case, found)


# --- not there --------------------------------------------------------------------------------------------------------
def _not_there(case: Case, found: Board, matter: str) -> Say:
    """Not published, said plainly: when it comes, that it is late, or that it was left out."""
    name = rules().matters[matter].name.get(case.scene.language)
    known = {"matter": name, "quarter": found.quarter.words(case.scene.language), "day": due_words(case, found.quarter)}
    if case.today <= due_on(found.quarter, case.office):
        return Say(case.words("disclosure.not_yet", **known), _with_end(case, _other_ways(case, found)))
    missing = bool(found.items)
    text = case.words("disclosure.none_of" if missing else "disclosure.late", **known)
    key = "disclosure.not_there" if missing else "disclosure.not_in_time"
    object_to_it = [Button(case.words(key), f"dk:t:{found.quarter}:{matter}")]
    return Say(text, (object_to_it, *_with_end(case, _other_ways(case, found)), [_staff(case)]))


def _other_ways(case: Case, found: Board) -> list[list[Button]]:
    quarter = found.quarter if found.items else found.older
    return [[Button(case.words("disclosure.see_board"), f"dk:q:{quarter}")]] if quarter else []


def _staff(case: Case) -> Button:
    return Button(case.words("disclosure.staff"), "m:person")


def _with_end(case: Case, rows: Rows) -> Rows:
    return (*rows, [Button(case.words("disclosure.tell_me"), "nt:on:disclosure")])


# --- the board --------------------------------------------------------------------------------------------------------
def overview(case: Case, found: Board) -> Say:
    """Everything of the quarter, and when the next comes out."""
    words, language = case.words, case.scene.language
    lines = [*_lead(case, found), *_shown_lead(case, found)]
    rows: list[Sequence[Button]] = []
    if found.urgent:
        rows += _buttons(case, found.urgent[:3])
    quarter = found.older or found.quarter
    rows += _buttons(case, found.shown) if len(found.shown) <= MOST else _classes(case, found.shown, quarter)
    upcoming = reported(case.today).following
    if found.items:
        lines.append(words("disclosure.next", quarter=upcoming.words(language), day=due_words(case, upcoming)))
    return Say("\n".join([*lines, *_page(case)]), _with_end(case, rows))


def _page(case: Case) -> list[str]:
    """Everything of their community that ever was, files too, for whoever likes to read it on a page."""
    if not case.front.public_url or case.town.id is None:
        return []
    return [case.words("disclosure.page", address=f"{case.front.public_url}/published?community={case.town.id}")]


def _lead(case: Case, found: Board) -> list[str]:
    """Why what was asked for is not what is shown."""
    if found.items:
        return []
    words, language = case.words, case.scene.language
    known = {"quarter": found.quarter.words(language), "day": due_words(case, found.quarter)}
    if found.quarter > reported(case.today):
        return [words("disclosure.not_over", **known)]
    if case.today > due_on(found.quarter, case.office):
        return [words("disclosure.late_all", **known)]
    return [words("disclosure.next", **known)]


def _shown_lead(case: Case, found: Board) -> list[str]:
    words, language, quarter = case.words, case.scene.language, found.older or found.quarter
    lines = []
    if found.older is not None and found.shown:
        asked = found.quarter.words(language)
        lines.append(words("disclosure.older", quarter=asked, shown=found.older.words(language)))
    if found.shown:
        mine = home(case) if any(item.building for item in found.shown) else None
        key = "disclosure.board_building" if mine else "disclosure.board"
        known = {"building": mine} if mine else {}
        lines.append(words(key, quarter=quarter.words(language), count=len(found.shown), **known))
    return [*lines, words("disclosure.urgent_too")] if found.urgent else lines


def _classes(case: Case, items: Sequence[Item], quarter: Quarter) -> list[Sequence[Button]]:
    counts = {kind: sum(item.kind == kind for item in items) for kind in KINDS}
    named = [(kind, count) for kind, count in counts.items() if count]
    return [
        [
            Button(
                case.words("disclosure.class_button", kind=kind_name(case, kind), count=count), f"dk:c:{quarter}:{kind}"
            )
        ]
        for kind, count in named
    ]


def _buttons(case: Case, items: Sequence[Item]) -> list[Sequence[Button]]:
    ordered = sorted(items, key=lambda item: (KINDS.index(item.kind), item.id))
    return [[Button(_short(case, item), f"dk:i:{item.id}")] for item in ordered]


def _short(case: Case, item: Item) -> str:
    text = case.words("disclosure.item_button", kind=kind_name(case, item.kind), title=item.title)
    return text if len(text) <= LONGEST_BUTTON else text[: LONGEST_BUTTON - 1] + "…"


def kind_name(case: Case, kind: str) -> str:
    return rules().kinds[kind].get(case.scene.language)


async def class_of(case: Case, quarter: str, kind: str) -> Outcome[Any]:
    """One class of a quarter."""
    asked = written(quarter)
    found = await board(case, asked)
    items = [item for item in found.items if item.kind == kind]
    if not items:
        return say(overview(case, found))
    known = {"quarter": asked.words(case.scene.language), "kind": kind_name(case, kind), "count": len(items)}
    return say(Say(case.words("disclosure.class_of", **known), _buttons(case, items)))


async def of_quarter(case: Case, quarter: str) -> Outcome[Any]:
    return say(overview(case, await board(case, written(quarter))))


# --- one item ---------------------------------------------------------------------------------------------------------
async def item(case: Case, item_id: int, *, as_it_was: bool = False) -> Outcome[Any]:
    """An item as it stands now; ``as_it_was``: as it stood before it was corrected."""
    read = case.front.storage.read
    found = await read(disclosure.get if as_it_was else disclosure.newest, item_id)
    if found is None or found.state == "draft" or found.published_at is None:
        return say(Say(case.words("disclosure.gone")))
    return say(item_said(case, found))


def item_said(case: Case, found: Item) -> Say:
    words = case.words
    if found.state == "withdrawn":
        day = case.day(found.ended_at) if found.ended_at else ""
        return Say(words("disclosure.withdrawn", title=found.title, day=day, reason=found.reason or ""))
    known = {"kind": kind_name(case, found.kind), "title": found.title, "about": _about(case, found)}
    return Say(words("disclosure.item", **known, body=found.body), _item_buttons(case, found))


def _about(case: Case, found: Item) -> str:
    """Of when it is, when it was published, whom it concerns, and whether it was corrected."""
    words, quarter = case.words, found.about
    day = case.day(found.published_at) if found.published_at else ""
    told = words("disclosure.item_quarter", quarter=quarter.words(case.scene.language), day=day) if quarter else ""
    lines = [told or words("disclosure.item_urgent", day=day)]
    if found.building:
        lines[0] += " · " + words("disclosure.item_building", building=found.building)
    if found.state == "corrected":
        lines.append(words("disclosure.was_corrected", title=found.title, reason=found.reason or ""))
    elif found.corrects_id is not None:
        lines.append(words("disclosure.item_corrected", reason=found.reason or ""))
    return "\n".join(lines)


def _item_buttons(case: Case, found: Item) -> Rows:
    words = case.words
    if found.state == "corrected":
        return ([Button(words("disclosure.see_new"), f"dk:i:{found.id}")],)
    rows = [
        [Button(words("disclosure.ask"), f"dk:a:{found.id}"), Button(words("disclosure.object"), f"dk:o:{found.id}")]
    ]
    if found.corrects_id is not None:
        rows.append([Button(words("disclosure.see_old"), f"dk:v:{found.corrects_id}")])
    return rows


def due_words(case: Case, quarter: Quarter) -> str:
    return day_words(case, due_on(quarter, case.office))


def day_words(case: Case, day: date) -> str:
    return case.day(datetime(day.year, day.month, day.day, 12, tzinfo=CHINA))
