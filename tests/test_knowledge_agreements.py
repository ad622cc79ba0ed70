"""What an agreement must say, what it may not, and what lies in the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge import agreements, mediation_file
from knowledge.agreements import (
    Agreement,
    Term,
    complete,
    findings,
    for_court,
    load_rules,
    needs_writing,
)
from knowledge.datafiles import DATA, DataError
from knowledge.signing import Signing, in_force_on, lacking

TODAY = date(2026, 11, 26)
PIPE = Term("respondent", "请人把卫生间水管修好", "自己请师傅，费用自己出", "12栋1502", date(2026, 12, 6))
PAYS = Term("respondent", "付给对方墙面粉刷费600元", "转账", by=date(2026, 12, 10))
WHOLE = Agreement(
    "written", "楼上卫生间漏水，楼下天花板起皮", "谁来修、墙面怎么赔", "水管在楼上户内，由楼上负责", (PIPE, PAYS)
)
QUIET = Term("respondent", "晚上十点以后不打麻将", lasting=True)
NAMES = ("陈桂芳", "刘勇")


def look(draft: Agreement, parties: tuple[str | None, ...] = NAMES) -> list[tuple[str, str]]:
    return [(one.weight, one.field) for one in findings(draft, parties=parties, today=TODAY)]


def test_a_whole_agreement_has_nothing_to_find() -> None:
    found = findings(WHOLE, parties=NAMES, today=TODAY)
    assert found == []
    assert complete(found)
    assert for_court(found)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(WHOLE, facts=" "), "facts"),
        (replace(WHOLE, dispute=""), "dispute"),
        (replace(WHOLE, terms=()), "terms"),
        (replace(WHOLE, terms=(PIPE, replace(PAYS, by=None))), "term_2"),
        (replace(WHOLE, terms=(replace(PIPE, what=""),)), "term_1"),
        (replace(WHOLE, terms=(replace(PIPE, way=""),)), "term_1"),
        (replace(WHOLE, terms=(replace(PIPE, by=date(2026, 11, 25)),)), "term_1"),
    ],
)
def test_what_me_10_asks_for_and_is_not_there_stops_it(draft: Agreement, field: str) -> None:
    assert look(draft) == [("missing", field)]


def test_responsibility_may_be_left_out_and_today_is_still_a_day() -> None:
    assert look(replace(WHOLE, responsibility="", terms=(replace(PIPE, by=TODAY),))) == []


@pytest.mark.parametrize("parties", [("陈桂芳", None), ("", "刘勇"), ()])
def test_both_names_stand_in_it(parties: tuple[str | None, ...]) -> None:
    assert look(WHOLE, parties) == [("missing", "parties")]


@pytest.mark.parametrize(
    "what",
    [
        "以后不得起诉对方",
        "双方不再报警",
        "赔2000元，不追究刑事责任",
        "再犯一次罚款500元",
        "墙面由物业承担",
        "never to sue again",
    ],
)
def test_what_nobody_can_agree_away_stops_it(what: str) -> None:
    found = findings(replace(WHOLE, terms=(replace(PIPE, what=what),)), parties=NAMES, today=TODAY)
    assert "barred" in {one.weight for one in found}
    assert not complete(found)


def test_a_fact_may_tell_of_what_cannot_be_agreed() -> None:
    assert look(replace(WHOLE, facts="楼下报警两次，物业罚款没交")) == []


@pytest.mark.parametrize("what", ["尽快修好", "适当补偿楼下", "以后注意一点", "赔一些钱", "fix it as soon as he can"])
def test_what_cannot_be_checked_is_shown_but_does_not_stop_it(what: str) -> None:
    found = findings(replace(WHOLE, terms=(replace(PIPE, what=what),)), parties=NAMES, today=TODAY)
    assert {one.weight for one in found} == {"unclear"}
    assert complete(found)
    assert not for_court(found)


def test_marriage_and_adoption_are_not_confirmed_by_a_court() -> None:
    found = findings(
        replace(WHOLE, terms=(Term("both", "双方离婚", "去民政局", by=TODAY),)), parties=NAMES, today=TODAY
    )
    assert [one.weight for one in found] == ["court"]
    assert complete(found)
    assert not for_court(found)


def test_an_oral_agreement_needs_little_and_never_moves_money() -> None:
    oral = Agreement("oral", dispute="晚上打麻将太吵", terms=(QUIET,))
    assert look(oral) == []
    assert look(replace(oral, terms=(replace(PAYS, way=""),))) == [("barred", "form")]
    assert look(replace(oral, wish_written=True)) == [("barred", "form")]
    assert not needs_writing(oral)


def test_it_takes_effect_only_when_everything_is_there() -> None:
    day = date(2026, 11, 27)
    whole = Signing(applicant=TODAY, respondent=day, mediator=day, seal=TODAY, filed=True)
    assert lacking(whole) == []
    assert in_force_on(whole) == day
    for name in ("applicant", "respondent", "mediator", "seal", "filed"):
        without = replace(whole, **{name: None})  # type: ignore[arg-type]
        assert lacking(without) == [name]
        assert in_force_on(without) is None


def test_a_version_comes_back_as_it_went_in() -> None:
    for draft in (WHOLE, Agreement("oral", dispute="吵", terms=(QUIET,), wish_written=True)):
        assert agreements.unpacked(draft.form, agreements.packed(draft)) == draft
    with pytest.raises(ValueError, match="landlord"):
        agreements.unpacked("written", {"terms": [{"who": "landlord", "what": "x"}]})


def test_a_broken_data_file_names_its_line(tmp_path: Path) -> None:
    shipped = DATA / "agreements.yaml"
    for good, bad in (("尽快|", "尽快(|"), ("oral_fields: [dispute]", "oral_fields: [quarrel]")):
        broken = tmp_path / "agreements.yaml"
        broken.write_text(shipped.read_text("utf-8").replace(good, bad), "utf-8")
        with pytest.raises(DataError, match=r"agreements\.yaml:\d+:"):
            load_rules(broken)


def test_the_index_has_what_there_is_and_what_must_be() -> None:
    lines = mediation_file.index({"application": 1, "rights": 2, "evidence": 3}, agreed=False)
    assert [(line.place, line.document.key, line.count, line.missing) for line in lines] == [
        (1, "application", 1, False),
        (2, "rights", 2, False),
        (3, "identity", 0, True),
        (4, "evidence", 3, False),
        (5, "session", 0, True),
    ]
    missing = {one.key for one in mediation_file.missing({"application": 1}, agreed=True)}
    assert missing == {"rights", "identity", "session", "agreement", "visit"}
