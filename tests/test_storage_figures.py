"""The sums the figures are read from are those of a plain recount, whatever happens to tickets, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from knowledge import figures as pure
from knowledge.closing import Verdict
from knowledge.periods import Period, month_named
from storage import desk_acts, erasure, figure_days, figures, promises, scopes, tickets, verdicts
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.desk_acts import Notice
from storage.engine import Storage
from storage.figure_facts import known
from storage.figures import Narrow
from storage.tables import buildings, communities, mediations, ticket_barred, ticket_events, ticket_figures
from storage.tables import figure_days as sums
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket, hire

PLACES, MATTERS = ("7", "8", "21", None), ("repair", "sanitation", "property")
ALL_OF_IT = Period(date(2026, 1, 1), date(2027, 6, 30))


class Life:
    """Things that happen to tickets, one at random after another."""

    def __init__(self, seed: int, worker: int) -> None:
        self.chance, self.worker, self.filed = random.Random(seed), worker, 0

    def happens(self, tx: Tx) -> None:
        ids = [int(row["id"]) for row in tx.all(select(ticket_table.c.id).order_by(ticket_table.c.id))]
        if len(ids) < 4 or self.chance.random() < 0.15:
            self.files(tx)
            return
        ticket = tx.first(select(ticket_table).where(ticket_table.c.id == self.chance.choice(ids)))
        assert ticket is not None
        self.chance.choice(
            [self.worked_on, self.worked_on, self.judged, self.judged, self.withdrawn, self.late, self.rare]
        )(tx, ticket)

    def files(self, tx: Tx) -> None:
        self.filed += 1
        given: dict[str, Any] = {
            "building": self.chance.choice(PLACES),
            "category": self.chance.choice(MATTERS),
            "topic": "lift",
        }
        flags: dict[str, Any] = {"confidential": self.chance.random() < 0.2, "needs_reply": self.chance.random() < 0.9}
        file_ticket(tx, remote=FIRST_WEB_CHAT + self.filed, **given, **flags)

    def worked_on(self, tx: Tx, ticket: Any) -> None:
        action = self.chance.choice(["accept", "answer", "finish", "finish", "redo", "reopen"])
        words: dict[str, Any] = {"text": "好", "tell": lambda language, due: Notice("好")}
        desk_acts.act(tx, ticket["id"], staff_id=self.worker, action=action, revision=ticket["revision"], **words)

    def judged(self, tx: Tx, ticket: Any) -> None:
        verdict = self.chance.choice([Verdict.SOLVED, Verdict.SOLVED, Verdict.NOT_SOLVED, Verdict.NOT_SEEN])
        verdicts.judge(tx, ticket["id"], chat_id=ticket["chat_id"], verdict=verdict)
        value = self.chance.choice(["delighted", "angry"])
        verdicts.rate(tx, ticket["id"], chat_id=ticket["chat_id"], round=ticket["redos"], value=value)

    def withdrawn(self, tx: Tx, ticket: Any) -> None:
        if self.chance.random() < 0.3:
            tickets.withdraw(tx, ticket["id"], chat_id=ticket["chat_id"])

    def late(self, tx: Tx, _: Any) -> None:
        promises.late(tx)

    def rare(self, tx: Tx, ticket: Any) -> None:
        if self.chance.random() < 0.5 and ticket["closed_at"] is not None:
            erasure.anonymise(tx, ticket["id"])


def recounted(tx: Tx) -> dict[tuple[str, str, str], dict[str, int]]:
    """Every ticket counted from its facts, and added up in the plainest way."""
    ids = [int(row["id"]) for row in tx.all(select(ticket_table.c.id))]
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for one in known(tx, ids).values():
        places = {"all": "", "building": one.building, "matter": one.matter, "unit": one.unit, "spot": one.spot}
        for day, counts in pure.count(one.facts).items():
            for face, value in places.items():
                if (one.facts.shielded and face != "all") or (face == "spot" and not value):
                    continue
                kept = Counter(received=counts["received"]) if face == "spot" else counts
                for span in (day, day[:7]):
                    found.setdefault((span, face, value), Counter()).update(kept)
    return {key: dict(+counts) for key, counts in found.items() if +counts}


def kept(tx: Tx) -> dict[tuple[str, str, str], dict[str, int]]:
    return {(row["span"], row["face"], row["value"]): row["counts"] for row in tx.all(select(sums))}


async def settled(storage: Storage) -> None:
    while await storage.run(figure_days.settle, limit=7):
        continue


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_sums_are_those_of_a_plain_recount(any_storage: Storage, clock: FrozenClock, seed: int) -> None:
    member, _ = await any_storage.run(hire, "李强", "admin")
    life = Life(seed, member)
    for number in range(90):
        await any_storage.run(life.happens)
        clock.move(minutes=life.chance.choice([1, 20, 400, 3000]))
        if number % 11 == 0:
            await any_storage.run(figure_days.settle, limit=5)
    await settled(any_storage)
    assert await any_storage.read(figure_days.unsettled) == 0
    plain = await any_storage.read(recounted)
    assert await any_storage.read(kept) == plain
    whole = await any_storage.read(figures.read, ALL_OF_IT, staff_id=member)
    assert whole.whole
    assert sum(whole.total[f"response.{name}"] for name in ("in_time", "late", *pure.REASONS["response"])) == life.filed
    assert pure.added(*whole.weeks.values()) == whole.total
    await any_storage.run(figure_days.begin_again)
    assert await any_storage.read(kept) == {}
    await settled(any_storage)
    assert await any_storage.read(kept) == plain, "made anew they are the same"


async def test_a_place_sees_its_own_sums_and_nothing_that_is_kept_from_it(any_storage: Storage) -> None:
    def town(tx: Tx) -> tuple[int, int]:
        first, second = (tx.insert(communities, name=name, profile={}, created_at=tx.now) for name in ("甲", "乙"))
        for community, name in ((first, "7"), (first, "8"), (second, "21"), (second, "8")):
            tx.insert(buildings, community_id=community, name=name, floors=9, units=2)
        for number, building in enumerate(("7", "8", "21", None, "21"), start=1):
            file_ticket(tx, remote=FIRST_WEB_CHAT + number, building=building, topic="lift")
        file_ticket(tx, remote=FIRST_WEB_CHAT + 9, building="21", confidential=True)
        barred = file_ticket(tx, remote=FIRST_WEB_CHAT + 10, building="21")
        tx.insert(ticket_barred, ticket_id=barred.id, role="worker")
        return first, second

    first, second = await any_storage.run(town)
    member, _ = await any_storage.run(hire, "李强", "worker")
    await settled(any_storage)
    november = month_named("2026-11")

    async def seen(**narrow: Any) -> tuple[int, dict[str, int], int]:
        found = await any_storage.read(figures.read, november, staff_id=member, narrow=Narrow(**narrow))
        by_building = {name: counts["received"] for name, counts in found.faces["building"].items()}
        return found.total["received"], by_building, sum(found.spots.values())

    assert await seen() == (7, {"7": 1, "8": 1, "21": 2, "": 1}, 4), "what is confidential is in the total alone"
    assert await seen(community_id=first) == (3, {"7": 1, "8": 1, "": 1}, 2)
    assert await seen(community_id=second) == (2, {"21": 2}, 2), "a name two communities share means the office's own"
    assert await seen(building="21") == (2, {"21": 2}, 2)
    await any_storage.run(scopes.give, member, by=member, community_id=second)
    assert await seen() == (2, {"21": 2}, 2)
    assert await seen(community_id=first) == (0, {}, 0)
    await any_storage.run(scopes.give, member, by=member, subject="dispute")
    assert await seen() == (0, {}, 0)


async def test_deleting_a_resident_keeps_the_counts_and_loses_the_person(storage: Storage) -> None:
    filed = await storage.run(file_ticket, title="绝密", description="绝密")
    chat = await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 1)
    await storage.run(tickets.withdraw, filed.id, chat_id=chat)
    await settled(storage)
    before = await storage.read(kept)
    assert await storage.run(erasure.erase, chat_id=chat, row_id=0)
    await settled(storage)
    assert await storage.read(kept) == before
    assert "绝密" not in str(await storage.read(lambda tx: tx.all(select(ticket_figures))))


async def test_every_line_of_history_is_counted_once_whoever_wrote_it(storage: Storage) -> None:
    """A line some unit writes by itself, as mediation does, marks its ticket, too."""
    filed = await storage.run(file_ticket)
    await settled(storage)

    def goes_to_mediation(tx: Tx) -> None:
        tx.insert(mediations, ticket_id=filed.id, kind="noise", state="applied", opened_at=tx.now)
        tx.insert(ticket_events, ticket_id=filed.id, at=tx.now, actor="bot", action="handle", to_state="handling")

    await storage.run(goes_to_mediation)
    assert await storage.read(figure_days.unsettled) == 1
    await settled(storage)
    [whole] = [counts for key, counts in (await storage.read(kept)).items() if key == ("2026-11", "all", "")]
    assert whole["response.mediation"] == whole["shielded"] == 1
