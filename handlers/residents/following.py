"""A filed matter from its resident's side: how it stands, more words or photos for it, taking it back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from handlers import mediation_letters, ticket_words
from handlers.outcome import Button, Edit, Outcome, Reply, Rows, Say, both, do, say
from handlers.residents import delegates, joining
from handlers.residents.case import Case
from handlers.ticket_notices import VERDICT, ticket_buttons, to_neighbours
from handlers.ticket_words import Row
from knowledge import ticket_numbers
from knowledge.closing import Closed
from knowledge.life import State, is_open
from knowledge.likely import Matter, likely
from knowledge.proxies import Act, allows, rules
from storage import drafts, mediation_life, progress, rights, tickets
from storage import joining as joining_units
from storage.joining import Public
from storage.mediation import Case as Mediation
from storage.progress import Progress
from storage.proxies import Proxy
from storage.rights import Glance
from storage.tickets import OPEN
from storage.transaction import Tx

CODE = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{4}[\s\-—–_－]*[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{4}")
WORDS_FORM = "ticket_words"
"""The form of one step that takes the next words to a ticket."""
WHY = "why"
"""The step of that form that takes a reason, which nobody has to give."""
LISTED = 8
LAST_STEPS = 4
"""Steps of the history that stand in the short view."""


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
        claimed = do(_claim, chat_id=case.chat_id, number=number, code=code)
        return claimed.then(lambda result: _claimed(case, result))
    mine = await case.front.storage.read(progress.of_number, number, chat_id=case.chat_id)
    return say(shown(case, mine) if mine else Say(case.words("ticket.need_code")))


def _code_beside(text: str, number: str) -> str | None:
    """A claim code in what is left of the message without the ticket number."""
    digits = number.rsplit("-", 1)[0].rsplit("-", 1)[-1]
    rest = re.sub(rf"(?i)l\s*x.*?{digits}\D{{0,3}}\d", " ", text, count=1)
    for candidate in CODE.findall(rest):
        if code := ticket_numbers.parse_claim_code(candidate):
            return code
    return None


def _claim(tx: Any, *, chat_id: int, number: str, code: str) -> Progress | str:
    result = tickets.claim(tx, chat_id=chat_id, number=number, code=code)
    if isinstance(result, str):
        return result
    return progress.of_ticket(tx, result.id, chat_id=chat_id) or "unknown"


def _claimed(case: Case, result: Progress | str) -> list[Reply]:
    if isinstance(result, str):
        return [Say(case.words("ticket.slow_down" if result == "slow_down" else "ticket.unknown_code"))]
    return [Say(case.words("ticket.claimed")), shown(case, result)]


async def mine(case: Case) -> Outcome[Any]:
    """What this resident has filed: the one they plainly mean, or all of it, open matters first."""
    found = await case.front.storage.read(progress.mine, case.chat_id)
    joined = await case.front.storage.read(joining_units.of_chat, case.chat_id)
    if not found and not joined:
        return say(Say(case.words("ticket.none")))
    meant = found[0]["id"] if len(found) == 1 and not joined else which(case, found)
    if meant:
        return await show(case, meant)
    return say(_list(case, found, joined, await case.front.storage.read(rights.helped, case.chat_id)))


async def show(case: Case, ticket_id: int, *, lead: str = "") -> Outcome[Any]:
    """One ticket as it stands now."""
    found = await case.front.storage.read(progress.of_ticket, ticket_id, chat_id=case.chat_id)
    if found is None:
        return say(Say(case.words("ticket.not_yours")))
    return say(*([Say(case.words(lead))] if lead else []), shown(case, found))


def which(case: Case, rows: Sequence[Row]) -> int | None:
    """The one of these tickets that the words mean: of those open, else of all."""
    still_open = [row for row in rows if is_open(row["state"])]
    for group in (still_open, rows):
        if case.text and (found := likely(case.text, [matter_of(case, row) for row in group])):
            return found
    return None


def matter_of(case: Case, row: Row) -> Matter:
    kind = ticket_words.matter(case.words, row)
    return Matter(int(row["id"]), f"{row['title']} {row['description'][:400]} {kind}", row["building"])


def _list(case: Case, rows: Sequence[Row], joined: Sequence[Public], helped: Mapping[int, Proxy]) -> Say:
    own, words = rows[:LISTED], case.words
    lines = [words("follow.list"), *(_line(case, place, row, helped) for place, row in enumerate(own, 1))]
    lines += [joining.line(case, place, found) for place, found in enumerate(joined, len(own) + 1)]
    if len(rows) > LISTED:
        lines.append(words("follow.more", count=len(rows) - LISTED))
    pressed = [*(f"t:{row['id']}:show" for row in own), *(f"j:{found.id}:show" for found in joined)]
    buttons = [Button(str(place), data) for place, data in enumerate(pressed, 1)]
    text = "\n".join((*lines, words("follow.list_hint")))
    return Say(text, [buttons[at : at + 4] for at in range(0, len(buttons), 4)])


def _line(case: Case, place: int, row: Row, helped: Mapping[int, Proxy]) -> str:
    """A number to press, whose it is where it is another's, what, how it stands; the promise only where one counts."""
    counts = is_open(row["state"]) and row["state"] != State.CALLING_BACK and not row["waiting_resident"]
    values = {
        "place": place,
        "title": delegates.whose(case, row, helped) + ticket_words.title(case.words, row),
        "state": ticket_words.state(case.words, row),
    }
    if counts:
        return case.words("ticket.line", due=case.time(row["due_at"]), **values)
    return case.words("ticket.line_plain", **values)


