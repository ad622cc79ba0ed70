"""What stands in a ticket's topic: its card, what its resident said, what was done, each told once and together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from handlers import ticket_words
from handlers.outcome import Rows, plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from handlers.ticket_words import Row
from knowledge import group
from knowledge.life import ACTION_NAMES, State, is_open, name
from storage import group_board, group_news, relays, topics
from storage.group_board import Fresh, Happening
from storage.topics import Topic
from storage.transaction import Tx

TOLD_ELSEWHERE = frozenset({"file", "archive", "counted_anew", "late_first_contact", "late_result", "supervise_late"})
"""What the card says, what is nothing to anybody, and what the group hears among the notices (handlers.ticket_notices)."""
MOST_FILES = 10
CardButtons = Callable[[Row], Rows]


def no_buttons(ticket: Row) -> Rows:  # noqa: ARG001 - what stands there instead needs it
    return ()


@dataclass(frozen=True, slots=True)
class Clerk:
    """The words it speaks in: the desk's own and those about tickets. ``buttons`` stand under each card."""

    desk: Catalogue
    residents: Catalogue
    buttons: CardButtons = no_buttons

    @property
    def words(self) -> Texts:
        return self.desk["zh"]


def tell_next(tx: Tx, clerk: Clerk) -> bool:
    """Tell a group what is most pressing about one ticket; False when there is nothing, or no room in any budget."""
    fresh = group_board.next_up(tx)
    if fresh is None:
        return False
    group_news.told(tx, fresh.rows)
    ticket_id = int(fresh.ticket["id"])
    topics.leave_others(tx, ticket_id)
    topic = topics.topic_of(tx, ticket_id)
    if topic is None:
        topics.withdraw(tx, ticket_id)
        return True
    group_news.carded(tx, ticket_id)
    _tell(tx, clerk, fresh, topic)
    return True


def _tell(tx: Tx, clerk: Clerk, fresh: Fresh, topic: Topic) -> None:
    ticket_id, over = topic.ticket_id, not is_open(fresh.ticket["state"])
    if topic.card_id is None:
        if over and not any(one.action == "file" for one in fresh.happened):
            return
        _open(tx, clerk, fresh, topic)
    elif not over:
        topics.reopen(tx, ticket_id)
    told = [(one, _answered(tx, one, topic)) for one in _worth_telling(clerk, fresh)]
    soon = fresh.ticket["urgency"] in group_board.URGENT or any(one.said is not None for one, _ in told)
    for (spoken_, reply_to), some in groupby(told, key=lambda pair: (pair[0].said is not None, pair[1])):
        part = [one for one, _ in some]
        if spoken_:
            _relay(tx, clerk, ticket_id, part, reply_to)
        else:
            _note(tx, clerk, ticket_id, part, soon=soon)
    if over:
        topics.close(tx, ticket_id)


def _answered(tx: Tx, one: Happening, topic: Topic) -> int | None:
    """What stands in the group for the message a resident replied to."""
    wanted = one.said["reply_to_id"] if one.said is not None else None
    return relays.counterpart(tx, int(wanted), chat_id=topic.chat_id) if wanted is not None else None


def _open(tx: Tx, clerk: Clerk, fresh: Fresh, topic: Topic) -> None:
    ticket, files = fresh.ticket, group_board.files_of(tx, topic.ticket_id)
    text = card(clerk, ticket, files=len(files), now=tx.now)
    topics.write_card(tx, topic, text, buttons=plain(clerk.buttons(ticket)))
    for at in range(0, len(files), MOST_FILES):
        topics.say_in(
            tx, topic.ticket_id, "" if at else clerk.words("group.files"), attachments=files[at : at + MOST_FILES]
        )


