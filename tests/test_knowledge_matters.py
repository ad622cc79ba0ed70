"""When tickets look like one matter, what may be folded together, and what an answer to all must not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.incidents import Happening, Person, fits, names_somebody
from knowledge.likeness import Facts, likeness
from knowledge.merging import Pair, Side, in_order, may_link, may_merge

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=20)
LIFT = Facts(
    id=1,
    resident_id=1,
    category="property",
    topic="lift",
    building="3",
    unit="2",
    said="3栋2单元的电梯门关不上了",
    opened_at=NOW,
)
PIPE = replace(LIFT, category="repair", topic=None, building="7", unit=None, said="7栋1204厨房水管爆了，水往客厅流")


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (LIFT, {"said": "电梯坏了老人下不来", "unit": "1"}, ("topic", "building", "category", "near", "words")),
        (LIFT, {"said": "It does not move", "opened_at": EARLIER}, ("topic", "building", "unit", "category")),
        (LIFT, {"building": "4", "unit": None, "said": "4栋的灯不亮", "topic": "light"}, None),
        (LIFT, {"opened_at": NOW - timedelta(days=31)}, None),
        (PIPE, {"resident_id": 1, "said": "厨房水管还在漏水，没人来"}, ("words", "person", "building", "category", "near")),
        (PIPE, {"building": "9", "said": "9栋501门锁打不开"}, None),
        (PIPE, {"category": "housing", "building": None, "said": "租金怎么交"}, None),
    ],
)  # fmt: skip
def test_alike_or_not_and_why(one: Facts, other: dict[str, object], reasons: tuple[str, ...] | None) -> None:
    found = likeness(one, replace(one, id=2, **({"resident_id": 2} | other)))  # type: ignore[arg-type]
    assert (None if found is None else set(found.reasons)) == (None if reasons is None else set(reasons))


def test_the_words_both_say_are_named_whole() -> None:
    found = likeness(replace(PIPE, said="厨房水管漏水，漏水"), replace(PIPE, id=2, said="厨房水管又漏水"))
    assert found is not None
    assert found.words == ("厨房水管", "漏水")
    twice = likeness(replace(PIPE, said="水管漏水 水管"), replace(PIPE, id=2, said="水管漏水"))
    assert twice is not None
    assert twice.words == ("水管漏水",), "a part of what is named already is not named again"


def side(id: int, **changed: object) -> Side:
    plain = Side(
        id=id, number=f"LX-261126-000{id}-1", route="service_request", state="received", confidential=False,
        anonymous=False, complaint=False, aside=frozenset(), folded=False, told="",
    )  # fmt: skip
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refused", "changed", "who"),
    [
        (None, {}, {}),
        (None, {}, {"one_home": False}),
        ("others", {}, {"one_home": False, "shared": False}),
        ("readers", {}, {"shared": False}),
        ("secret", {"confidential": True}, {}),
        ("anonymous", {"anonymous": True}, {}),
        ("aside", {"aside": frozenset({"worker/None"})}, {}),
        ("about", {"complaint": True, "told": "LX-261126-0001-1 一直没人来"}, {}),
        (None, {"told": "LX-261126-0001-1 一直没人来"}, {}),
        ("over", {"state": "closed"}, {}),
        ("over", {"state": "merged"}, {}),
        ("walled", {"route": "dispute"}, {}),
        ("folded", {"folded": True}, {}),
    ],
)
def test_what_may_be_folded_into_what(refused: str | None, changed: dict[str, object], who: dict[str, bool]) -> None:
    pair = Pair(first=side(1), second=side(2, **changed), **({"one_home": True, "shared": True} | who))
    found = may_merge(pair)
    assert (found.kind if found else None) == refused
    assert found is None or (found.zh and found.en)


def test_the_older_lives_unless_only_the_younger_holds_others() -> None:
    assert [one.id for one in in_order(side(2), side(1))] == [1, 2]
    assert [one.id for one in in_order(side(1), side(2, folded=True))] == [2, 1]
    assert may_link(side(1), side(1)) is not None
    assert may_link(side(1), side(2, state="closed")) is None


def test_which_tickets_an_incident_is_suggested_to() -> None:
    stopped = Happening(category="property", topic="lift", building="3", unit="2", since=NOW)
    told = {"route": "service_request", "category": "property", "topic": "lift", "building": "3", "opened_at": NOW}
    assert fits(stopped, unit=None, **told)  # type: ignore[arg-type]
    assert not fits(stopped, unit="1", **told)  # type: ignore[arg-type]
    assert not fits(stopped, unit="2", **told | {"building": "4"})  # type: ignore[arg-type]
    assert not fits(stopped, unit="2", **told | {"topic": "light"})  # type: ignore[arg-type]
    assert not fits(stopped, unit="2", **told | {"opened_at": NOW - timedelta(days=4)})  # type: ignore[arg-type]
    assert not fits(stopped, unit="2", **told | {"route": "dispute"})  # type: ignore[arg-type]
    everywhere = replace(stopped, building=None, unit=None, topic=None)
    assert fits(everywhere, unit="1", **told | {"building": "9"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王阿姨家的门也看过了", "王阿姨"),
        ("打 139-1234-5678 问", "13912345678"),
        ("１２０４ 的住户请开门", "1204"),
        ("12045 号电梯配件到了", None),
        ("12楼以上先走1号梯", None),
    ],
)
def test_nobody_behind_an_answer_is_named_in_it(text: str, found: str | None) -> None:
    assert names_somebody(text, [Person("王阿姨", "13912345678", "1204")]) == found
