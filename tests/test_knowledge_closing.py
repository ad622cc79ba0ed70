"""From "it is done" to "it is solved": words heard as verdicts, which matter is meant, and times an admin sets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.calendar import OFFICE
from knowledge.closing import FILE, Verdict, load, shipped
from knowledge.concepts import concepts
from knowledge.datafiles import DataError
from knowledge.deadlines import Span, after_waiting, extension
from knowledge.escalation import Level
from knowledge.likely import GENERAL, Matter, about_another, asks_how_it_stands, likely
from knowledge.verdicts import over_by_itself, verdict

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Chongqing."""
SAID = {
    Verdict.SOLVED: (
        *(
            "修好了,谢谢",
            "解决了",
            "好了",
            "可以了",
            "不漏了",
            "没问题了",
            "搞定",
            "来水了",
            "嗯,好了",
            "通了",
            "弄好咯",
        ),
        *(
            "师傅换了个新的,好用",
            "不堵了 谢谢",
            "没事了",
            "已经好了,谢谢师傅",
            "it's fixed, thanks",
            "yes",
            "It works now",
        ),
    ),
    Verdict.NOT_SOLVED: (
        *(
            "还是漏",
            "没好",
            "没解决",
            "没有人来",
            "又坏了",
            "还在滴水",
            "师傅都没来",
            "老样子",
            "修了也没用",
            "没修好",
            "不行",
        ),
        *(
            "厨房好了，但是厕所还在漏",
            "根本没人管",
            "还没修好",
            "没得人来",
            "not fixed",
            "still leaking",
            "nobody came",
            "no",
        ),
    ),
    Verdict.NOT_SEEN: (
        *("我还没回家看", "还没看", "不在家", "晚上回去看看", "还没看到", "在外地,周末回来看", "没来得及看"),
        *("haven't checked yet", "I'll check tonight"),
    ),
    None: (
        *(
            "修好了没得？",
            "修好没",
            "我想当志愿者",
            "一百户要配多大的社区用房？",
            "7栋1204厨房水管爆了",
            "你好",
            "谢谢",
        ),
        *("电梯坏了", "什么时候来", "好了没", ""),
    ),
}
MATTERS = (
    Matter(1, "7栋1204厨房水管爆了 房屋维修", "7"),
    Matter(2, "3栋2单元的电梯门关不上了 物业管理", "3"),
    Matter(3, "楼道灯不亮了 物业管理", "3"),
)


@pytest.mark.parametrize(("heard", "words"), [(heard, words) for heard, texts in SAID.items() for words in texts])
def test_a_verdict_is_heard_in_plain_words(heard: Verdict | None, words: str) -> None:
    assert verdict(words) == heard


@given(st.text(max_size=200))
def test_any_text_is_a_verdict_or_none(text: str) -> None:
    assert verdict(text) in (None, *Verdict)
    assert over_by_itself(text) in (True, False)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("那个水管修好没得", 1),
        ("电梯弄好了没", 2),
        ("3栋那个电梯怎么样了", 2),
        ("灯怎么还不亮啊", 3),
        ("7栋的那个呢", 1),
    ],
)
def test_the_matter_that_is_meant_is_found(words: str, meant: int) -> None:
    assert likely(words, MATTERS) == meant


@pytest.mark.parametrize("words", ["我的工单", "3栋的呢", "你好", ""])
def test_where_none_or_two_are_meant_none_is_guessed(words: str) -> None:
    assert likely(words, MATTERS) is None


def test_how_it_stands_is_asked_in_many_ways() -> None:
    for words in ("修好没得", "到哪一步了", "什么时候来修", "怎么还没人来", "any news?", "is it fixed yet"):
        assert asks_how_it_stands(words), words
    assert not asks_how_it_stands("厨房水管爆了")


def test_another_thing_or_another_building_is_another_matter() -> None:
    assert about_another("电梯还没修好", MATTERS[0])
    assert about_another("8栋的水管还在漏", MATTERS[0])
    assert not about_another("师傅都没来，还是漏", MATTERS[0])
    assert concepts("坏了 师傅 你好") <= GENERAL, "these families still stand in concepts.yaml"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tries: 3", "tries: 0", "too small"),
        ("remind_after: {office_days: 1}", "remind_after: {office_days: 1, working_days: 1}", "exactly one of"),
        ("P3: {office_minutes: 240}", "P4: {office_minutes: 240}", "P4"),
        ("at_the_top:", "on_top:", "on_top"),
        ("value: fair", "value: satisfied", "given twice"),
        ("counts: false", "counts: true", "some must not"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    whole = FILE.read_text("utf-8")
    assert old in whole
    path = tmp_path / "closing.yaml"
    path.write_text(whole.replace(old, new), "utf-8")
    with pytest.raises(DataError, match=rf"closing.yaml:\d+: .*{problem}"):
        load(path)


def test_at_the_top_of_the_ladder_a_missed_promise_is_made_with_more_patience() -> None:
    rules = shipped()
    assert rules.anew("first_contact", "P1", Level.DESK) == Span(clock_minutes=30)
    assert rules.anew("first_contact", "P1", Level.SUBDISTRICT) == Span(office_days=1)


def test_what_the_resident_took_is_not_counted_as_ours() -> None:
    due = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)  # Friday 18:00
    back = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # Wednesday 10:00, two office days later
    assert after_waiting(due, since=MONDAY, now=back, urgency="P2") == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert after_waiting(due, since=MONDAY, now=back, urgency="P1") == due + timedelta(days=2)
    assert after_waiting(MONDAY, since=back, now=back + timedelta(days=1), urgency="P2") == MONDAY, "late before"


@given(st.integers(0, 20), st.integers(0, 20))
def test_an_answer_never_brings_a_promise_forward(asked: int, answered: int) -> None:
    due, since = MONDAY + timedelta(days=4), MONDAY + timedelta(hours=7 * asked)
    now = since + timedelta(hours=5 * answered)
    assert after_waiting(due, since=since, now=now, urgency="P2") >= due


@pytest.mark.parametrize(
    ("until", "taken", "found"),
    [
        (date(2026, 12, 3), 1, "again"),
        (date(2026, 11, 25), 0, "not_later"),
        (date(2026, 11, 29), 0, "closed"),
        (date(2027, 3, 1), 0, "too_far"),
    ],
)
def test_an_extension_has_its_limits(until: date, taken: int, found: str) -> None:
    due = OFFICE.add_working_days(MONDAY, 4).due_at
    assert extension(due, until, now=MONDAY, taken=taken) == found


def test_an_extension_is_asked_for_before_the_deadline() -> None:
    due = OFFICE.add_working_days(MONDAY, 4).due_at
    assert extension(due, date(2026, 12, 3), now=due) == "late"
    later = extension(due, date(2026, 12, 3), now=MONDAY)
    assert not isinstance(later, str)
    assert later.due_at == datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
