"""The wall between two sides: no page, message, export, search or live event shows one side's words to the other.

Each word that must not be seen has a plant in it; whatever either side, or a colleague who is not the mediator, can reach
is searched for the plants that are not theirs. Addresses are taken from the app's own route table, so that a new page is
searched before anybody thinks of it.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from handlers import mediation_letters as letters
from handlers.texts.catalogue import load_catalogue
from handlers.web.chat_events import follow as chat_events
from handlers.web.console.events import follow as desk_events
from handlers.web.console.paper_routes import SHEETS
from knowledge.mediation import Access, Reader, Side
from storage import (
    blobs,
    export,
    joining,
    mediation,
    mediation_life,
    mediation_talk,
    messages,
    own_data,
    progress,
    rights,
    staff,
)
from storage import tables as t
from storage.mediation import Case
from storage.transaction import Tx
from tests.console_routes import console_addresses
from tests.desk_service import at_the_desk
from tests.mediation_cases import accepted, going, hired
from tests.scenarios.office import group_heard, opens_group
from tests.scenarios.test_mediation import applies, the_case
from tests.town import Town
from tests.web_service import web_parts

TEXTS = load_catalogue()
APPLICANTS = ("紫藤", "1205", "13800000001")
"""What the applicant said, where they live, their number."""
RESPONDENTS = ("海棠", "13800000002")
NOTES = ("腊梅",)
TO_APPLICANT, TO_RESPONDENT = ("金桂",), ("石榴",)
"""What the mediator wrote to each."""
HIDDEN = {
    Side.APPLICANT: (*RESPONDENTS, *NOTES, *TO_RESPONDENT),
    Side.RESPONDENT: (*APPLICANTS, *NOTES, *TO_APPLICANT),
}
WORDS = ("紫藤", "海棠", "腊梅", "金桂", "石榴", "13800000001", "13800000002", "1205", "1305")
"""Nothing of a case's words, numbers or flats is for a colleague who neither mediates nor names."""
LOOKS = ("我的工单", "我的资料", "调解怎么样了", "/tickets", "/mydata", "我的工单怎么样了", "把我的资料发给我", "更多")


@dataclass
class Wall:
    """Two households in the middle of a mediation, and everything said in it so far."""

    town: Town
    sides: dict[Side, Any]
    case: Case
    mediator: int


@pytest.fixture
async def wall(ana: Any, town: Town) -> Wall:
    bob = await town.resident(ana.channel)
    await opens_group(town)
    await _known(town, ana, name="刘孃孃", phone="13800000001", building="7", unit="2", room="1205")
    await _known(town, bob, name="何师傅", phone="13800000002", building="7", unit="2", room="1305")
    await applies(ana, "楼上1305，紫藤那家，希望十点后安静")
    mediator, code = await town.storage.run(_asked, (await the_case(town)).id)
    await bob.says(code)
    await bob.presses("愿意谈谈")
    await ana.says("跟调解员说：紫藤，我电话13800000001")
    await bob.says("跟调解员说：海棠，我电话13800000002")
    case = await the_case(town)
    await town.storage.run(_mediator_writes, case.id, mediator)
    await ana.presses("回复调解员")
    await ana.says("紫藤再说一句")
    await bob.says("海棠再说一句")
    await town.storage.run(_photo, case.id, ana.chat_id)
    return Wall(town, {Side.APPLICANT: ana, Side.RESPONDENT: bob}, await the_case(town), mediator)


async def _known(town: Town, who: Any, **known: str) -> None:
    def know(tx: Tx) -> None:
        from storage import residents

        residents.remember(tx, chat_id=who.chat_id, **known)

    await town.storage.run(know)


def _asked(tx: Tx, case_id: int) -> tuple[int, str]:
    mediator = hired(tx)
    case = accepted(tx, mediation.held(tx, case_id), mediator)
    result, code = mediation_life.invite(tx, case, staff_id=mediator, revision=case.revision)
    going(result)
    return mediator, str(code)


def _mediator_writes(tx: Tx, case_id: int, mediator: int) -> None:
    case = mediation.held(tx, case_id)
    for thread, text in (("applicant", "金桂，您先说"), ("respondent", "石榴，您先说"), ("notes", "腊梅，两边都有气")):
        tell = letters.wrote(TEXTS, case, text, jointly=False)
        mediation_talk.mediator_says(tx, case, thread=thread, text=text, staff_id=mediator, tell=tell)


