"""Solved, not solved, not yet seen: by a button or in plain words; then how satisfied, and why not, where one cares to say.

Only whoever was asked is heard this way, and only about the matter they were asked about: anybody else's "还是漏" is a
matter of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers import ticket_notices, ticket_words
from handlers.outcome import Button, Outcome, Reply, Say, do, say
from handlers.residents import delegates, following
from handlers.residents.case import Case
from handlers.ticket_notices import scale, ticket_buttons
from handlers.ticket_words import Row
from knowledge import closing
from knowledge.closing import Verdict
from knowledge.elsewhere import ABOUT_WHAT_IS_FILED
from knowledge.life import State, is_open
from knowledge.likely import about_another, asks_how_it_stands
from knowledge.proxies import Act
from knowledge.verdicts import over_by_itself, reason_in, verdict
from storage import drafts, progress, rights, tickets, verdicts
from storage.chats import Draft
from storage.transaction import Tx
from storage.verdicts import Judged

BY_BUTTON = {"ok": Verdict.SOLVED, "no": Verdict.NOT_SOLVED, "unseen": Verdict.NOT_SEEN}
ACT_OF = verdicts.ACTS
FEW = 4
"""Characters of a bare yes or no."""
WHY_FOR = timedelta(minutes=30)
"""So long the next words may be the reason that was asked for."""
Result = tuple[Judged | None, Sequence[Say], progress.Progress | None]
"""The verdict's effect, what the staff group hears of it, and the ticket as it stands now."""


async def hear(case: Case) -> Outcome[Any] | None:
    """Words about one's own matters that need no form: a verdict, a rating, "how does it stand". None: none of these."""
    said = verdict(case.text)
    rating = next((one.value for one in closing.shipped().scale if case.text in (one.name.zh, one.name.en)), None)
    if said is None and rating is None and not asks_how_it_stands(case.text):
        return None
    rows = await case.front.storage.read(progress.mine, case.chat_id)
    helped = await case.front.storage.read(rights.helped, case.chat_id)
    mine = delegates.theirs_to_say(rows, helped, Act.RATE if said is None else ACT_OF[said])
    awaited = [row for row in mine if row["state"] == State.CALLING_BACK]
    if said is not None and awaited and not _answers_a_question(case, rows) and not _elsewhere(case, awaited):
        return _judge_one_of(case, awaited, said)
    if said is Verdict.SOLVED and over_by_itself(case.text):
        return _over_by_itself(case, [row for row in mine if is_open(row["state"])])
    if rating is not None:
        return _rate_newest(case, mine, rating)
    meant = following.which(case, rows) if rows and asks_how_it_stands(case.text) else None
    return await following.show(case, meant) if meant else None


def _answers_a_question(case: Case, rows: Sequence[Row]) -> bool:
    """ "没有", "yes": while staff wait for an answer as well, so few words are that answer."""
    return bare(case.text) and any(row["waiting_resident"] for row in rows)


def bare(text: str) -> bool:
    """ "没有", "是的": an answer, whatever was asked."""
    return len(text) <= FEW and verdict(text) is not None


def _elsewhere(case: Case, awaited: Sequence[Row]) -> bool:
    """The words plainly are about something else than any of the matters asked about."""
    best = case.reading.guesses[0].label
    if best.route in ABOUT_WHAT_IS_FILED:
        return False
    same = any((row["route"], row["category"]) == (best.route, best.category) for row in awaited)
    strange = all(about_another(case.text, following.matter_of(case, row)) for row in awaited)
    return strange and case.reading.sure and not same


def _judge_one_of(case: Case, awaited: Sequence[Row], said: Verdict) -> Outcome[Any]:
    meant = awaited[0]["id"] if len(awaited) == 1 else following.which(case, awaited)
    if meant:
        return _judged(case, int(meant), said, via="words", reason=reason_in(case.text))
    buttons = [[Button(ticket_words.title(case.words, row), _data(row, said))] for row in awaited]
    return say(Say(case.words("verdict.which"), buttons))


