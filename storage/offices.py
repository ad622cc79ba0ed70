"""The hours of this case: the one place that says by whose calendar a clock counts, whatever the clock is of.

A ticket counts by the community that has it now, a talk or an appointment by where its resident lives or the poster hung
that led here, a household by its own. What names no community, and a building nobody knows, is of the first.
"""

from __future__ import annotations

from sqlalchemy import RowMapping, Table, func, select

from knowledge.calendar import OfficeCalendar
from storage.office_time import community_at, office
from storage.tables import buildings, chats, communities, residents, tickets
from storage.transaction import Tx


class Offices:
    """For one unit of work: each community's calendar is put together once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._known: dict[int | None, OfficeCalendar] = {}
        self._places: dict[str | None, int | None] = {}

    def of(self, community_id: int | None) -> OfficeCalendar:
        """A community's own; None: the house's."""
        if community_id not in self._known:
            self._known[community_id] = office(self._tx, community_id)
        return self._known[community_id]

    def at(self, building: str | None) -> OfficeCalendar:
        return self.of(self.community(None, building))

    def community(self, community_id: int | None, building: str | None) -> int | None:
        """Whose something is that says a community, or else a building."""
        if community_id is not None:
            return int(community_id)
        if building not in self._places:
            self._places[building] = community_at(self._tx, building)
        return self._places[building]

    def communities(self) -> list[int]:
        return [int(key) for (key,) in self._tx.tuples(select(communities.c.id).order_by(communities.c.id))]

    def whose(self, ticket: RowMapping) -> int | None:
        """The community that has a ticket now."""
        return self.community(ticket["community_id"], ticket["building"])

    def whose_id(self, ticket_id: int) -> int | None:
        row = self._tx.first(select(*_WHERE).where(tickets.c.id == ticket_id))
        return self.community(None, None) if row is None else self.whose(row)

    def of_ticket(self, row: RowMapping) -> OfficeCalendar:
        return self.of(self.whose(row))

    def of_ticket_id(self, ticket_id: int) -> OfficeCalendar:
        return self.of(self.whose_id(ticket_id))

    def of_chat(self, chat_id: int) -> OfficeCalendar:
        return self.of(self.community_of_chat(chat_id))

    def community_of_chat(self, chat_id: int) -> int | None:
        there = select(func.coalesce(residents.c.building, chats.c.building))
        there = there.select_from(chats.outerjoin(residents, residents.c.id == chats.c.resident_id))
        return self.community(None, self._tx.scalar(there.where(chats.c.id == chat_id)))

    def owner(self, table: Table, row_id: int) -> int | None:
        """The community of something that names one, or a building: an occasion, a household, what is published."""
        row = self._tx.first(select(table.c.community_id, table.c.building).where(table.c.id == row_id))
        return self.community(None, None) if row is None else self.whose(row)

    def of_alarm(self, alarm: RowMapping) -> int | None:
        """The community a danger is in: its ticket's; the building that was said, where there is one of that name; else
        where whoever told of it lives."""
        if alarm["ticket_id"] is not None:
            return self.whose_id(alarm["ticket_id"])
        said, is_said, _ = str(alarm["place"] or "").partition("栋")
        known = select(func.min(buildings.c.community_id)).where(buildings.c.name == said.strip())
        found = self._tx.scalar(known) if is_said else None
        return int(found) if found is not None else self.community_of_chat(int(alarm["chat_id"]))

    def of_resident(self, resident_id: int | None) -> OfficeCalendar:
        return self.of(self.community_of_resident(resident_id))

    def community_of_resident(self, resident_id: int | None) -> int | None:
        return self.community(None, self._tx.scalar(select(residents.c.building).where(residents.c.id == resident_id)))

    def of_call(self, *, ticket_id: int | None, chat_id: int | None, phone: str | None) -> OfficeCalendar:
        """Whom to ring: about a ticket, about a chat, or a number alone, which may be known."""
        if ticket_id is not None:
            return self.of_ticket_id(ticket_id)
        if chat_id is not None:
            return self.of_chat(chat_id)
        return self.at(self._tx.scalar(select(func.min(residents.c.building)).where(residents.c.phone == phone)))


_WHERE = (tickets.c.community_id, tickets.c.building)


def office_for(tx: Tx, row: RowMapping) -> OfficeCalendar:
    """The calendar a ticket's promises are counted by."""
    return Offices(tx).of_ticket(row)
