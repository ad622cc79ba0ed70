"""Asking about what is published, and objecting to it: by button or in words, with a clock that everybody can see (DI-04).

An objection needs no name; staff do not learn whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from handlers import disclosure_words
from handlers.outcome import Button, Edit, Outcome, Reply, Rows, Say, both, do, say, speak
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from knowledge import forms
from knowledge.disclosure import ASK_KINDS, OBJECTIONS, is_question, objection, rules, shares_words
from knowledge.quarters import Quarter, written
from storage import disclosure, disclosure_asks, drafts, messages
from storage.chats import Draft
from storage.disclosure import Item
from storage.disclosure_asks import Filed
from storage.messages import Message
from storage.transaction import Tx

FORM = "disclosure_ask"
"""The form of one step that takes the words of a question or an objection: its step is their kind."""
SHORTEST = 2
LOOK_BACK = 6
"""Messages: an item, the privacy notice behind it, and what was pressed there."""
SHOWN = "dk:o:"
"""What the buttons of a shown item begin with."""


# --- by button --------------------------------------------------------------------------------------------------------
async def choose(case: Case, item_id: int) -> Outcome[Any]:
    """What is wrong with it: its facts, its time, its form."""
    found = await _open_item(case, item_id)
    if found is None:
        return say(Say(case.words("disclosure.gone")))
    words = case.words
    rows = [[Button(words(f"disclosure.{kind}"), f"dk:k:{item_id}:{kind}")] for kind in OBJECTIONS]
    return say(Say(words("disclosure.which"), (*rows, [_let_go_button(case)])))


async def _open_item(case: Case, item_id: int) -> Item | None:
    found = await case.front.storage.read(disclosure.newest, item_id)
    return found if found is not None and found.state == "published" else None


def _let_go_button(case: Case) -> Button:
    return Button(case.words("disclosure.never_mind"), "dk:x")


async def ask_words(case: Case, item_id: int, kind: str) -> Outcome[Any]:
    """Ask for the words of an objection, or of a question."""
    known, found = ASK_KINDS[kind], await _open_item(case, item_id)
    if found is None:
        return say(Say(case.words("disclosure.gone")))
    return _ask(case, known, found.id)


def _ask(case: Case, kind: str, item_id: int, *, key: str | None = None) -> Outcome[Any]:
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step=kind, answers={"item": item_id})
    text = case.words(key or f"disclosure.words_{kind}")
    return opened.then(lambda draft_id: [Say(text, ([_let_go_button(case)],), prompt_of=draft_id)])


def not_in_time(case: Case, quarter: str, matter: str) -> Outcome[Any]:
    """Something that should have been published was not: one press is enough."""
    about, known = written(quarter), rules().matters[matter]
    language = case.scene.language
    text = case.words("disclosure.default_words", matter=known.name.get(language), quarter=about.words(language))
    pressed = case.incoming.pressed
    return _file(case, kind="time", words=text, item_id=None, quarter=about, message_id=pressed.id if pressed else None)


# --- in words ---------------------------------------------------------------------------------------------------------
async def hear(case: Case, draft: Draft) -> Outcome[Any]:
    """The words that were asked for."""
    if forms.command(case.text) in ("cancel", "back"):
        return let_go(case)
    item_id = int(draft.answers["item"])
    if len(case.text) < SHORTEST:
        return _ask(case, ASK_KINDS[draft.step], item_id, key="disclosure.words_short")
    found = await case.front.storage.read(disclosure.get, item_id)
    filed = _file(
        case, kind=draft.step, words=case.text, item_id=item_id, quarter=found.about if found else None,
        message_id=case.incoming.message_id,
    )  # fmt: skip
    return both(_closed(case, "filed"), filed)


async def about_shown(case: Case) -> Item | None:
    """The item that stands last on the screen, when these words plainly go on about it."""
    if not (objection(case.text) or is_question(case.text)):
        return None
    thread = await case.front.storage.read(messages.latest, chat_id=case.chat_id, limit=LOOK_BACK)
    shown = next((data for data in _offered_last(case, thread) if data.startswith(SHOWN)), None)
    found = await _open_item(case, int(shown.removeprefix(SHOWN))) if shown else None
    if found is None or not (objection(case.text) or shares_words(case.text, found)):
        return None
    return found


def _offered_last(case: Case, thread: Sequence[Message]) -> Iterator[str]:
    """The buttons of what was said since the resident's last message but this one, newest first."""
    before = (one for one in reversed(thread) if one.id != case.incoming.message_id)
    for one in takewhile(lambda one: one.sender != "resident", before):
        yield from (button["data"] for row in one.buttons or () for button in row)


