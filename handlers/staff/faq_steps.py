"""What is done with an entry from a colleague's own chat: units that ask again who may, and refuse in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.staff.faq_cards import ADDED, Seen, seen
from knowledge.broadcasts import CHANGED
from knowledge.faq_wording import NOWHERE, Wording
from knowledge.notice import Words, clauses
from storage import faq, faq_ringing, faq_telling, notices, staff
from storage.faq import Kept, Unfit
from storage.faq_rows import there
from storage.notices import Composed
from storage.staff import Member
from storage.transaction import Tx

Unit = Callable[[Tx, Member], Any]
SOURCE = re.compile(r"(?:来源|source)\s*[:：]\s*(?P<source>.+)", re.I)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NEW, MOST_PHRASES = "new", 20
BRACKETS = str.maketrans("()", "（）")


def key_of(tx: Tx, member: Member, entry_id: int, act: str = "act") -> str:
    """LookupError, MayNot."""
    if not staff.may(member, "faq", act):
        raise staff.MayNot
    found = faq.named(tx, entry_id)
    if found is None:
        raise LookupError(entry_id)
    return found


def refusing(unit: Unit) -> Unit:
    """What cannot be done comes back as the reason; nothing of it is kept."""

    def run(tx: Tx, member: Member) -> Any:
        try:
            return unit(tx, member)
        except (Unfit, notices.Unfit) as refused:
            return refused

    return run


def shows(entry_id: int, act: Callable[..., Any] | None, *, told: bool = False, **given: Any) -> Unit:
    """Do it, and see the entry as it is then; None where it went with its draft."""

    def unit(tx: Tx, member: Member) -> Seen | None:
        key = key_of(tx, member, entry_id)
        if act is not None:
            act(tx, key, staff_id=member.id, **given)
        found = seen(tx, member, key, told=told)
        return found if found.one.version or found.one.draft else None

    return refusing(unit)


def phrases(entry_id: int, lines: Sequence[str], *, take: bool) -> Unit:
    """All of them or none."""

    def add(tx: Tx, key: str, *, staff_id: int) -> None:
        for line in lines:
            faq.may_lead(tx, key, line, take=take)
        for line in lines:
            faq.add_phrase(tx, key, line, staff_id=staff_id, take=take)

    return shows(entry_id, add)


def waiting(text: str) -> list[str]:
    """The phrases a message of ours asks about."""
    return [line.removeprefix(ADDED) for line in text.split("\n") if line.startswith(ADDED)]


def lines_of(text: str) -> list[str]:
    """Unfit where there are too many to look at."""
    lines = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
    if len(lines) > MOST_PHRASES:
        raise Unfit("many_phrases", str(MOST_PHRASES))
    return lines


# --- what was written in reply ----------------------------------------------------------------------------------------
def written(key: str, act: str, text: str) -> Unit:
    """The unit of a reply to a question of ours."""

    def unit(tx: Tx, member: Member) -> Seen:
        if act == "create":
            made = faq.save_draft(tx, None, _whole(text), staff_id=member.id)
        elif act in DRAFTED:
            made, one = key, there(tx, key)
            faq.save_draft(tx, key, DRAFTED[act](one.newest, text), staff_id=member.id)
        else:
            made = key
            ENDED[act](tx, key, staff_id=member.id, why=text[:300])
        return seen(tx, member, made)

    return refusing(unit)


def _in_its_language(said: Words, text: str) -> Words:
    """Without a Chinese character it is the English one."""
    return replace(said, zh=text) if CHINESE.search(text) else replace(said, en=text)


def _answer(said: Wording, text: str) -> Wording:
    return replace(said, answer=_in_its_language(said.answer, text))


def _question(said: Wording, text: str) -> Wording:
    return replace(said, question=_in_its_language(said.question, " ".join(text.split())))


def _ground(said: Wording, text: str) -> Wording:
    """A clause of the notice, or a source of its own. Unfit for neither."""
    found = SOURCE.fullmatch(text.strip())
    if found is not None:
        return replace(said, clause=None, source=_in_its_language(said.source, found["source"].strip()))
    clause = "".join(text.split()).translate(BRACKETS)
    known = {name.translate(BRACKETS): name for name in clauses()}
    if clause not in known:
        raise Unfit("no_clause", text[:40])
    return replace(said, clause=known[clause], source=NOWHERE)


def _whole(text: str) -> Wording:
    """The question on the first line, then the answer, and its source on a line that says so."""
    first, _, rest = text.partition("\n")
    lines = [line for line in rest.split("\n") if not SOURCE.fullmatch(line.strip())]
    sources = [found["source"] for line in rest.split("\n") if (found := SOURCE.fullmatch(line.strip()))]
    source = Words(sources[0], "") if sources else NOWHERE
    return Wording(Words(first.strip(), ""), Words("\n".join(lines).strip(), ""), None, source)


DRAFTED: Mapping[str, Callable[[Wording, str], Wording]] = {
    "answer": _answer,
    "question": _question,
    "ground": _ground,
}
ENDED: Mapping[str, Callable[..., Any]] = {"retire": faq.retire, "return": faq.send_back}


# --- telling those who got the old answer -----------------------------------------------------------------------------
def told(key: str, number: int, words: Mapping[str, str]) -> Unit:
    """Written and begun in one step; its state then: sending, or asked where a colleague reads it first."""

    def unit(tx: Tx, member: Member) -> str:
        said: dict[str, Any] = {name: text or None for name, text in words.items()}
        composed = Composed(topic=CHANGED, **said | {"title": words["title"], "text": words["text"]})
        made = faq_telling.draft(tx, key, number, composed, staff_id=member.id)
        notice = notices.get(tx, made)
        assert notice is not None
        notices.begin(tx, made, revision=notice.revision, staff_id=member.id)
        begun = notices.get(tx, made)
        return begun.state if begun else ""

    return refusing(unit)


def rings(entry_id: int, number: int) -> Unit:
    """Whoever got the old answer at the telephone waits on the list; how many that are."""

    def unit(tx: Tx, member: Member) -> int:
        return faq_ringing.ring(tx, key_of(tx, member, entry_id, "publish"), number, staff_id=member.id)

    return unit


def kept_for(entry_id: int, act: str) -> Unit:
    def unit(tx: Tx, member: Member) -> Kept:
        return there(tx, key_of(tx, member, entry_id, act))

    return unit
