"""What a side of a mediation says to the mediator, and corrects; what of it may cross, by its writer's press.

A kept word never changes: an edited message is another word, marked as the correction it is, and crosses only if released
itself.
"""

from __future__ import annotations

from typing import Any

from handlers import mediation_letters as letters
from handlers.outcome import Button, Outcome, Reply, Rows, Say, do
from handlers.residents.case import Case
from knowledge import forms
from knowledge.mediation import JOINT, Side
from storage import drafts, mediation, mediation_corrections, mediation_life, mediation_talk
from storage.chats import Draft
from storage.mediation import Case as Mediation
from storage.mediation import Party
from storage.mediation_corrections import Corrected
from storage.mediation_talk import TALKING, Heard
from storage.transaction import Tx

FORM = "mediation_words"
"""The form of one step that takes the next words to the mediator."""
Standing = tuple[Mediation, Party]


async def stands(case: Case, case_id: int | None = None) -> Standing | None:
    """The open case in which this chat's resident is a side: the one meant, or the newest."""
    found = await case.front.storage.read(mediation_life.parties_of, case.chat_id)
    return next((one for one in found if case_id in (None, one[0].id)), None)


def ask_words(case: Case, standing: Standing, *, jointly: bool = False) -> Outcome[Any]:
    answers = {"case": standing[0].id, "jointly": jointly}
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step="words", answers=answers)
    key = "mediation.ask_jointly" if jointly else "mediation.ask_words"
    return opened.then(lambda draft_id: [Say(case.words(key), prompt_of=draft_id)])


async def hear(case: Case, draft: Draft) -> Outcome[Any]:
    """Words or a photo while they were asked for."""
    if forms.command(case.text) == "cancel":
        closed = do(drafts.close_current, chat_id=case.chat_id, state="cancelled")
        return closed.saying(Say(case.words("form.cancelled")))
    standing = await stands(case, int(draft.answers["case"]))
    if standing is None:
        closed = do(drafts.close_current, chat_id=case.chat_id, state="expired")
        return closed.saying(Say(case.words("mediation.heard_over")))
    return take(case, standing, jointly=bool(draft.answers.get("jointly")))


async def awaited(case: Case) -> Outcome[Any] | None:
    """Words nobody asked for just now, while the mediator waits for an answer; None where no mediator does."""
    found = await case.front.storage.read(mediation_talk.awaited, case.chat_id)
    if found is None:
        return None
    held, side = found
    return take(case, (held, held.parties[side]), doubtful=True)


def take(
    case: Case, standing: Standing, *, text: str | None = None, jointly: bool = False, doubtful: bool = False
) -> Outcome[Any]:
    """What was said goes to the mediator (``jointly``: to all); ``doubtful`` offers the way out."""
    found, party = standing
    heard = do(_hear, case, found.id, party.side, case.text if text is None else text, jointly=jointly)
    return heard.then(lambda result: [_heard(case, result, doubtful=doubtful)])


def _hear(tx: Tx, case: Case, case_id: int, side: Side, text: str, *, jointly: bool) -> Heard | None:
    draft = case.scene.draft
    if draft is not None and draft.form == FORM:
        drafts.close_current(tx, chat_id=case.chat_id, state="filed")
    held = mediation.held(tx, case_id)
    if not held.is_open:
        return None
    message_id = case.incoming.message_id
    heard = mediation_talk.heard(tx, held, side, text=text, message_id=message_id, blobs=case.blobs, jointly=jointly)
    if heard.thread not in tuple(Side):
        mediation_talk.deliver(tx, held, side.other, letters.other_wrote(case.front.texts, held, text))
    return heard


def _heard(case: Case, heard: Heard | None, *, doubtful: bool) -> Reply:
    if heard is None:
        return Say(case.words("mediation.heard_over"))
    out = [Button(case.words("mediation.heard_not_this"), f"x:{case.incoming.message_id}")] if doubtful else []
    told = "mediation.said_jointly" if heard.thread == JOINT else "mediation.heard"
    return Say(case.words(told), [*_under(case, heard), out], ticket_id=heard.case.ticket_id)


def _under(case: Case, heard: Heard) -> Rows:
    """Under what was heard: it may cross, and one may go on."""
    words, jointly, mark = case.words, heard.thread == JOINT, f"y:{heard.case.id}"
    more = "say_jointly" if jointly else "say_more"
    row = [Button(words(f"mediation.{more}"), f"{mark}:{'all' if jointly else 'say'}")]
    if not jointly and heard.case.state in TALKING:
        row.insert(0, Button(words("mediation.release"), f"{mark}:rel:{heard.word_id}"))
    return [row]


def release(case: Case, standing: Standing, word_id: int) -> Outcome[Any]:
    texts = case.front.texts
    released = do(
        mediation_talk.release_own,
        word_id,
        chat_id=case.chat_id,
        tell=lambda held, word: letters.crossed(texts, held, word),
    )
    keys = {
        "released": "released", "again": "released_again", "held": "release_held", "not_yet": "release_not_yet",
        "not_yours": "release_gone",
    }  # fmt: skip
    return released.then(lambda done: [Say(case.words(f"mediation.{keys[done]}"), ticket_id=standing[0].ticket_id)])


# --- corrected ----------------------------------------------------------------------------------------------------------
async def corrects(case: Case, message_id: int) -> Outcome[Any] | None:
    """An edited message that stands in a mediation of this chat's resident; None where it stands in none."""
    if not await case.front.storage.read(mediation_corrections.concerns, message_id, chat_id=case.chat_id):
        return None
    corrected = do(_correct, case, message_id)
    return corrected.then(lambda found: [] if found == "same" else [_corrected(case, found)])


def _correct(tx: Tx, case: Case, message_id: int) -> Corrected | str:
    found = mediation_corrections.correct(tx, message_id, chat_id=case.chat_id, text=case.text)
    if isinstance(found, Corrected) and found.heard.thread == JOINT:
        held, side = found.heard.case, found.heard.side
        tell = letters.other_corrected(case.front.texts, held, case.text)
        mediation_talk.deliver(tx, held, side.other, tell)
    return found


def _corrected(case: Case, found: Corrected | str) -> Say:
    if not isinstance(found, Corrected):
        return Say(case.words("mediation.heard_over"))
    key = "released" if found.released else "jointly" if found.heard.thread == JOINT else "heard"
    rows = _under(case, found.heard)
    return Say(case.words(f"mediation.correction_{key}"), rows, ticket_id=found.heard.case.ticket_id)