def shown(case: Case, found: Progress, *, whole: bool = False) -> Say:
    """All that matters about one ticket, on one screen of a phone; ``whole``: with every step."""
    words, row, now = case.words, found.ticket, case.now
    steps = ticket_words.history(words, found.steps, now=now)
    cut = not whole and len(steps) > LAST_STEPS
    holder = ticket_words.who_watches(words, row, found.role, found.lead)
    lines = [words("follow.steps_last" if cut else "follow.steps"), *(steps[-LAST_STEPS:] if cut else steps)]
    text = words(
        "ticket.shown",
        number=row["number"],
        title=ticket_words.title(case.words, row),
        state=ticket_words.state(words, row),
        who=words("ticket.who", who=holder) if is_open(row["state"]) else "",
        promise=ticket_words.promise(words, row, now=now),
        said=ticket_words.said(words, found, now=now),
        steps="\n".join(lines),
    )
    if found.asked is not None:
        text = words("incident.merged", asked=found.asked, number=row["number"]) + "\n\n" + text
    if found.under is not None:
        text = delegates.looking_for(case, found.under) + "\n" + text
    elif whole:  # a proxy's access must end with their authority
        text += "\n\n" + words("ticket.claim_code", code=row["claim_code"])
    if found.mediation is not None:
        return _in_mediation(case, found.mediation, row, _without_blanks(text))
    rows = buttons_of(case, row, history=not whole, under=found.under)
    return Say(_without_blanks(text), rows, ticket_id=int(row["id"]))


def _in_mediation(case: Case, held: Mediation, row: Row, text: str) -> Say:
    """Where the mediation stands, and the way to the mediator, in place of the ticket's own steps."""
    line = case.words("mediation.line", **mediation_letters.facts(case.words, held, case.now))
    over = not held.is_open or not is_open(row["state"])
    rows = () if over else mediation_letters.rows(case.words, held, ("tell", "more"))
    return Say(f"{text}\n\n{line}", rows, ticket_id=int(row["id"]))


def _without_blanks(text: str) -> str:
    """What is over has no promise, and then no empty line in its place."""
    return re.sub(r"\n{3,}", "\n\n", text)


def buttons_of(case: Case, row: Row, *, history: bool = True, under: Proxy | None = None) -> Rows:
    """What may be done with it now, from where its resident stands, or whoever helps them."""
    names = [*_possible(row), *(("history",) if history else ())]
    may = [name for name in names if under is None or allows(under.scope, rules().buttons[name])]
    return ticket_buttons(case.words, row, *may)


def _possible(row: Row) -> Sequence[str]:
    if row["state"] == State.CALLING_BACK:
        return (*VERDICT, "add")
    if is_open(row["state"]):
        return ("add", "withdraw")
    if row["state"] != State.CLOSED:
        return ()
    return ("no",) if row["outcome"] == Closed.SOLVED else ("ok", "no")