def card(clerk: Clerk, ticket: Row, *, files: int, now: datetime) -> str:
    """What somebody must know to take it up: no name, no telephone number, the flat where the work is."""
    words, about = clerk.words, clerk.residents["zh"]
    lines = words(
        "group.card",
        mark=f"{mark} " if (mark := group.MARKS.get(ticket["urgency"], "")) else "",
        urgency=ticket["urgency"],
        matter=ticket_words.matter(about, ticket),
        number=ticket["number"],
        place=place(words, ticket),
        words=group.readable(ticket["description"]) or words("group.no_words"),
        due=_due(words, about, ticket, now),
    )
    visit = words("group.card_visit", visit=ticket["visit_words"]) if ticket["visit_words"] else ""
    attached = words("group.card_files", number=files) if files else ""
    return "\n".join(filter(None, [lines, visit, attached]))


def _due(words: Texts, about: Texts, ticket: Row, now: datetime) -> str:
    if ticket["state"] != State.RECEIVED:
        return words("group.card_state", state=name(ticket["state"]))
    contact, due = (spoken(about, ticket[key], now=now) for key in ("first_contact_due", "due_at"))
    return words("group.card_due", contact=contact, due=due)


def place(words: Texts, ticket: Row) -> str:
    """The building and unit; the flat only where the work is done in it (PI-04)."""
    parts = [("building", "栋"), ("unit", "单元"), ("floor", "层")]
    said = "".join(f"{ticket[key]}{word}" for key, word in parts if ticket[key])
    room = ticket["room"] if group.shows_flat(ticket["category"]) and not ticket["anonymous"] else None
    return " ".join(filter(None, [said, room, ticket["place_note"]])) or words("group.no_place")


def _worth_telling(clerk: Clerk, fresh: Fresh) -> list[Happening]:
    """The card says what was filed; a step nobody has words for is nobody's business."""
    known = [one for one in fresh.happened if one.action not in TOLD_ELSEWHERE]
    return [one for one in known if one.said is not None or _what(clerk.words, one.action)]


def _relay(tx: Tx, clerk: Clerk, ticket_id: int, some: Sequence[Happening], reply_to: int | None) -> None:
    """The resident's own words and files, whichever way they came; edited there, they change here."""
    said = [one.said for one in some if one.said is not None]
    by_phone = next((one.who for one in some if one.actor == "staff" and one.who), None)
    head = clerk.words("group.said_by_phone", who=by_phone) if by_phone else clerk.words("group.said")
    text = "\n".join(filter(None, (str(row["text"]).strip() for row in said)))
    files: list[dict[str, Any]] = [part for row in said for part in row["attachments"] or ()]
    topics.say_in(
        tx,
        ticket_id,
        f"{head}{group.readable(text)}",
        attachments=files[:MOST_FILES],
        reply_to=reply_to,
        sources=[int(row["id"]) for row in said],
        head=head,
    )


def _note(tx: Tx, clerk: Clerk, ticket_id: int, some: Sequence[Happening], *, soon: bool) -> None:
    """What was done, by whom, and what they wrote: one message, however many steps; ``soon`` where it is urgent, or a
    resident's words stand behind it. Whoever replies to what they were told replies to this line here."""
    lines = "\n".join(_line(clerk.words, one) for one in some)
    said = topics.say_in(tx, ticket_id, lines[: group.LONGEST], note=not soon)
    for told_id in dict.fromkeys(one.told_id for one in some):
        if said is not None and told_id is not None and said not in relays.copies(tx, told_id):
            relays.relay(tx, told_id, said)


def _line(words: Texts, one: Happening) -> str:
    who = one.who or words("group.resident" if one.actor == "resident" else "group.system")
    what = _what(words, one.action)
    if one.note:
        return words("group.line_note", who=who, what=what, note=group.readable(one.note))
    return words("group.line", who=who, what=what)


def _what(words: Texts, action: str) -> str:
    if words.has(f"event.{action}"):
        return words(f"event.{action}")
    return ACTION_NAMES[action][0] if action in ACTION_NAMES else ""
