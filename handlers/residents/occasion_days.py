"""Here, and done: on the day itself, by a word or a press."""

from __future__ import annotations

from typing import Any

from handlers.occasion_cards import button, card, facts
from handlers.outcome import Outcome, Reply, Rows, Say, do
from handlers.residents.case import Case
from handlers.texts.moments import CHINA
from knowledge.occasions import Occasion
from storage import occasion_days as days
from storage.occasion_days import Checked
from storage.occasion_places import Entry


def check_in(case: Case, occasion_id: int) -> Outcome[Any]:
    checked = do(days.check_in, occasion_id=occasion_id, chat_id=case.chat_id)
    return checked.then(lambda done: [_came(case, done)])


def check_out(case: Case, occasion_id: int) -> Outcome[Any]:
    checked = do(days.check_out, occasion_id=occasion_id, chat_id=case.chat_id)
    return checked.then(lambda done: [_left(case, done)])


def _came(case: Case, done: Checked) -> Reply:
    occasion, entry = done.occasion, done.entry
    if occasion is None or entry is None:
        return _not_joined(case, occasion)
    values = facts(case.words, occasion, case.now) | clocks(entry)
    rows: Rows = [[button(case.words, "done", occasion)]] if done.kind in ("in", "already_in") else []
    return Say(case.words(f"occasion.{_key_in(done, occasion)}", **values), rows)


def _key_in(done: Checked, occasion: Occasion) -> str:
    if done.kind != "in":
        return {"already_in": "already_checked", "early": "too_early", "over": "too_late"}[done.kind]
    if occasion.kind == "event":
        return "checked_in_event"
    return "checked_in_alone" if done.alone else "checked_in"


def _not_joined(case: Case, occasion: Occasion | None) -> Reply:
    if occasion is None or occasion.state != "open":
        return Say(case.words("occasion.gone")) if occasion is None else card(case.words, occasion, None, case.now)
    return card(case.words, occasion, None, case.now, lead=case.words("occasion.not_joined"))


def _left(case: Case, done: Checked) -> Reply:
    if done.occasion is None or done.entry is None or done.kind == "not_in":
        return Say(case.words("occasion.not_in"))
    key = "already_out" if done.kind == "already_out" else "checked_out"
    if key == "checked_out" and done.occasion.kind == "event":
        key = "checked_out_event"
    return Say(case.words(f"occasion.{key}", **(clocks(done.entry, out=True))))


def clocks(entry: Entry, *, out: bool = False) -> dict[str, str]:
    """When they came and went, and as ``clock`` the later of the two that is spoken of."""
    came, left = (
        moment.astimezone(CHINA).strftime("%H:%M") if moment else ""
        for moment in (entry.checked_in_at, entry.checked_out_at)
    )
    return {"came": came, "left": left, "clock": left if out else came}
