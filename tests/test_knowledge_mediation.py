"""The rules of a mediation: which step follows which, who steps aside, and who may read which word."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

import pytest

from knowledge import mediation
from knowledge.datafiles import DATA, DataError
from knowledge.mediation import Access, Conflict, Reader, Refusal, Side, Spoken, State, Step, Who
from knowledge.mediation_table import load_table

EVERYBODY = frozenset(Who)


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    steps = mediation.table().steps.values()
    reached = {step.to for step in steps if step.to}
    assert reached | {State.APPLIED} == set(State)
    for state in mediation.OPEN:
        assert any(step.to and not mediation.is_open(step.to) for step in mediation.allowed(state, EVERYBODY)), state


def test_what_is_over_stays_over() -> None:
    for state, action in itertools.product((State.FILED, State.ENDED), mediation.table().steps):
        assert isinstance(mediation.step(state, action, EVERYBODY), Refusal)


@pytest.mark.parametrize("action", ["accept", "invite", "fail", "agree", "decline", "file"])
def test_only_the_named_mediator_leads_the_case(action: str) -> None:
    for origin in mediation.table().steps[action].origins:
        assert isinstance(mediation.step(origin, action, EVERYBODY - {Who.MEDIATOR, Who.SYSTEM}), Refusal)
        assert isinstance(mediation.step(origin, action, {Who.MEDIATOR}), Step)


def test_the_other_side_is_never_asked_before_the_case_is_accepted() -> None:
    refused = mediation.step("applied", "invite", {Who.MEDIATOR})
    assert isinstance(refused, Refusal)
    assert refused.kind == "order"


def test_each_side_may_stop_at_any_time_while_they_talk() -> None:
    for side in (Who.APPLICANT, Who.RESPONDENT):
        found = mediation.step("mediating", "stop", {side})
        assert isinstance(found, Step)
        assert (found.to, found.ending) == (State.ENDED, "stopped_by_party")


def test_an_end_has_a_name_and_a_reason_where_one_is_owed() -> None:
    for step in mediation.table().steps.values():
        if step.to in (State.ENDED, State.FILED):
            assert step.ending in mediation.table().endings


# -- access ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["admin", "operator", "worker", "mediator", "supervisor", "viewer"])
@pytest.mark.parametrize("conflict", list(Conflict))
def test_a_conflict_shuts_everything_even_for_the_named_mediator(role: str, conflict: Conflict) -> None:
    found = mediation.access(role=role, is_mediator=True, named=True, conflicts={conflict})
    assert found is Access.NONE
    assert mediation.capacities(role=role, is_mediator=True, named=True, conflicts={conflict}) == frozenset()


@pytest.mark.parametrize(
    ("role", "named", "access"),
    [("admin", True, "naming"), ("admin", False, "naming"), ("mediator", False, "naming"), ("mediator", True, "glance"),
     ("operator", False, "glance"), ("supervisor", True, "glance"), ("worker", True, "glance"), ("viewer", True, "glance")],
)  # fmt: skip
def test_whoever_is_not_the_mediator_reads_no_words(role: str, named: bool, access: str) -> None:
    found = mediation.access(role=role, is_mediator=False, named=named, conflicts=())
    assert found.value == access
    for thread in mediation.THREADS:
        assert not mediation.may_read(Reader(access=found), Spoken(thread))


def test_a_side_reads_its_own_thread_the_joint_one_and_what_was_released_and_nothing_else() -> None:
    releases = [(), ("applicant",), ("respondent",), ("joint",)]
    for side, thread, released in itertools.product(Side, mediation.THREADS, releases):
        crossed = side.value in released or "joint" in released
        expected = thread != "notes" and (thread in (side.value, "joint") or crossed)
        assert mediation.may_read(Reader(side=side), Spoken(thread, released)) == expected


def test_nobody_in_particular_reads_nothing() -> None:
    for thread in mediation.THREADS:
        assert not mediation.may_read(Reader(), Spoken(thread, ("applicant", "respondent", "joint")))


# -- clock, number, chain ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("begun", "ends"),
    [("2026-11-26", "2026-12-26"), ("2026-12-31", "2027-01-31"), ("2027-01-31", "2027-02-28"), ("2028-01-30", "2028-02-29"),
     ("2027-08-31", "2027-09-30")],
)  # fmt: skip
def test_a_month_ends_on_the_same_day_or_the_months_last(begun: str, ends: str) -> None:
    begins = datetime.fromisoformat(f"{begun}T09:30+00:00")
    assert mediation.month_after(begins) == datetime.fromisoformat(f"{ends}T09:30+00:00")


def test_the_file_number_is_the_forms() -> None:
    assert mediation.file_number(2026, 12, "望") == "（2026）望人调字第12号"


def test_noise_goes_from_a_word_to_mediation_to_the_authority_to_the_police() -> None:
    links = ["persuade"]
    while following := mediation.next_link("noise", links[-1]):
        links.append(following)
    assert links == ["persuade", "mediate", "authority", "police"]
    assert mediation.next_link("debt") == "court"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("to: accepted", "to: acepted"), ("ending: failed", "ending: fallen"), ("action: take", "action: name"),
     ("soon_days: 7", "soon_days: 0"), ("  applied:", "  aplied:")],
)  # fmt: skip
def test_a_table_with_a_mistake_is_refused_with_its_line(wrong: str, right: str, tmp_path: Path) -> None:
    text = (DATA / "mediation.yaml").read_text("utf-8")
    assert wrong in text
    (tmp_path / "mediation.yaml").write_text(text.replace(wrong, right, 1), "utf-8")
    with pytest.raises(DataError, match=r"mediation\.yaml:\d+: "):
        load_table(tmp_path / "mediation.yaml")


@pytest.mark.parametrize(
    ("kind", "link", "ahead"),
    [
        ("noise", None, ("persuade", "mediate")),
        ("noise", "persuade", ("mediate",)),
        ("noise", "mediate", ("authority",)),
        ("noise", "police", ()),
        ("pets", "mediate", ("police",)),
        ("parking", None, ("persuade", "mediate")),
        ("parking", "mediate", ("court",)),
    ],
)
def test_the_chain_is_taken_link_by_link_and_mediation_may_be_offered_at_once(
    kind: str, link: str | None, ahead: tuple[str, ...]
) -> None:
    assert mediation.links_to_take(kind, link) == ahead
