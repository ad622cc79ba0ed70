"""A guardian's yes on their own phone: the code a young person read out, what it is about, yes or no (VO-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers import volunteer_words as shown
from handlers.outcome import Button, Outcome, Reply, Say, do, say
from handlers.residents.case import Case
from knowledge.volunteers import Volunteer
from storage import volunteers
from storage.chats import languages
from storage.proxies import chats_of
from storage.transaction import Tx

PREFIX = "vg"


@dataclass(frozen=True, slots=True)
class Answered:
    """Whose guardian answered, and the young person's chats with their languages."""

    volunteer: Volunteer
    chats: Sequence[tuple[int, str]]


async def for_code(case: Case, code: str) -> Outcome[Any] | None:
    """What the code asks; None when it is no guardian's code."""
    found = await case.front.storage.read(volunteers.asked_by_code, code, chat_id=case.chat_id)
    if found is None:
        return None
    if isinstance(found, str):
        return say(Say(case.words("volunteer.guardian_own")))
    rows = [
        [Button(case.words("volunteer.guardian_yes"), f"{PREFIX}:{found.id}:y")],
        [Button(case.words("volunteer.guardian_no"), f"{PREFIX}:{found.id}:n")],
    ]
    return say(Say(_asked(case, found), rows))


def _asked(case: Case, young: Volunteer) -> str:
    words, language = case.words, case.scene.language
    return words(
        "volunteer.guardian_asked",
        who=young.name or young.number,
        kinds=shown.kinds(words, young.categories),
        times=shown.times(words, young.times),
        risks=" ".join(shown.risks(language, young.categories)) or words("volunteer.risks_then"),
        keep=shown.how_long_kept(language),
    )


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """Yes or no; the button stands only where the right code was sent, and counts once."""
    answered = do(_answer, case, int(parts[0]), parts[1] == "y")
    return answered.then(lambda found: _told(case, parts[1] == "y", found))


def _answer(tx: Tx, case: Case, volunteer_id: int, yes: bool) -> Answered | None:
    young = volunteers.get(tx, volunteer_id)
    if young is None or young.resident_id == case.scene.resident_id:
        return None
    name, phone = case.scene.name, case.scene.phone
    done = volunteers.guardian_answers(tx, volunteer_id, yes=yes, via="code", name=name, phone=phone)
    if done is None:
        return None
    return Answered(done, list(languages(tx, chats_of(tx, done.resident_id)).items()))


def _told(case: Case, yes: bool, found: Answered | None) -> list[Reply]:
    if found is None:
        return [Say(case.words("volunteer.guardian_before"))]
    thanks = Say(case.words("volunteer.guardian_thanks" if yes else "volunteer.guardian_refused"))
    return [thanks, *young_told(case.front.texts, found, yes)]


def young_told(texts: Any, found: Answered, yes: bool) -> list[Say]:
    """The young person hears it, however it was said."""
    key = "volunteer.young_may" if yes else "volunteer.young_may_not"
    return [Say(texts[language](key), to=chat_id) for chat_id, language in found.chats]
