"""What volunteers hear when none of them is speaking: asked to come, hours entered and corrected, claims, certificates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers import volunteer_words as shown
from handlers.outcome import Button, Rows, Say
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from knowledge.occasions import Occasion
from knowledge.served import Entry
from knowledge.volunteers import Volunteer
from storage import volunteer_hours, volunteers
from storage.certificates import Certificate
from storage.chats import languages
from storage.messages import NOTICE
from storage.proxies import chats_of
from storage.transaction import Tx
from storage.volunteer_claims import Claim
from storage.volunteer_hours import Entered

PAGE = "/certificates"


def told(
    tx: Tx,
    texts: Catalogue,
    volunteer_id: int,
    make: Callable[[Texts], str],
    rows: Callable[[Texts], Rows] | None = None,
) -> list[Say]:
    """The same to each of their chats, in its language."""
    known = volunteers.get(tx, volunteer_id)
    if known is None:
        return []
    spoken_in = languages(tx, chats_of(tx, known.resident_id)).items()
    return [
        Say(make(texts[language]), rows(texts[language]) if rows else (), to=chat_id, priority=NOTICE)
        for chat_id, language in spoken_in
    ]


def invited(tx: Tx, texts: Catalogue, invitation_id: int, volunteer: Volunteer, occasion: Occasion) -> list[Say]:
    """Asked to come: what, when, where, the risks (VO-04), and two answers that cost one press."""
    risks = occasion.rules.risks

    def text(words: Texts) -> str:
        return words(
            "volunteer.invited",
            when=spoken(words, occasion.starts_at, now=tx.now),
            title=occasion.title,
            place=occasion.place,
            risks=risks.get(words.language) if risks else "",
        ).strip()

    def rows(words: Texts) -> Rows:
        return [
            [Button(words(f"volunteer.invite_{answer}"), f"vi:{invitation_id}:{answer}")] for answer in ("yes", "no")
        ]

    return told(tx, texts, volunteer.id, text, rows)


def entered(tx: Tx, texts: Catalogue, done: Entered) -> list[Say]:
    entry, total = volunteer_hours.get(tx, done.entry_id), volunteer_hours.total(tx, done.volunteer_id)
    return told(
        tx, texts, done.volunteer_id,
        lambda words: words(
            "volunteer.entered", what=entry.what, length=shown.length(words, done.minutes), total=shown.length(words, total)
        ),
    )  # fmt: skip


def corrected(tx: Tx, texts: Catalogue, before: Entry, after: Entry, reason: str) -> list[Say]:
    """Nobody's hours change behind their back (VO-08)."""
    return told(
        tx, texts, after.volunteer_id,
        lambda words: words(
            "volunteer.corrected", day=shown.day(words, after), what=after.what, reason=reason,
            before=shown.length(words, before.minutes), after=shown.length(words, after.minutes),
        ),
    )  # fmt: skip


def claim_accepted(tx: Tx, texts: Catalogue, claim: Claim, done: Entered, answer: str) -> list[Say]:
    entry = volunteer_hours.get(tx, done.entry_id)
    return told(
        tx, texts, claim.volunteer_id,
        lambda words: words(
            "volunteer.claim_accepted", what=entry.what, length=shown.length(words, done.minutes), answer=answer
        ).strip(),
    )  # fmt: skip


def claim_refused(tx: Tx, texts: Catalogue, claim: Claim, answer: str) -> list[Say]:
    return told(tx, texts, claim.volunteer_id, lambda words: words("volunteer.claim_refused", answer=answer))


def certificate(tx: Tx, texts: Catalogue, found: Certificate, *, public_url: str) -> list[Say]:
    """Ready, declined or void; with the way to check it."""

    def text(words: Texts) -> str:
        values: dict[str, Any] = {"number": found.number, "reason": found.reason or ""}
        if found.minutes is not None:
            values["hours"] = shown.length(words, found.minutes)
        return words(f"volunteer.certificate_{found.state}", **values)

    def rows(words: Texts) -> Rows:
        address = f"{public_url.rstrip('/')}{PAGE}"
        reachable = found.state == "issued" and address.startswith("https://") and len(address) < 60
        return [[Button(words("volunteer.check_page"), address)]] if reachable else []

    return told(tx, texts, found.volunteer_id, text, rows)


def thanked(tx: Tx, texts: Catalogue, volunteer_id: int, organiser: str, said: str) -> list[Say]:
    return told(
        tx, texts, volunteer_id, lambda words: words("volunteer.thanked", organiser=organiser, text=said)
    )  # fmt: skip
