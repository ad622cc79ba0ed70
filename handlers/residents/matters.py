"""All that is under way for somebody: what they have filed, and when a person will be in touch."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Outcome, both, say
from handlers.residents import appointments, following
from handlers.residents.case import Case
from storage import appointments as kept
from storage import tickets


async def mine(case: Case) -> Outcome[Any]:
    booked = await case.front.storage.read(kept.of_chat, case.chat_id)
    if booked is None:
        return await following.mine(case)
    shown = say(appointments.shown(case, booked))
    filed = await case.front.storage.read(tickets.of_chat, case.chat_id)
    return both(shown, await following.mine(case)) if filed else shown
