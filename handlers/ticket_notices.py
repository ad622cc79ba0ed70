"""What residents and the staff group hear of a ticket when nobody of them is speaking: built here for the scheduler, the
console and the residents' handlers alike, each chat in its own language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers import ticket_words
from handlers.outcome import Button, Rows, Say
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from handlers.ticket_words import Row
from knowledge import closing
from knowledge.life import State
from storage import chats, group_home, joining, progress, stepping_aside, topics, verdicts
from storage.messages import NOTICE
from storage.offices import Offices
from storage.promises import RESULT, Passing
from storage.tickets import listeners
from storage.transaction import Tx
from storage.verdicts import Judged

LONGEST_QUESTION = 200


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of one language at one instant, about one ticket."""

    words: Texts
    now: datetime

    def at(self, moment: datetime | None) -> str:
        return spoken(self.words, moment, now=self.now) if moment else ""


def ticket_buttons(words: Texts, row: Row, *names: str) -> Rows:
    """Buttons about a ticket, two a row; those that judge carry the round they were asked in."""
    buttons = [Button(words(BUTTONS[name][0]), _data(row, name)) for name in names]
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _data(row: Row, name: str) -> str:
    action = BUTTONS[name][1]
    return f"t:{row['id']}:{action}:{row['redos']}" if action in JUDGING else f"t:{row['id']}:{action}"


JUDGING = ("ok", "no", "unseen")
BUTTONS = {
    "show": ("ticket.show", "show"),
    "add": ("ticket.add", "add"),
    "withdraw": ("ticket.withdraw", "withdraw"),
    "history": ("ticket.history", "history"),
    "ok": ("verdict.solved", "ok"),
    "no": ("verdict.not_solved", "no"),
    "unseen": ("verdict.not_seen", "unseen"),
    "after_all": ("verdict.solved_after_all", "ok"),
    "fine": ("verdict.yes_fine", "ok"),
    "go_on": ("verdict.go_on", "keep"),
}
VERDICT = ("ok", "no", "unseen")


def scale(words: Texts, row: Row) -> Rows:
    """The five answers of the scale, the middle one alone."""
    values = enumerate(closing.shipped().scale)
    buttons = [Button(one.name.get(words.language), f"s:{row['id']}:{row['redos']}:{place}") for place, one in values]
    return (buttons[:2], buttons[2:3], buttons[3:])


def _to_each(
    tx: Tx, texts: Catalogue, row: Row, chat_ids: Iterable[int], make: Callable[[Voice], tuple[str, Rows]]
) -> list[Say]:
    spoken_in = chats.languages(tx, list(chat_ids))
    said = [(chat_id, make(Voice(texts[language], tx.now))) for chat_id, language in spoken_in.items()]
    return [Say(text, rows, to=chat, priority=NOTICE, ticket_id=int(row["id"])) for chat, (text, rows) in said]


def to_staff(tx: Tx, texts: Catalogue, key: str, row: Row, **values: str) -> list[Say]:
    """One line in the staff group: number, kind and building; nobody's own words. Of what is not spoken of there the number
    alone; and nothing of what somebody there is to step aside from (WO-24): that stands in the console, for whoever may
    see it."""
    if stepping_aside.anybody(tx, int(row["id"])):
        return []
    words, name = texts["zh"], progress.name_of(tx, row["assigned_to"])
    about = {"matter": ticket_words.matter(words, row), "place": ticket_words.place(row)}
    if topics.kept_out(tx, row) is not None:
        about = {"matter": words("in_group.unnamed"), "place": ""}
    common = {"number": row["number"], **about}
    text = words(f"desk.{key}", **common, who=name or words("desk.nobody"), **values)
    return [Say(text, to=chat_id, priority=NOTICE) for chat_id in group_home.told_in(tx, Offices(tx).whose(row))]


def to_neighbours(tx: Tx, texts: Catalogue, key: str, row: Row, due_at: datetime) -> list[Say]:
    """Whoever said "me too" hears it in public words, and judges nothing: the matter is its reporter's."""

    def tell(voice: Voice) -> tuple[str, Rows]:
        matter = ticket_words.public_matter(voice.words, row)
        return voice.words(f"similar.{key}", matter=matter, number=row["number"], due=voice.at(due_at)), ()

    heard = _to_each(tx, texts, row, joining.listeners(tx, int(row["id"])), tell)
    return [replace(one, ticket_id=None) for one in heard]


def near(tx: Tx, texts: Catalogue, passing: Passing) -> list[Say]:
    """Staff hear that a promise is about to pass."""
    zh = Voice(texts["zh"], tx.now)
    promise = zh.words(f"desk.{passing.promise}")
    return to_staff(tx, texts, "soon", passing.ticket, due=zh.at(passing.due_at), promise=promise)


