"""What is whose beside the tickets: the conditions that hold the desk's other lists, counts and addresses to a member's
places.

What a community does and publishes is its own: where no community is named, the office's. What somebody said or offered is
of the place they live in. A mediation is of its ticket's place, and always its mediator's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, exists, func, literal, or_, select, true

from storage import within
from storage.access import NotThere
from storage.households_of import households_of
from storage.tables import (
    boards,
    buildings,
    certificates,
    chats,
    communities,
    community_bodies,
    disclosure_asks,
    disclosure_files,
    disclosure_items,
    disclosure_postings,
    disclosure_steps,
    estates,
    gap_groups,
    gaps,
    hand_overs,
    household_people,
    households,
    imports,
    inbox,
    incidents,
    mediations,
    notices,
    occasion_entries,
    occasions,
    outbox,
    residents,
    ticket_passes,
    tickets,
    volunteer_claims,
    volunteer_hours,
    volunteers,
)
from storage.transaction import Tx
from storage.within import chat_within


def occasions_of(staff_id: int) -> ColumnElement[bool]:
    return within.owned_within(occasions.c.community_id, occasions.c.building, staff_id)


def items_of(staff_id: int) -> ColumnElement[bool]:
    return within.owned_within(disclosure_items.c.community_id, disclosure_items.c.building, staff_id)


def asks_of(staff_id: int) -> ColumnElement[bool]:
    """Of their items; about what was not published: of whoever lives there."""
    theirs = select(disclosure_items.c.id).where(items_of(staff_id)).correlate(None)
    nothing = disclosure_asks.c.item_id.is_(None)
    return or_(disclosure_asks.c.item_id.in_(theirs), nothing & chat_within(disclosure_asks.c.chat_id, staff_id))


def steps_of(staff_id: int) -> ColumnElement[bool]:
    return within.owned_within(disclosure_steps.c.community_id, None, staff_id)


def boards_of(staff_id: int) -> ColumnElement[bool]:
    return within.owned_within(boards.c.community_id, None, staff_id)


def of_items(item_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of what belongs to one of their items."""
    return item_id.in_(select(disclosure_items.c.id).where(items_of(staff_id)).correlate(None))


def notices_of(staff_id: int) -> ColumnElement[bool]:
    return within.owned_within(notices.c.community_id, None, staff_id)


def volunteers_of(staff_id: int) -> ColumnElement[bool]:
    """Where they said they live, or their chat is known to be."""
    lives = select(residents.c.building).where(residents.c.id == volunteers.c.resident_id)
    poster = select(chats.c.building).where(chats.c.id == volunteers.c.chat_id)
    known = (one.correlate(volunteers).scalar_subquery() for one in (lives, poster))
    return within.place_within(func.coalesce(volunteers.c.building, *known), staff_id)


