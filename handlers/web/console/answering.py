"""What stands beside the composer: the thread in one piece, the prepared answers that fit, and what the knowledge base
would say. What a page hides of its ticket, no blank is filled with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from handlers import ticket_words
from handlers.texts.moments import CHINA, spoken
from handlers.web.console.desk_pages import Console
from handlers.web.console.wording import Wording
from handlers.web.parts import WebParts
from knowledge import canned, catalogue, suggesting
from knowledge.canned import Filled
from knowledge.life import is_open
from knowledge.suggesting import Suggestion
from storage import answer_aids, taking_back, thread, ticket_calls, transcripts
from storage import canned as kept_answers
from storage.answer_aids import Aid
from storage.canned import Kept
from storage.desk import Event, TicketPage
from storage.messages import Message
from storage.staff import Member
from storage.thread import Fate, Stand
from storage.ticket_calls import Call
from storage.transaction import Tx
from storage.transcripts import Transcript

LONGEST_AIDS = 20
UNHEARD_WORST = ("blocked", "left", "not_arrived", "no_texts", "not_texted", "dropped", "doubtful", "unseen")


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread as the page shows it; ``unheard`` our newest word where its reporter was not reached."""

    timeline: Sequence[Message | Event | Call]
    stands: Mapping[int, Stand]
    heard: Mapping[int, Transcript]
    unheard: tuple[Message, tuple[Fate, ...]] | None
    language: str
    files: Mapping[int, RowMapping]
    may_go_back: frozenset[int] = frozenset()
    """Messages whose reader may take them back."""

    @property
    def first_files(self) -> list[RowMapping]:
        """Files of the ticket that stand at no message of the thread."""
        said = [one for one in self.timeline if isinstance(one, Message)]
        before = (was.files for stand in self.stands.values() for was in stand.earlier)
        parts = (part for parts in (*(one.attachments or () for one in said), *before) for part in parts)
        at_messages = {part.get("blob") for part in parts}
        return [file for id, file in self.files.items() if id not in at_messages]

    @property
    def why_unheard(self) -> str:
        """The plainest of the reasons."""
        states = {fate.state for fate in self.unheard[1]} if self.unheard else set()
        return next((state for state in UNHEARD_WORST if state in states), "")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion, and for which words: their message, None where it is the ticket's own description."""

    answer: Suggestion
    question_id: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A prepared answer with its blanks filled; ``fits``: it is for this step and this kind of matter."""

    kept: Kept
    filled: Filled
    language: str
    fits: bool


def thread_of(tx: Tx, page: TicketPage, member: Member | None = None) -> Thread:
    """Everything said, noted and spoken of, in one order; ``member``: as they may take words back."""
    ticket = page.ticket
    ticket_id, outline = int(ticket["id"]), page.sight == "outline"
    calls = [] if outline else ticket_calls.of_ticket(tx, ticket_id)
    return Thread(
        timeline=sorted([*page.timeline, *calls], key=lambda entry: entry.at),
        stands={} if outline else thread.stands(tx, ticket, page.thread),
        heard={} if outline else transcripts.of_ticket(tx, ticket_id),
        unheard=thread.unheard(tx, ticket) if not outline and is_open(ticket["state"]) else None,
        language=thread.language(tx, int(ticket["chat_id"])),
        files={file["id"]: file for file in page.files},
        may_go_back=frozenset(taking_back.offered(tx, ticket_id, staff_id=member.id)) if member else frozenset(),
    )


def values_of(console: Console, page: TicketPage, member: Member, language: str, now: datetime) -> dict[str, str]:
    """What the known blanks become, in the resident's language; what is not known, or hidden here, is left out."""
    ticket, residents, profile = (
        page.ticket,
        console.residents[language],
        console.parts.towns.at(page.ticket["building"]).profile,
    )
    words = Wording(console.words(language), now)
    hidden = page.covered
    place = words.place(ticket) if not hidden and (ticket["building"] or ticket["place_note"]) else ""
    late = ticket["due_at"] <= now or not is_open(ticket["state"])
    found = {
        "name": "" if hidden or ticket["anonymous"] else page.caller or "",
        "number": str(ticket["number"]),
        "matter": words.matter(ticket),
        "place": place,
        "due": "" if late else spoken(residents, ticket["due_at"], now=now),
        "unit": ticket_words.owner(residents, ticket),
        "worker": member.name,
        "community": profile.community.get(language),
        "office": profile.office.address.get(language) if profile.office else "",
        "office_hours": profile.office.hours.get(language) if profile.office else "",
        "lines": _lines(ticket, language),
        "today": _day(console, language, now),
    }
    return {name: value for name, value in found.items() if value}


