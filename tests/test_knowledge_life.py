"""The life of a work order: every step leads where WO-05 says, and a wrong one is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import catalogue, units
from knowledge.life import (
    ACTION_NAMES,
    FLAG_NAMES,
    STATE_NAMES,
    STEPS,
    Duty,
    Flag,
    Refusal,
    Role,
    State,
    allowed,
    flags_after,
    is_open,
    move,
    name,
    step,
)
from knowledge.parties import Party, may_take, owes_who


def live(*story: tuple[str, Role]) -> State | Refusal:
    state = State.RECEIVED
    for action, role in story:
        found = step(state, action, role)
        if isinstance(found, Refusal):
            return found
        state = found
    return state


def test_a_ticket_goes_the_whole_way() -> None:
    story = (
        ("accept", Role.OPERATOR), ("assign", Role.OPERATOR), ("sign", Role.WORKER), ("handle", Role.WORKER),
        ("feed_back", Role.WORKER), ("check", Role.OPERATOR), ("close", Role.RESIDENT), ("archive", Role.SYSTEM),
    )  # fmt: skip
    assert live(*story) is State.ARCHIVED


def test_a_simple_matter_is_accepted_answered_and_closed_by_one_person() -> None:
    story = (("accept", Role.OPERATOR), ("answer", Role.OPERATOR), ("finish", Role.OPERATOR))
    assert live(*story) is State.CALLING_BACK
    assert live(*story, ("close", Role.RESIDENT)) is State.CLOSED
    assert live(*story, ("redo", Role.RESIDENT)) is State.HANDLING


def test_who_did_the_work_does_not_say_that_it_is_solved() -> None:
    refused = step(State.CALLING_BACK, "close", Role.WORKER)
    assert isinstance(refused, Refusal)
    assert refused.kind == "role"


def test_an_extension_is_asked_for_and_granted_with_the_reason_told() -> None:
    story = (("accept", Role.OPERATOR), ("handle", Role.WORKER), ("ask_extension", Role.WORKER), ("extend", Role.ADMIN))
    assert live(*story) is State.HANDLING
    assert move("extend").duties == {Duty.WHY, Duty.TELL}


def test_a_closed_ticket_is_reopened_by_its_resident() -> None:
    assert step(State.CLOSED, "reopen", Role.RESIDENT) is State.ACCEPTED


def test_the_worker_may_not_grant_their_own_extension() -> None:
    refused = step(State.EXTENSION_ASKED, "extend", Role.WORKER)
    assert refused == Refusal("role", "您的身份不能“批准延期”。", "Your role may not grant more time on a ticket.")


def test_what_is_over_says_so() -> None:
    refused = step("closed", "close", "operator")
    assert isinstance(refused, Refusal)
    assert refused.kind == "over"
    assert "已办结" in refused.zh


def test_a_step_out_of_order_is_told_apart_from_one_too_late() -> None:
    refused = step(State.RECEIVED, "feed_back", Role.WORKER)
    assert isinstance(refused, Refusal)
    assert refused.kind == "order"


def test_an_unknown_action_is_refused_not_raised() -> None:
    refused = step(State.RECEIVED, "explode", Role.ADMIN)
    assert isinstance(refused, Refusal)
    assert refused.kind == "unknown"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR])
def test_those_who_watch_do_not_handle(role: Role) -> None:
    assert isinstance(step(State.RECEIVED, "accept", role), Refusal)


def test_waiting_for_the_resident_is_lifted_by_their_answer() -> None:
    waiting = flags_after((), "ask_back")
    assert waiting == {Flag.WAITING_RESIDENT}
    assert flags_after(waiting, "add") == frozenset()


def test_supervision_stays_through_an_answer_and_ends_with_the_ticket() -> None:
    watched = flags_after((), "supervise")
    assert flags_after(watched, "answer") == {Flag.SUPERVISED}
    assert flags_after(watched, "close") == frozenset()


def test_everything_has_a_name_in_both_languages() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(FLAG_NAMES) == set(Flag)
    assert set(ACTION_NAMES) == {found.action for found in STEPS}
    assert name(State.CLOSED) == "已办结"
    assert name("closed", "en") == "closed"


@given(st.sampled_from(State), st.sampled_from(STEPS), st.sampled_from(Role))
def test_the_table_and_the_step_agree(state: State, tried: object, role: Role) -> None:
    action = tried.action  # type: ignore[attr-defined]  # sampled from STEPS
    offered = {found.action for found in allowed(state, role)}
    assert (action in offered) is isinstance(step(state, action, role), State)


UNIT, DESK = Role.WORKER, Role.OPERATOR


@pytest.mark.parametrize(
    ("story", "ends"),
    [
        (
            ("assign:d", "sign:u", "handle:u", "feed_back:u", "send_back:d", "feed_back:u", "check:d"),
            State.CALLING_BACK,
        ),
        (("assign:d", "ask_return:u", "reassign:d", "sign:u"), State.SIGNED),
        (("assign:d", "ask_return:u", "keep:d"), State.ASSIGNED),
        (("assign:d", "sign:u", "ask_return:u", "designate:d"), State.ASSIGNED),
        (("assign:d", "sign:u", "ask_extension:u", "refuse_extension:d"), State.HANDLING),
        (("accept:d", "follow_up:d"), State.HANDLING),
        (("decline:d",), State.DECLINED),
        (("transfer:d",), State.TRANSFERRED),
        (("assign:d", "handle:u"), "order"),
        (("assign:d", "extend:d"), "order"),
        (("assign:u",), "role"),
        (("assign:d", "sign:u", "feed_back:u", "check:u"), "role"),
        (("assign:d", "close:d"), "order"),
        (("decline:d", "archive:d", "reopen:d"), "over"),
    ],
)
def test_steps_of_units_and_of_the_desk(story: tuple[str, ...], ends: State | str) -> None:
    found = live(*((step.split(":")[0], UNIT if step.endswith("u") else DESK) for step in story))
    assert (found.kind if isinstance(found, Refusal) else found) == ends


DESKS, LEADS = Party(desk=True, led=True, here=True), Party(desk=False, leads=True, led=True, here=True)
ASSISTS = Party(desk=False, assists=True, led=True, here=True)
OUTSIDE = Party(desk=True, led=True, here=False)


@pytest.mark.parametrize(
    ("action", "party", "may"),
    [
        *(("sign", who, may) for who, may in ((LEADS, True), (DESKS, False), (OUTSIDE, True), (ASSISTS, False))),
        *(("finish", who, may) for who, may in ((LEADS, False), (DESKS, True), (ASSISTS, False))),
        *(("report", who, may) for who, may in ((ASSISTS, True), (LEADS, False), (DESKS, True))),
        ("answer", ASSISTS, False),
        ("answer", LEADS, True),
        ("assist", LEADS, True),
        ("assist", Party(desk=True), False),
        ("finish", Party(desk=False), True),
    ],
)
def test_whose_step_it_is(action: str, party: Party, may: bool) -> None:
    assert (may_take(action, party) is None) is may


def test_who_said_so_is_written_down_where_the_desk_signs_for_a_unit() -> None:
    assert owes_who("sign", OUTSIDE)
    assert not owes_who("sign", LEADS)


def test_a_complaint_never_goes_to_whom_it_is_about() -> None:
    petition, repair = catalogue.service("petition"), catalogue.service("repair")
    assert "property_company" in units.complained_of(petition, "property", "保安骂人")
    assert "committee" in units.complained_of(petition, "committee", "主任不理人")
    assert "committee" in units.complained_of(petition, "other", "居委会不办事")
    assert units.complained_of(repair, None, "物业说要等") == frozenset()


def test_the_community_leads_only_what_is_on_its_list() -> None:
    assert units.may_lead("committee", catalogue.service("repair")) is not None
    assert units.may_lead("committee", catalogue.service("sanitation")) is None
    assert units.may_lead("committee", catalogue.service("legal")) is None, "the catalogue says it is theirs"
    assert units.may_lead("property_company", catalogue.service("repair")) is None
    assert units.suggested(catalogue.service("repair"))[-1] == "subdistrict", "what is nobody's is the sub-district's"


def test_no_open_state_is_a_dead_end() -> None:
    for state in State:
        if is_open(state):
            assert {"close", "withdraw"} & {found.action for found in allowed(state, Role.ADMIN)}, state