def _data(row: Row, said: Verdict) -> str:
    return f"t:{row['id']}:{ACT_OF[said]}:{row['redos']}"


def _over_by_itself(case: Case, rows: Sequence[Row]) -> Outcome[Any] | None:
    """Not asked, but told: asked back once, for a ticket is not closed by a guess."""
    meant = rows[0]["id"] if len(rows) == 1 else following.which(case, rows)
    row = next((row for row in rows if row["id"] == meant), None)
    if row is None:
        return None
    text = case.words("verdict.sure_fine", number=row["number"], title=ticket_words.title(case.words, row))
    return say(Say(text, ticket_buttons(case.words, row, "fine", "go_on")))


def press(case: Case, ticket_id: int, action: str, round: int | None) -> Outcome[Any]:
    """A verdict's button; it counts in its own round only, and once."""
    return following.once(case, _judged(case, ticket_id, BY_BUTTON[action], round=round))


def _judged(
    case: Case,
    ticket_id: int,
    said: Verdict,
    *,
    round: int | None = None,
    via: str = "button",
    reason: str | None = None,
) -> Outcome[Any]:
    judged = do(_judge, case, ticket_id, said, round=round, via=via, reason=reason)
    replied = judged.then(lambda result: _replies(case, result, reason))
    return delegates.watched(case, ticket_id, ACT_OF[said], replied)


def _judge(
    tx: Tx, case: Case, ticket_id: int, said: Verdict, *, round: int | None, via: str, reason: str | None
) -> Result:
    judged = verdicts.judge(tx, ticket_id, chat_id=case.chat_id, verdict=said, round=round, via=via, reason=reason)
    if judged is None:
        return None, (), None
    if not _in_a_form(case):
        drafts.close_current(tx, chat_id=case.chat_id, state="cancelled")
    if via == "words" and judged.kind in BY_BUTTON.values():
        tickets.belongs(tx, case.incoming.message_id, ticket_id)
    staff: Sequence[Say] = ()
    if judged.kind == Verdict.NOT_SOLVED:
        staff = ticket_notices.not_solved(tx, case.front.texts, judged)
        if reason is None and not _in_a_form(case):
            _wait_for_why(tx, case, ticket_id)
    return judged, staff, progress.of_ticket(tx, ticket_id, chat_id=case.chat_id)


def _in_a_form(case: Case) -> bool:
    """They are in the middle of something that must not be lost; a reason nobody gave yet is no such thing."""
    return case.scene.draft is not None and case.scene.draft.step != following.WHY


def _wait_for_why(tx: Tx, case: Case, ticket_id: int) -> None:
    answers = {"ticket": ticket_id, "why_until": (tx.now + WHY_FOR).isoformat()}
    drafts.open_draft(tx, chat_id=case.chat_id, form=following.WORDS_FORM, step=following.WHY, answers=answers)


def _replies(case: Case, result: Result, reason: str | None) -> list[Reply]:
    judged, staff, now = result
    if judged is None or now is None:
        return [Say(case.words("ticket.not_yours"))]
    if judged.kind == "again":
        return [Say(case.words("verdict.said_before"))]
    if judged.kind == "stale":
        return [Say(case.words("verdict.stale")), following.shown(case, now)]
    return [*_answer(case, judged, reason), *staff]


def _answer(case: Case, judged: Judged, reason: str | None) -> list[Say]:
    words, row, number = case.words, judged.ticket, judged.ticket["number"]
    if judged.kind == Verdict.SOLVED:
        return [Say(f"{words('verdict.thanks', number=number)}\n{words('verdict.rate')}", scale(words, row))]
    if judged.kind == Verdict.NOT_SEEN:
        return [Say(words("verdict.later", at=case.time(row["ask_at"])), ticket_buttons(words, row, "ok", "no"))]
    level = ticket_words.level(words, row["level"])
    text = words("verdict.redone", number=number, level=level, due=case.time(row["due_at"]))
    if reason is None and not _in_a_form(case):
        text += "\n" + words("verdict.ask_why")
    return [Say(text, ticket_buttons(words, row, "after_all"), ticket_id=judged.id)]


