"""An invitation answered: yes leads to the occasion with its risks, no is thanked for (VO-01)."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, do
from handlers.residents.case import Case
from knowledge.occasions import Occasion
from storage import invitations, occasions
from storage.transaction import Tx


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    yes = parts[1] == "yes"
    answered = do(_answer, case.chat_id, int(parts[0]), yes)
    return answered.then(lambda found: [_told(case, found, yes)])


def _answer(tx: Tx, chat_id: int, invitation_id: int, yes: bool) -> Occasion | None:
    occasion_id = invitations.answer(tx, invitation_id, chat_id=chat_id, yes=yes)
    return occasions.get(tx, occasion_id) if occasion_id is not None else None


def _told(case: Case, occasion: Occasion | None, yes: bool) -> Reply:
    if occasion is None:
        return Say(case.words("odd.unknown_button"))
    if not yes:
        return Say(case.words("volunteer.invite_noted"))
    if occasion.state != "open" or occasion.starts_at <= case.now:
        return Say(case.words("volunteer.invite_over"))
    join = Button(case.words("volunteer.invite_join", title=occasion.title), f"oc:{occasion.id}:join")
    return Say(case.words("volunteer.invite_go_on"), [[join]])
