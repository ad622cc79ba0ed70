"""What colleagues write in the staff group and in answer to a question of work: passed on, noted, done - or kept.

What is meant is decided in ``knowledge.group_talk``; here it is done, in one transaction, and whoever wrote it sees that it
went, or why it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from aiogram.types import Message

from handlers.outcome import Outcome, do
from handlers.staff import albums, cards, forms, lists
from handlers.staff.acting import at_home, id_of, page_of, revised, step
from handlers.staff.spots import Spot, spot_of
from handlers.staff.work import HasLeft, Stopped, Work, who
from knowledge.group_talk import Heard, Meaning, Order, meaning, note_in, order
from storage import facts, messages, staff_forms
from storage.access import NotThere
from storage.staff import MayNot, Member
from storage.transaction import Tx

QUIET = (Meaning.AMONG, Meaning.OTHER_BOT)
PLAIN = (Meaning.ANSWER, Meaning.UNCLAIMED, Meaning.NOT_THEIRS)


def heard(message: Message, work: Work) -> Outcome[Any]:
    """One message of the group, or the answer to a question of work."""
    return do(_hear, work, message)


def edited(message: Message, work: Work) -> Outcome[Any]:
    """What was passed on of it changes, as long as its writer works here."""
    return do(_edit, work, message)


def _edit(tx: Tx, work: Work, message: Message) -> None:
    ours = messages.ours(tx, work.case.chat_id, message.message_id)
    if ours is None or not isinstance(who(tx, work.user_id, work.group), Member):
        return
    why = revised(tx, work, ours, work.case.text)
    if why is not None:
        spot_of(tx, work, message).explain(tx, work.words("work.not_changed", why=why))


def worked(message: Message, work: Work) -> Outcome[Any]:
    """A command of work in a colleague's own chat."""
    return do(_work, work, message)


def _work(tx: Tx, work: Work, message: Message) -> None:
    member, wanted = who(tx, work.user_id, work.group), order(work.case.text)
    spot = spot_of(tx, work, message)
    if isinstance(member, Stopped) or wanted is None:
        return spot.explain(tx, work.words(f"colleague.{member.key}")) if isinstance(member, Stopped) else None
    if wanted.action == "help":
        lists.listed(tx, work, member, "mine")
        lists.listed(tx, work, member, "queue")
    try:
        ordered(tx, spot, member, wanted)
    except HasLeft:
        spot.explain(tx, work.words("colleague.left"))
    except MayNot:
        spot.explain(tx, work.words("colleague.may_not"))
    except (NotThere, LookupError):
        spot.explain(tx, work.words("colleague.gone"))


def _hear(tx: Tx, work: Work, message: Message) -> None:
    spot = spot_of(tx, work, message)
    member = who(tx, work.user_id, work.group)
    if spot.ticket_id is None and not work.case.text.startswith(("/", "／")):
        return
    bot = str(facts.get(tx, facts.TELEGRAM_NAME) or "")
    if isinstance(member, Stopped):
        said = meaning(_heard(message, spot, bot), holder="me")
        if said not in QUIET:
            spot.explain(tx, work.words(f"colleague.{member.key}"))
        return
    try:
        _said(tx, spot, member, message, bot)
    except MayNot:
        spot.explain(tx, work.words("work.not_sent", why=work.words("colleague.may_not")))
    except (NotThere, LookupError):
        spot.explain(tx, work.words("work.not_sent", why=work.words("colleague.gone")))


def _heard(message: Message, spot: Spot, bot: str) -> Heard:
    entities = message.entities or message.caption_entities or ()
    return Heard(
        text=spot.work.case.text,
        files=bool(spot.work.case.incoming.attachments),
        answers=spot.answers,
        second_hand=bool(message.forward_origin or message.via_bot or message.sender_chat),
        calls_somebody=any(one.type in ("mention", "text_mention") for one in entities),
        bot=bot,
    )


def _said(tx: Tx, spot: Spot, member: Member, message: Message, bot: str) -> None:
    if spot.ticket_id is not None:
        at_home(tx, spot.work, spot.ticket_id)
    told = _heard(message, spot, bot)
    form = _form(tx, spot, member)
    said = meaning(told, holder=_holder(tx, spot, member))
    if form is not None and _answers_it(form, told, said, asked=spot.form is not None):
        return _finish(tx, spot, member, form)
    if spot.form is not None and spot.form.staff_id == member.id and said is Meaning.AMONG:
        return spot.explain(tx, spot.work.words("work.form_over"))
    if said is Meaning.ANSWER and albums.goes_on(tx, spot, message, member):
        return None
    return DOING.get(said, _nothing)(tx, spot, member)


def _answers_it(form: staff_forms.StaffForm, told: Heard, said: Meaning, *, asked: bool) -> bool:
    """A question of work is answered by replying to it, or by plain words in its topic; a note stays a note, and what is
    said to a colleague stays with them."""
    if said is Meaning.NOTE:
        return form.action == "note"
    return said in PLAIN or (asked and said is Meaning.AMONG and not told.second_hand)


