"""Units of work on both databases: who may be given what, whose step it is, and that nothing is done twice."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.life import Refusal
from storage import desk, desk_acts, hand_overs, signing_for, staff, stepping_aside, units
from storage.access import NotThere
from storage.chats import FIRST_WEB_CHAT
from storage.desk_acts import Conflict, Done, Notice
from storage.engine import Storage
from storage.hand_overs import Handing
from storage.staff import MayNot
from storage.step import Given
from storage.tables import ticket_barred, ticket_units
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire


def tell(language: str, due_at: datetime) -> Notice:
    return Notice(f"{language} {due_at:%d}")


async def act(
    storage: Storage, ticket_id: int, staff_id: int, action: str, text: str | None = "因为", **given: Any
) -> Any:
    """The step, from the page as it is now."""

    def do(tx: Tx) -> Any:
        revision = tx.scalar(select(ticket_table.c.revision).where(ticket_table.c.id == ticket_id))
        who = {"staff_id": staff_id, "action": action, "revision": revision}
        return desk_acts.act(tx, ticket_id, text=text, tell=tell, given=Given(**given), **who)

    return await storage.run(do)


async def town(storage: Storage) -> dict[str, int]:
    """The desk, a man of the property company, and the ids of the units."""
    await storage.run(units.seed)
    await storage.run(units.seed)
    found = {str(unit.key): unit.id for unit in await storage.read(units.listed)}
    found["desk"], _ = await storage.run(hire, "周敏", "operator")
    found["man"], _ = await storage.run(hire, "李强", "worker")
    await storage.run(units.work_for, found["man"], found["property_company"], by=found["desk"])
    return found


def kind(result: Any) -> str:
    return result.kind if isinstance(result, Refusal) else type(result).__name__


async def test_a_unit_from_being_given_to_giving_back(any_storage: Storage, clock: FrozenClock) -> None:
    ids, filed = await town(any_storage), await any_storage.run(file_ticket)
    other = await any_storage.run(file_ticket, remote=FIRST_WEB_CHAT + 2)
    man, desk_id, company = ids["man"], ids["desk"], ids["property_company"]
    assert await any_storage.read(desk.ticket_page, filed.number, staff_id=man) is None
    with pytest.raises(LookupError):
        await act(any_storage, filed.id, man, "accept")

    assert kind(await act(any_storage, filed.id, desk_id, "assign")) == "unit"
    assert kind(await act(any_storage, filed.id, desk_id, "assign", unit_id=ids["committee"])) == "duty"
    given: dict[str, Any] = {"unit_id": company, "person": desk_id}
    assert kind(await act(any_storage, filed.id, desk_id, "assign", **given)) == "hand"
    assert kind(await act(any_storage, filed.id, desk_id, "assign", unit_id=company, person=man)) == "Done"
    page = await any_storage.read(desk.ticket_page, filed.number, staff_id=man)
    assert page is not None
    assert (page.ticket["lead_unit_id"], page.ticket["assigned_to"]) == (company, man)
    assert await any_storage.read(desk.ticket_page, other.number, staff_id=man) is None, "and nothing else"

    assert kind(await act(any_storage, filed.id, desk_id, "sign")) == "party"
    assert kind(await act(any_storage, filed.id, man, "ask_return", " ")) == "reason"
    clock.move(days=6)
    assert kind(await act(any_storage, filed.id, man, "ask_return")) == "too_late"
    assert kind(await act(any_storage, filed.id, desk_id, "designate", unit_id=company)) == "Done"
    assert kind(await act(any_storage, filed.id, man, "ask_return")) == "designated"
    both = await asyncio.gather(act(any_storage, filed.id, man, "sign"), act(any_storage, filed.id, man, "sign"))
    assert all(isinstance(one, (Done, Conflict, Refusal)) for one in both)
    assert sum(isinstance(one, Done) and not one.again for one in both) == 1

    await any_storage.run(staff.disable, man)
    page = await any_storage.read(desk.ticket_page, filed.number, staff_id=desk_id)
    assert page is not None
    assert page.ticket["assigned_to"] is None, "back in the queue, and with the unit that leads it"
    assert kind(await act(any_storage, filed.id, desk_id, "ask_extension", until=date(2026, 12, 31))) == "time"


async def test_nobody_is_given_what_is_about_them(any_storage: Storage) -> None:
    ids = await town(any_storage)
    told: dict[str, Any] = {"category": "petition", "details": {"about": "committee"}, "description": "居委会不办事"}
    filed = await any_storage.run(file_ticket, **told)

    def barred(tx: Tx) -> None:
        tx.insert(ticket_barred, ticket_id=filed.id, role=None, name="李强")

    await any_storage.run(barred)
    for key in ("committee", "housing_centre", "property_company"):
        assert kind(await act(any_storage, filed.id, ids["desk"], "assign", unit_id=ids[key])) == "barred", key
    assert await any_storage.read(stepping_aside.steps_aside, filed.id, staff_id=ids["man"])
    assert kind(await act(any_storage, filed.id, ids["desk"], "assign", unit_id=ids["subdistrict"])) == "Done"


async def test_a_unit_outside_is_signed_for_with_who_said_so(any_storage: Storage, clock: FrozenClock) -> None:
    ids, filed = await town(any_storage), await any_storage.run(file_ticket)
    assert kind(await act(any_storage, filed.id, ids["desk"], "assign", unit_id=ids["utility"])) == "Done"
    clock.move(minutes=31)
    [one] = await any_storage.run(signing_for.unsigned)
    assert (one.unit.key, one.climbed) == ("utility", False)
    assert await any_storage.run(signing_for.unsigned) == [], "told of once"
    assert kind(await act(any_storage, filed.id, ids["desk"], "sign")) == "said_by"
    assert kind(await act(any_storage, filed.id, ids["desk"], "sign", said_by="水务前台")) == "Done"
    [part] = await any_storage.read(lambda tx: tx.all(select(ticket_units)))
    assert (part["signed_word"], part["sign_by"], part["signed_by"]) == ("水务前台", None, ids["desk"])


async def test_a_confidential_caller_is_handed_over_with_a_reason_only(any_storage: Storage) -> None:
    ids, filed = await town(any_storage), await any_storage.run(file_ticket, confidential=True)
    other = await any_storage.run(file_ticket, confidential=True, remote=FIRST_WEB_CHAT + 2)

    async def hand(**more: Any) -> Any:
        handing = Handing(**{"unit_id": None, "body": "12345", "way": "phone", "fields": ["phone"]} | more)
        who = {"staff_id": ids["desk"], "revision": 1}
        return await any_storage.run(hand_overs.hand, filed.id, handing, tell=tell, **who)

    given: dict[str, Any] = {"unit_id": ids["property_company"]}
    assert kind(await act(any_storage, other.id, ids["desk"], "assign", **given)) == "Done"
    page = await any_storage.read(desk.ticket_page, other.number, staff_id=ids["man"])
    assert page is not None
    assert (page.sight, page.caller is None or page.covered) == ("covered", True), "the unit reads what, not who"
    with pytest.raises(MayNot):
        await any_storage.run(desk_acts.uncover, other.number, staff_id=ids["man"], reason="想知道")

    assert kind(await hand()) == "why_caller"
    assert kind(await hand(fields=["words"], way="pigeon")) == "way"
    assert kind(await hand(why_caller="要上门")) == "agreed", "they were not asked (PI-08)"
    assert kind(await hand(why_caller="要上门", agreed="phone")) == "Done"
    assert kind(await hand(why_caller="要上门", agreed="phone")) == "Conflict", "the same form again"
    with pytest.raises(NotThere):
        await any_storage.read(hand_overs.one, 1, staff_id=ids["man"])
    done = await any_storage.run(hand_overs.answered, 1, staff_id=ids["desk"], text="办好了", tell=None)
    assert kind(done) == "Done"
    assert kind(await any_storage.run(hand_overs.asked, 1, staff_id=ids["desk"], word="")) == "over"
