"""The catalogue knows every kind of matter, its owner and its door; a broken file says where it is broken."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from knowledge.catalogue import (
    CATEGORIES,
    OWNERS,
    Category,
    category,
    dispute,
    load,
    owner_name,
    service,
    shipped,
    volunteering,
)
from knowledge.danger_rules import KINDS
from knowledge.datafiles import DATA, DataError
from knowledge.emergencies import emergency, emergency_line, emergency_lines, first_steps, lines, load_emergencies

EVERY = [found for route in CATEGORIES for found in shipped(route).values()]


@pytest.mark.parametrize(("route", "count"), [("service_request", 18), ("dispute", 11), ("volunteer", 6)])
def test_every_label_of_the_taxonomy_is_there(route: str, count: int) -> None:
    assert set(shipped(route)) == CATEGORIES[route]
    assert len(shipped(route)) == count


@pytest.mark.parametrize("found", EVERY, ids=lambda found: f"{found.route}-{found.id}")
def test_each_can_be_shown_in_both_languages(found: Category) -> None:
    texts = [found.name, found.covers, *(question.prompt for question in found.questions)]
    texts += [stopper.says for stopper in found.stoppers]
    texts += [choice.label for question in found.questions for choice in question.choices]
    assert all(re.search("[\u4e00-\u9fff]", text.zh) and not re.search("[\u4e00-\u9fff]", text.en) for text in texts)
    assert len({question.key for question in found.questions}) == len(found.questions) >= 1


@pytest.mark.parametrize("found", EVERY, ids=lambda found: f"{found.route}-{found.id}")
def test_buttons_stay_short_and_distinct(found: Category) -> None:
    for question in found.questions:
        assert len({choice.value for choice in question.choices}) == len(question.choices)
        assert all(len(choice.label.zh) <= 10 for choice in question.choices)


def test_a_repair_asks_whose_part_it_is_and_who_lives_below() -> None:
    assert [question.key for question in service("repair").questions][:2] == ["part", "below"]
    assert service("repair").needs_place
    assert service("repair").owner == "housing_centre"


def test_a_complaint_never_reaches_those_it_is_about() -> None:
    assert "property_company" in service("petition").hidden_from
    assert dispute("property_company").hidden_from == ("property_company",)
    for found in EVERY:
        assert found.owner not in found.hidden_from
        assert not set(found.then) & set(found.hidden_from)


def test_what_is_not_ours_names_the_right_door() -> None:
    assert service("housing").duty == "redirect"
    assert all(found.door is not None for found in EVERY if found.duty != "ours")


def test_family_quarrels_ask_for_safety_first_and_never_push_mediation_on_the_beaten() -> None:
    assert dispute("family").questions[0].key == "safe"
    assert any(stopper.when == "violence" and "110" in stopper.says.zh for stopper in dispute("family").stoppers)


def test_volunteers_under_age_are_asked_for_their_parents() -> None:
    for id in CATEGORIES["volunteer"]:
        assert any(question.key == "adult" for question in volunteering(id).questions)


def test_labels_lead_to_categories() -> None:
    assert category("dispute", "leak") is dispute("leak")
    assert category("faq", None) is None
    assert category("volunteer", None) is None


def test_owners_have_names() -> None:
    assert owner_name("housing_centre") == "房管中心"
    assert all(owner_name(owner, "en") for owner in OWNERS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_danger_has_numbers_and_one_calm_message(kind: str) -> None:
    for language in ("zh", "en"):
        told = first_steps(kind, language)
        assert any(line.number in told for line in emergency_lines(kind))
        assert len(told) <= (180 if language == "zh" else 520)
        assert "!" not in told
        assert "！" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_only_checked_numbers_stand_in_a_message(kind: str) -> None:
    for number in re.findall(r"(?<!\d)\d{3,6}(?!\d)", first_steps(kind)):
        assert lines()[number].verified, number


def test_the_first_line_is_the_one_that_comes() -> None:
    assert emergency_line("fire").number == "119"
    assert emergency_line("medical").number == "120"
    assert emergency_line("missing").number == "110"
    assert emergency_line("something new").number == emergency_line("other").number


def test_who_is_beaten_is_answered_quietly_and_never_told_to_make_up() -> None:
    found = emergency("domestic_violence")
    assert found.quiet
    assert found.report_duty == "EM-06"
    assert not re.search("调解|和好|忍|为了孩子|原谅|联系您的丈夫", found.first_steps.zh)


def test_who_wants_to_die_is_asked_and_not_lectured() -> None:
    told = first_steps("self_harm")
    assert "您现在安全吗" in told
    assert "12356" in told
    assert not re.search("保密|抑郁|想开|坚强|自私|为了家人|不要这样", told)


def test_gas_is_never_rung_up_from_inside() -> None:
    told = first_steps("gas")
    assert "别在屋里打电话" in told
    assert told.index("楼外") < told.index("119")


def test_every_number_says_when_it_was_checked_and_where_it_is_from() -> None:
    for line in lines().values():
        assert line.checked_on >= date(2026, 1, 1)
        assert line.source
        assert line.hours.zh


def broken(tmp_path: Path, name: str, old: str, new: str) -> Path:
    whole = (DATA / name).read_text(encoding="utf-8")
    assert old in whole
    path = tmp_path / name
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("owner: housing_centre", "owner: nobody", r"services.yaml:\d+: 'nobody' is not one of"),
        ("  culture:\n", "  sculpture:\n", "missing: culture"),
        ("  repair:\n    name: {zh: 房屋维修, en: repairs in the flat}\n", "  repair:\n", "'name' is missing"),
        ("    duty: redirect\n    door:", "    duty: redirect\n    tore:", "unknown key 'tore'"),
        ("P2: {first_contact: {office_days: 1}", "P7: {first_contact: {office_days: 1}", "'P7' is not one of"),
        ("{first_contact: {office_days: 1}", "{first_contact: {office_days: 1, working_days: 2}", "exactly one of"),
        ("needs_place: true", "needs_place: perhaps", "expected true or false"),
    ],
)
def test_a_broken_catalogue_names_file_line_and_fault(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        load(broken(tmp_path, "services.yaml", old, new), "service_request")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("numbers: ['119', '120']", "numbers: ['119', '911']", "911 is not in the table of lines"),
        ("  missing:\n", "  mising:\n", "missing: missing"),
        ("quiet: true", "quiet: 7", "expected true or false"),
    ],
)
def test_a_broken_emergency_file_names_its_fault(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        load_emergencies(broken(tmp_path, "emergency.yaml", old, new))