async def press(case: Case, ticket_id: int, action: str) -> Outcome[Any]:
    """A button about a ticket; whose it is, is asked anew every time."""
    found = await case.front.storage.read(progress.of_ticket, ticket_id, chat_id=case.chat_id)
    if found is None:
        return say(Say(case.words("ticket.not_yours")))
    return delegates.watched(case, ticket_id, rules().buttons[action], _pressed(case, found, action))


def _pressed(case: Case, found: Progress, action: str) -> Outcome[Any]:
    row = found.ticket
    if action == "add":
        return _ask_words(case, row)
    if action in ("withdraw", "gone") and found.mediation is not None and _binds(found.mediation):
        return say(bound(case, found.mediation))
    if action == "withdraw":
        return _ask_sure(case, found)
    if action == "gone":
        gone = do(_withdraw, case=case, row=row)
        return once(case, gone.then(lambda found: [_withdrawn(case, row, found[0]), *found[1]]))
    if action == "keep":
        return once(case, say(Say(case.words("ticket.kept"))))
    return say(shown(case, found, whole=action == "history"))


def _binds(held: Mediation) -> bool:
    return held.is_open and not any(mediation_life.ending_step(held, side) for side in held.parties)


def bound(case: Case, held: Mediation) -> Say:
    """What was agreed binds (ME-12): why it is not taken back, and what can be done instead."""
    known = mediation_letters.facts(case.words, held, case.now)
    rows = mediation_letters.rows(case.words, held, ("tell", "more"))
    return Say(case.words("mediation.binds", **known), rows, ticket_id=held.ticket_id)


def _withdraw(tx: Tx, *, case: Case, row: Row) -> tuple[Glance | None, list[Say]]:
    """Take it back; neighbours who said "me too" hear that nobody works on it any more."""
    done = tickets.withdraw(tx, int(row["id"]), chat_id=case.chat_id)
    heard = to_neighbours(tx, case.front.texts, "withdrawn", row, row["due_at"]) if done else []
    if done:
        mediation_letters.tell_withdrawn(tx, case.front.texts, int(row["id"]), chat_id=case.chat_id)
    return done, heard


def once(case: Case, outcome: Outcome[Any]) -> Outcome[Any]:
    """The same, and the pressed message loses its buttons: what it asked is answered."""
    pressed = case.incoming.pressed
    return both(say(Edit(pressed.id)), outcome) if pressed else outcome


def _ask_sure(case: Case, found: Progress) -> Outcome[Any]:
    row, words = found.ticket, case.words
    if not is_open(row["state"]):
        return say(Say(words("ticket.state_now")), shown(case, found))
    yes, no = (
        Button(words("ticket.withdraw_yes"), f"t:{row['id']}:gone"),
        Button(words("ticket.keep"), f"t:{row['id']}:keep"),
    )
    return say(Say(words("ticket.withdraw_sure", number=row["number"]), ((yes, no),)))


def _withdrawn(case: Case, row: Row, done: Glance | None) -> Say:
    return Say(case.words("ticket.withdrawn" if done else "ticket.finished", number=row["number"]))


def _ask_words(case: Case, row: Row) -> Outcome[Any]:
    if row["state"] not in OPEN:
        text = case.words("ticket.finished", number=row["number"])
        return say(Say(text, buttons_of(case, row, history=False)))
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=WORDS_FORM, step="words", answers={"ticket": row["id"]})
    return opened.then(lambda _: [Say(case.words("ticket.ask_words"))])


def take_words(case: Case, ticket_id: int, *, number: str, doubtful: bool = False) -> Outcome[Any]:
    """What was said now goes to the ticket; ``doubtful`` offers the way out where nobody had asked for it."""
    added = do(_take_words, case, ticket_id)
    rows: Rows = ((Button(case.words("ticket.not_reply"), f"x:{case.incoming.message_id}"),),) if doubtful else ()
    taken = case.words("ticket.words_added", number=number)
    told = added.then(lambda done: [Say(taken if done else case.words("ticket.finished", number=number), rows)])
    return delegates.watched(case, ticket_id, Act.ADD, told)


def _take_words(tx: Any, case: Case, ticket_id: int) -> Glance | None:
    drafts.close_current(tx, chat_id=case.chat_id, state="filed")
    return tickets.add_words(tx, ticket_id, chat_id=case.chat_id, message_id=case.incoming.message_id, blobs=case.blobs)
