"""A filed matter from its resident's side: where it is, more words for it, taking it back, solved or not."""

from __future__ import annotations

import re
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Rows, Say, do, say
from handlers.residents.case import Case
from knowledge import ticket_numbers
from knowledge.life import STATE_NAMES, State
from storage import drafts, tickets
from storage.tickets import OPEN, Glance

CODE = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{4}[\s\-—–_－]*[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{4}")
WORDS_FORM = "ticket_words"
"""The form of one step that takes the next words to a ticket."""


def names_a_ticket(text: str) -> bool:
    return ticket_numbers.find(text) is not None or ticket_numbers.has_slip(text)


async def by_number(case: Case) -> Outcome[Any]:
    """A number alone shows one's own ticket; with the claim code it brings a ticket to this chat."""
    found = ticket_numbers.find(case.text)
    if found is None:
        return say(Say(case.words("ticket.bad_number")))
    number = str(found)
    code = _code_beside(case.text, number)
    if code is not None:
        claimed = do(tickets.claim, chat_id=case.chat_id, number=number, code=code)
        return claimed.then(lambda result: _claimed(case, result))
    mine = await case.front.storage.read(tickets.by_number, number, chat_id=case.chat_id)
    return say(shown(case, mine) if mine else Say(case.words("ticket.need_code")))


def _code_beside(text: str, number: str) -> str | None:
    """A claim code in what is left of the message without the ticket number."""
    digits = number.rsplit("-", 1)[0].rsplit("-", 1)[-1]
    rest = re.sub(rf"(?i)l\s*x.*?{digits}\D{{0,3}}\d", " ", text, count=1)
    for candidate in CODE.findall(rest):
        if code := ticket_numbers.parse_claim_code(candidate):
            return code
    return None


def _claimed(case: Case, result: Glance | str) -> list[Reply]:
    if isinstance(result, str):
        return [Say(case.words("ticket.slow_down" if result == "slow_down" else "ticket.unknown_code"))]
    return [Say(case.words("ticket.claimed")), shown(case, result)]


async def mine(case: Case) -> Outcome[Any]:
    """What this resident has filed, newest first."""
    found = await case.front.storage.read(tickets.of_chat, case.chat_id)
    if not found:
        return say(Say(case.words("ticket.none")))
    if len(found) == 1:
        return say(shown(case, found[0]))
    lines = [case.words("ticket.list"), *(_line(case, ticket) for ticket in found)]
    rows = [[Button(ticket.number, f"t:{ticket.id}:show")] for ticket in found[:5]]
    return say(Say("\n".join(lines), rows))


def _line(case: Case, ticket: Glance) -> str:
    key = "ticket.line" if ticket.state in OPEN else "ticket.line_over"
    values = {"number": ticket.number, "title": ticket.title, "state": state_name(case, ticket)}
    return case.words(key, **values, due=case.time(ticket.due_at))


def state_name(case: Case, ticket: Glance) -> str:
    name = STATE_NAMES[State(ticket.state)][case.scene.language == "en"]
    return f"{name} · {case.words('ticket.waiting')}" if ticket.waiting_resident else name


def shown(case: Case, ticket: Glance) -> Say:
    words, still_open = case.words, ticket.state in OPEN
    text = words(
        "ticket.shown",
        number=ticket.number,
        title=ticket.title,
        state=state_name(case, ticket),
        opened=case.time(ticket.opened_at),
        promise=words("ticket.promise", due=case.time(ticket.due_at)) if still_open else words("ticket.over"),
        code=ticket.claim_code,
    )
    return Say(text, _buttons(case, ticket, still_open), ticket_id=ticket.id)


def _buttons(case: Case, ticket: Glance, still_open: bool) -> Rows:
    def button(key: str, action: str) -> Button:
        return Button(case.words(f"ticket.{key}"), f"t:{ticket.id}:{action}")

    if still_open:
        return ((button("add", "add"), button("withdraw", "withdraw")),)
    return ((button("solved", "ok"), button("not_solved", "no")),) if ticket.state == "closed" else ()


async def press(case: Case, ticket_id: int, action: str) -> Outcome[Any]:
    """A button about a ticket; whose it is, is asked anew every time."""
    ticket = await case.front.storage.read(tickets.visible, ticket_id, chat_id=case.chat_id)
    if ticket is None:
        return say(Say(case.words("ticket.not_yours")))
    if action == "add":
        return _ask_words(case, ticket)
    if action == "withdraw":
        return say(Say(case.words("ticket.withdraw_sure", number=ticket.number), _sure(case, ticket)))
    if action == "gone":
        return do(tickets.withdraw, ticket.id, chat_id=case.chat_id).then(lambda done: _withdrawn(case, ticket, done))
    if action in ("ok", "no"):
        judged = do(tickets.judge, ticket.id, chat_id=case.chat_id, solved=action == "ok")
        return judged.then(lambda done: _judged(case, ticket, done, action))
    return say(Say(case.words("ticket.kept")) if action == "keep" else shown(case, ticket))


def _sure(case: Case, ticket: Glance) -> Rows:
    yes = Button(case.words("ticket.withdraw_yes"), f"t:{ticket.id}:gone")
    return ((yes, Button(case.words("ticket.keep"), f"t:{ticket.id}:keep")),)


def _withdrawn(case: Case, ticket: Glance, done: Glance | None) -> list[Reply]:
    key = "ticket.withdrawn" if done else "ticket.finished"
    return [Say(case.words(key, number=ticket.number))]


def _judged(case: Case, ticket: Glance, done: Glance | None, action: str) -> list[Reply]:
    if done is None:
        return [shown(case, ticket)]
    key = "ticket.thanks_solved" if action == "ok" else "ticket.reopened"
    return [Say(case.words(key, number=ticket.number))]


def _ask_words(case: Case, ticket: Glance) -> Outcome[Any]:
    if ticket.state not in OPEN:
        return say(Say(case.words("ticket.finished", number=ticket.number), _buttons(case, ticket, False)))
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=WORDS_FORM, step="words", answers={"ticket": ticket.id})
    return opened.then(lambda _: [Say(case.words("ticket.ask_words"))])


def take_words(case: Case, ticket_id: int, *, number: str, doubtful: bool = False) -> Outcome[Any]:
    """What was said now goes to the ticket; ``doubtful`` offers the way out where nobody had asked for it."""
    added = do(_take_words, case, ticket_id)
    rows: Rows = ((Button(case.words("ticket.not_reply"), f"x:{case.incoming.message_id}"),),) if doubtful else ()
    taken = case.words("ticket.words_added", number=number)
    return added.then(lambda done: [Say(taken if done else case.words("ticket.finished", number=number), rows)])


def _take_words(tx: Any, case: Case, ticket_id: int) -> Glance | None:
    drafts.close_current(tx, chat_id=case.chat_id, state="filed")
    return tickets.add_words(tx, ticket_id, chat_id=case.chat_id, message_id=case.incoming.message_id, blobs=case.blobs)
