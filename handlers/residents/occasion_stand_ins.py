"""Asking somebody to stand in, and being asked: the place changes hands only with a yes, and the one who asked is told."""

from __future__ import annotations

from typing import Any

from handlers import occasion_notices as notices
from handlers.occasion_cards import button, facts
from handlers.outcome import Button, Outcome, Reply, Rows, Say, do
from handlers.residents.case import Case
from handlers.texts.catalogue import Texts
from knowledge.occasions import Occasion
from storage import messages
from storage import occasion_swaps as swaps
from storage.occasion_places import PREFIX
from storage.occasion_swaps import Answered, Asked


def ask(case: Case, occasion_id: int, *, name: str | None = None) -> Outcome[Any]:
    """The one who is called so is asked; where nobody, or more than one is, a code goes from hand to hand."""
    asked = do(swaps.ask, occasion_id=occasion_id, chat_id=case.chat_id, name=name)
    return asked.then(lambda done: _asked(case, done, name))


def _asked(case: Case, done: Asked, name: str | None) -> list[Reply]:
    words, occasion = case.words, done.occasion
    if occasion is None or done.kind in ("not_joined", "begun", "event"):
        key = {"event": "swap_only_shift", "begun": "swap_late"}.get(done.kind, "nothing_to_leave")
        return [Say(words(f"occasion.{key}"))]
    rows = [[button(words, "keep", occasion), button(words, "leave", occasion)]]
    if done.kind == "code":
        return [Say(words("occasion.swap_code", code=done.code), rows)]
    theirs = case.front.texts[done.language]
    asked = _question(theirs, case, occasion, done.swap_id, to=done.chat_id)
    return [Say(words("occasion.swap_asked", who=name), rows), asked]


def _question(words: Texts, case: Case, occasion: Occasion, swap_id: int, *, to: int | None) -> Say:
    who = case.scene.name if to is not None and case.scene.name else words("occasion.a_neighbour")
    mark = f"{PREFIX}:{occasion.id}"
    rows = [
        [
            Button(words("occasion.swap_yes"), f"{mark}:sy:{swap_id}"),
            Button(words("occasion.swap_no"), f"{mark}:sn:{swap_id}"),
        ]
    ]
    risks = occasion.rules.risks
    told = f"\n{words('occasion.risks', risks=risks.get(words.language))}" if risks else ""
    text = words("occasion.swap_ask", who=who, **facts(words, occasion, case.now))
    return Say(f"{text}{told}", rows, to=to, priority=messages.NOTICE)


def use_code(case: Case, code: str) -> Outcome[Any]:
    """Somebody brings a code that was passed to them: they are asked like one who was named."""
    return do(swaps.by_code, code=code, chat_id=case.chat_id).then(lambda done: [_offered(case, done)])


def _offered(case: Case, done: Answered) -> Say:
    if done.occasion is None:
        return Say(case.words("occasion.swap_slow" if done.kind == "slow" else "occasion.swap_bad_code"))
    if done.kind == "own":
        return Say(case.words("occasion.swap_own"))
    return _question(case.words, case, done.occasion, int(done.kind.partition(":")[2]), to=None)


def answer(case: Case, swap_id: int, *, yes: bool) -> Outcome[Any]:
    return do(swaps.answer, swap_id, chat_id=case.chat_id, yes=yes).then(lambda done: _answered(case, done, swap_id))


def _answered(case: Case, done: Answered, swap_id: int) -> list[Reply]:
    words, occasion = case.words, done.occasion
    if occasion is None or done.kind == "late":
        return [Say(words("occasion.swap_late"))]
    values = facts(words, occasion, case.now)
    if done.kind == "taken":
        rows: Rows = [[button(words, "mine", occasion)]]
        others = notices.moved_up(case.front.texts, occasion, done.moved, case.now)
        return [Say(words("occasion.swap_taken", **values), rows), _to_asker(case, done, "swap_done"), *others]
    if done.kind == "declined":
        return [Say(words("occasion.swap_declined")), _to_asker(case, done, "swap_refused")]
    return [_unfit(case, done.kind, occasion, swap_id)]


def _unfit(case: Case, kind: str, occasion: Occasion, swap_id: int) -> Say:
    """What stands in the way, and the way to try again once it is out of it."""
    words = case.words
    why = words("occasion.swap_has" if kind == "has" else f"occasion.why_{kind}")
    again = [[Button(words("occasion.swap_yes"), f"{PREFIX}:{occasion.id}:sy:{swap_id}")]] if kind == "unknown" else []
    return Say(words("occasion.swap_unfit", why=why), again)


def _to_asker(case: Case, done: Answered, key: str) -> Say:
    """Whoever asked hears it at once, in their language."""
    assert done.asker is not None
    assert done.occasion is not None
    words = case.front.texts[done.asker.language]
    again = [[button(words, "swap", done.occasion), button(words, "leave", done.occasion)]]
    text = words(f"occasion.{key}", **facts(words, done.occasion, case.now))
    rows = again if key == "swap_refused" else []
    return Say(text, rows, to=done.asker.chat_id, priority=messages.NOTICE)


def keep(case: Case, occasion_id: int) -> Outcome[Any]:
    """They come after all."""
    kept = do(swaps.keep, occasion_id=occasion_id, chat_id=case.chat_id)
    return kept.then(lambda done: [Say(case.words("occasion.kept" if done else "occasion.nothing_to_leave"))])
