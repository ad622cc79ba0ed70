"""Whose step it is: of the desk, of the unit that leads a ticket, or of one that assists (WO-08, WO-12, WO-14). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.life import Refusal

OF_THE_LEAD = frozenset({"sign", "handle", "ask_return", "ask_extension", "feed_back"})
"""What the main unit does itself; the desk on its behalf where nobody of it works here."""
SAID_BY = frozenset({"sign", "ask_return"})
"""What the desk writes down on a unit's behalf names who said so."""
OF_THOSE_WHO_ASSIST = frozenset({"report", "note"})
AT_THE_DESK_ONCE_LED = frozenset({"finish"})
"""Of what a unit leads, the desk says that it is done: each feedback is checked (WO-14)."""


@dataclass(frozen=True, slots=True)
class Party:
    """One person on one ticket. ``led``: a unit leads it; ``here``: somebody of that unit works in this console."""

    desk: bool
    leads: bool = False
    assists: bool = False
    led: bool = False
    here: bool = False

    @property
    def on_behalf(self) -> bool:
        """The desk writes down what a unit says that is not in this console."""
        return self.desk and self.led and not self.leads and not self.here


THE_LEADS = Refusal("party", "这一步由主办单位来做。", "This step is the leading unit's.")
THE_DESKS = Refusal(
    "party",
    "由单位主办的，请先反馈结果，接线员审核后再告诉居民。",
    "A unit leads this: feed back what was done, and the desk checks it before the resident is told.",
)
ONLY_ASSISTS = Refusal(
    "party",
    "您的单位是协办：可以看、记备注、写协办反馈，其余由主办单位来做。",
    "Your unit assists: it may look, note and report its part; the rest is the leading unit's.",
)
NOT_LED = Refusal("party", "这张工单还没有派给哪个单位。", "No unit has been given this ticket yet.")
SAY_WHO = Refusal("said_by", "请写明是单位里谁说的。", "Write down who of the unit said so.")


def may_take(action: str, party: Party) -> Refusal | None:
    """None where this party may take the step, as far as it is a question of whose it is."""
    if party.assists and not party.leads and not party.desk and action not in OF_THOSE_WHO_ASSIST:
        return ONLY_ASSISTS
    if action == "report":
        return None if party.assists or party.desk else NOT_LED
    if action == "assist":
        return NOT_LED if not party.led else None if party.desk or party.leads else THE_LEADS
    if party.led and action in OF_THE_LEAD:
        return None if party.leads or party.on_behalf else THE_LEADS
    if party.led and action in AT_THE_DESK_ONCE_LED and not party.desk:
        return THE_DESKS
    return None


def owes_who(action: str, party: Party) -> bool:
    """True where the desk signs or speaks for a unit, and must write down who of it said so."""
    return action in SAID_BY and party.on_behalf
