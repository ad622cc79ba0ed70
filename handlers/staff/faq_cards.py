"""An entry of the FAQ in a colleague's own chat: what it says, what can be done with it, what a change would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.faq_view import Looked, Would
from handlers.outcome import Button, Reply, Rows, Say
from handlers.staff.work import Work
from knowledge.faq_preview import DANGER, SILENT, UNSURE, Move
from knowledge.faq_wording import Wording, changed
from storage import faq_telling, staff
from storage.faq import Kept, Unfit
from storage.faq_rows import there
from storage.faq_telling import Offer
from storage.staff import Member
from storage.transaction import Tx

PREFIX = "wq"
ADDED = "＋ "
"""Begins a line with a phrase that waits to be added."""
SHOWN, QUOTED, PIECE = 5, 60, 300


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry for this colleague; ``may``: they publish. ``tell``: whom its last change could be told to."""

    one: Kept
    may: bool
    tell: Offer | None = None


def seen(tx: Tx, member: Member, key: str, *, told: bool = False) -> Seen:
    """LookupError where there is none."""
    one, may = there(tx, key), staff.may(member, "faq", "publish")
    return Seen(one, may, faq_telling.offer(tx, one) if told and may else None)


def button(work: Work, one: Kept, act: str, *more: int) -> Button:
    data = ":".join([PREFIX, str(one.id), act, *map(str, more)])
    return Button(work.words(f"faq_bot.{act}"), data)


def shown(work: Work, found: Seen | Unfit | None, did: str) -> list[Reply]:
    """The entry as it is now, and what can be done with it; or why it could not be done."""
    if isinstance(found, Unfit):
        return [refused(work, found)]
    if found is None:
        return [Say(work.words("faq_bot.dropped"))]
    lead = "" if did == "show" else work.words(f"faq_bot.did_{did}") + "\n\n"
    return [Say(lead + _card(work, found.one), _buttons(work, found)), *_offered(work, found)]


def refused(work: Work, why: Unfit) -> Say:
    return Say(work.console(f"faq.wrong_{why.code}", about=why.about))


def _card(work: Work, one: Kept) -> str:
    said, state = one.newest, one.draft.state if one.draft else one.state
    source = said.clause or said.source.zh or "?"
    head = work.words("faq_bot.head", state=work.console(f"faq.state_{state}"), version=one.version, source=source)
    back = one.draft.sent_back if one.draft else ""
    sent_back = work.console("faq.was_sent_back", why=back) if back else ""
    parts = [said.question.zh, said.answer.zh, said.question.en, said.answer.en, sent_back]
    return "\n\n".join([head, *filter(None, parts)])


def _buttons(work: Work, found: Seen) -> Rows:
    """What is not theirs to do is not offered: whoever may not publish hands in."""
    one, draft = found.one, found.one.draft
    settled = draft is not None and draft.state == "planned" and not found.may
    rows: list[list[str]] = [[] if settled else ["question", "answer", "ground"]]
    if draft and not settled:
        rows.append([*(["look"] if found.may else ["submit"] if draft.state == "draft" else []), "drop"])
    if draft and found.may and draft.state in ("review", "planned"):
        rows[-1].append("return")
    if found.may:
        rows.append(
            ["phrase", *(["checked", "retire"] if one.state == "published" else ["back"] if one.version else [])]
        )
    return [[button(work, one, act) for act in row] for row in rows if row]


def _offered(work: Work, found: Seen) -> list[Reply]:
    tell = found.tell
    if tell is None or tell.kind != "sense":
        return []
    counts = {"tell": 0 if tell.notice else tell.reach.gets, "ring": tell.to_ring}
    return [
        Say(work.words(f"faq_bot.offer_{act}", count=count), [[button(work, found.one, act, tell.number)]])
        for act, count in counts.items()
        if count
    ]


# --- before it counts -------------------------------------------------------------------------------------------------
def before_publishing(work: Work, one: Kept, looked: Looked, would: Would | None) -> list[Reply]:
    """What residents would read, what differs, which real questions would move; then the choice."""
    assert one.draft is not None
    read = [f"{one.question}\n{one.answer}\n{one.source}" for one in looked.shown]
    warned = [work.console(f"faq.warn_{fault.code}", about=fault.about) for fault in looked.warnings]
    differ = _differences(work, one.wording, one.draft.wording) if one.wording else ""
    parts = [differ, *warned, effect(work, would)]
    revision = one.draft.revision
    senses = [button(work, one, act, revision) for act in ("sense", "words")]
    if not one.version:
        senses = [Button(work.words("faq_bot.first"), senses[0].data)]
    first = "\n\n".join([work.words("faq_bot.reads"), *read])
    return [Say(first), Say("\n\n".join(filter(None, parts)), [senses])]


def _differences(work: Work, before: Wording, after: Wording) -> str:
    def piece(one: Wording, name: str) -> str:
        return (one.piece(name) or "—")[:PIECE]

    lines = [
        f"{work.console('faq.piece_' + name.replace('.', '_'))}：{piece(before, name)} → {piece(after, name)}"
        for name in changed(before, after)
    ]
    return "\n".join([work.console("faq.changes"), *(lines or [work.console("faq.no_difference")])])


def before_adding(work: Work, one: Kept, lines: Sequence[str], would: Would | None) -> Say:
    """The phrases stand in the message itself, and are read from it when somebody presses."""
    asks = "\n".join([f"#faq {one.key} add", work.words("faq_bot.would_add"), *(ADDED + line for line in lines)])
    clashes = would.clashes if would else []
    empty = [clash for clash in clashes if not clash.means]
    act = [] if empty else [button(work, one, "take" if clashes else "add")]
    said = [
        f"“{clash.text}” "
        + (
            f"{work.console('faq.clash')} {_goes(work, would, clash.means)}"
            if clash.means
            else work.console("faq.clash_empty")
        )
        for clash in clashes
    ]
    return Say("\n\n".join([asks, *said, effect(work, would)]), [[*act, button(work, one, "leave")]])


def effect(work: Work, would: Would | None) -> str:
    """Real questions of late that it would gain, lose or move."""
    if would is None:
        return work.console("faq.no_reader")
    found = would.preview
    if not found.looked_at:
        return work.console("faq.would_nobody")
    counts = {name: len(getattr(found, name)) for name in ("gained", "lost", "moved", "kept")}
    lines = [work.console("faq.would", all=found.looked_at, **counts)]
    for name in ("gained", "lost", "moved"):
        moves: Sequence[Move] = getattr(found, name)
        if moves:
            lines += [f"{work.console('faq.' + name)}：", *(_move(work, would, move) for move in moves[:SHOWN])]
    return "\n".join(lines)


def _move(work: Work, would: Would, move: Move) -> str:
    said = move.asked.words[:QUOTED]
    return f"· “{said}” {_goes(work, would, move.before)} → {_goes(work, would, move.after)}"


def _goes(work: Work, would: Would | None, where: str) -> str:
    """Where a question goes, in words; an entry by its question."""
    signs = {UNSURE: "unsure", SILENT: "silent", DANGER: "danger"}
    if where in signs:
        return work.console(f"faq.goes_{signs[where]}")
    if where.startswith("="):
        title = would.titles.get(where[1:]) if would else None
        return f"“{title.get(work.words.language) or title.zh}”" if title else where[1:]
    key = f"faq.route_{where.partition('/')[0]}"
    return work.console(key) if work.console.has(key) else where
