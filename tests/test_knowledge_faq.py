"""The answers drawn from the notice: complete, short, honest about their age, and checked when loaded."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from knowledge.datafiles import DATA, DataError
from knowledge.faq import VALUES, Entry, load_entries, template_problem
from knowledge.notice import CONTACT, clauses, notice
from knowledge.profile import load_profile
from knowledge.values import community_values

NUMBER = re.compile(r"(?<!\d)(?:\d{3}-)?\d{8}(?!\d)|@")


@pytest.fixture(scope="module")
def entries() -> tuple[Entry, ...]:
    return load_entries()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "faq", tmp_path / "faq"))


def edit(folder: Path, name: str, old: str, new: str) -> int:
    """Replaces the first `old`; gives the line it stood on."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_clause_has_answers_and_exactly_one_general_one(entries: tuple[Entry, ...]) -> None:
    general = Counter(entry.clause for entry in entries if entry.general)
    assert general == dict.fromkeys(clauses(), 1)
    assert min(Counter(entry.clause for entry in entries).values()) >= 5


def test_nobody_repeats_another(entries: tuple[Entry, ...]) -> None:
    said = Counter(text for entry in entries for text in {entry.question.zh, *entry.examples})
    assert [text for text, times in said.items() if times > 1] == []
    answers = Counter(entry.answer.zh for entry in entries)
    assert [text for text, times in answers.items() if times > 1] == []


def test_answers_are_short_and_bilingual(entries: tuple[Entry, ...]) -> None:
    assert [entry.id for entry in entries if len(entry.answer.zh) > 125] == []
    assert [entry.id for entry in entries if len(entry.answer.en.split()) > 75] == []
    assert [entry.id for entry in entries if re.search("[一-鿿]", re.sub("渝.*?号", "", entry.answer.en))] == []


def test_every_entry_has_a_few_examples_of_its_own(entries: tuple[Entry, ...]) -> None:
    assert [entry.id for entry in entries if not 2 <= len(entry.examples) <= 12] == []


def test_an_old_bureaus_numbers_appear_only_under_contacts_and_never_without_the_warning(
    entries: tuple[Entry, ...],
) -> None:
    printed = {value for contact in notice().contacts for value in contact.values if NUMBER.search(value)}
    for entry in entries:
        for text in (entry.answer.zh, entry.answer.en):
            if entry.clause == CONTACT:
                assert "12345" in text, entry.id
                assert ("别当现用" in text) or ("do not use it as a live contact" in text), entry.id
            else:
                assert not any(value in text for value in printed), entry.id
                assert "@" not in text, entry.id


def test_every_printed_contact_can_be_asked_for(entries: tuple[Entry, ...]) -> None:
    said = "".join(entry.answer.zh for entry in entries if entry.clause == CONTACT)
    wanted = [
        value.removeprefix("023-").removeprefix("重庆市") for contact in notice().contacts for value in contact.values
    ]
    assert [value for value in wanted if value not in said] == []


@pytest.mark.parametrize(
    ("entry_id", "marks"),
    [
        ("community-size", ("2026年1月1日",)),
        ("committee-law", ("2026年1月1日",)),
        ("committee-term", ("2018年", "2026年")),
        ("residents-meeting-quorum", ("2018年", "2026年")),
        ("document-basis-120", ("渝府发〔2024〕17号",)),
        ("document-newer-rules", ("2026年1月1日", "渝建发〔2024〕5号")),
        ("public-services-plan", ("2015年", "到期")),
        ("services-family-planning", ("2013年",)),
    ],
)
def test_answers_say_where_the_rule_has_moved_on(
    entries: tuple[Entry, ...], entry_id: str, marks: tuple[str, ...]
) -> None:
    (answer,) = (entry.answer.zh for entry in entries if entry.id == entry_id)
    assert all(mark in answer for mark in marks)


def test_every_value_a_template_may_ask_for_is_computed() -> None:
    values = community_values(load_profile(), notice(), date(2026, 11, 23))
    assert set(values["zh"]) == set(values["en"]) == VALUES


def test_an_id_used_twice_is_refused_where_it_is_used_again(folder: Path) -> None:
    line = edit(folder, "3-1.yaml", "- id: committee-size", "- id: rooms-ours")
    with pytest.raises(DataError, match=rf"3-1.yaml:{line}: entry id 'rooms-ours' is used twice, first under 二\(一\)"):
        load_entries(folder)


def test_an_unknown_value_in_an_answer_is_refused_with_its_line(folder: Path) -> None:
    edit(folder, "2-1.yaml", "{rooms_share}", "{rooms_shape}")
    with pytest.raises(DataError, match=r"2-1.yaml:\d+: \{rooms_shape\} is not a known value"):
        load_entries(folder)


def test_a_clause_without_a_general_answer_is_refused(folder: Path) -> None:
    edit(folder, "4-2.yaml", "    general: true\n", "")
    with pytest.raises(DataError, match="exactly one entry must be marked general: true"):
        load_entries(folder)


def test_a_file_of_another_clause_is_refused(folder: Path) -> None:
    shutil.copy(folder / "4-2.yaml", folder / "4-3.yaml")
    with pytest.raises(DataError, match=r"4-3.yaml:2: this file is for clause 四\(三\)"):
        load_entries(folder)


def test_an_id_residents_could_not_type_is_refused(folder: Path) -> None:
    edit(folder, "1-1.yaml", "id: community-size", "id: Community_Size")
    with pytest.raises(DataError, match="small letters, digits and single hyphens"):
        load_entries(folder)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("有{flats}套", None),
        ("有[[{members}位]]", None),
        ("有{househoulds}户", "is not a known value"),
        ("有{members}位", "may be unknown"),
        ("有[[{members}位", "must be closed"),
        ("有{households户", "no partner"),
    ],
)
def test_a_template_is_checked_for_whoever_edits_it(template: str, problem: str | None) -> None:
    found = template_problem(template)
    assert found is None if problem is None else problem in str(found)


def test_version_and_day_checked_can_be_set_for_one_entry(folder: Path) -> None:
    edit(
        folder,
        "1-1.yaml",
        "- id: community-size\n",
        "- id: community-size\n    version: 3\n    checked_on: 2027-02-01\n",
    )
    found = {entry.id: entry for entry in load_entries(folder)}
    assert found["community-size"].version == 3
    assert found["community-size"].checked_on.isoformat() == "2027-02-01"
    assert found["community-factors"].version == 1
