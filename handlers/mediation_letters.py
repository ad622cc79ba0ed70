"""What the two sides of a mediation read, each in its language: built here for residents' handlers and the desk alike.

Nothing in these letters is anybody's words but `crossed` and `other_wrote`: sent only for a word that was released, or said
to all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from handlers.outcome import Button, Rows, plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from knowledge import catalogue, mediation
from knowledge.mediation import Side
from knowledge.notice import Words as Names
from storage import mediation as mediation_cases
from storage.mediation import Case, Word
from storage.mediation_talk import Letter, Tell, deliver
from storage.transaction import Tx

Make = Callable[[Texts, Side], tuple[str, Rows]]


def letters(texts: Catalogue, make: Make) -> Tell:
    """A letter made in the language of whoever reads it."""

    def tell(language: str, side: Side) -> Letter:
        text, rows = make(texts[language], side)
        return Letter(text, plain(rows))

    return tell


def facts(words: Texts, case: Case, now: datetime) -> dict[str, str]:
    """What every letter may name: the kind, the archive's number, the mediator, the day, the rights (ME-05)."""
    kind = catalogue.category("dispute", case.kind)
    due = case.settle_by
    return {
        "kind": kind.name.get(words.language) if kind else case.kind,
        "file": case.file_number or words("mediation.no_file"),
        "number": case.number,
        "mediator": case.mediator or words("mediation.nobody"),
        "due": spoken(words, due, now=now) if due else "",
        "state": mediation.name(case.state, words.language),
        "rights": rights(words),
        "ways": ways(words, case),
    }


def rights(words: Texts) -> str:
    return mediation.table().rights.get(words.language)


def ways(words: Texts, case: Case) -> str:
    """What else is open when mediation ends (ME-09), by the chain of this kind of dispute (ME-17)."""
    return words(f"mediation.ways_{mediation.next_link(case.kind) or 'court'}")


def letter(texts: Catalogue, key: str, case: Case, now: datetime, *, buttons: Sequence[str] = (), **more: str) -> Tell:
    """The text ``mediation.<key>``, with these of the buttons below."""

    def make(words: Texts, side: Side) -> tuple[str, Rows]:
        # The applicant's ticket is the applicant's: the other side knows the case by the archive's number.
        known = facts(words, case, now) | more
        if side is Side.RESPONDENT:
            known["number"] = known["file"]
        return words(f"mediation.{key}", **known), rows(words, case, buttons)

    return letters(texts, make)


def rows(words: Texts, case: Case, names: Sequence[str]) -> Rows:
    """Buttons about a case, two a row."""
    buttons = [Button(words(f"mediation.{BUTTONS[name]}"), f"y:{case.id}:{name}") for name in names]
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


BUTTONS = {
    "say": "reply",
    "tell": "tell",
    "all": "say_jointly",
    "more": "more",
    "yes": "willing",
    "no": "unwilling",
    "first": "ask_first",
    "never": "refuse_yes",
    "think": "think_again",
    "jyes": "joint_yes",
    "jno": "joint_no",
    "other": "other_mediator",
    "private": "private",
    "rights": "rights",
    "stop": "stop",
    "gone": "stop_yes",
    "on": "go_on",
}
"""The action in a button's data, and the words on it."""
INVITED = ("yes", "no", "first")


def invited(texts: Catalogue, case: Case, now: datetime, community: Names) -> Tell:
    """Asking the other side: who asks, what kind of matter it is, their rights - and not a word of the applicant's."""

    def make(words: Texts, _: Side) -> tuple[str, Rows]:
        named = community.get(words.language)
        return words("mediation.invited", community=named, **facts(words, case, now)), rows(words, case, INVITED)

    return letters(texts, make)


def crossed(texts: Catalogue, case: Case, word: Word) -> Tell:
    """A released word, as the other side reads it: the writer's own words and nothing around them."""

    def make(words: Texts, _: Side) -> tuple[str, Rows]:
        text = words("mediation.corrected", text=word.text) if word.corrects else word.text
        return words("mediation.crossed", text=text), rows(words, case, ("say", "more"))

    return letters(texts, make)


def wrote(texts: Catalogue, case: Case, text: str, *, jointly: bool) -> Tell:
    """What the mediator writes, with the way to answer."""

    def make(words: Texts, _: Side) -> tuple[str, Rows]:
        key = "mediation.wrote_jointly" if jointly else "mediation.wrote"
        names = ("all", "say") if jointly else ("say", "more")
        return words(key, mediator=case.mediator or "", text=text), rows(words, case, names)

    return letters(texts, make)


def other_wrote(texts: Catalogue, case: Case, text: str) -> Tell:
    """What one side said to all, for the other."""

    def make(words: Texts, _: Side) -> tuple[str, Rows]:
        return words("mediation.other_wrote", text=text), rows(words, case, ("all", "say"))

    return letters(texts, make)


def other_corrected(texts: Catalogue, case: Case, text: str) -> Tell:
    """What one side put right of what it had said to all."""

    def make(words: Texts, _: Side) -> tuple[str, Rows]:
        corrected = words("mediation.corrected", text=text)
        return words("mediation.other_wrote", text=corrected), rows(words, case, ("all", "say"))

    return letters(texts, make)


def tell_end(tx: Tx, texts: Catalogue, case: Case, *, but: Side | None = None, staff_id: int | None = None) -> None:
    """Both sides hear that it is over, each with the ways that are left (ME-09); ``but`` the one who ended it."""
    for side in Side:
        if side is not but:
            deliver(tx, case, side, letter(texts, f"ended_{case.ending}", case, tx.now), staff_id=staff_id)


def tell_withdrawn(tx: Tx, texts: Catalogue, ticket_id: int, *, chat_id: int) -> None:
    """Somebody took their ticket back, and the case ended with it: the other side hears that it is over."""
    filed = mediation_cases.of_ticket(tx, ticket_id)
    found = mediation_cases.leading(tx, filed) if filed else None
    if found is None or found.ended_at != tx.now:
        return
    by = next((side for side, party in found.parties.items() if party.chat_id == chat_id), None)
    tell_end(tx, texts, found, but=by)
