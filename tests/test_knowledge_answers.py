"""The right entry for a question, and its words for this community."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.answers import Answerer, fill
from knowledge.datafiles import DATA, DataError
from knowledge.faq import Entry, load_entries
from knowledge.matcher import Guess, Reading, load_matcher
from knowledge.normalise import normalise
from knowledge.notice import notice
from knowledge.phrases import Label
from knowledge.profile import Profile, load_profile
from knowledge.ranking import load_splitter
from knowledge.values import community_values, next_disclosure, rooms_needed

VAR = Path(__file__).parents[1] / "var"
ASKED = Path(__file__).parent / "understanding" / "faq_entries.jsonl"


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def entries() -> tuple[Entry, ...]:
    return load_entries()


@pytest.fixture(scope="module")
def answerer(entries: tuple[Entry, ...], profile: Profile) -> Answerer:
    return Answerer(entries, profile)


def entry(entries: tuple[Entry, ...], name: str) -> Entry:
    (found,) = (each for each in entries if each.id == name)
    return found


def test_a_question_gets_its_fact_its_source_and_its_date(answerer: Answerer) -> None:
    answer = answerer.answer("社区办公房在六楼,老人上不去,合规吗", {"二(一)": 1.0}, "zh")
    assert answer.entry_id == "rooms-floors"
    assert "平街" in answer.text
    assert answer.source == "依据：渝民发〔2013〕30号 二(一) · 版本 1 · 核对于 2026-11-23"
    assert (answer.clause, answer.version, answer.checked_on) == ("二(一)", 1, date(2026, 11, 23))


def test_the_same_in_english(answerer: Answerer) -> None:
    answer = answerer.answer("on which floor must the community office be?", {"二(一)": 1.0}, "en")
    assert answer.entry_id == "rooms-floors"
    assert answer.text.startswith("In a residential building")
    assert answer.source == "Source: 渝民发〔2013〕30号, clause 二(一) · version 1 · checked 2026-11-23"


def test_sources_of_the_document_and_of_its_pages_footer_say_what_they_are(answerer: Answerer) -> None:
    assert "文件本身" in answerer.answer("几号文", {"文号": 1.0}, "zh").source
    assert "页脚" in answerer.answer("信访电话", {"联系": 1.0}, "zh").source
    assert "2003–2005" in answerer.answer("petition phone", {"联系": 1.0}, "en").source


@pytest.mark.parametrize(
    ("households", "share", "needed"),
    [(1260, 189, 500), (4862, 730, 730), (3333, 500, 500), (3334, 501, 501), (3340, 501, 501), (1, 1, 500)],
)
def test_rooms_grow_with_households_and_never_fall_under_500(households: int, share: int, needed: int) -> None:
    assert rooms_needed(households, notice()) == (share, needed)


def test_a_community_of_1260_households_is_told_its_own_figures(entries: tuple[Entry, ...], profile: Profile) -> None:
    assert profile.office is not None
    small = replace(profile, households=1260, office=replace(profile.office, area_m2=420))
    ours = Answerer(entries, small)
    per_hundred = ours.render(entry(entries, "rooms-per-hundred"), "zh").text
    assert "1,260户" in per_hundred
    assert "189平方米" in per_hundred
    assert "500" in per_hundred
    assert "还差80平方米" in ours.render(entry(entries, "rooms-ours"), "zh").text
    assert "80 m² short" in ours.render(entry(entries, "rooms-ours"), "en").text


def test_what_the_community_has_not_told_is_left_out(entries: tuple[Entry, ...], profile: Profile) -> None:
    silent = Answerer(
        entries,
        replace(
            profile,
            households=None,
            residents=None,
            office=None,
            committee_members=None,
            full_time_workers=None,
            residents_groups=None,
            building_heads=None,
            grids=None,
            posting_places=None,
            established_on=None,
        ),
    )
    assert silent.render(entry(entries, "committee-size"), "zh").text == "一般5到9人。"
    for each in entries:
        for language in ("zh", "en"):
            text = silent.render(each, language).text
            assert text, each.id
            assert not set("[]{}") & set(text), each.id


def test_a_community_that_has_not_counted_its_households_is_told_the_rule_and_no_verdict(
    entries: tuple[Entry, ...], profile: Profile
) -> None:
    uncounted = Answerer(entries, replace(profile, households=None))
    assert "500" in uncounted.render(entry(entries, "rooms-ours"), "zh").text
    assert "现有820平方米" in uncounted.render(entry(entries, "rooms-ours"), "zh").text
    assert "够了" not in uncounted.render(entry(entries, "rooms-ours"), "zh").text
    assert uncounted.render(entry(entries, "rooms-per-hundred"), "en").text.startswith("At least 15 m²")


@pytest.mark.parametrize("written", ["", "households: 0\n"])
def test_no_household_yet_is_a_number_nobody_knows(written: str, tmp_path: Path) -> None:
    path = tmp_path / "community.yaml"
    shipped = (DATA / "community.yaml").read_text("utf-8")
    path.write_text(re.sub(r"households: \d+\n", written, shipped, count=1), "utf-8")
    assert load_profile(path).households is None


def test_every_answer_of_the_demo_community_is_filled_in(answerer: Answerer, entries: tuple[Entry, ...]) -> None:
    for each in entries:
        for language in ("zh", "en"):
            text = answerer.render(each, language, today=date(2026, 11, 23)).text
            assert not set("[]{}") & set(text), each.id


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 11, 23), date(2027, 1, 15)),
        (date(2027, 1, 15), date(2027, 1, 15)),
        (date(2027, 1, 16), date(2027, 4, 15)),
        (date(2027, 7, 1), date(2027, 7, 15)),
    ],
)
def test_the_next_disclosure_is_the_15th_of_the_quarters_first_month(today: date, due: date) -> None:
    assert next_disclosure(today, notice()) == due


def test_the_next_disclosure_is_told_with_its_quarter_only_when_the_day_is_known(
    answerer: Answerer, entries: tuple[Entry, ...]
) -> None:
    dates = entry(entries, "disclosure-dates")
    told = answerer.render(dates, "zh", today=date(2026, 11, 23)).text
    assert "下一次是2027年1月15日，公开2026年第四季度" in told
    assert "15 April 2027, for quarter 1 of 2027" in answerer.render(dates, "en", today=date(2027, 2, 1)).text
    assert "下一次" not in answerer.render(dates, "zh").text


def test_a_question_nothing_in_the_clause_speaks_of_gets_the_general_answer(answerer: Answerer) -> None:
    assert answerer.answer("qqq", {"三(二)": 1.0}, "zh").entry_id == "pay"
    assert answerer.answer("", {"五(二)": 1.0}, "zh").entry_id == "disclosure"


def test_the_first_clause_weighs_most_but_a_plain_hit_in_the_second_wins(answerer: Answerer) -> None:
    assert answerer.answer("居委会几个人", {"三(二)": 1.0, "三(一)": 0.3}, "zh").entry_id == "committee-size"
    assert answerer.answer("怎么规定的", {"三(四)": 1.0, "三(二)": 0.3}, "zh").clause == "三(四)"


def test_entries_of_other_clauses_are_not_offered(answerer: Answerer) -> None:
    offered = answerer.best_entries("一百户多少平方米", {"五(三)": 1.0}, 5)
    assert len(offered) == 5
    assert {each.clause for each, _ in offered} == {"五(三)"}


@pytest.mark.parametrize("unknown", [{}, {"九(九)": 1.0}])
def test_without_a_known_clause_all_entries_compete(answerer: Answerer, unknown: dict[str, float]) -> None:
    (best, score), *rest = answerer.best_entries("连心卡是谁发的", unknown, 3)
    assert best.id == "lianxin-card-issuer"
    assert len(rest) == 2
    assert 0 < score <= 1
    assert score >= rest[0][1] >= rest[1][1]


def test_asking_for_more_entries_than_a_clause_has_gives_them_all(answerer: Answerer) -> None:
    assert len(answerer.best_entries("指导", {"六(一)": 1.0}, 50)) == 8


def test_every_example_leads_to_its_own_entry(answerer: Answerer, entries: tuple[Entry, ...]) -> None:
    lost = [
        (each.id, said)
        for each in entries
        for said in (each.question.zh, *each.examples)
        if answerer.answer(said, {each.clause: 1.0}, "zh").entry_id != each.id
    ]
    assert len(lost) <= sum(len(each.examples) + 1 for each in entries) // 100, lost


def test_a_normaliser_brings_traditional_characters_to_the_entries(
    entries: tuple[Entry, ...], profile: Profile
) -> None:
    table = str.maketrans("辦樓層", "办楼层")
    simplifying = Answerer(entries, profile, normalise=lambda text: text.translate(table))
    assert simplifying.answer("辦公在幾樓層", {"二(一)": 1.0}, "zh").entry_id == "rooms-floors"


def test_questions_nobody_trained_on_find_their_entry(answerer: Answerer, entries: tuple[Entry, ...]) -> None:
    rows = [json.loads(line) for line in ASKED.read_text(encoding="utf-8").splitlines()]
    first = third = 0
    for row in rows:
        wanted = entry(entries, row["entry"])
        offered = [each.id for each, _ in answerer.best_entries(row["text"], {wanted.clause: 1.0}, 3)]
        first += offered[0] == wanted.id
        third += wanted.id in offered
    assert len(rows) >= 400
    assert first / len(rows) >= 0.89
    assert third / len(rows) >= 0.97


def test_a_question_asked_out_of_the_blue_finds_its_entry(entries: tuple[Entry, ...], profile: Profile) -> None:
    """All the way, as `lianxin ask` goes. Measured: 84.6 % (a point less when only the likeliest
    clause was looked into); the floor leaves room for phrases that move single questions.

    A third of what is missed are matters residents can also have handled (legal advice, insurance): then that is begun.
    """
    matcher, answerer = load_matcher(VAR), Answerer(entries, profile, normalise=normalise)
    rows = [json.loads(line) for line in ASKED.read_text(encoding="utf-8").splitlines()]
    right = 0
    for row in rows:
        reading = matcher.read(row["text"])
        clauses = reading.clauses(reading.guesses[0].label)
        right += bool(clauses) and answerer.answer(row["text"], clauses, "zh").entry_id == row["entry"]
    assert right / len(rows) >= 0.82


def test_an_entry_of_the_second_likeliest_clause_answers_when_it_plainly_fits(answerer: Answerer) -> None:
    assert answerer.answer("居委会几个人", {"三(二)": 0.6, "三(一)": 0.2}, "zh").entry_id == "committee-size"


def test_a_clause_a_resident_chose_is_the_only_one_looked_into() -> None:
    one, other = Label("faq", clause="三(一)"), Label("faq", clause="三(二)")
    reading = Reading("居委会几个人", (Guess(one, 0.6), Guess(other, 0.3), Guess(Label("human"), 0.1)), sure=True)
    assert reading.clauses(one) == {"三(一)": 0.6, "三(二)": 0.3}
    assert reading.clauses(other) == {"三(二)": 1.0}
    assert reading.clauses(Label("human")) == {}


def test_an_answerer_without_entries_is_refused(profile: Profile) -> None:
    with pytest.raises(ValueError, match="at least one entry"):
        Answerer([], profile)


def test_fill_leaves_out_what_is_unknown_and_refuses_a_gap_in_the_open() -> None:
    assert fill("甲[[,有{members}位]]。", {}) == "甲。"
    assert fill("甲[[,有{members}位]]。", {"members": "7"}) == "甲,有7位。"
    with pytest.raises(KeyError):
        fill("有{members}位", {})


def test_an_odd_committee_is_told_it_is_outside_the_range(profile: Profile) -> None:
    values = community_values(replace(profile, committee_members=11), notice())
    assert values["zh"]["members_verdict"] == "不在这个范围内"
    assert values["en"]["members"] == "11"


@pytest.mark.parametrize(("households", "verdict"), [(800, "小"), (2000, "在这个规模内"), (4862, "大")])
def test_the_communitys_size_is_held_against_the_law_of_2026(profile: Profile, households: int, verdict: str) -> None:
    assert verdict in community_values(replace(profile, households=households), notice())["zh"]["households_verdict"]


def test_a_hundred_thousand_characters_are_read_only_at_their_beginning(answerer: Answerer) -> None:
    opening = "连心卡是谁发的" + "啊" * 993
    assert answerer.best_entries(opening + "居务公开" * 25_000, {}, 3) == answerer.best_entries(opening, {}, 3)


def test_words_that_ask_the_same_share_a_sense() -> None:
    split = load_splitter()
    assert "#who" in split("哪个来管")
    assert "#who" in split("who decides")
    assert "#how-much" in split("how much is it")
    assert "#may" not in split("mayor"), "an English word counts only as a whole word"


def test_a_word_given_to_two_senses_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "senses.yaml"
    path.write_text("who: [谁, 哪个]\nwhich: [哪些,\n  哪个]\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"senses\.yaml:3: '哪个' is already a word for who"):
        load_splitter(path)