def _photo(tx: Tx, case_id: int, chat_id: int) -> None:
    blob_id = blobs.store(
        tx, chat_id=chat_id, kind="document", mime="text/plain", content="紫藤".encode(), name="a.txt"
    )
    mediation_talk.heard(tx, mediation.held(tx, case_id), Side.APPLICANT, text="紫藤的照片", blobs=[blob_id])


# --- what a side reaches --------------------------------------------------------------------------------------------------
async def reached(wall: Wall, side: Side) -> dict[str, str]:
    """Everything this side can see by any way, by the name of the way."""
    who, storage = wall.sides[side], wall.town.storage
    for words in LOOKS:
        await who.says(words)
    for button in ("更多", "我的权利", "全部带走"):
        if button in await who.buttons():
            await who.presses(button)
    found = {"chat": _plain(await storage.read(messages.latest, chat_id=who.chat_id, limit=500))}
    found["live"] = "".join([part async for part in _live(wall.town, who.chat_id)])
    found["own data"] = _plain(await storage.read(own_data.everything, who.chat_id))
    found["own files"] = await _files(wall.town, who.chat_id)
    found["threads"] = _plain(await storage.read(mediation.words_for, wall.case.id, Reader(side=side)))
    found["tickets"] = _plain(await storage.read(_tickets, who.chat_id))
    found["letters on their way"] = _plain(await storage.read(_letters, who.chat_id))
    return found


def _plain(found: Any) -> str:
    return json.dumps(found, ensure_ascii=False, default=repr)


async def _live(town: Town, chat_id: int) -> AsyncIterator[str]:
    """The chat page's events from the beginning, until nothing is new."""
    parts = web_parts(town.storage)
    events = chat_events(parts, chat_id, 0)
    newest = max(message.seq for message in await town.storage.read(messages.latest, chat_id=chat_id))
    async for part in events:
        yield part
        if f"id: {newest}\n" in part:
            break
    await events.aclose()


async def _files(town: Town, chat_id: int) -> str:
    packed = await town.storage.read(lambda tx: tx.all(select(t.blobs).where(t.blobs.c.chat_id == chat_id)))
    whole = ""
    for row in packed:
        content = bytes(row["content"] or b"")
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as held:
                whole += "".join(held.read(name).decode("utf-8", "replace") for name in held.namelist())
    return whole


def _tickets(tx: Tx, chat_id: int) -> list[Any]:
    """Every ticket there is, asked for by id, by number, in the list, and as "me too"."""
    rows = tx.all(select(t.tickets.c.id, t.tickets.c.number))
    found: list[Any] = [[dict(row) for row in progress.mine(tx, chat_id)], joining.of_chat(tx, chat_id)]
    for row in rows:
        found.append(rights.visible(tx, row["id"], chat_id=chat_id))
        shown = (
            progress.of_ticket(tx, row["id"], chat_id=chat_id),
            progress.of_number(tx, row["number"], chat_id=chat_id),
        )
        # The case beside a ticket is shown as state, mediator and day: the chat is searched for what is said of it.
        found += [replace(one, mediation=None) for one in shown if one is not None]
    return [repr(one) for one in found]


def _letters(tx: Tx, chat_id: int) -> list[Any]:
    query = select(t.messages.c.text).join(t.outbox, t.outbox.c.message_id == t.messages.c.id)
    return [dict(row) for row in tx.all(query.where(t.outbox.c.chat_id == chat_id))]


@pytest.mark.parametrize("side", list(Side))
async def test_by_no_way_does_a_side_reach_the_others_words(side: Side, wall: Wall) -> None:
    found = await reached(wall, side)
    own = "紫藤" if side is Side.APPLICANT else "海棠"
    for way in ("chat", "own data", "threads", "live"):
        assert own in found[way], f"{way} is not searched at all"
    seen = {(way, plant) for way, whole in found.items() for plant in HIDDEN[side] if plant in whole}
    assert seen == set()


async def test_a_released_word_crosses_alone(wall: Wall) -> None:
    bob = wall.sides[Side.RESPONDENT]
    [word] = [one for one in await _all_words(wall) if one.text == "紫藤再说一句"]
    case = wall.case
    await wall.town.storage.run(
        mediation_talk.release, case, word, staff_id=wall.mediator, tell=letters.crossed(TEXTS, case, word)
    )
    heard = "\n".join(await bob.hears())
    assert "紫藤再说一句" in heard
    found = await reached(wall, Side.RESPONDENT)
    for way, whole in found.items():
        assert "13800000001" not in whole, way
        assert "紫藤" not in whole.replace("紫藤再说一句", ""), way