def _day(console: Console, language: str, now: datetime) -> str:
    here = now.astimezone(CHINA)
    return console.words(language)("time.whole_day", year=here.year, month=here.month, name=f"{here:%B}", day=here.day)


def _lines(ticket: RowMapping, language: str) -> str:
    """The numbers of the kind of matter, each with what it is for."""
    kind, known = catalogue.category(str(ticket["route"]), ticket["category"]), catalogue.lines()
    named = [known[number] for number in (kind.lines if kind else ()) if number in known]
    gap = "、" if language == "zh" else ", "
    return gap.join(f"{line.number}（{line.what_for.get(language)}）" for line in named)


def offers(
    console: Console, page: TicketPage, member: Member, found: Sequence[Kept], *, language: str, step: str, query: str
) -> list[Offer]:
    """What may be put into the composer, what fits first; ``query`` narrows by title and words."""
    values = values_of(console, page, member, language, console.parts.storage.clock())
    category, wanted, listed = page.ticket["category"], query.casefold().split(), []
    for one in found:
        wording = one.wording
        all_words = " ".join((wording.title.zh, wording.title.en, wording.text.zh, wording.text.en)).casefold()
        if not all(word in all_words for word in wanted):
            continue
        filled = canned.fill(wording.for_language(language), values, clause=wording.clause, language=language)
        said_in = language if wording.text.get(language) else "zh"
        listed.append(Offer(one, filled, said_in, all(canned.fits(wording, category=category, step=step))))
    return sorted(listed, key=lambda offer: (not offer.fits, offer.kept.seed is not None))


def suggested(parts: WebParts, page: TicketPage, language: str) -> Suggested | None:
    """For the newest words of whoever filed it; nobody who may not read all of it is suggested anything."""
    if parts.reader is None or parts.answerer is None or page.covered or not is_open(page.ticket["state"]):
        return None
    theirs = [one for one in page.thread if one.sender == "resident" and one.text.strip()]
    last = theirs[-1] if theirs else None
    ours = [one for one in page.thread if one.sender == "staff" and one.taken_back_at is None]
    if last is not None and any(one.id > last.id for one in ours):
        return None  # answered
    words = last.text if last else str(page.ticket["description"])
    today = parts.storage.clock().astimezone(CHINA).date()
    found = suggesting.suggest(parts.reader, parts.answerer, words, language, today=today)
    return Suggested(found, last.id if last else None, words) if found else None


def aid_of(found: Suggested) -> Aid:
    answer = found.answer
    return Aid("suggested", answer.entry, answer.version, answer.clause, found.question_id)


def aids_in(field: str, sent: str) -> list[tuple[Aid, str]]:
    """What the form says was put into the composer, with what became of it; what is no such list is none."""
    try:
        listed = json.loads(field or "[]")
    except ValueError:
        return []
    made = [_aid(one, sent) for one in listed[:LONGEST_AIDS]] if isinstance(listed, list) else []
    return list({aid: (aid, outcome) for aid, outcome in filter(None, made)}.values())


def _aid(one: Any, sent: str) -> tuple[Aid, str] | None:
    if not isinstance(one, dict) or one.get("kind") not in answer_aids.KINDS:
        return None
    ref, version, text, question = (one.get(name) for name in ("ref", "version", "text", "question"))
    if not (isinstance(ref, str) and 0 < len(ref) <= 80 and isinstance(text, str)):
        return None
    if (number := _number(version)) is None:
        return None
    outcome = suggesting.outcome(text[:3000], sent)
    clause = one.get("clause") if isinstance(one.get("clause"), str) else None
    aid = Aid(one["kind"], ref, number, (clause or "")[:20] or None, _number(question))
    return (aid, outcome) if outcome else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None


def picked(tx: Tx, ref: str, *, staff_id: int) -> Kept | None:
    return next((one for one in kept_answers.for_writing(tx, staff_id=staff_id) if one.ref == ref), None)
