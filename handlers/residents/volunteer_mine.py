"""A volunteer's own side: the record, hours from the ledger, a missing entry, a certificate, a pause, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handlers import volunteer_words as shown
from handlers.outcome import Button, Outcome, Reply, Rows, Say, do, say
from handlers.residents.case import Case
from handlers.residents.volunteer_prompts import PREFIX
from knowledge.served import Entry, total
from knowledge.volunteer_data import shipped
from knowledge.volunteers import Volunteer
from storage import certificates, drafts, own_data, volunteer_claims, volunteer_hours, volunteers
from storage.certificates import Certificate, Nothing
from storage.transaction import Tx
from storage.volunteer_claims import Claim, Opened

LISTED = 6
PAUSES = (30, 90)
NAME = "volunteer_name"
"""The form of one step that takes the name a certificate shall say."""


@dataclass(frozen=True, slots=True)
class Book:
    """What a volunteer may see of themselves."""

    volunteer: Volunteer
    entries: Sequence[Entry]
    claims: Sequence[Claim]
    certificates: Sequence[Certificate]


def look(tx: Tx, chat_id: int) -> Book | None:
    known = volunteers.of_chat(tx, chat_id)
    if known is None:
        return None
    entries = [entry for entry in volunteer_hours.of_volunteer(tx, known.id) if entry.minutes]
    return Book(known, entries, volunteer_claims.still_open(tx, known.id), certificates.of_volunteer(tx, known.id))


async def book(case: Case) -> Book | None:
    return await case.front.storage.read(look, case.chat_id)


def button(case: Case, name: str, *parts: object) -> Button:
    """One of these screens' buttons: none of them belongs to a draft."""
    return Button(case.words(f"volunteer.{name}"), ":".join([PREFIX, "0", "0", name, *map(str, parts)]))


def nobody(case: Case) -> Outcome[Any]:
    return say(Say(case.words("volunteer.nobody")))


# --- what is kept -----------------------------------------------------------------------------------------------------
async def see(case: Case, *, lead: str = "") -> Outcome[Any]:
    found = await book(case)
    if found is None:
        return nobody(case)
    return say(Say(f"{lead}\n{_shown(case, found)}".strip(), _choices(case, found.volunteer)))


def _shown(case: Case, found: Book) -> str:
    words, known = case.words, found.volunteer
    return words(
        "volunteer.record",
        number=known.number,
        state=shown.standing(words, known),
        kinds=shown.kinds(words, known.categories),
        skills=words("volunteer.skills", skills=known.skills) if known.skills else "",
        times=shown.times(words, known.times),
        reach=shown.reach(words, known.reach),
        phone=known.phone or words("volunteer.none"),
        hours=shown.length(words, total(found.entries)),
    )


def _choices(case: Case, known: Volunteer) -> Rows:
    if known.state == "left":
        return ()
    pause = "resume" if known.state == "paused" else "pause"
    rows = [[button(case, "show_hours"), button(case, "certificate")]]
    if known.state == "waiting":
        rows.append([button(case, "new_code")])
    else:
        rows.append([button(case, "change_times"), button(case, pause)])
    return [*rows, [button(case, "leave")]]


# --- hours ------------------------------------------------------------------------------------------------------------
async def hours(case: Case) -> Outcome[Any]:
    """ "How many hours have I?", from the ledger, with the last ones by name."""
    found = await book(case)
    if found is None:
        return nobody(case)
    words = case.words
    if not found.entries:
        return say(Say("\n".join([words("volunteer.no_hours"), *_waiting(case, found)]), [[button(case, "missing")]]))
    newest = sorted(found.entries, key=lambda entry: entry.starts_at, reverse=True)
    lines = [words("volunteer.total", hours=shown.length(words, total(newest)), count=len(newest))]
    lines += [f"· {_entry(case, entry)}" for entry in newest[:LISTED]]
    if len(newest) > LISTED:
        lines.append(words("volunteer.earlier", count=len(newest) - LISTED))
    return say(
        Say("\n".join([*lines, *_waiting(case, found)]), [[button(case, "certificate"), button(case, "missing")]])
    )


def _entry(case: Case, entry: Entry) -> str:
    line = shown.entry(case.words, entry)
    if not entry.corrected:
        return line
    return line + case.words("volunteer.was", hours=shown.length(case.words, entry.first))


def _waiting(case: Case, found: Book) -> list[str]:
    words = case.words
    return [words("volunteer.claim_waits", hours=shown.length(words, claim.minutes)) for claim in found.claims]


# --- a missing entry --------------------------------------------------------------------------------------------------
def open_claim(tx: Tx, chat_id: int, volunteer_id: int, asked: dict[str, Any], *, despite: bool) -> Opened:
    start, end = datetime.fromisoformat(asked["start"]), datetime.fromisoformat(asked["end"])
    return volunteer_claims.open_(
        tx, volunteer_id, chat_id=chat_id, words=asked["words"], minutes=asked["minutes"], start=start, end=end,
        despite=despite,
    )  # fmt: skip


def let_be(case: Case, claim_id: int) -> Outcome[Any]:
    gone = do(_withdraw, case.chat_id, claim_id)
    return gone.then(lambda done: [Say(case.words("volunteer.let_be" if done else "volunteer.decided_before"))])


def _withdraw(tx: Tx, chat_id: int, claim_id: int) -> bool:
    known = volunteers.of_chat(tx, chat_id)
    return known is not None and volunteer_claims.withdraw(tx, claim_id, volunteer_id=known.id)


