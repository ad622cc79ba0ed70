"""What can be chosen in a step's form: to whom, until when, with which result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from handlers.offers import Offer
from handlers.outcome import Button
from handlers.staff.acting import name_of
from handlers.staff.spots import Spot
from handlers.texts.moments import CHINA
from storage import giving
from storage.desk import TicketPage
from storage.offices import office_for
from storage.staff import Member
from storage.staff_forms import StaffForm
from storage.transaction import Tx

PREFIX = "wf"
ENDS = ("finish", "feed_back", "check", "close", "decline", "transfer", "withdraw")
PASSES = ("assign", "reassign")
WORKING_DAYS = (1, 2, 3, 5, 10)
MOST = 10
"""Choices under one message; who needs another one finds it in the console."""


def choices(tx: Tx, spot: Spot, member: Member, form: StaffForm, page: TicketPage, offered: Offer) -> list[Button]:
    """As many as stand under one message."""
    return _all(tx, spot, member, form, page, offered)[:MOST]


def _all(tx: Tx, spot: Spot, member: Member, form: StaffForm, page: TicketPage, offered: Offer) -> list[Button]:
    def button(text: str, choice: str) -> Button:
        return Button(text, f"{PREFIX}:{form.id}:{choice}")

    language = spot.work.words.language
    if form.action == "pass":
        return [*_units(offered, button, language), *_people(tx, member, page, button)]
    if form.action == "end":
        return [button(name_of(one, language), f"s{one}") for one in ENDS if one in offered.steps]
    if form.action == "decline":
        return [button(one.name.get(language), f"r{one.id}") for one in offered.declining]
    if form.action == "transfer":
        return [button(f"{one.number} {one.what_for.get(language)}"[:40], f"l{one.number}") for one in offered.lines]
    return [button(f"{day.month}/{day.day}（+{number}）", f"d{day.isoformat()}") for number, day in _days(tx, page)]


Make = Callable[[str, str], Button]


def _units(offered: Offer, button: Make, language: str) -> list[Button]:
    if not any(one in offered.steps for one in PASSES):
        return []
    likely = sorted(offered.units, key=lambda unit: unit.id != offered.likely)
    return [button(f"→ {unit.name(language)}", f"u{unit.id}") for unit in likely][: MOST - 4]


def _people(tx: Tx, member: Member, page: TicketPage, button: Make) -> list[Button]:
    others = [one for one in giving.hands(tx, member) if one.id not in (member.id, page.ticket["assigned_to"])]
    return [button(one.name, f"p{one.id}") for one in others]


def _days(tx: Tx, page: TicketPage) -> list[tuple[int, date]]:
    days = working_days(tx, page)
    return [(number, days[number - 1]) for number in WORKING_DAYS]


def working_days(tx: Tx, page: TicketPage) -> list[date]:
    """The first, second … working day after the deadline, as far as it may be put off."""
    calendar, found = office_for(tx, page.ticket), list[date]()
    day = page.ticket["due_at"].astimezone(CHINA).date()
    while len(found) < WORKING_DAYS[-1]:
        day += timedelta(days=1)
        if calendar.closing(day) is not None:
            found.append(day)
    return found