def missed(tx: Tx, texts: Catalogue, passing: Passing) -> list[Say]:
    """A promise has passed: the resident is told what, why as far as we know, and the new one; staff hear who must now."""
    row, made = passing.ticket, passing.made
    role, lead = progress.role_of(tx, row["assigned_to"]), progress.lead_of(tx, row)

    def tell(voice: Voice) -> tuple[str, Rows]:
        words = voice.words
        text = words(
            f"late.{passing.promise}",
            number=row["number"],
            title=ticket_words.title(words, row),
            due=voice.at(passing.due_at),
            why=ticket_words.why_late(words, row, role, passing.promise, passing.why, lead),
            level=ticket_words.level(words, passing.level),
            new=voice.at(made.due_at if made else None),
        )
        person = Button(words("late.person"), "m:person")
        return text, (*ticket_buttons(words, row, "show", "add"), (person,))

    neighbours = to_neighbours(tx, texts, "late", row, made.due_at) if made and passing.promise == RESULT else []
    zh = Voice(texts["zh"], tx.now)
    staff = to_staff(
        tx, texts, "late", row,
        due=zh.at(passing.due_at), promise=zh.words(f"desk.{passing.promise}"),
        level=ticket_words.level(zh.words, passing.level), new=zh.at(made.due_at if made else None),
    )  # fmt: skip
    return [*_to_each(tx, texts, row, passing.chats, tell), *neighbours, *staff]


def asked_again(tx: Tx, texts: Catalogue, row: Row, chat_ids: Sequence[int]) -> list[Say]:
    """The one reminder: for the verdict, or for the answer to a question of staff. A person calls after more silence."""
    call = verdicts.call_at(tx, int(row["id"]))
    asked = progress.question(tx, int(row["id"]))[:LONGEST_QUESTION]

    def tell(voice: Voice) -> tuple[str, Rows]:
        words = voice.words
        known = {"number": row["number"], "title": ticket_words.title(words, row), "call": voice.at(call)}
        if row["state"] == State.CALLING_BACK:
            return words("verdict.remind", **known), ticket_buttons(words, row, *VERDICT)
        return words("verdict.remind_question", question=asked, **known), ticket_buttons(words, row, "show")

    return _to_each(tx, texts, row, chat_ids, tell)


def ended_quietly(tx: Tx, texts: Catalogue, row: Row) -> list[Say]:
    """Nobody called, as they wished, and they said nothing: it has ended, and not as solved."""

    def tell(voice: Voice) -> tuple[str, Rows]:
        words = voice.words
        text = words("verdict.ended_quietly", number=row["number"], title=ticket_words.title(words, row))
        return text, ticket_buttons(words, row, "ok", "no")

    return _to_each(tx, texts, row, listeners(tx, int(row["id"])), tell)


def not_solved(tx: Tx, texts: Catalogue, judged: Judged) -> list[Say]:
    """The staff group hears that something was not solved and how high it stands now; neighbours that it goes on."""
    row, zh = judged.ticket, Voice(texts["zh"], tx.now)
    level = ticket_words.level(zh.words, row["level"])
    neighbours = to_neighbours(tx, texts, "redone", row, row["due_at"])
    return [*to_staff(tx, texts, "not_solved", row, level=level, due=zh.at(row["due_at"])), *neighbours]


def by_phone(tx: Tx, texts: Catalogue, judged: Judged) -> list[Say]:
    """What a call led to, said in the resident's chat as well, so that a misunderstanding can be put right there."""
    row = judged.ticket
    told = _to_each(tx, texts, row, listeners(tx, judged.id), lambda voice: _by_phone(voice, judged))
    return [*told, *(not_solved(tx, texts, judged) if judged.kind == "not_solved" else [])]


def _by_phone(voice: Voice, judged: Judged) -> tuple[str, Rows]:
    words, row = voice.words, judged.ticket
    if judged.kind == "not_confirmed":
        tries = closing.shipped().tries
        text = words("verdict.not_confirmed", number=row["number"], title=ticket_words.title(words, row), tries=tries)
        return text, ticket_buttons(words, row, "ok", "no")
    if judged.kind == "not_solved":
        level = ticket_words.level(words, row["level"])
        text = words("verdict.by_phone_redone", number=row["number"], level=level, due=voice.at(row["due_at"]))
        return text, ticket_buttons(words, row, "add", "after_all")
    if judged.kind == "solved":
        return words("verdict.by_phone_solved", number=row["number"]), ticket_buttons(words, row, "no")
    text = words("verdict.by_phone_later", number=row["number"], at=voice.at(row["ask_at"]))
    return text, ticket_buttons(words, row, "ok", "no")