async def _all_words(wall: Wall) -> list[Any]:
    return await wall.town.storage.read(mediation.words_for, wall.case.id, Reader(access=Access.ALL))


# --- what colleagues reach ---
def _filled(path: str, numbers: list[str]) -> list[str]:
    """The address with every ticket's number, every sheet that is printed, and small ids, in its blanks."""
    blanks, known = re.findall(r"{([^}]+)}", path), {"number": numbers, "sheet": [*SHEETS, "all"]}
    given = [known.get(blank, ["1", "2", "3"]) for blank in blanks]
    filled = []
    for values in itertools.product(*given):
        address = path
        for blank, value in zip(blanks, values, strict=True):
            address = address.replace("{" + blank + "}", value)
        filled.append(address)
    return filled


async def test_no_page_and_no_search_shows_a_colleague_the_words(wall: Wall) -> None:
    """An admin names mediators and sees where both live; nobody else does."""
    storage = wall.town.storage
    numbers = [str(row["number"]) for row in await storage.read(lambda tx: tx.all(select(t.tickets.c.number)))]
    paths = {one.path for one in console_addresses(web_parts(storage)) if one.method == "GET"}
    addresses = [filled for path in sorted(paths) if "/events" not in path for filled in _filled(path, numbers)]
    searches = [f"/console?q={word}" for word in WORDS]
    seen = set()
    for role in ("operator", "worker", "mediator", "supervisor", "viewer", "admin"):
        allowed = {"1205", "1305"} if role == "admin" else set()
        async with at_the_desk(storage, name=f"同事{role}", role=role) as colleague:
            for address in [*addresses, *searches]:
                page = (await colleague.client.get(address, follow_redirects=True)).text
                page = page.replace(address.partition("=")[2] or "\0", "") if "?q=" in address else page
                seen |= {(role, address, plant) for plant in WORDS if plant in page and plant not in allowed}
    assert len(addresses) > 40
    assert seen == set()


async def test_the_mediator_reaches_them_so_that_the_search_above_can_find_something(wall: Wall) -> None:
    async with at_the_desk(wall.town.storage, name="看看", role="mediator") as desk_:
        await wall.town.storage.run(lambda tx: tx.execute(t.mediations.update().values(mediator_id=desk_.staff_id)))
        page = await desk_.opens(f"/console/mediations/{wall.case.id}")
    assert [plant for plant in ("紫藤", "海棠", "腊梅", "金桂", "石榴") if plant not in page] == []


async def test_exports_the_staff_group_and_the_desks_events_hold_nothing(wall: Wall) -> None:
    storage = wall.town.storage
    for what in export.QUERIES:
        if what == "residents":
            continue  # what residents told about themselves, not about a case
        whole = _plain(await storage.read(export.page, what))
        assert [plant for plant in WORDS if plant in whole] == [], what
    group = "\n".join(await group_heard(wall.town))
    assert [plant for plant in WORDS if plant in group] == []
    parts, token = web_parts(storage), await storage.run(_session)
    events = desk_events(parts, token)
    first = [await anext(events) for _ in range(2)]
    await events.aclose()
    assert first[1] == "event: desk\ndata: {}\n\n"


def _session(tx: Tx) -> str:
    link = staff.make_link(tx, staff.add(tx, name="看屏幕的", role="operator"))
    token = staff.enter(tx, link)
    assert token is not None
    return token


async def test_a_case_of_the_other_side_is_joined_without_a_word_crossing(ana: Any, town: Town) -> None:
    bob = await town.resident(ana.channel)
    await _known(town, ana, building="7", unit="2", room="1204")
    await _known(town, bob, building="7", unit="2", room="1304")
    await applies(ana, "楼上1304，紫藤那家，希望安静")
    await bob.says("7栋1304，楼下天天敲管子骂人，海棠")
    await bob.presses("同意") if "同意" in await bob.buttons() else None
    await bob.submits()
    await bob.presses("申请调解")
    await bob.says("楼下1204，海棠那家，希望别敲")
    assert "申请好了" in "\n".join(await bob.presses("可以问对方"))
    case = next(one for one in await town.storage.read(mediation.cases) if one.counterpart_id is None)
    assert case.respondent.chat_id == bob.chat_id
    assert case.applicant.chat_id == ana.chat_id
    joined = Wall(town, {Side.APPLICANT: ana, Side.RESPONDENT: bob}, case, 0)
    assert not any("海棠" in whole for whole in (await reached(joined, Side.APPLICANT)).values())
    assert not any("紫藤" in whole for whole in (await reached(joined, Side.RESPONDENT)).values())
