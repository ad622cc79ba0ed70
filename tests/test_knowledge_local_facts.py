"""Facts that hold here and stand in no clause: found at once, and nobody else's questions are taken."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.faq_live import Live, apply, led, shipped
from knowledge.faq_wording import LOCAL, Wording, as_entry
from knowledge.matcher import HERE, Matcher, load_matcher
from knowledge.normalise import normalise
from knowledge.notice import Words
from knowledge.phrases import Label
from knowledge.profile import load_profile

VAR = Path(__file__).parents[1] / "var"
CHECKED = date(2026, 11, 20)
FACTS = {
    "mail": ("收发室几点开门？", ("收发室开到几点", "快递在收发室啥时候能拿"), ("收发室",)),
    "court": ("篮球场晚上开到几点？", ("篮球场几点关灯", "篮球场要不要预约"), ("篮球场",)),
    "charge": ("电动车在哪里充电？", ("电瓶车充电桩在哪", "充电桩怎么收费"), ("充电桩",)),
}
ASKED = {
    "mail": ("收发室早上几点开呢", "收發室幾點關門", "周日收发室有人没得", "快递到了去收发室好久能拿"),
    "court": ("篮球场啥时候关灯", "篮球场收费不", "篮球场晚上能打到几点"),
    "charge": ("电瓶车去哪里充电", "充电桩收费标准是多少"),
}
OTHERS = ("收发室门口的灯坏了", "充电桩漏电打到人了", "篮球场半夜吵得睡不着", "我要报名篮球比赛", "希望建个收发室")


@pytest.fixture(scope="module")
def live() -> Live:
    facts = [
        as_entry(
            Wording(Words(question, ""), Words(f"{key}的答复", ""), None, Words("物业公告", "")),
            key=key,
            version=1,
            checked_on=CHECKED,
            examples=examples,
            keywords=keywords,
        )
        for key, (question, examples, keywords) in FACTS.items()
    ]
    return Live((*load_entries(), *facts))


@pytest.fixture(scope="module")
def reader(live: Live) -> Matcher:
    matcher = load_matcher(VAR).twin()
    apply(live, matcher, led(shipped().entries))
    return matcher


def test_a_new_fact_is_found_by_its_phrases_and_by_what_is_like_them(live: Live, reader: Matcher) -> None:
    answerer = Answerer(live.entries, load_profile(), normalise=normalise)
    for key, (question, examples, _) in FACTS.items():
        for text in (question, *examples, *ASKED[key]):
            reading = reader.read(text)
            assert (reading.guesses[0].label, reading.sure) == (HERE, True), text
            found = answerer.known(text, reading.clauses(HERE), "en")
            assert found is not None
            assert (found.entry_id, found.source) == (key, "Source: 物业公告 · version 1 · checked 2026-11-20")


def test_it_takes_nobody_elses_questions(reader: Matcher) -> None:
    text = (Path(__file__).parent / "understanding/strangers.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    said = [*OTHERS, *(row["text"] for row in rows[::3])]
    assert [text for text in said if reader.read(text).guesses[0].label.clause == LOCAL] == []


def test_a_twin_learns_alone_and_what_was_taught_goes_first() -> None:
    first = load_matcher(VAR).twin()
    other = first.twin()
    other.add("收发室几点开门", Label("human"))
    assert (first.known("收发室几点开门"), other.known("收发室几点开门")) == (None, Label("human"))
    ships = shipped()
    said = ships.entries[0].examples[0]
    apply(Live(ships.entries[1:], taught=frozenset([said])), other, led(ships.entries))
    assert other.known(said) is not None
    apply(Live(ships.entries[1:]), other, led(ships.entries))
    assert other.known(said) is None, "a phrase that was taken away leads nowhere"


def test_what_is_retired_is_answered_by_nobody_in_its_place() -> None:
    entries = load_entries()
    answerer = Answerer(entries, load_profile(), normalise=normalise)
    gone = entries[2]
    answerer.renew(entries, {gone.id})
    where = {gone.clause: 1.0}
    assert answerer.known(gone.examples[0], where, "zh") is None
    assert answerer.by_id(gone.id, "zh") is None
    assert gone.id not in [entry.id for entry, _ in answerer.best_entries(gone.examples[0], where, 5)]
    assert answerer.known(entries[1].examples[0], where, "zh") is not None