def offer(case: Case, found: Item) -> Outcome[Any]:
    """They have said it already: one press files it."""
    words, said = case.words, case.incoming.message_id
    kind = objection(case.text) or "content"
    rows: Rows = (
        [Button(words("disclosure.file_objection"), f"dk:f:{found.id}:{kind}:{said}")],
        [Button(words("disclosure.file_question"), f"dk:f:{found.id}:question:{said}")],
        [Button(words("disclosure.not_about_this"), f"dk:n:{said}")],
    )
    if objection(case.text) is None:
        rows = (rows[1], rows[0], rows[2])
    return say(Say(words("disclosure.about_this", title=found.title), rows))


async def file_said(case: Case, item_id: int, kind: str, message_id: int) -> Outcome[Any]:
    """What was said before is filed."""
    said = await case.front.storage.read(messages.get, message_id)
    found = await _open_item(case, item_id)
    if said is None or said.chat_id != case.chat_id or said.sender != "resident" or found is None:
        return say(Say(case.words("disclosure.gone")))
    return _file(
        case, kind=ASK_KINDS[kind], words=said.text, item_id=found.id, quarter=found.about, message_id=message_id
    )


# --- filing -----------------------------------------------------------------------------------------------------------
def _file(
    case: Case, *, kind: str, words: str, item_id: int | None, quarter: Quarter | None, message_id: int | None
) -> Outcome[Any]:
    kept = do(
        disclosure_asks.file,
        chat_id=case.chat_id,
        message_id=message_id,
        kind=kind,
        words=words,
        item_id=item_id,
        quarter=quarter,
    )

    def replies(filed: Filed) -> list[Reply]:
        key = "filed_before" if filed.again else "filed_question" if kind == "question" else "filed"
        take_back = [Button(case.words("disclosure.take_back"), f"dk:d:{filed.id}")]
        return [Say(case.words(f"disclosure.{key}", due=case.time(filed.due_at)), (take_back,))]

    return with_notice(case, kept.then(replies))


def let_go(case: Case) -> Outcome[Any]:
    return both(_closed(case, "cancelled"), say(Say(case.words("disclosure.let_go"))))


def put_away(case: Case) -> Outcome[Any]:
    """Something else is said: what was begun is no longer asked for."""
    return _closed(case, "cancelled")


def _closed(case: Case, state: str) -> Outcome[Any]:
    draft = case.scene.draft
    if draft is None or draft.form != FORM:
        return say()
    closed = do(drafts.close_current, chat_id=case.chat_id, state=state)
    return closed.saying(Edit(draft.prompt_id)) if draft.prompt_id else closed


def take_back(case: Case, ask_id: int) -> Outcome[Any]:
    dropped = do(disclosure_asks.drop, ask_id, chat_id=case.chat_id)
    return dropped.then(lambda done: [Say(case.words(f"disclosure.{'taken_back' if done else 'over_before'}"))])


def higher(case: Case, ask_id: int) -> Outcome[Any]:
    """Not content with the answer: the sub-district office has ten days (DI-04). Pressed twice it is there once."""
    taken = do(_higher, case, ask_id)
    return taken.then(
        lambda due: [
            Say(case.words("disclosure.went_higher", due=due) if due else case.words("disclosure.higher_before"))
        ]
    )


def _higher(tx: Tx, case: Case, ask_id: int) -> str | None:
    ask = disclosure_asks.take_higher(tx, ask_id, chat_id=case.chat_id)
    if ask is None:
        return None
    speak(tx, disclosure_words.to_staff(tx, case.front.texts, "higher", ask))
    return case.time(ask.due_at)
