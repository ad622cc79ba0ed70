"""When an appointment is due staff hear of it; when nobody was in touch, each higher level does, once (PI-20)."""

from __future__ import annotations

from handlers.clocks.telling import climbed, level_name, minutes, staff
from handlers.texts.catalogue import Catalogue
from knowledge.escalation import Level
from knowledge.waiting import shipped_clocks
from storage import appointments
from storage.offices import Offices
from storage.transaction import Tx


def watch(tx: Tx, texts: Catalogue) -> None:
    ladder, offices = shipped_clocks().ladders["appointment"], Offices(tx)
    for one in appointments.due(tx):
        whose = offices.community_of_chat(one["chat_id"])
        level = ladder.reached(one["at"], tx.now, offices.of(whose))
        if level is None or not climbed(level, one["level"]):
            continue
        appointments.climb(tx, one["id"], level=level)
        if level is Level.DESK:
            staff(tx, texts, "staff.appointment", whose)
        else:
            late = minutes(tx.now - one["at"])
            staff(tx, texts, "staff.appointment_up", whose, level=level_name(Level(level)), minutes=late)
