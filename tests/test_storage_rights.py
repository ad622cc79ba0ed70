"""Who may do what to a ticket: every act from its resident's side, for every kind of proxy, on both databases.

The table of acts is ``knowledge/data/proxies.yaml``: a new act has no way to be tried here, and fails until it has one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.ticket_notices import BUTTONS
from knowledge.closing import Verdict, shipped
from knowledge.proxies import Act, rules
from storage import messages, passing, proxies, rights, tickets, verdicts
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.tables import blobs as blob_table
from storage.tables import call_backs, proxy_events, ticket_blobs, ticket_events
from storage.tables import messages as message_table
from storage.tables import proxies as proxy_table
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.desk_service import file_ticket

ELDER, DAUGHTER = FIRST_WEB_CHAT + 1, FIRST_WEB_CHAT + 2
OPEN, DONE = {"state": "handling"}, {"state": "calling_back"}
OVER = {"state": "closed", "outcome": "solved"}
Try = Callable[[Tx, "Family"], Any]


@dataclass(frozen=True)
class Family:
    """An elder's ticket, and the chat of whoever helps them."""

    ticket_id: int
    chat_id: int
    message_id: int


def _judged(verdict: Verdict, via: str = "button") -> Try:
    return lambda tx, who: verdicts.judge(tx, who.ticket_id, chat_id=who.chat_id, verdict=verdict, via=via)


def _add(tx: Tx, who: Family, *, photo: bool = False) -> Any:
    content = {
        "kind": "photo",
        "mime": "image/jpeg",
        "size": 1,
        "content": b"x",
        "created_at": tx.now,
        "state": "stored",
    }
    held = [tx.insert(blob_table, chat_id=who.chat_id, **content)] if photo else []
    return tickets.add_words(tx, who.ticket_id, chat_id=who.chat_id, message_id=who.message_id, blobs=held)


def _edit(tx: Tx, who: Family) -> Any:
    """Words that came into the ticket while they might act."""
    tickets.belongs(tx, who.message_id, who.ticket_id)
    return rights.revise(tx, who.message_id, chat_id=who.chat_id, text="改过的话")


def _rate(tx: Tx, who: Family) -> Any:
    return verdicts.rate(tx, who.ticket_id, chat_id=who.chat_id, round=0, value=shipped().scale[0].value)


def _why(tx: Tx, who: Family) -> Any:
    return verdicts.give_reason(tx, who.ticket_id, chat_id=who.chat_id, text="还是漏", message_id=who.message_id)


TRIES: dict[Act, list[tuple[dict[str, Any], Try]]] = {
    Act.ADD: [(OPEN, _add), (OPEN, lambda tx, who: _add(tx, who, photo=True))],
    Act.EDIT: [(OPEN, _edit)],
    Act.WITHDRAW: [(OPEN, lambda tx, who: tickets.withdraw(tx, who.ticket_id, chat_id=who.chat_id))],
    Act.SOLVED: [(DONE, _judged(Verdict.SOLVED)), (DONE, _judged(Verdict.SOLVED, "words"))],
    Act.NOT_SOLVED: [(DONE, _judged(Verdict.NOT_SOLVED)), (OVER, _judged(Verdict.NOT_SOLVED, "words"))],
    Act.NOT_SEEN: [(DONE, _judged(Verdict.NOT_SEEN))],
    Act.RATE: [(OVER, _rate)],
    Act.WHY: [(OVER, _why)],
}
"""Every way to do each act, and how the ticket must stand for it."""
EVERY = [(act, state, attempt) for act, ways in TRIES.items() for state, attempt in ways]
NAMES = [f"{act}-{place}" for place, (act, _, _) in enumerate(EVERY)]
KINDS = ("see", "act", "revoked", "expired", "stranger")


def test_every_act_is_tried() -> None:
    assert set(TRIES) == set(Act) - {Act.SHOW}
    assert all(rules().acts[act].needs == "act" for act in TRIES), "who may only see changes nothing"


def test_every_button_leads_to_an_act() -> None:
    assert {action for _, action in BUTTONS.values()} <= set(rules().buttons)


