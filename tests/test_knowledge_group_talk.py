"""What a colleague's message is meant as: only plain words of whoever has the ticket reach its resident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.group_talk import Heard, Meaning, meaning, more_time, note_in, order
from knowledge.taking_back import REFUSALS, WITHIN, Said, refused

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
NUMBER = "LX-261123-0001-7"


@pytest.mark.parametrize(
    ("said", "how", "holder", "meant"),
    [
        ("师傅十点到", {}, "me", Meaning.ANSWER),
        ("", {"files": True}, "me", Meaning.ANSWER),
        ("师傅十点到", {"answers": "card"}, "me", Meaning.ANSWER),
        ("好的", {"answers": "resident"}, "me", Meaning.ANSWER),
        ("师傅十点到", {}, "another", Meaning.NOT_THEIRS),
        ("师傅十点到", {}, "nobody", Meaning.UNCLAIMED),
        ("", {}, "me", Meaning.AMONG),
        ("好", {"answers": "colleague"}, "me", Meaning.AMONG),
        ("好", {"answers": "ours"}, "me", Meaning.AMONG),
        ("@lq 来过吗", {"calls_somebody": True}, "me", Meaning.AMONG),
        ("转来的", {"second_hand": True}, "me", Meaning.AMONG),
        ("/答复 师傅十点到", {"second_hand": True}, "me", Meaning.AMONG),
        ("// 有狗", {}, "me", Meaning.NOTE),
        ("#备注 有狗", {}, "nobody", Meaning.NOTE),
        ("备注：有狗", {}, "me", Meaning.NOTE),
        ("/note 有狗", {}, "me", Meaning.COMMAND),
        ("／接单", {}, "nobody", Meaning.COMMAND),
        ("/claim@lianxin_bot", {"bot": "Lianxin_Bot"}, "nobody", Meaning.COMMAND),
        ("/claim@another_bot", {"bot": "Lianxin_Bot"}, "me", Meaning.OTHER_BOT),
        ("/nope 师傅十点到", {}, "me", Meaning.UNKNOWN),
        ("/", {}, "me", Meaning.UNKNOWN),
        ("/ 师傅十点到", {}, "me", Meaning.UNKNOWN),
    ],
)
def test_what_is_meant(said: str, how: dict[str, Any], holder: Any, meant: Meaning) -> None:
    assert meaning(Heard(text=said, **how), holder=holder) is meant


def test_a_note_loses_its_sign_and_a_command_its_number() -> None:
    assert [note_in(said) for said in ("// 有狗", "#备注：有狗", "note: 有狗")] == ["有狗"] * 3
    found = order(f"/备注 {NUMBER} 有狗")
    assert found is not None
    assert (found.action, found.number, found.rest) == ("note", NUMBER, "有狗")
    plain = order("/note 有 狗")
    assert plain is not None
    assert (plain.number, plain.rest) == (None, "有 狗")
    assert order("/nope") is None


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({}, None),
        ({"action": "ask_back", "mine": False, "held": True}, None),
        ({"action": None}, None),
        ({"merged": True}, "merged"),
        ({"to_many": True}, "many"),
        ({"action": "finish"}, "step"),
        ({"mine": False}, "whose"),
        ({"at": NOON - WITHIN - timedelta(seconds=1)}, "late"),
        ({"reachable": False}, "text"),
    ],
)
def test_what_may_be_taken_back(how: dict[str, Any], kind: str | None) -> None:
    plain: dict[str, Any] = {"at": NOON, "action": "answer", "mine": True, "held": False, "to_many": False}
    said = Said(**plain | {"merged": False, "reachable": True} | how)
    assert refused(said, NOON) is (REFUSALS[kind] if kind else None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("三天 等配件", (3, "等配件")),
        ("2个工作日：师傅病了", (2, "师傅病了")),
        ("5 working days, parts are late", (5, "parts are late")),
        ("10天", (10, "")),
        ("等配件", None),
        ("", None),
    ],
)
def test_so_many_days_more_and_why(said: str, meant: tuple[int, str] | None) -> None:
    assert more_time(said) == meant
