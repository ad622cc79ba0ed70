"""``/faq`` in a colleague's own chat: entries looked up, given phrases, reworded, checked, retired - as conversation.

What it asks for is answered by replying to the question, whose first line says which entry and which act it is about; the
units ask again who may. It is the same FAQ, and the same units, as in the console.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Rows, Say, say
from handlers.staff.work import Stopped, Work
from knowledge.faq_wording import Wording
from knowledge.matcher import Matcher
from knowledge.notice import Words
from knowledge.phrases import Label, name_of
from storage import faq, faq_live, staff
from storage.faq import Kept, Unfit
from storage.staff import Member
from storage.tables import faq_entries
from storage.transaction import Tx

PREFIX = "wq"
COMMAND = re.compile(r"[/／](?:faq|问答)(?:@\w+)?(?:\s+(?P<words>.*))?", re.I | re.S)
ASKED = re.compile(r"#faq (?P<key>[a-z0-9-]+) (?P<act>phrase|answer|retire|create)\n")
"""How a question of ours begins that is answered by a reply to it."""
SOURCE = re.compile(r"(?:来源|source)\s*[:：]\s*(?P<source>.+)", re.I)
MOST, NEW = 8, "new"
Unit = Callable[[Tx, Member], Any]


def asked(work: Work) -> Outcome[Any]:
    """``/faq``: what waits, and how to look; ``/faq 收发室``: the entries that say so."""
    found = COMMAND.fullmatch(work.case.text)
    words = ((found["words"] if found else "") or "").strip()

    def look(tx: Tx, member: Member) -> list[Kept]:
        if not staff.may(member, "faq", "act"):
            raise staff.MayNot
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


def press(work: Work, parts: list[str]) -> Outcome[Any]:
    """A button of a list or of an entry."""
    entry_id, act = int(parts[0]), parts[1]
    if act in ("phrase", "answer", "retire", "create"):
        return _done(work, lambda tx, member: _of(tx, member, entry_id), lambda one: [_asking(work, one, act)])
    units: dict[str, Callable[..., Any]] = {"checked": faq.checked, "back": faq.bring_back, "drop": faq.drop_draft}
    units |= {"words": _publish("words"), "sense": _publish("sense"), "show": _nothing}
    return _then_shown(work, lambda tx, member: _of(tx, member, entry_id), units[act], said=act)


def _publish(sense: str) -> Callable[..., Any]:
    def publish(tx: Tx, key: str, *, staff_id: int) -> int | None:
        return faq.publish(tx, key, staff_id=staff_id, sense=sense)

    return publish


def _nothing(tx: Tx, key: str, *, staff_id: int) -> None:
    """Shown as it is."""


def _of(tx: Tx, member: Member, entry_id: int) -> Kept | None:
    """None is the one that is still to be written. LookupError, MayNot."""
    if not staff.may(member, "faq", "act"):
        raise staff.MayNot
    if entry_id == 0:
        return None
    [key] = [row["key"] for row in tx.all(faq_entries.select().where(faq_entries.c.id == entry_id))] or [""]
    found = faq.get(tx, key)
    if found is None:
        raise LookupError(entry_id)
    return found


def _asking(work: Work, one: Kept | None, act: str) -> Say:
    question = one.newest.question.zh if one else ""
    ask = work.words(f"faq_bot.ask_{act}", question=question)
    return Say(f"#faq {one.key if one else NEW} {act}\n{ask}")


def answered(work: Work, asking: str) -> Outcome[Any]:
    """A reply to a question of ours."""
    found = ASKED.match(asking)
    if found is None or not work.case.text.strip():
        return say(Say(work.words("faq_bot.empty")))
    key, act, text = found["key"], found["act"], work.case.text.strip()
    if act == "phrase" and (clash := _means(work, text)):
        return say(Say(work.words("faq_bot.means", means=clash)))
    acts: dict[str, Unit] = {
        "phrase": lambda tx, member: _add(tx, key, text, member),
        "answer": lambda tx, member: _reword(tx, key, text, member),
        "retire": lambda tx, member: faq.retire(tx, key, staff_id=member.id, why=text[:300]),
        "create": lambda tx, member: faq.save_draft(tx, None, _written(text), staff_id=member.id),
    }

    def unit(tx: Tx, member: Member) -> Kept | Unfit | None:
        try:
            made = acts[act](tx, member)
        except Unfit as refused:
            return refused
        return faq.get(tx, made if act == "create" else key)

    return _done(work, unit, lambda one: _shown(work, one, act))


def _means(work: Work, text: str) -> str | None:
    """What a line means already, where that is no question of policy; the units know what leads to other entries."""
    reader = work.case.front.reader
    known = [reader.known(line) for line in text.splitlines()] if isinstance(reader, Matcher) else []
    other = [label for label in known if label is not None and label.route != "faq"]
    return name_of(Label(*other[0])) if other else None


def _add(tx: Tx, key: str, text: str, member: Member) -> None:
    for line in filter(None, map(str.strip, text.splitlines())):
        faq.add_phrase(tx, key, line, staff_id=member.id)


def _reword(tx: Tx, key: str, text: str, member: Member) -> None:
    """In the language it is written in: without a Chinese character it is the English answer."""
    one = faq.get(tx, key)
    if one is None:
        raise LookupError(key)
    said = one.newest
    chinese = re.search(r"[\u4e00-\u9fff]", text) is not None
    answer = replace(said.answer, zh=text) if chinese else replace(said.answer, en=text)
    faq.save_draft(tx, key, replace(said, answer=answer), staff_id=member.id)


def _written(text: str) -> Wording:
    """The question on the first line, then the answer, and its source on a line that says so."""
    first, _, rest = text.partition("\n")
    lines = [line for line in rest.split("\n") if not SOURCE.fullmatch(line.strip())]
    sources = [found["source"] for line in rest.split("\n") if (found := SOURCE.fullmatch(line.strip()))]
    source = Words(sources[0], "") if sources else Words("", "")
    return Wording(Words(first.strip(), ""), Words("\n".join(lines).strip(), ""), None, source)


def _then_shown(
    work: Work, find: Callable[[Tx, Member], Kept | None], act: Callable[..., Any], *, said: str
) -> Outcome[Any]:
    def unit(tx: Tx, member: Member) -> Kept | Unfit | None:
        one = find(tx, member)
        if one is None:
            raise LookupError
        try:
            act(tx, one.key, staff_id=member.id)
        except Unfit as refused:
            return refused
        return faq.get(tx, one.key)

    return _done(work, unit, lambda one: _shown(work, one, said))


def _done(work: Work, unit: Unit, replies: Callable[[Any], list[Reply]]) -> Outcome[Any]:
    def told(found: Any) -> list[Reply]:
        return [Say(work.words(f"colleague.{found.key}"))] if isinstance(found, Stopped) else replies(found)

    return work.by_colleague(unit).then(told)


def _shown(work: Work, one: Kept | Unfit | None, did: str) -> list[Reply]:
    """The entry as it is now, and what can be done with it; or why it could not be done."""
    if isinstance(one, Unfit):
        return [Say(work.console(f"faq.wrong_{one.code}", about=one.about))]
    if one is None:
        return [Say(work.words("faq_bot.dropped"))]
    lead = "" if did == "show" else work.words(f"faq_bot.did_{did}") + "\n\n"
    return [Say(lead + _card(work, one), _buttons(work, one))]


def _card(work: Work, one: Kept) -> str:
    said, state = one.newest, one.draft.state if one.draft else one.state
    source = said.clause or said.source.zh or "?"
    head = work.words("faq_bot.head", state=work.console(f"faq.state_{state}"), version=one.version, source=source)
    parts = [said.question.zh, said.answer.zh, said.question.en, said.answer.en]
    return "\n\n".join([head, *filter(None, parts)])


def _buttons(work: Work, one: Kept) -> Rows:
    def button(act: str) -> Button:
        return Button(work.words(f"faq_bot.{act}"), f"{PREFIX}:{one.id}:{act}")

    publishing = ["sense", *(["words"] if one.version else []), "drop"] if one.draft else []
    living = ["checked", "retire"] if one.state == "published" else ["back"] if one.version else []
    rows = (["phrase", "answer"], publishing, living)
    return [[button(act) for act in row] for row in rows if row]
