"""A case in storage, on both databases: applied for once, joined, accepted, asked, spoken in, released, left, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.mediation import Access, Conflict, Reader, Refusal, Side, State, Who
from storage import (
    desk,
    export,
    mediation,
    mediation_desk,
    mediation_life,
    mediation_opening,
    mediation_talk,
    promises,
    queue_kinds,
    queues,
    staff,
    tickets,
)
from storage import tables as t
from storage.engine import Storage
from storage.mediation import Case, Stale
from storage.mediation_opening import Whereabouts
from storage.queues import Wanted
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.mediation_cases import (
    ABOVE,
    APPLICANT_SAID,
    above,
    accepted,
    applies,
    asked,
    below,
    going,
    hired,
    moves_in,
    plainly,
    says,
    talking,
    two_neighbours,
)


async def test_an_application_is_one_case_with_both_sides_and_the_applicants_words_in_their_own_thread(
    any_storage: Storage,
) -> None:
    def story(tx: Tx) -> tuple[Case, Any]:
        case = applies(tx, below(tx))
        again = mediation_opening.apply(
            tx, case.ticket_id, chat_id=case.applicant.chat_id or 0,
            given=mediation_opening.Application(ABOVE, None, True, "1"),
        )  # fmt: skip
        assert again is not None
        assert again.id == case.id
        return case, tx.first(select(t.tickets).where(t.tickets.c.id == case.ticket_id))

    case, ticket = await any_storage.run(story)
    assert (case.state, case.respondent.room, case.applicant.room) == (State.APPLIED, "1304", "1204")
    assert ticket["confidential"]
    words = await any_storage.read(mediation.words_for, case.id, Reader(side=Side.APPLICANT))
    assert [APPLICANT_SAID in word.text for word in words] == [True]
    assert await any_storage.read(mediation.words_for, case.id, Reader(side=Side.RESPONDENT)) == []


async def test_nobody_applies_for_somebody_else(storage: Storage) -> None:
    def story(tx: Tx) -> Case | None:
        case = applies(tx, below(tx))
        given = mediation_opening.Application(ABOVE, None, True, "1")
        return mediation_opening.apply(tx, case.ticket_id, chat_id=above(tx).chat_id, given=given)

    assert await storage.run(story) is None


# -- both file about each other ---
async def test_two_about_each_other_are_one_case_and_neither_reads_the_others_words(any_storage: Storage) -> None:
    def story(tx: Tx) -> tuple[Case, Case]:
        first = applies(tx, below(tx))
        other = Whereabouts(building="7", unit="2", room="1204", place_note="楼下")
        second = applies(tx, above(tx), about=other, said="楼下天天敲暖气管骂人", room="1304")
        return first, second

    first, led = await any_storage.run(story)
    assert led.id == first.id
    assert led.respondent.willing
    assert led.respondent.invited_by == "joined"
    [joined] = await any_storage.read(lambda tx: mediation.cases(tx, t.mediations.c.counterpart_id == first.id))
    assert (joined.state, joined.ending) == (State.ENDED, "joined")
    theirs = await any_storage.read(mediation.words_for, led.id, Reader(side=Side.RESPONDENT))
    mine = await any_storage.read(mediation.words_for, led.id, Reader(side=Side.APPLICANT))
    assert ["敲暖气管" in word.text for word in theirs] == [True]
    assert ["心脏" in word.text for word in mine] == [True]


async def test_both_tickets_go_with_the_one_case(storage: Storage) -> None:
    def story(tx: Tx) -> list[Any]:
        mediator, first = hired(tx), applies(tx, below(tx))
        other = Whereabouts(building="7", unit="2", room="1204")
        led = applies(tx, above(tx), about=other, said="楼下天天敲管子", room="1304")
        case = accepted(tx, led, mediator)
        assert case.id == first.id
        assert set(tickets_state(tx)) == {"handling"}
        begun = going(mediation_life.willing(tx, case, staff_id=mediator, told="1"))
        going(mediation_life.end(tx, begun, "fail", Who.MEDIATOR, staff_id=mediator, note="谈了三次"))
        return tickets_state(tx)

    assert await storage.run(story) == ["closed", "closed"]


def tickets_state(tx: Tx) -> list[str]:
    return [str(row["state"]) for row in tx.all(select(t.tickets).order_by(t.tickets.c.id))]


@pytest.mark.parametrize("room", ["1204", None])
async def test_a_household_does_not_join_its_own_case_nor_a_strangers(room: str | None, storage: Storage) -> None:
    def story(tx: Tx) -> int:
        home = below(tx)
        applies(tx, home)
        applies(tx, moves_in(tx, 9, building="7", unit="2", room="1404"), about=Whereabouts(building="7", room=room))
        return len(mediation.cases(tx, t.mediations.c.counterpart_id.is_not(None)))

    assert await storage.run(story) == 0


# -- acceptance ---
async def test_accepted_cases_are_numbered_by_year_and_have_a_month(any_storage: Storage, clock: FrozenClock) -> None:
    def story(tx: Tx) -> list[Case]:
        mediator = hired(tx)
        one = accepted(tx, applies(tx, below(tx)), mediator)
        other = applies(
            tx, moves_in(tx, 3, building="9", unit="1", room="301"), about=Whereabouts(name="老张"), room="301"
        )
        return [one, accepted(tx, other, mediator)]

    one, other = await any_storage.run(story)
    assert [one.file_number, other.file_number] == ["（2026）望人调字第1号", "（2026）望人调字第2号"]
    assert one.due_at == clock.now.replace(month=12)
    clock.move(days=60)

    def next_year(tx: Tx) -> Case:
        home = moves_in(tx, 4, building="9", unit="1", room="401")
        return accepted(tx, applies(tx, home, about=Whereabouts(name="老李"), room="401"), one.mediator_id or 0)

    assert (await any_storage.run(next_year)).file_number == "（2027）望人调字第1号"


async def test_the_ticket_is_due_with_the_case_and_its_own_promises_rest(storage: Storage, clock: FrozenClock) -> None:
    def story(tx: Tx) -> Any:
        case = accepted(tx, applies(tx, below(tx)), hired(tx))
        return tx.first(select(t.tickets).where(t.tickets.c.id == case.ticket_id))

    ticket = await storage.run(story)
    assert (ticket["state"], ticket["due_rule"]) == ("handling", "ME-07")
    clock.move(days=40)
    assert await storage.run(promises.late) == []


async def test_an_old_form_changes_nothing(storage: Storage) -> None:
    def story(tx: Tx) -> Any:
        mediator, case = hired(tx), applies(tx, below(tx))
        accepted(tx, case, mediator)
        return mediation_opening.accept(tx, mediation.held(tx, case.id), staff_id=mediator, revision=1, word="望")

    assert isinstance(await storage.run(story), Stale)


# -- the other side ---
async def test_without_the_applicants_yes_nobody_is_asked(storage: Storage) -> None:
    def story(tx: Tx) -> Any:
        mediator = hired(tx)
        above(tx)
        case = accepted(tx, applies(tx, below(tx), may_contact=False), mediator)
        return mediation_life.invite(tx, case, staff_id=mediator, revision=case.revision)[0]

    refused = await storage.run(story)
    assert isinstance(refused, Refusal)
    assert refused.kind == "consent"


async def test_the_applicant_is_never_offered_as_the_other_side(storage: Storage) -> None:
    def story(tx: Tx) -> Any:
        home = below(tx)
        same_flat = Whereabouts(building="7", unit="2", room="1204")
        case = accepted(tx, applies(tx, home, about=same_flat), hired(tx))
        return mediation_life.neighbours(tx, case)

    assert await storage.run(story) == []


async def test_a_code_lets_one_in_once_and_never_the_applicant(any_storage: Storage, clock: FrozenClock) -> None:
    def story(tx: Tx) -> tuple[Any, ...]:
        mediator, home, other = hired(tx), below(tx), above(tx)
        case = accepted(tx, applies(tx, home), mediator)
        result, code = mediation_life.invite(tx, case, staff_id=mediator, revision=case.revision)
        assert code is not None
        own = mediation_life.use_code(tx, chat_id=home.chat_id, code=code, told="1")
        first = mediation_life.use_code(tx, chat_id=other.chat_id, code=code, told="1")
        return own, first, mediation_life.use_code(tx, chat_id=other.chat_id, code=code, told="1"), going(result).state

    own, first, twice, state = await any_storage.run(story)
    assert (own, twice, state) == (None, None, State.INVITING)
    assert first.respondent.chat_id is not None


async def test_an_invitation_code_runs_out(storage: Storage, clock: FrozenClock) -> None:
    def invited(tx: Tx) -> str:
        mediator = hired(tx)
        case = accepted(tx, applies(tx, below(tx)), mediator)
        return str(mediation_life.invite(tx, case, staff_id=mediator, revision=case.revision)[1])

    code = await storage.run(invited)
    clock.move(days=15)

    def late(tx: Tx) -> Case | None:
        other = above(tx)
        return mediation_life.use_code(tx, chat_id=other.chat_id, code=code, told="1")

    assert await storage.run(late) is None


async def test_the_other_side_cannot_bring_the_applicants_ticket_to_itself(storage: Storage) -> None:
    def story(tx: Tx) -> Any:
        mediator, other = hired(tx), above(tx)
        case = asked(tx, accepted(tx, applies(tx, below(tx)), mediator), mediator)
        row = tx.first(select(t.tickets).where(t.tickets.c.id == case.ticket_id))
        assert row is not None
        return tickets.claim(tx, chat_id=other.chat_id, number=row["number"], code=row["claim_code"])

    assert await storage.run(story) == "unknown"


async def test_a_refusal_ends_it_and_closes_the_ticket(any_storage: Storage) -> None:
    def story(tx: Tx) -> tuple[Case, list[str]]:
        mediator = hired(tx)
        above(tx)
        case = asked(tx, accepted(tx, applies(tx, below(tx)), mediator), mediator)
        return going(mediation_life.end(tx, case, "refuse", Who.RESPONDENT)), tickets_state(tx)

    case, states = await any_storage.run(story)
    assert (case.state, case.ending, states) == (State.ENDED, "refused_by_respondent", ["closed"])


# -- words ---
async def test_a_word_crosses_only_by_a_release(any_storage: Storage) -> None:
    _, other, case, mediator = await two_neighbours(any_storage)

    def told(tx: Tx) -> int:
        return says(tx, case, Side.APPLICANT, "他家椅子没有脚垫")

    word_id = await any_storage.run(told)

    async def theirs() -> list[str]:
        read = await any_storage.read(mediation.words_for, case.id, Reader(side=Side.RESPONDENT))
        return [word.text for word in read]

    assert await theirs() == []

    def cross(tx: Tx) -> str:
        now = mediation.held(tx, case.id)
        [word] = [w for w in mediation.words_for(tx, case.id, Reader(access=Access.ALL)) if w.id == word_id]
        return mediation_talk.release(tx, now, word, staff_id=mediator, tell=plainly("对方说：没有脚垫"))

    assert await any_storage.run(cross) == "released"
    assert await any_storage.run(cross) == "again"
    assert await theirs() == ["他家椅子没有脚垫"]
    heard = await any_storage.read(lambda tx: tx.all(select(t.messages).where(t.messages.c.chat_id == other.chat_id)))
    assert [row["text"] for row in heard] == ["对方说：没有脚垫"]


@pytest.mark.parametrize("said", ["他电话 13912345678，你们打", "他有抑郁症的", "他坐过牢"])
async def test_a_number_or_illness_waits_for_the_mediators_look(said: str, storage: Storage) -> None:
    one, _, case, _ = await two_neighbours(storage)
    word_id = await storage.run(says, case, Side.APPLICANT, said)
    result = await storage.run(
        mediation_talk.release_own, word_id, chat_id=one.chat_id, tell=lambda case, word: plainly(word.text)
    )
    assert result == "held"
    assert await storage.read(mediation.words_for, case.id, Reader(side=Side.RESPONDENT)) == []
    events = await storage.read(mediation.history, case.id)
    assert (events[-1].action, events[-1].word_id) == ("ask_release", word_id)


async def test_nobody_releases_a_word_that_is_not_their_own(storage: Storage) -> None:
    one, other, case, _ = await two_neighbours(storage)
    word_id = await storage.run(says, case, Side.APPLICANT, "我只想睡觉")

    def by(chat_id: int) -> Any:
        return lambda tx: mediation_talk.release_own(tx, word_id, chat_id=chat_id, tell=lambda c, w: plainly(w.text))

    assert await storage.run(by(other.chat_id)) == "not_yours"
    assert await storage.run(by(one.chat_id)) == "released"


async def test_before_the_other_side_said_yes_nothing_crosses(storage: Storage) -> None:
    def story(tx: Tx) -> str:
        mediator = hired(tx)
        home = below(tx)
        above(tx)
        case = asked(tx, accepted(tx, applies(tx, home), mediator), mediator)
        word_id = says(tx, case, Side.APPLICANT, "我只想睡觉")
        tell: Any = lambda c, w: plainly(w.text)  # noqa: E731
        return mediation_talk.release_own(tx, word_id, chat_id=home.chat_id, tell=tell)

    assert await storage.run(story) == "not_yet"


async def test_the_joint_thread_opens_when_both_agree(storage: Storage) -> None:
    _, _, case, _ = await two_neighbours(storage)
    assert not await storage.run(mediation_talk.agree_to_joint, case, Side.APPLICANT, yes=True)
    case = await storage.run(mediation.held, case.id)
    assert not case.joint
    assert await storage.run(mediation_talk.agree_to_joint, case, Side.RESPONDENT, yes=True)
    case = await storage.run(mediation.held, case.id)
    heard = await storage.run(mediation_talk.heard, case, Side.APPLICANT, text="我们好好说", jointly=True)
    assert heard.thread == "joint"
    read = await storage.read(mediation.words_for, case.id, Reader(side=Side.RESPONDENT))
    assert [word.text for word in read] == ["我们好好说"]


async def test_what_is_added_to_the_ticket_is_said_to_the_mediator(storage: Storage) -> None:
    one, _, case, _ = await two_neighbours(storage)

    def adds(tx: Tx) -> Any:
        message_id = tx.insert(
            t.messages, chat_id=one.chat_id, seq=900, sender="resident", text="昨晚又吵到两点", at=tx.now
        )
        tickets.add_words(tx, case.ticket_id, chat_id=one.chat_id, message_id=message_id)
        return [word.text for word in mediation.words_for(tx, case.id, Reader(side=Side.APPLICANT))][-1]

    assert await storage.run(adds) == "昨晚又吵到两点"


# -- the desk ---
async def test_a_ticket_in_mediation_is_on_no_other_desk(any_storage: Storage) -> None:
    _, _, case, mediator = await two_neighbours(any_storage)

    def look(tx: Tx) -> list[Any]:
        admin = hired(tx, "管理", "admin")
        rows: list[Any] = []
        for member in (admin, mediator):
            for wanted in (Wanted(), Wanted(words="椅子"), Wanted(words=case.number)):
                rows += queues.page(tx, wanted, staff_id=member, role="admin").rows
            rows += [desk.ticket_page(tx, case.number, staff_id=member)]
            rows += [number for number in queue_kinds.counts(tx, staff_id=member).values() if number]
        return [row for row in rows if row]

    assert await any_storage.read(lambda tx: export.page(tx, "tickets").rows[0]["description"]) is None
    assert await any_storage.run(look) == []


async def test_who_steps_aside_sees_nothing(any_storage: Storage) -> None:
    def story(tx: Tx) -> dict[str, Any]:
        case = applies(tx, below(tx))
        people = {name: hired(tx, name) for name in ("邻居家", "何师傅", "申报的", "来过的", "局外人")}
        for name, room in (("邻居家", "1304"), ("来过的", "1504")):
            mediation_desk.set_home(tx, people[name], building="7", unit="2", room=room)
        tx.insert(t.ticket_barred, ticket_id=case.ticket_id, role=None, name="申报的")
        earlier = moves_in(tx, 5, building="7", unit="2", room="1504")
        applies(tx, earlier, about=Whereabouts(building="7", unit="2", room="1204"), room="1504")
        found = {}
        for name, member_id in people.items():
            member = staff.get(tx, member_id)
            assert member is not None
            found[name] = mediation_desk.footing(tx, case, member)
        return found

    found = await any_storage.run(story)
    assert {name: set(on.conflicts) for name, on in found.items()} == {
        "邻居家": {Conflict.HOUSEHOLD},
        "何师傅": {Conflict.PARTY, Conflict.COMPLAINED_OF},
        "申报的": {Conflict.DECLARED},
        "来过的": {Conflict.EARLIER_PARTY},
        "局外人": set(),
    }
    assert {name for name, on in found.items() if on.access is Access.NONE} == set(found) - {"局外人"}


async def test_reading_a_case_is_written_down(storage: Storage) -> None:
    _, _, case, mediator = await two_neighbours(storage)

    def look(tx: Tx) -> int:
        member = staff.get(tx, mediator)
        assert member is not None
        return len(mediation_desk.read(tx, case, mediation_desk.footing(tx, case, member)))

    assert await storage.run(look) == 1
    seen = await storage.read(lambda tx: tx.all(select(t.mediation_seen)))
    assert [row["staff_id"] for row in seen] == [mediator]


async def test_a_mediator_who_leaves_leaves_their_cases_to_be_named_anew(
    any_storage: Storage, clock: FrozenClock
) -> None:
    _, _, case, mediator = await two_neighbours(any_storage)
    await any_storage.run(staff.disable, mediator)
    after = await any_storage.run(mediation.held, case.id)
    assert (after.mediator_id, after.left_unnamed_at, after.state) == (None, clock.now, State.MEDIATING)
    assert await any_storage.read(mediation_life.unnamed, for_hours=24) == []
    clock.move(hours=25)
    assert [one.id for one in await any_storage.read(mediation_life.unnamed, for_hours=24)] == [case.id]


async def test_stepping_aside_shuts_the_case_to_whoever_did(storage: Storage) -> None:
    _, _, case, mediator = await two_neighbours(storage)

    def aside(tx: Tx) -> Any:
        going(
            mediation_life.step_aside(
                tx, case, staff_id=mediator, staff_name="方调解", revision=case.revision, why="是我表哥"
            )
        )
        member = staff.get(tx, mediator)
        assert member is not None
        return mediation_desk.footing(tx, mediation.held(tx, case.id), member)

    assert (await storage.run(aside)).access is Access.NONE


async def test_taking_the_ticket_back_ends_the_case(any_storage: Storage) -> None:
    one, _, case, _ = await two_neighbours(any_storage)
    assert await any_storage.run(tickets.withdraw, case.ticket_id, chat_id=one.chat_id) is not None
    after = await any_storage.run(mediation.held, case.id)
    assert (after.state, after.ending) == (State.ENDED, "stopped_by_party")


async def test_unsure_words_are_the_mediators_for_a_while_after_they_wrote(
    storage: Storage, clock: FrozenClock
) -> None:
    one, _, case, mediator = await two_neighbours(storage)
    assert await storage.read(mediation_talk.awaited, one.chat_id) is None
    await storage.run(
        mediation_talk.mediator_says, case, thread="applicant", text="您好", staff_id=mediator, tell=plainly("您好")
    )
    clock.move(days=6)
    found = await storage.read(mediation_talk.awaited, one.chat_id)
    assert found is not None
    assert found[1] is Side.APPLICANT
    await storage.run(says, case, Side.APPLICANT, "我在")
    clock.move(minutes=29)
    assert await storage.read(mediation_talk.awaited, one.chat_id) is not None
    clock.move(minutes=2)
    assert await storage.read(mediation_talk.awaited, one.chat_id) is None


async def test_the_month_of_a_case_is_counted_by_the_calendar(storage: Storage, clock: FrozenClock) -> None:
    clock.now = clock.now.replace(year=2027, month=1, day=31)

    def story(tx: Tx) -> Case:
        above(tx)
        return talking(tx, applies(tx, below(tx)), hired(tx))

    case = await storage.run(story)
    assert case.due_at is not None
    assert case.due_at - clock.now == timedelta(days=28)