def of_volunteers(volunteer_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of what belongs to one of their volunteers."""
    return volunteer_id.in_(select(volunteers.c.id).where(volunteers_of(staff_id)).correlate(None))


def cases_of(staff_id: int) -> ColumnElement[bool]:
    there = select(tickets.c.id).where(tickets.c.id == mediations.c.ticket_id)
    there = there.where(within.place_within(tickets.c.building, staff_id))
    return or_(mediations.c.mediator_id == staff_id, exists(there.correlate(mediations)))


def incidents_of(staff_id: int) -> ColumnElement[bool]:
    return within.place_within(incidents.c.building, staff_id)


def entries_of(staff_id: int) -> ColumnElement[bool]:
    mine = select(occasions.c.id).where(occasions_of(staff_id)).correlate(None)
    return occasion_entries.c.occasion_id.in_(mine)


def hand_overs_of(staff_id: int) -> ColumnElement[bool]:
    """Those of the tickets they may meet."""
    mine = select(tickets.c.id).where(tickets.c.id == hand_overs.c.ticket_id, within.tickets_within(staff_id))
    return exists(mine.correlate(hand_overs))


def estates_of(staff_id: int) -> ColumnElement[bool]:
    """Those with a community of theirs; for whoever is responsible for the whole house all, empty ones too."""
    mine = select(communities.c.estate_id).where(within.community_within(communities.c.id, staff_id))
    return or_(within.unlimited(staff_id), estates.c.id.in_(mine.correlate(None)))


_body = community_bodies.c


def passes_of(staff_id: int) -> ColumnElement[bool]:
    """The same of tickets passed between communities."""
    mine = select(tickets.c.id).where(tickets.c.id == ticket_passes.c.ticket_id, within.tickets_within(staff_id))
    return exists(mine.correlate(ticket_passes))


def gaps_of(staff_id: int) -> ColumnElement[bool]:
    """Questions of which one was asked where they are responsible."""
    theirs = select(gaps.c.id).where(gaps.c.group_id == gap_groups.c.id, chat_within(gaps.c.chat_id, staff_id))
    return exists(theirs.correlate(gap_groups))


def imports_of(staff_id: int) -> ColumnElement[bool]:
    """Of a community that is theirs as a whole; what belongs to none, of whoever is responsible for everything."""
    theirs = imports.c.community_id.is_not(None) & within.whole_within(imports.c.community_id, staff_id)
    return or_(theirs, imports.c.community_id.is_(None) & within.unlimited(staff_id))


def people_of(staff_id: int) -> ColumnElement[bool]:
    """Lines of the register of households of their places."""
    return within.owned_within(household_people.c.community_id, household_people.c.building, staff_id)


@dataclass(frozen=True, slots=True)
class Named:
    """What a blank in an address names: the column it is found by, and whose it is."""

    column: Column[int] | Column[str]
    of: Callable[[int], ColumnElement[bool]]


NAMED: Mapping[str, Named] = {
    "occasion": Named(occasions.c.id, occasions_of),
    "entry": Named(occasion_entries.c.id, entries_of),
    "item": Named(disclosure_items.c.id, items_of),
    "ask": Named(disclosure_asks.c.id, asks_of),
    "step": Named(disclosure_steps.c.id, steps_of),
    "board": Named(boards.c.id, boards_of),
    "posting": Named(disclosure_postings.c.id, lambda staff_id: of_items(disclosure_postings.c.item_id, staff_id)),
    "paper": Named(disclosure_files.c.id, lambda staff_id: of_items(disclosure_files.c.item_id, staff_id)),
    "notice": Named(notices.c.id, notices_of),
    "gap": Named(gap_groups.c.id, gaps_of),
    "incident": Named(incidents.c.id, incidents_of),
    "case": Named(mediations.c.id, cases_of),
    "volunteer": Named(volunteers.c.number, volunteers_of),
    "hours": Named(volunteer_hours.c.id, lambda staff_id: of_volunteers(volunteer_hours.c.volunteer_id, staff_id)),
    "claim": Named(volunteer_claims.c.id, lambda staff_id: of_volunteers(volunteer_claims.c.volunteer_id, staff_id)),
    "certificate": Named(certificates.c.id, lambda staff_id: of_volunteers(certificates.c.volunteer_id, staff_id)),
    "household": Named(households.c.id, households_of),
    "community": Named(communities.c.id, lambda staff_id: within.community_within(communities.c.id, staff_id)),
    "building": Named(buildings.c.id, lambda staff_id: within.building_within(buildings.c.id, staff_id)),
    "estate": Named(estates.c.id, estates_of),
    "body": Named(community_bodies.c.id, lambda staff_id: within.community_within(_body.community_id, staff_id)),
    "pass": Named(ticket_passes.c.id, passes_of),
    "hand_over": Named(hand_overs.c.id, hand_overs_of),
    "register": Named(household_people.c.id, people_of),
    "import": Named(imports.c.id, imports_of),
    "update": Named(inbox.c.id, lambda staff_id: chat_within(inbox.c.chat_id, staff_id)),
    "letter": Named(outbox.c.id, lambda staff_id: chat_within(outbox.c.chat_id, staff_id)),
}


def all_reached(tx: Tx, wanted: Iterable[tuple[str, int | str]], *, staff_id: int) -> bool:
    """True where each of these - what it is, and its number - is there for this member."""
    return all(_reached(tx, NAMED[what], key, staff_id) for what, key in wanted)


def _reached(tx: Tx, named: Named, key: int | str, staff_id: int) -> bool:
    if not isinstance(key, named.column.type.python_type):
        return False
    return bool(tx.scalar(select(exists().where(named.column == key, named.of(staff_id)))))


# --- writing for a community ------------------------------------------------------------------------------------------
def communities_for(tx: Tx, staff_id: int) -> list[tuple[int, str]]:
    """Those they may write for, the office's own first."""
    mine = within.community_within(communities.c.id, staff_id) & communities.c.retired_at.is_(None)
    query = select(communities.c.id, communities.c.name).where(mine)
    return [(int(key), str(name)) for key, name in tx.tuples(query.order_by(communities.c.id))]


def several(tx: Tx) -> bool:
    """The house has more than one community."""
    return len(tx.tuples(select(communities.c.id).where(communities.c.retired_at.is_(None)).limit(2))) > 1


def buildings_for(tx: Tx, staff_id: int) -> list[str]:
    """The buildings they may write of."""
    mine = within.place_within(buildings.c.name, staff_id)
    query = select(buildings.c.name).where(mine, buildings.c.retired_at.is_(None)).group_by(buildings.c.name)
    query = query.order_by(func.length(buildings.c.name), buildings.c.name)
    return [str(name) for (name,) in tx.tuples(query)]


def whose(tx: Tx, staff_id: int, community_id: int | None, of: Iterable[str] = ()) -> int | None:
    """Whose this is that they write: the community they chose, else the first of theirs; None where there is none at all.

    ``of``: the buildings it names. NotThere for a community, or a building, that is not theirs.
    """
    mine = [key for key, _ in communities_for(tx, staff_id)]
    if community_id is not None and community_id not in mine:
        raise NotThere
    chosen = community_id if community_id is not None else next(iter(mine), None)
    if chosen is not None and _others(tx, staff_id, chosen).intersection(of):
        raise NotThere
    return chosen


def _others(tx: Tx, staff_id: int, community_id: int) -> set[str]:
    """Names that mean buildings which are elsewhere, or not theirs."""
    here = (buildings.c.community_id == community_id) & within.building_within(buildings.c.id, staff_id)
    known, theirs = select(buildings.c.name), select(buildings.c.name).where(here)
    return {str(name) for (name,) in tx.tuples(known.except_(theirs))}


# --- reading as a resident --------------------------------------------------------------------------------------------
def shown_in(tx: Tx, community_id: ColumnElement[Any], building: str | None) -> ColumnElement[bool]:
    """True of what is of the community this building is in; of nowhere known: of the office's own."""
    own = tx.scalar(select(func.min(communities.c.id)))
    named = tx.tuples(select(buildings.c.community_id).where(buildings.c.name == building))
    here = {int(key) for (key,) in named}
    there = own if own in here or not here else min(here)
    return of_community(tx, community_id, there)


def of_community(tx: Tx, community_id: ColumnElement[Any], there: int | None) -> ColumnElement[bool]:
    """True of what is of this community; what names none is the office's own, the first's. None: before there is any."""
    own = tx.scalar(select(func.min(communities.c.id)))
    return or_(community_id == there, community_id.is_(None) & literal(there == own)) if there is not None else true()


def shown_to(tx: Tx, community_id: ColumnElement[Any], chat_id: int) -> ColumnElement[bool]:
    """The same for a chat: where its resident lives, or where the poster hung that led here."""
    query = select(func.coalesce(residents.c.building, chats.c.building))
    query = query.select_from(chats.outerjoin(residents, residents.c.id == chats.c.resident_id))
    return shown_in(tx, community_id, tx.scalar(query.where(chats.c.id == chat_id)))
