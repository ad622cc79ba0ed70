"""A colleague's own Telegram: opened with the one-time link of their console page, agreed to, taken off again.

Their private chat stays that of the resident they may be: everything said there is a resident's word, but for what is a
command of work, a button of work, or an answer to a question of work.
"""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Edit, Outcome, Reply, Say, both, do, say
from handlers.staff.work import Stopped, Work
from storage import staff_telegram
from storage.staff import Member
from storage.transaction import Tx

PREFIX = "wl"
WHY_NOT = {"code": "code", "taken": "taken", "linked": "already", "out": "out"}


def opened(work: Work) -> Outcome[Any]:
    """``/start s_…``: whose code it is, and whether it is they who opened it."""
    if work.case.scene.channel != "telegram":
        return say(Say(work.words("colleague.not_here")))
    token = work.case.text.partition(" ")[2].strip()
    shown = do(staff_telegram.show_code, token, user_id=work.user_id, chat_id=work.case.chat_id)
    return shown.then(lambda found: [_asked(work, found)])


def _asked(work: Work, found: Member | staff_telegram.Trouble) -> Reply:
    words = work.words
    if isinstance(found, str):
        return Say(words(f"colleague.{WHY_NOT[found]}"))
    text = words("colleague.ask_link", name=found.name, role=work.console(f"role.{found.role}"))
    yes, no = (Button(words(f"colleague.{said}"), f"{PREFIX}:{found.id}:{said}") for said in ("yes", "no"))
    return Say(text, ((yes, no),))


def press(work: Work, parts: list[str]) -> Outcome[Any]:
    pressed = work.case.incoming.pressed
    assert pressed is not None
    used = say(Edit(pressed.id))
    if parts[1] != "yes":
        return both(used, say(Say(work.words("colleague.declined"))))
    agreed = do(staff_telegram.agree, user_id=work.user_id, chat_id=work.case.chat_id, staff_id=int(parts[0]))
    return both(used, agreed.then(lambda found: [_linked(work, found)]))


def _linked(work: Work, found: Member | staff_telegram.Trouble) -> Reply:
    if isinstance(found, str):
        return Say(work.words(f"colleague.{WHY_NOT[found]}"))
    return Say(work.words("colleague.linked", name=found.name))


def unlink(work: Work) -> Outcome[Any]:
    """Also of somebody who has left the group."""
    return do(_unlink, work.user_id).then(
        lambda gone: [Say(work.words("colleague.unlinked" if gone else "colleague.not_linked"))]
    )


def _unlink(tx: Tx, user_id: int) -> bool:
    found = staff_telegram.of_user(tx, user_id)
    if found is None:
        return False
    staff_telegram.unlink(tx, found.staff_id, by=found.staff_id)
    return True


def stopped(work: Work, why: Stopped) -> Outcome[Any]:
    """Said where it was asked, in private; of a press in the group only its presser reads it."""
    text = work.words(f"colleague.{why.key}")
    return say().with_toast(text) if work.case.scene.kind == "staff" else say(Say(text)).with_toast(text)