def test_every_unit_that_takes_a_ticket_from_a_chat_is_tried_or_only_reads() -> None:
    """A new way to change a ticket from a resident's side stands here, and above."""
    found = {
        f"{module.__name__.split('.')[-1]}.{name}"
        for module in (tickets, verdicts, rights)
        for name, unit in inspect.getmembers(module, inspect.isfunction)
        if unit.__module__ == module.__name__ and {"ticket_id", "chat_id"} <= set(inspect.signature(unit).parameters)
    }
    reads = {"rights.access", "rights.authority", "rights.visible", "rights._follows"}
    assert found - reads == {
        "tickets.add_words",
        "tickets.withdraw",
        "verdicts.judge",
        "verdicts.rate",
        "verdicts.give_reason",
    }


def _family(tx: Tx, kind: str, state: dict[str, Any]) -> Family:
    """What the elder filed, and a helper with this authority; whatever it is by now, it had begun."""
    filed, helper = file_ticket(tx, remote=ELDER), find_or_open(tx, channel="web", remote=DAUGHTER)
    elder = find_or_open(tx, channel="web", remote=ELDER)
    tx.execute(ticket_table.update().values(state))
    if kind != "stranger":
        code = proxies.give(tx, chat_id=elder, relation="child", scope="see" if kind == "see" else "act")
        given = passing.use(tx, chat_id=helper, code=code)
        assert isinstance(given, proxies.Proxy)
        if kind == "revoked":
            proxies.end(tx, given.id, chat_id=elder)
        if kind == "expired":  # and the clock that tidies up has not been by
            tx.execute(proxy_table.update().values(until=tx.now - timedelta(seconds=1)))
    said = messages.record(tx, chat_id=helper, sender="resident", text="楼下也湿了")
    return Family(filed.id, helper, said)


def _stands(tx: Tx) -> list[Any]:
    """All that somebody could have changed; which message an edit stands at is set up by the test itself."""
    told = (message_table.c.id, message_table.c.text, message_table.c.edited_at)
    rows = [tx.tuples(select(*told).order_by(message_table.c.id))]
    for table in (ticket_table, ticket_events, ticket_blobs, call_backs):
        rows.append([tuple(row.values()) for row in tx.all(select(table))])
    return rows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("act", "state", "attempt"), EVERY, ids=NAMES)
async def test_only_who_may_act_acts(
    act: Act, state: dict[str, Any], attempt: Try, kind: str, any_storage: Storage
) -> None:
    def happens(tx: Tx) -> tuple[list[Any], Any, list[Any], list[Any]]:
        who = _family(tx, kind, state)
        before = _stands(tx)
        done = attempt(tx, who)
        return before, done, _stands(tx), [row["action"] for row in tx.all(proxy_events.select())]

    before, done, after, kept = await any_storage.run(happens)
    assert (before != after) is (kind == "act")
    assert bool(done) is (kind == "act")
    assert (act.value in kept) is (kind == "act"), "and what was done stands in the record"


async def test_who_it_belongs_to_may_and_no_proxys_record_says_so(any_storage: Storage) -> None:
    def happens(tx: Tx) -> list[Any]:
        who = _family(tx, "act", OPEN)
        elder = find_or_open(tx, channel="web", remote=ELDER)
        assert tickets.withdraw(tx, who.ticket_id, chat_id=elder) is not None
        return [row["action"] for row in tx.all(proxy_events.select())]

    assert await any_storage.run(happens) == ["give", "accept"]


async def test_the_claim_code_gives_the_right_whatever_the_proxy_may(any_storage: Storage) -> None:
    """It is the elder's own key: who was handed it is no proxy any more for that ticket."""

    def happens(tx: Tx) -> bool:
        who = _family(tx, "revoked", OPEN)
        row = tx.first(ticket_table.select())
        assert row is not None
        tickets.claim(tx, chat_id=who.chat_id, number=row["number"], code=row["claim_code"])
        return tickets.withdraw(tx, who.ticket_id, chat_id=who.chat_id) is not None

    assert await any_storage.run(happens)
