"""The course of a mediation on both databases: appointments, more time, an agreement, its performance (ME-07, ME-10…13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from knowledge.agreements import Agreement, Term
from knowledge.mediation import Refusal, Side, State, Who, month_after
from storage import (
    blobs,
    course_erasure,
    mediation,
    mediation_agreements,
    mediation_asks,
    mediation_extensions,
    mediation_next,
    mediation_sessions,
    mediation_visits,
    staff,
)
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.mediation import Case, Stale
from storage.staff import MayNot
from storage.tables import mediation_parties, mediations
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import file_ticket

PIPE = Term("respondent", "请人把卫生间水管修好", "自己请师傅", by=date(2026, 12, 4))
QUIET = Term("both", "晚上十点以后不吵闹", lasting=True)
WRITTEN = Agreement("written", "楼上漏水", "谁来修", terms=(PIPE, QUIET))
HOURS = timedelta(hours=1)


def open_case(tx: Tx) -> tuple[Case, int]:
    """A case both sides agreed to have mediated, and its mediator."""
    mediator = staff.add(tx, name="何姐", role="mediator")
    filed = file_ticket(tx, route="dispute", category="leak")
    own = {"state": "mediating", "kind": "leak", "mediator_id": mediator, "opened_at": tx.now, "accepted_at": tx.now}
    number = {"year": 2026, "sequence": 1, "file_number": "（2026）望人调字第1号", "due_at": month_after(tx.now)}
    case_id = tx.insert(mediations, ticket_id=filed.id, **own, **number)
    for place, (side, name) in enumerate((("applicant", "陈桂芳"), ("respondent", "刘勇")), 1):
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + place)
        tx.insert(mediation_parties, mediation_id=case_id, side=side, name=name, chat_id=chat_id, unread=0)
    found = mediation.get(tx, case_id)
    assert found is not None
    return found, mediator


def answer(tx: Tx, kind: Any, about: int, **answers: str) -> str:
    """Both sides answer in their chats; what it led to."""
    settle: Any = {
        "session": mediation_sessions.settle,
        "extension": mediation_extensions.settle,
        "agreement": mediation_agreements.settle,
        "visit": mediation_visits.settle,
    }[kind]
    for side, said in answers.items():
        row = mediation_asks.of(tx, kind, about)[side]
        assert mediation_asks.answer(tx, row["id"], chat_id=row["chat_id"], said=said, via="button") is not None
    case = mediation.held(tx, int(mediation_asks.of(tx, kind, about)["applicant"]["mediation_id"]))
    return str(settle(tx, case, about, mediation_asks.of(tx, kind, about)))


def put_up(tx: Tx, case: Case, mediator: int, text: Agreement = WRITTEN) -> int:
    """The agreement is written and put before both; its id."""
    row = mediation_agreements.write(tx, case.id, staff_id=mediator, revision=None, agreement=text)
    assert isinstance(row, Mapping)
    asked = mediation_agreements.put(tx, case.id, staff_id=mediator, revision=None, today=date(2026, 11, 23))
    assert isinstance(asked, list)
    return int(row["id"])


def confirmed(tx: Tx, text: Agreement = WRITTEN) -> tuple[Case, int, int]:
    case, mediator = open_case(tx)
    version = put_up(tx, case, mediator, text)
    assert answer(tx, "agreement", version, applicant="yes", respondent="yes") == "confirmed"
    return mediation.held(tx, case.id), mediator, version


def sign(tx: Tx, case: Case, mediator: int, **more: Any) -> str | Refusal | Stale:
    day = date(2026, 11, 23)
    days = dict.fromkeys(mediation_agreements.SIGNED, day) | more.pop("days", {})
    return mediation_agreements.sign(tx, case.id, staff_id=mediator, revision=None, days=days, **more)


def scanned(tx: Tx) -> int:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    return blobs.store(tx, chat_id=chat_id, kind="document", mime="application/pdf", content=b"%PDF-1.4", name="a.pdf")


async def test_an_appointment_is_agreed_by_both_moved_and_written_up(any_storage: Storage, clock: FrozenClock) -> None:
    def story(tx: Tx) -> tuple[Case, int, int]:
        case, mediator = open_case(tx)
        at = tx.now + 30 * HOURS
        propose: dict[str, Any] = {"staff_id": mediator, "revision": None, "place": "社区调解室"}
        mediation_sessions.propose(tx, case.id, **propose, at=at, until=at + HOURS)
        first = mediation_sessions.open_one(tx, case.id)
        assert first is not None
        assert answer(tx, "session", first["id"], applicant="yes") == "waiting"
        assert answer(tx, "session", first["id"], respondent="other") == "trouble"
        mediation_sessions.propose(tx, case.id, **propose, at=at + HOURS, until=at + 2 * HOURS)
        second = mediation_sessions.open_one(tx, case.id)
        assert second is not None
        assert second["moved_from"] == first["id"]
        assert answer(tx, "session", second["id"], applicant="yes", respondent="yes") == "agreed"
        late = mediation_asks.of(tx, "session", first["id"])["applicant"]
        assert mediation_asks.answer(tx, late["id"], chat_id=late["chat_id"], said="no", via="button") is None
        return case, mediator, int(second["id"])

    case, mediator, session = await any_storage.run(story)
    written: dict[str, Any] = {"staff_id": mediator, "revision": None, "present": ["applicant"], "record": "谈了水管"}
    early = await any_storage.run(
        mediation_sessions.write_up, case.id, session, **written, outcome="again", open_door=False
    )
    assert isinstance(early, Refusal)
    clock.move(hours=32)
    done = await any_storage.run(mediation_sessions.write_up, case.id, session, **written, outcome="again")
    assert isinstance(done, Mapping)
    twice = await any_storage.run(mediation_sessions.write_up, case.id, session, **written, outcome="again")
    assert isinstance(twice, Refusal)


async def test_the_month_is_extended_only_by_two_yes(any_storage: Storage) -> None:
    def ask(tx: Tx, case: Case, mediator: int) -> int:
        assert case.settle_by is not None
        until = case.settle_by + timedelta(days=20)
        wish: dict[str, Any] = {"staff_id": mediator, "revision": None, "until": until, "reason": "等鉴定"}
        assert isinstance(mediation_extensions.ask(tx, case.id, **wish), list)
        assert isinstance(mediation_extensions.ask(tx, case.id, **wish), Refusal)
        row = mediation_extensions.open_one(tx, case.id)
        assert row is not None
        return int(row["id"])

    def story(tx: Tx) -> None:
        case, mediator = open_case(tx)
        first = ask(tx, case, mediator)
        assert answer(tx, "extension", first, applicant="no") == "refused"
        assert mediation.held(tx, case.id).settle_by == case.due_at
        second = ask(tx, case, mediator)
        assert answer(tx, "extension", second, applicant="yes") == "waiting"
        assert answer(tx, "extension", second, respondent="yes") == "granted"
        now = mediation.held(tx, case.id)
        assert case.due_at is not None
        assert now.settle_by == case.due_at + timedelta(days=20)
        late = mediation_asks.of(tx, "extension", second)["respondent"]
        assert mediation_asks.answer(tx, late["id"], chat_id=late["chat_id"], said="no", via="button") is None

    await any_storage.run(story)


async def test_a_later_change_voids_both_confirmations(any_storage: Storage) -> None:
    def story(tx: Tx) -> None:
        case, mediator, version = confirmed(tx)
        assert case.state is State.AGREED
        other = replace(WRITTEN, terms=(replace(PIPE, by=date(2026, 12, 8)),))
        row = mediation_agreements.write(tx, case.id, staff_id=mediator, revision=None, agreement=other)
        assert isinstance(row, Mapping)
        assert (row["version"], row["state"]) == (2, "draft")
        assert mediation.held(tx, case.id).state is State.MEDIATING
        old = mediation_asks.of(tx, "agreement", version)["applicant"]
        assert mediation_asks.answer(tx, old["id"], chat_id=old["chat_id"], said="yes", via="button") is None
        assert isinstance(sign(tx, case, mediator, scan=scanned(tx)), Refusal)

    await any_storage.run(story)


async def test_nothing_incomplete_is_put_before_them(any_storage: Storage) -> None:
    def story(tx: Tx) -> None:
        case, mediator = open_case(tx)
        short = replace(WRITTEN, terms=(replace(PIPE, by=None),))
        mediation_agreements.write(tx, case.id, staff_id=mediator, revision=None, agreement=short)
        asked = mediation_agreements.put(tx, case.id, staff_id=mediator, revision=None, today=date(2026, 11, 23))
        assert isinstance(asked, Refusal)

    await any_storage.run(story)


@pytest.mark.parametrize("lacking", [*mediation_agreements.SIGNED, "scan"])
async def test_it_takes_effect_only_when_everything_is_there(any_storage: Storage, lacking: str) -> None:
    def story(tx: Tx) -> None:
        case, mediator, _ = confirmed(tx)
        scan = None if lacking == "scan" else scanned(tx)
        without: dict[str, Any] = {} if lacking == "scan" else {lacking: None}
        assert sign(tx, case, mediator, scan=scan, days=without) == "signing"
        assert mediation.held(tx, case.id).state is State.AGREED
        assert mediation_visits.of_case(tx, case.id) == []
        rest = scanned(tx) if lacking == "scan" else None
        assert sign(tx, case, mediator, scan=rest) == "in_force"
        assert mediation.held(tx, case.id).state is State.PERFORMING
        assert [row["term"] for row in mediation_visits.of_case(tx, case.id)] == [2, 1, 2]

    await any_storage.run(story)


async def test_an_oral_one_counts_from_the_day_agreed_and_moves_no_money(any_storage: Storage) -> None:
    def story(tx: Tx) -> None:
        oral = Agreement("oral", dispute="晚上吵", terms=(QUIET,))
        case, mediator, _ = confirmed(tx, oral)
        tomorrow: dict[str, Any] = {"staff_id": mediator, "revision": None, "on": date(2026, 11, 24)}
        assert isinstance(mediation_agreements.agree_orally(tx, case.id, **tomorrow), Refusal)
        today: dict[str, Any] = tomorrow | {"on": date(2026, 11, 23)}
        assert mediation_agreements.agree_orally(tx, case.id, **today) == "in_force"
        row = mediation_agreements.latest(tx, case.id)
        assert row is not None
        assert row["in_force_on"] == date(2026, 11, 23)

    await any_storage.run(story)


async def test_performance_is_the_mediators_record_and_not_yet_is_asked_again(
    any_storage: Storage, clock: FrozenClock
) -> None:
    def effect(tx: Tx) -> tuple[Case, int]:
        case, mediator, _ = confirmed(tx, replace(WRITTEN, terms=(PIPE,)))
        assert sign(tx, case, mediator, scan=scanned(tx)) == "in_force"
        return case, mediator

    case, mediator = await any_storage.run(effect)
    assert await any_storage.run(mediation_visits.due) == []
    clock.move(days=14)

    def follow(tx: Tx) -> None:
        [visit] = mediation_visits.due(tx)
        mediation_visits.ask(tx, visit)
        assert mediation_visits.due(tx) == []
        assert answer(tx, "visit", visit["id"], applicant="not_yet", respondent="performed") == "not_yet"
        record: dict[str, Any] = {"staff_id": mediator, "revision": None, "how": "上门看过，还没修"}
        done = mediation_visits.write_down(tx, case.id, visit["id"], **record, outcome="not_yet")
        assert isinstance(done, Mapping)
        assert isinstance(mediation_visits.write_down(tx, case.id, visit["id"], **record, outcome="performed"), Refusal)
        [again] = mediation_visits.outstanding(tx, case.id)
        assert again["term"] == 1
        assert again["due_at"] > tx.now

    await any_storage.run(follow)


async def test_only_the_mediator_has_it_in_hand_and_an_old_form_changes_nothing(any_storage: Storage) -> None:
    def story(tx: Tx) -> None:
        case, mediator = open_case(tx)
        colleague = staff.add(tx, name="周敏", role="mediator")
        for hand in (colleague, 999):
            with pytest.raises(MayNot):
                mediation_agreements.write(tx, case.id, staff_id=hand, revision=None, agreement=WRITTEN)
        kept = mediation_agreements.write(tx, case.id, staff_id=mediator, revision=case.revision, agreement=WRITTEN)
        assert isinstance(kept, Mapping)
        stale = mediation_agreements.write(tx, case.id, staff_id=mediator, revision=case.revision, agreement=WRITTEN)
        assert isinstance(stale, Stale)

    await any_storage.run(story)


async def test_an_answer_counts_in_its_own_chat_and_a_side_in_no_chat_is_heard_by_the_mediator(
    any_storage: Storage,
) -> None:
    def story(tx: Tx) -> None:
        case, mediator = open_case(tx)
        mediation.change_party(tx, case.respondent, chat_id=None)
        version = put_up(tx, case, mediator)
        asked = mediation_asks.of(tx, "agreement", version)
        theirs = asked["applicant"]
        assert mediation_asks.answer(tx, theirs["id"], chat_id=theirs["chat_id"] + 1, said="yes", via="button") is None
        assert mediation_asks.answer(tx, theirs["id"], chat_id=theirs["chat_id"], said="never", via="button") is None
        heard: dict[str, Any] = {"staff_id": mediator, "said": "yes", "via": "visit"}
        assert mediation_asks.heard(tx, asked["respondent"]["id"], **heard) is not None
        assert answer(tx, "agreement", version, applicant="yes") == "confirmed"
        said = mediation_asks.of(tx, "agreement", version)
        assert [said[side]["staff_id"] for side in ("applicant", "respondent")] == [None, mediator]

    await any_storage.run(story)


async def test_when_its_time_is_up_no_words_are_left(any_storage: Storage) -> None:
    def story(tx: Tx) -> None:
        case, mediator, version = confirmed(tx)
        sign(tx, case, mediator, scan=scanned(tx))
        course_erasure.anonymise(tx, case.id)
        row = mediation_agreements.get(tx, version)
        assert row is not None
        assert (row["content"], row["scan_blob_id"], row["in_force_on"]) == ({}, None, date(2026, 11, 23))
        assert {one["chat_id"] for one in mediation_asks.of(tx, "agreement", version).values()} == {None}
        assert case.parties[Side.APPLICANT].name == "陈桂芳"

    await any_storage.run(story)


async def test_the_court_is_gone_to_by_both_within_thirty_days(any_storage: Storage, clock: FrozenClock) -> None:
    def effect(tx: Tx) -> tuple[Case, int]:
        case, mediator, _ = confirmed(tx)
        early: dict[str, Any] = {"staff_id": mediator, "revision": None, "confirmed_on": None}
        assert isinstance(mediation_agreements.court(tx, case.id, applied_on=date(2026, 11, 23), **early), Refusal)
        assert sign(tx, case, mediator, scan=scanned(tx)) == "in_force"
        return case, mediator

    case, mediator = await any_storage.run(effect)
    clock.move(days=40)

    def goes(tx: Tx, on: date) -> Any:
        who: dict[str, Any] = {"staff_id": mediator, "revision": None, "confirmed_on": None}
        return mediation_agreements.court(tx, case.id, applied_on=on, **who)

    assert isinstance(await any_storage.run(goes, date(2026, 12, 24)), Refusal)
    assert isinstance(await any_storage.run(goes, date(2026, 11, 22)), Refusal)
    assert isinstance(await any_storage.run(goes, date(2026, 12, 23)), Mapping)
    assert await any_storage.run(mediation_agreements.before_court, clock.now - timedelta(days=90)) == []


async def test_what_could_not_be_kept_is_asked_after_no_more_when_they_talk_again(
    any_storage: Storage, clock: FrozenClock
) -> None:
    def effect(tx: Tx) -> tuple[Case, int]:
        case, mediator, _ = confirmed(tx)
        assert sign(tx, case, mediator, scan=scanned(tx)) == "in_force"
        now = mediation.held(tx, case.id)
        mediation.step(tx, now, "talk_again", {Who.MEDIATOR}, actor="staff", staff_id=mediator, note="师傅不肯来修")
        return case, mediator

    case, mediator = await any_storage.run(effect)
    clock.move(days=60)
    assert await any_storage.run(mediation_visits.due) == []

    def anew(tx: Tx) -> None:
        later = replace(WRITTEN, terms=(replace(PIPE, by=date(2027, 2, 26)),))
        row = mediation_agreements.write(tx, case.id, staff_id=mediator, revision=None, agreement=later)
        assert isinstance(row, Mapping)
        assert [one["state"] for one in mediation_agreements.of_case(tx, case.id)] == ["replaced", "draft"]
        assert mediation_visits.outstanding(tx, case.id) == []

    await any_storage.run(anew)


@pytest.mark.parametrize(
    ("state", "key"), [("mediating", "propose"), ("agreed", "sign"), ("performing", "visit_coming"), ("filed", None)]
)
async def test_what_to_do_next_is_only_looked_at(any_storage: Storage, state: str, key: str | None) -> None:
    def story(tx: Tx) -> int:
        if state == "mediating":
            return open_case(tx)[0].id
        case, mediator, _ = confirmed(tx)
        if state != "agreed":
            sign(tx, case, mediator, scan=scanned(tx))
        if state == "filed":
            mediation.change(tx, case.id, state="filed")
        return case.id

    case = await any_storage.read(mediation.get, await any_storage.run(story))
    assert case is not None
    found = await any_storage.read(mediation_next.next_step, case)
    assert (found.key if found else None) == key