def rate(case: Case, ticket_id: int, round: int, place: int) -> Outcome[Any]:
    """One of the five answers, by its place on the scale."""
    value = closing.shipped().scale[place].value
    return following.once(case, _rated(case, ticket_id, round, value))


def _rate_newest(case: Case, rows: Sequence[Row], value: str) -> Outcome[Any] | None:
    """The scale's own words typed: they rate what was closed last."""
    over = [row for row in rows if row["state"] == State.CLOSED and row["closed_at"]]
    newest = max(over, key=lambda row: row["closed_at"], default=None)
    return _rated(case, int(newest["id"]), int(newest["redos"]), value) if newest else None


def _rated(case: Case, ticket_id: int, round: int, value: str) -> Outcome[Any]:
    rated = do(_rate, case, ticket_id, round, value)
    replied = rated.then(lambda kind: [Say(_rated_words(case, kind, value))])
    return delegates.watched(case, ticket_id, Act.RATE, replied)


def _rate(tx: Tx, case: Case, ticket_id: int, round: int, value: str) -> str:
    judged = verdicts.rate(tx, ticket_id, chat_id=case.chat_id, round=round, value=value)
    if judged is None:
        return "nobody"
    known = closing.shipped().answer(value)
    if judged.kind == "rated" and known and not known.counts and not _in_a_form(case):
        _wait_for_why(tx, case, ticket_id)
        return "rated_why"
    return judged.kind


def _rated_words(case: Case, kind: str, value: str) -> str:
    known = closing.shipped().answer(value)
    answer = known.name.get(case.scene.language) if known else ""
    keys = {"rated": "verdict.rated", "rated_why": "verdict.rated_why", "again": "verdict.rated_before"}
    key = keys.get(kind, "odd.unknown_button" if kind == "stale" else "ticket.not_yours")
    return case.words(key, answer=answer)


async def is_why(case: Case, draft: Draft) -> bool:
    """The words may be the reason: said soon, no greeting, and not plainly another matter."""
    best, until = case.reading.guesses[0].label, datetime.fromisoformat(draft.answers["why_until"])
    if until < case.now or (case.reading.sure and best.route in ("greeting", "volunteer", "suggestion")):
        return False
    found = await case.front.storage.read(progress.of_ticket, draft.answers["ticket"], chat_id=case.chat_id)
    return found is not None and not _elsewhere(case, [found.ticket])


def take_why(case: Case, draft: Draft) -> Outcome[Any]:
    """The reason somebody cared to say, with their photos; staff read it in the ticket."""
    ticket_id = int(draft.answers["ticket"])
    kept = do(_take_why, case, ticket_id)
    replied = kept.then(lambda done: [Say(case.words("verdict.why_kept" if done else "ticket.not_yours"))])
    return delegates.watched(case, ticket_id, Act.WHY, replied)


def _take_why(tx: Tx, case: Case, ticket_id: int) -> bool:
    drafts.close_current(tx, chat_id=case.chat_id, state="filed")
    message_id = case.incoming.message_id
    given = verdicts.give_reason(tx, ticket_id, chat_id=case.chat_id, text=case.text, message_id=message_id)
    if given is None:
        return False
    tickets.belongs(tx, message_id, ticket_id)
    tickets.attach(tx, ticket_id, case.blobs)
    return True


def no_why(case: Case) -> Outcome[Any]:
    """They would rather not say."""
    dropped = do(drafts.close_current, chat_id=case.chat_id, state="cancelled")
    return dropped.saying(Say(case.words("verdict.going_on")))
