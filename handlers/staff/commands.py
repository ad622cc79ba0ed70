"""Commands of work: in a ticket's topic, in answer to its card, or anywhere with its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from handlers.staff import cards, forms, lists
from handlers.staff.acting import at_home, id_of, step
from handlers.staff.spots import Spot, untold
from handlers.staff.work import Work
from handlers.taken_back import gone_line, outcome
from knowledge.group_talk import Order, more_time
from knowledge.life import Refusal
from storage import blobs, taking_back
from storage.staff import Member
from storage.step import NOTHING, Given
from storage.transaction import Tx

OVER = ("接过来", "over")
"""Behind "take": out of a colleague's hands."""
SAID_AT_ONCE = ("answer", "ask_back", "note")


def ordered(tx: Tx, spot: Spot, member: Member, wanted: Order) -> None:
    """Whatever cannot be done is answered with what to do instead, where it was written."""
    words = spot.work.words
    if wanted.action in ("mine", "queue"):
        return _listed(tx, spot, member, wanted.action)
    if wanted.action == "help":
        return spot.explain(tx, words("work.help"))
    if wanted.slip:
        return spot.say(tx, words("work.no_number"))
    about = _about(tx, spot, wanted)
    if about.ticket_id is None:
        return spot.say(tx, words("work.no_number" if wanted.names else "work.which"))
    return DOING.get(wanted.action, _begin)(tx, about, member, wanted)


def _about(tx: Tx, spot: Spot, wanted: Order) -> Spot:
    """The ticket it names, else the one it is written about."""
    found = id_of(tx, wanted) if wanted.names else spot.ticket_id
    if found is not None:
        at_home(tx, spot.work, found)
    return (
        spot if found == spot.ticket_id else replace(spot, ticket_id=found, answers="nothing", replied=None, form=None)
    )


def _listed(tx: Tx, spot: Spot, member: Member, which: str) -> None:
    if lists.listed(tx, spot.work, member, which):
        spot.went(tx)
    else:
        spot.explain(tx, spot.work.words("work.not_private"))


def _cancel(tx: Tx, about: Spot, member: Member, _: Order) -> None:
    if forms.cancel(tx, about, member):
        about.went(tx)
    else:
        about.say(tx, about.work.words("work.nothing_begun"))


def _take(tx: Tx, about: Spot, member: Member, wanted: Order) -> None:
    said = cards.claim(tx, about, member, anyway=wanted.rest in OVER)
    if said == about.work.words("work.claimed"):
        about.went(tx, said)
    else:
        about.say(tx, said)


def _begin(tx: Tx, about: Spot, member: Member, wanted: Order) -> None:
    """At once where the words stand behind it, else asked for in the ticket's own topic."""
    files = files_of(about.work)
    if (wanted.rest or files) and wanted.action in SAID_AT_ONCE:
        return tell(tx, about, member, wanted.action, wanted.rest, files if wanted.action != "note" else [])
    if (why := forms.begin(tx, about, member, wanted.action)) is not None:
        return about.say(tx, why)
    if not about.in_its_topic and about.in_group:
        about.say(tx, about.work.words("work.asked_there"))
    return None


def _back(tx: Tx, about: Spot, member: Member, _: Order) -> None:
    """What the message it replies to had sent, else the last this colleague sent about the ticket."""
    words = about.work.words
    said = _meant(tx, about, member)
    if said is None:
        return about.say(tx, words("work.nothing_back"))
    assert about.ticket_id is not None
    before, line = untold(tx, about.ticket_id), gone_line(about.work.case.front.texts)
    done = taking_back.take_back(tx, about.ticket_id, said, staff_id=member.id, line=line)
    if isinstance(done, Refusal):
        return about.say(tx, done.zh if words.language == "zh" else done.en)
    about.seen_here(tx, before)
    return about.say(tx, about.work.console(f"done.{outcome(done)}"))


def _meant(tx: Tx, about: Spot, member: Member) -> int | None:
    assert about.ticket_id is not None
    if about.replied is not None and about.answers in ("colleague", "ours"):
        return taking_back.sent_as(tx, about.ticket_id, about.replied)
    return taking_back.last_of(tx, about.ticket_id, staff_id=member.id)


def tell(
    tx: Tx,
    spot: Spot,
    member: Member,
    action: str,
    text: str,
    files: list[dict[str, Any]],
    *,
    given: Given = NOTHING,
) -> None:
    """Words of a colleague's are passed on or noted: a sign where they went, else why not."""
    if (why := too_large(spot.work, files)) is not None:
        return spot.say(tx, spot.work.words("work.not_sent", why=why))
    took = step(tx, spot, member, action, text or instead(spot.work, files), given=given, files=files)
    if took.done:
        spot.went(tx, spot.work.words("work.done"))
    else:
        spot.say(tx, spot.work.words("work.not_sent", why=took.why))
    return None


def too_large(work: Work, files: list[dict[str, Any]]) -> str | None:
    """A bot is not given it, so that nobody would get it."""
    return work.words("work.too_large") if any(blobs.is_too_large(part) for part in files) else None


def instead(work: Work, files: list[dict[str, Any]]) -> str:
    """What stands for words where there are only files."""
    if not files:
        return ""
    heard = all(part.get("kind") in ("voice", "audio") for part in files)
    return work.words("work.hear_file" if heard else "work.see_file")


def files_of(work: Work) -> list[dict[str, Any]]:
    return [dict(part) for part in work.case.incoming.attachments if part.get("blob")]


def _end(tx: Tx, about: Spot, member: Member, wanted: Order) -> None:
    """With what was done behind it, it is done; without, one is asked how it ends."""
    done = forms.ending(tx, about, member) if wanted.rest else None
    if done is None:
        return _begin(tx, about, member, wanted)
    return tell(tx, about, member, done, wanted.rest, files_of(about.work))


def _due(tx: Tx, about: Spot, member: Member, wanted: Order) -> None:
    """With working days and why behind it, at once; else one is asked until when, and why."""
    asked = more_time(wanted.rest)
    later = forms.later(tx, about, member, asked[0]) if asked and asked[1] else None
    if asked is None or later is None:
        return _begin(tx, about, member, wanted)
    action, given = later
    return tell(tx, about, member, action, asked[1], [], given=given)


def _pass(tx: Tx, about: Spot, member: Member, wanted: Order) -> None:
    """To a colleague whose whole name stands behind it, at once."""
    said = forms.hand_to(tx, about, member, wanted.rest) if wanted.rest else None
    if said is None:
        return _begin(tx, about, member, wanted)
    return about.say(tx, said)


DOING: Mapping[str, Callable[[Tx, Spot, Member, Order], None]] = {
    "cancel": _cancel,
    "take": _take,
    "back": _back,
    "end": _end,
    "pass": _pass,
    "due": _due,
}
