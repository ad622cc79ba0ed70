"""The wall around a mediation's course: appointments, records, drafts, reasons, visits, papers and printed sheets.

What the mediator writes down is for neither party before it is put before them, and never for a colleague; what one side
answers is not the other's. Everything either can reach is searched for it, and so is every page and sheet of the desk.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from handlers import mediation_telling
from handlers.texts.catalogue import load_catalogue
from knowledge.agreements import Agreement, Term
from knowledge.mediation import Side
from storage import (
    export,
    mediation,
    mediation_agreements,
    mediation_asks,
    mediation_extensions,
    mediation_papers,
    mediation_sessions,
)
from storage import tables as t
from storage.transaction import Tx
from tests.desk_service import at_the_desk
from tests.scenarios.office import group_heard
from tests.scenarios.test_mediation_wall import Wall, _filled, _plain, reached, wall
from tests.web_service import web_parts

__all__ = ["wall"]
TEXTS = load_catalogue()
MEDIATORS = {"record": "银杏", "facts": "茉莉", "term": "芍药", "visit": "丁香", "trouble": "木槿", "paper": "杜仲"}
"""What the mediator wrote down, and has put before nobody."""
PUT = {"place": "水杉", "reason": "杜鹃"}
"""What was put before both: where to meet, and why more time is wanted."""
ANSWERED = {Side.APPLICANT: "牡丹", Side.RESPONDENT: "芦苇"}
"""What each said to the time, in their own words."""
EVERYTHING = (*MEDIATORS.values(), *PUT.values(), *ANSWERED.values())


@pytest.fixture
async def course(wall: Wall) -> Wall:
    await wall.town.storage.run(_written, wall)
    await wall.town.works()
    return wall


def _written(tx: Tx, wall: Wall) -> None:
    who: dict[str, Any] = {"staff_id": wall.mediator, "revision": None}
    case_id, tomorrow = wall.case.id, tx.now + timedelta(days=1)
    _held(tx, case_id, wall.mediator)
    until = tomorrow + timedelta(hours=1)
    asked = mediation_sessions.propose(tx, case_id, at=tomorrow, until=until, place=PUT["place"], **who)
    assert isinstance(asked, list)
    mediation_telling.ask(tx, TEXTS, asked)
    _answers(tx, asked)
    settle_by = mediation.held(tx, case_id).settle_by
    assert settle_by is not None
    longer = settle_by + timedelta(days=7)
    more = mediation_extensions.ask(tx, case_id, until=longer, reason=PUT["reason"], **who)
    assert isinstance(more, list)
    mediation_telling.ask(tx, TEXTS, more)
    draft = mediation_agreements.write(tx, case_id, agreement=_draft(), **who)
    _visited(tx, case_id, draft["id"], wall.mediator)  # type: ignore[index]
    mediation_papers.add(tx, case_id, staff_id=wall.mediator, document="evidence", note=MEDIATORS["paper"])


def _held(tx: Tx, case_id: int, mediator: int) -> None:
    """A session that took place, as its mediator wrote it up."""
    row = {"at": tx.now - timedelta(days=1), "until": tx.now - timedelta(hours=23), "place": "社区", "state": "held"}
    by = {"proposed_by": mediator, "proposed_at": tx.now, "recorded_by": mediator, "recorded_at": tx.now}
    said = {"record": MEDIATORS["record"], "outcome": "again", "present": ["applicant", "respondent"]}
    tx.insert(t.mediation_sessions, mediation_id=case_id, **row, **by, **said)


def _answers(tx: Tx, asked: list[Any]) -> None:
    for row in asked:
        words = ANSWERED[Side(row["side"])]
        kept = mediation_asks.answer(tx, row["id"], chat_id=row["chat_id"], said="other", words=words, via="words")
        assert kept is not None
        mediation_telling.follow(tx, TEXTS, kept)


def _draft() -> Agreement:
    duty = Term("respondent", MEDIATORS["term"], "自己买", by=date(2026, 12, 4))
    return Agreement("written", facts=MEDIATORS["facts"], dispute="夜里太吵", terms=(duty,))


def _visited(tx: Tx, case_id: int, agreement_id: int, mediator: int) -> None:
    row = {"agreement_id": agreement_id, "term": 1, "due_at": tx.now, "asked_at": tx.now, "outcome": "trouble"}
    by = {"visited_by": mediator, "visited_at": tx.now}
    tx.insert(
        t.mediation_visits, mediation_id=case_id, **row, **by, how=MEDIATORS["visit"], trouble=MEDIATORS["trouble"]
    )


@pytest.mark.parametrize("side", list(Side))
async def test_what_the_mediator_wrote_and_the_other_answered_reaches_no_side(side: Side, course: Wall) -> None:
    found = await reached(course, side)
    for plant in PUT.values():
        assert plant in found["chat"], "what was put before both is not searched at all"
    hidden = (*MEDIATORS.values(), ANSWERED[side.other])
    assert {(way, plant) for way, whole in found.items() for plant in hidden if plant in whole} == set()


@pytest.mark.parametrize("side", list(Side))
async def test_a_draft_is_read_by_both_from_the_moment_it_is_put_before_them(side: Side, course: Wall) -> None:
    def put(tx: Tx) -> None:
        who: dict[str, Any] = {"staff_id": course.mediator, "revision": None}
        for one, name in ((Side.APPLICANT, "刘孃孃"), (Side.RESPONDENT, "何师傅")):
            mediation.change_party(tx, course.case.parties[one], name=name)
        asked = mediation_agreements.put(tx, course.case.id, today=date(2026, 11, 24), **who)
        assert isinstance(asked, list), asked
        mediation_telling.ask(tx, TEXTS, asked)

    await course.town.storage.run(put)
    await course.town.works()
    chat = (await reached(course, side))["chat"]
    for part in ("facts", "term"):
        assert MEDIATORS[part] in chat
    for part in ("record", "visit", "trouble", "paper"):
        assert MEDIATORS[part] not in chat


def _addresses(course: Wall, numbers: list[str]) -> list[str]:
    paths = {one.path for one in _gets(course) if "/events" not in one.path}
    return [filled for path in sorted(paths) for filled in _filled(path, numbers)]


def _gets(course: Wall) -> list[Any]:
    from tests.console_routes import console_addresses

    return [one for one in console_addresses(web_parts(course.town.storage)) if one.method == "GET"]


async def test_no_page_sheet_figure_or_search_shows_a_colleague_the_course(course: Wall) -> None:
    storage, seen = course.town.storage, set()
    addresses = _addresses(course, [course.case.number])
    for sheet in ("session", "agreement", "visit", "all"):
        assert f"/console/mediations/1/print/{sheet}" in addresses
    for role in ("operator", "worker", "mediator", "supervisor", "building_head", "viewer", "admin"):
        async with at_the_desk(storage, name=f"同事{role}", role=role) as colleague:
            for address in [*addresses, *(f"/console?q={word}" for word in EVERYTHING)]:
                page = (await colleague.client.get(address, follow_redirects=True)).text
                page = page.replace(address.partition("=")[2] or "\0", "") if "?q=" in address else page
                seen |= {(role, address, plant) for plant in EVERYTHING if plant in page}
    assert seen == set()


async def test_its_mediator_reaches_all_of_it_so_that_the_search_can_find_something(course: Wall) -> None:
    async with at_the_desk(course.town.storage, name="看看", role="mediator") as desk:
        own = t.mediations.update().values(mediator_id=desk.staff_id)
        await course.town.storage.run(Tx.execute, own)
        here = f"/console/mediations/{course.case.id}"
        pages = [await desk.opens(here + rest) for rest in ("", "/course", "/agreement", "/print/all")]
    assert [plant for plant in EVERYTHING if not any(plant in page for page in pages)] == []


async def test_no_export_and_no_word_to_the_staff_group_holds_it(course: Wall) -> None:
    for what in export.QUERIES:
        whole = _plain(await course.town.storage.read(export.page, what))
        assert [plant for plant in EVERYTHING if plant in whole] == [], what
    group = "\n".join(await group_heard(course.town))
    assert [plant for plant in EVERYTHING if plant in group] == []