def _holder(tx: Tx, spot: Spot, member: Member) -> Literal["me", "another", "nobody"]:
    if spot.ticket_id is None:
        return "nobody"
    holder = page_of(tx, spot.ticket_id, member).ticket["assigned_to"]
    return "me" if holder == member.id else "nobody" if holder is None else "another"


def _form(tx: Tx, spot: Spot, member: Member) -> staff_forms.StaffForm | None:
    """The question of work this answers: the one it replies to; else, in a topic, the one its writer is asked there."""
    if spot.form is not None:
        mine = spot.form.staff_id == member.id and staff_forms.is_alive(tx, spot.form) and spot.form.step == "words"
        return spot.form if mine else None
    if spot.answers != "nothing" or spot.ticket_id is None:
        return None
    chat_id, ticket_id = spot.work.case.chat_id, spot.ticket_id
    found = staff_forms.open_in(tx, chat_id=chat_id, staff_id=member.id, ticket_id=ticket_id)
    return found if found is not None and found.step == "words" else None


def _finish(tx: Tx, spot: Spot, member: Member, form: staff_forms.StaffForm) -> None:
    words, text = spot.work.words, spot.work.case.text
    text = note_in(text) if form.action == "note" else text
    files = _files(spot.work) if form.action in ("answer", "ask_back", "finish") else []
    said = forms.finish(tx, spot, member, form, text or (words("work.see_file") if files else ""), files)
    if said == words("work.done"):
        spot.went(tx)
    else:
        spot.say(tx, words("work.not_sent", why=said or ""))


def _files(work: Work) -> list[dict[str, Any]]:
    return [dict(part) for part in work.case.incoming.attachments if part.get("blob")]


def _nothing(_tx: Tx, _spot: Spot, _member: Member) -> None:
    """It stays among colleagues."""


def _answer(tx: Tx, spot: Spot, member: Member) -> None:
    work = spot.work
    _tell(tx, spot, member, "answer", work.case.text or work.words("work.see_file"), _files(work))


def _tell(
    tx: Tx, spot: Spot, member: Member, action: str, text: str, files: list[dict[str, Any]] | None = None
) -> None:
    took = step(tx, spot, member, action, text, files=files or ())
    if took.done:
        spot.went(tx, spot.work.words("work.done"))
    else:
        spot.say(tx, spot.work.words("work.not_sent", why=took.why))


def _note(tx: Tx, spot: Spot, member: Member) -> None:
    _tell(tx, spot, member, "note", note_in(spot.work.case.text))


def _kept(key: str) -> Callable[[Tx, Spot, Member], None]:
    def explain(tx: Tx, spot: Spot, _: Member) -> None:
        spot.explain(tx, spot.work.words(key))

    return explain


# --- commands ----------------------------------------------------------------------------------------------------------
def _command(tx: Tx, spot: Spot, member: Member) -> None:
    wanted = order(spot.work.case.text)
    assert wanted is not None
    ordered(tx, spot, member, wanted)


def ordered(tx: Tx, spot: Spot, member: Member, wanted: Order) -> None:
    """A command, in a topic, in answer to a card, or with the ticket's number."""
    words = spot.work.words
    if wanted.action in ("mine", "queue"):
        return spot.went(tx) if lists.listed(tx, spot.work, member, wanted.action) else None
    if wanted.action == "help":
        return spot.explain(tx, words("work.help"))
    about = _about(tx, spot, wanted)
    if about.ticket_id is None:
        return spot.explain(tx, words("work.which"))
    if wanted.action == "cancel":
        forms.cancel(tx, about, member)
        return about.went(tx)
    if wanted.action == "take":
        said = cards.claim(tx, about, member, over=wanted.rest in ("接过来", "over"))
        if said == words("work.claimed"):
            return about.went(tx, said)
        about.say(tx, said)
        return None
    if wanted.rest and wanted.action in ("answer", "ask_back", "note"):
        return _tell(tx, about, member, wanted.action, wanted.rest)
    if (why := forms.begin(tx, about, member, wanted.action)) is not None:
        about.say(tx, why)
    return None


def _about(tx: Tx, spot: Spot, wanted: Order) -> Spot:
    """The ticket whose number it names, else the one it is written about."""
    if wanted.number is None:
        return spot
    found = id_of(tx, wanted.number)
    if found is not None:
        at_home(tx, spot.work, found)
    return (
        Spot(spot.work, spot.message_id, spot.topic, found, spot.answers) if found else Spot(spot.work, spot.message_id)
    )


DOING: Mapping[Meaning, Callable[[Tx, Spot, Member], None]] = {
    Meaning.ANSWER: _answer,
    Meaning.NOTE: _note,
    Meaning.COMMAND: _command,
    Meaning.UNKNOWN: _kept("work.unknown"),
    Meaning.UNCLAIMED: _kept("work.unclaimed"),
    Meaning.NOT_THEIRS: _kept("work.not_theirs"),
}
