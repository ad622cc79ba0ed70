"""``/faq`` in a colleague's own chat: entries looked up, drafted, looked over, published, given phrases, checked, retired -
as conversation.

What it asks for is answered by replying to the question, whose first line says which entry and which act it is about; what
a change would do is shown before it counts; the units ask again who may. It is the same FAQ, and the same units, as in
the console.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from handlers.faq_told import first_words
from handlers.faq_view import looked_over, would
from handlers.outcome import Button, Outcome, Reply, Rows, Say, say
from handlers.staff import faq_steps as steps
from handlers.staff.faq_cards import PREFIX, before_adding, before_publishing, button, refused, shown
from handlers.staff.work import Stopped, Work
from storage import faq, faq_live, faq_telling, staff
from storage.faq import Kept, Unfit
from storage.faq_drafts import draft_of, fit
from storage.staff import MayNot, Member
from storage.transaction import Tx

COMMAND = re.compile(r"[/／](?:faq|问答)(?:@\w+)?(?:\s+(?P<words>.*))?", re.I | re.S)
ASKED = re.compile(r"#faq (?P<key>[a-z0-9-]+) (?P<act>phrase|answer|question|ground|retire|return|create)\n")
"""How a question of ours begins that is answered by a reply to it."""
ASKS = ("phrase", "answer", "question", "ground", "retire", "return", "create")
MOST = 8


def asked(work: Work) -> Outcome[Any]:
    """``/faq``: what waits, and how to look; ``/faq 收发室``: the entries that say so."""
    found = COMMAND.fullmatch(work.case.text)
    words = ((found["words"] if found else "") or "").strip()

    def look(tx: Tx, member: Member) -> list[Kept]:
        if not staff.may(member, "faq", "act"):
            raise MayNot
        waiting = [one for rows in faq_live.tasks(tx).values() for one in rows]
        return [one for one in faq.entries(tx) if _says(one, words.casefold())][:MOST] if words else waiting[:MOST]

    return _done(work, look, lambda rows: [_listed(work, rows, words)])


def _says(one: Kept, words: str) -> bool:
    said = (one.key, one.newest.question.zh, one.newest.question.en, one.newest.answer.zh, one.newest.answer.en)
    return bool(one.draft or one.version) and any(words in text.casefold() for text in said)


def _listed(work: Work, rows: Sequence[Kept], words: str) -> Say:
    key = ("found" if rows else "none") if words else "waiting" if rows else "how"
    buttons: Rows = [[Button(one.newest.question.zh[:40] or one.key, f"{PREFIX}:{one.id}:show")] for one in rows]
    new = [[Button(work.words("faq_bot.new"), f"{PREFIX}:0:create")]]
    return Say(work.words(f"faq_bot.{key}", words=words[:40], count=len(rows)), [*buttons, *new])


# --- buttons ----------------------------------------------------------------------------------------------------------
async def press(work: Work, parts: list[str]) -> Outcome[Any]:
    """A button of a list or of an entry. KeyError for one that is none."""
    entry_id, act, number = int(parts[0]), parts[1], int(parts[2]) if len(parts) > 2 else 0
    if act in ASKS:
        return _asks(work, entry_id, act)
    if act == "look":
        return await _look(work, entry_id)
    if act in ("tell", "told"):
        return await _tell(work, entry_id, number, begin=act == "told")
    if act == "ring":
        return _done(work, steps.rings(entry_id, number), lambda count: [Say(work.words("faq_bot.rung", count=count))])
    if act in ("add", "take"):
        pressed = work.case.incoming.pressed
        lines = steps.waiting(pressed.text if pressed else "")
        return _shows(work, steps.phrases(entry_id, lines, take=act == "take"), "phrase")
    if act == "leave":
        return say(Say(work.words("faq_bot.left")))
    if act in ("sense", "words"):
        publishing = steps.shows(entry_id, faq.publish, told=True, sense=act, revision=number)
        return _shows(work, publishing, act)
    units = {"show": None, "checked": faq.checked, "back": faq.bring_back, "drop": faq.drop_draft, "submit": faq.submit}
    return _shows(work, steps.shows(entry_id, units[act]), act)


def _asks(work: Work, entry_id: int, act: str) -> Outcome[Any]:
    rights = "act" if act in ("answer", "question", "ground", "create") else "publish"

    def find(tx: Tx, member: Member) -> Kept | None:
        if act == "create" and staff.may(member, "faq", "act"):
            return None
        found: Kept = steps.kept_for(entry_id, rights)(tx, member)
        return found

    return _done(work, find, lambda one: [_asking(work, one, act)])


def _asking(work: Work, one: Kept | None, act: str) -> Say:
    question = one.newest.question.zh if one else ""
    ask = work.words(f"faq_bot.ask_{act}", question=question)
    return Say(f"#faq {one.key if one else steps.NEW} {act}\n{ask}")


async def _look(work: Work, entry_id: int) -> Outcome[Any]:
    """What publishing would do, before it is done."""
    one, member = await _for(work, entry_id)
    if isinstance(one, Stopped):
        return say(Say(work.words(f"colleague.{one.key}")))
    try:
        fit(draft_of(one))
    except Unfit as why:
        return say(refused(work, why))
    wording = draft_of(one).wording
    looked = looked_over(work.case.front, wording, version=one.version + 1, checked_on=work.case.today)
    effect = await would(work.case.front, one, wording, staff_id=member)
    return say(*before_publishing(work, one, looked, effect))


async def _for(work: Work, entry_id: int) -> tuple[Kept | Stopped, int]:
    """An entry to read, and who publishes it."""
    member = await work.colleague()
    if isinstance(member, Stopped):
        return member, 0
    try:
        found: Kept = await work.case.front.storage.read(steps.kept_for(entry_id, "publish"), member)
    except MayNot:
        return Stopped("may_not"), 0
    except LookupError:
        return Stopped("gone"), 0
    return found, member.id


async def _tell(work: Work, entry_id: int, number: int, *, begin: bool) -> Outcome[Any]:
    """The words in which those who got the old answer would hear of the new one; pressed once more, they go."""
    one, _ = await _for(work, entry_id)
    if isinstance(one, Stopped):
        return say(Say(work.words(f"colleague.{one.key}")))
    front = work.case.front
    found = await front.storage.read(lambda tx: faq_telling.offer(tx, one, number))
    if found is None or found.notice is not None:
        return say(Say(work.words("faq_bot.told_before")))
    words = await first_words(front, front.texts, one, number)
    if begin:
        return _done(work, steps.told(one.key, number, words), lambda state: [_begun(work, state)])
    text = "\n\n".join([work.words("faq_bot.would_tell", count=found.reach.gets), *filter(None, words.values())])
    return say(Say(text, [[button(work, one, "told", number)]]))


def _begun(work: Work, state: str | Exception) -> Say:
    return Say(work.words(f"faq_bot.tells_{state}" if state in ("sending", "asked") else "faq_bot.told_before"))


# --- replies ----------------------------------------------------------------------------------------------------------
async def answered(work: Work, asking: str) -> Outcome[Any]:
    """A reply to a question of ours."""
    found, text = ASKED.match(asking), work.case.text.strip()
    if found is None or not text:
        return say(Say(work.words("faq_bot.empty")))
    key, act = found["key"], found["act"]
    if act == "phrase":
        return await _would_add(work, key, text)
    return _shows(work, steps.written(key, act, text), act)


async def _would_add(work: Work, key: str, text: str) -> Outcome[Any]:
    """Which questions it would gain and others lose, and which of these lines mean something already."""
    kept = await work.case.front.storage.read(faq.get, key)
    one, member = await _for(work, kept.id if kept else 0)
    if isinstance(one, Stopped):
        return say(Say(work.words(f"colleague.{one.key}")))
    try:
        lines = steps.lines_of(text)
    except Unfit as why:
        return say(refused(work, why))
    effect = await would(work.case.front, one, one.newest, staff_id=member, more=lines)
    return say(before_adding(work, one, lines, effect))


def _shows(work: Work, unit: steps.Unit, did: str) -> Outcome[Any]:
    return _done(work, unit, lambda found: shown(work, found, did))


def _done(work: Work, unit: steps.Unit, replies: Callable[[Any], list[Reply]]) -> Outcome[Any]:
    def told(found: Any) -> list[Reply]:
        return [Say(work.words(f"colleague.{found.key}"))] if isinstance(found, Stopped) else replies(found)

    return work.by_colleague(unit).then(told)