# --- a certificate ----------------------------------------------------------------------------------------------------
async def certificate(case: Case) -> Outcome[Any]:
    """Asked for: a name is needed, and hours there must be; it is free (VO-09)."""
    found = await book(case)
    if found is None:
        return nobody(case)
    if not total(found.entries):
        return say(Say(case.words("volunteer.nothing_to_certify")))
    if not (found.volunteer.name or case.scene.name):
        opened = do(drafts.open_draft, chat_id=case.chat_id, form=NAME, step="name", answers={})
        return opened.then(lambda id: [Say(case.words("volunteer.ask_name"), prompt_of=id)])
    return ask_certificate(case, None)


def ask_certificate(case: Case, name: str | None) -> Outcome[Any]:
    asked = do(_ask, case, name)
    return asked.then(lambda key: [Say(case.words(f"volunteer.{key}"))])


def _ask(tx: Tx, case: Case, name: str | None) -> str:
    known = volunteers.of_chat(tx, case.chat_id)
    if known is None:
        return "nobody"
    if name is not None:
        drafts.close_current(tx, chat_id=case.chat_id, state="filed")
    if (said := name or known.name or case.scene.name) != known.name:
        volunteers.change(tx, known.id, action="name", name=said)
    if name is not None and not case.scene.name:
        own_data.correct(tx, chat_id=case.chat_id, name=name)
    try:
        return "certificate_asked" if certificates.ask(tx, known.id) else "certificate_waits"
    except Nothing:
        return "nothing_to_certify"


# --- pausing and leaving ----------------------------------------------------------------------------------------------
def pause(case: Case, days: int | None = None) -> Outcome[Any]:
    """At once and until they say so; for how long can be pressed behind it."""
    until = case.now + timedelta(days=days) if days else None
    paused = do(_pause, case.chat_id, until)
    return paused.then(lambda found: [_paused(case, found)])


def _pause(tx: Tx, chat_id: int, until: datetime | None) -> tuple[str, Volunteer | None]:
    known = volunteers.of_chat(tx, chat_id)
    if known is None or known.state == "left":
        return "nobody", None
    if known.state == "paused" and until is not None:
        return "paused_until", volunteers.change(tx, known.id, action="pause", paused_until=until)
    done = volunteers.pause(tx, known.id, until=until)
    return ("paused" if done else "paused_before"), volunteers.get(tx, known.id)


def _paused(case: Case, found: tuple[str, Volunteer | None]) -> Say:
    key, known = found
    if known is None:
        return Say(case.words("volunteer.nobody"))
    text = case.words(f"volunteer.{key}", until=case.day(known.paused_until) if known.paused_until else "")
    lengths = [Button(case.words("volunteer.pause_days", days=days), f"{PREFIX}:0:0:pause:{days}") for days in PAUSES]
    return Say(text, [lengths, [button(case, "resume")]] if key == "paused" else [[button(case, "resume")]])


def resume(case: Case) -> Outcome[Any]:
    return do(_resume, case.chat_id).then(lambda key: [Say(case.words(f"volunteer.{key}"))])


def _resume(tx: Tx, chat_id: int) -> str:
    known = volunteers.of_chat(tx, chat_id)
    if known is None or known.state == "left":
        return "nobody"
    return "resumed" if volunteers.resume(tx, known.id) else "resumed_before"


async def ask_leave(case: Case) -> Outcome[Any]:
    found = await book(case)
    if found is None or found.volunteer.state == "left":
        return nobody(case)
    return say(
        Say(
            case.words("volunteer.leave_sure", keep=shown.how_long_kept(case.scene.language)),
            [[button(case, "leave_yes"), button(case, "stay")]],
        )
    )


def leave(case: Case) -> Outcome[Any]:
    return do(_leave, case.chat_id).then(lambda key: [Say(case.words(f"volunteer.{key}"))])


def _leave(tx: Tx, chat_id: int) -> str:
    known = volunteers.of_chat(tx, chat_id)
    return "left" if known is not None and volunteers.leave(tx, known.id) else "nobody"


def stays(case: Case) -> Outcome[Any]:
    return say(Say(case.words("volunteer.stays")))


# --- other times ------------------------------------------------------------------------------------------------------
def set_times(case: Case, times: Sequence[dict[str, Any]]) -> Outcome[Any]:
    return do(_set, case.chat_id, "times", list(times)).then(lambda known: _set_words(case, known, "times_set"))


def set_skills(case: Case, skills: str) -> Outcome[Any]:
    kept = skills[: shipped().limits.skills_letters]
    return do(_set, case.chat_id, "skills", kept).then(lambda known: _set_words(case, known, "skills_set"))


def _set(tx: Tx, chat_id: int, name: str, value: Any) -> Volunteer | None:
    known = volunteers.of_chat(tx, chat_id)
    if known is None or known.state == "left":
        return None
    return volunteers.change(tx, known.id, action=name, **{name: value})


def _set_words(case: Case, known: Volunteer | None, key: str) -> list[Reply]:
    if known is None:
        return [Say(case.words("volunteer.nobody"))]
    text = case.words(f"volunteer.{key}", times=shown.times(case.words, known.times), skills=known.skills)
    return [Say(text)]


def new_code(case: Case) -> Outcome[Any]:
    """Another code for the guardian: the last one was lost, or has grown old."""
    return do(_new_code, case.chat_id).then(
        lambda code: [Say(case.words("volunteer.code", code=code) if code else case.words("volunteer.nobody"))]
    )


def _new_code(tx: Tx, chat_id: int) -> str | None:
    known = volunteers.of_chat(tx, chat_id)
    if known is None or not known.waits_for_guardian or known.state == "left":
        return None
    return volunteers.make_guardian_code(tx, known.id)
