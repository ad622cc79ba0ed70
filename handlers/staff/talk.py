"""What colleagues write in the staff group and in answer to a question of work: passed on, noted, done - or kept.

What is meant is decided in ``knowledge.group_talk``; here it is done, in one transaction, and whoever wrote it sees that it
went, or why it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from aiogram.enums import ContentType
from aiogram.types import Message

from handlers.outcome import Outcome, do
from handlers.staff import albums, forms, lists
from handlers.staff.acting import at_home, page_of
from handlers.staff.commands import files_of, instead, ordered, tell, too_large
from handlers.staff.spots import Spot, spot_of
from handlers.staff.work import REFUSALS, Stopped, Work, stopped, who
from knowledge.group_talk import SPEAKS_TO, Heard, Meaning, meaning, note_in, order
from storage import facts, staff_forms
from storage.staff import Member
from storage.transaction import Tx

QUIET = (Meaning.AMONG, Meaning.OTHER_BOT)
KEPT: Mapping[str, str] = {
    ContentType.CONTACT: "work.kept_contact",
    ContentType.LOCATION: "work.kept_place",
    ContentType.VENUE: "work.kept_place",
}
"""What may say more of somebody than was meant: it stays among colleagues, and whoever sent it hears so. Stickers, polls
and dice are talk among colleagues, without a word."""
PLAIN = (Meaning.ANSWER, Meaning.UNCLAIMED, Meaning.NOT_THEIRS)


def heard(message: Message, work: Work) -> Outcome[Any]:
    """One message of the group, or the answer to a question of work."""
    return do(_hear, work, message)


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
    except REFUSALS as error:
        spot.explain(tx, work.words(f"colleague.{stopped(error).key}"))


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
    except REFUSALS as error:
        spot.explain(tx, work.words("work.not_sent", why=work.words(f"colleague.{stopped(error).key}")))


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
    if said is Meaning.AMONG and message.content_type in KEPT and told.answers in SPEAKS_TO and not told.second_hand:
        return spot.explain(tx, spot.work.words(KEPT[message.content_type]))
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
    files = files_of(spot.work) if form.action in ("answer", "ask_back", "finish") else []
    if (why := too_large(spot.work, files)) is not None:
        return spot.say(tx, words("work.not_sent", why=why))
    said = forms.finish(tx, spot, member, form, text or instead(spot.work, files), files)
    if said == words("work.done"):
        spot.went(tx)
    else:
        spot.say(tx, words("work.not_sent", why=said or ""))
    return None


def _command(tx: Tx, spot: Spot, member: Member) -> None:
    wanted = order(spot.work.case.text)
    assert wanted is not None
    ordered(tx, spot, member, wanted)


def _nothing(_tx: Tx, _spot: Spot, _member: Member) -> None:
    """It stays among colleagues."""


def _answer(tx: Tx, spot: Spot, member: Member) -> None:
    work = spot.work
    tell(tx, spot, member, "answer", work.case.text, files_of(work))


def _note(tx: Tx, spot: Spot, member: Member) -> None:
    tell(tx, spot, member, "note", note_in(spot.work.case.text), [])


def _kept(key: str) -> Callable[[Tx, Spot, Member], None]:
    def explain(tx: Tx, spot: Spot, _: Member) -> None:
        spot.explain(tx, spot.work.words(key))

    return explain


DOING: Mapping[Meaning, Callable[[Tx, Spot, Member], None]] = {
    Meaning.ANSWER: _answer,
    Meaning.NOTE: _note,
    Meaning.COMMAND: _command,
    Meaning.UNKNOWN: _kept("work.unknown"),
    Meaning.UNCLAIMED: _kept("work.unclaimed"),
    Meaning.NOT_THEIRS: _kept("work.not_theirs"),
}
