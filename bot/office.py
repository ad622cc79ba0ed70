"""The calendar this process answers by: the one that is kept, looked at again and again."""

from __future__ import annotations

from knowledge.calendar import OfficeCalendar, StandingDays
from storage import office_time
from storage.engine import Storage


class LivingOffice:
    """`calendar` may be handed around; what it says follows what was entered at any desk, within a look."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._overrides, self._changed = StandingDays(), StandingDays()
        self.calendar = OfficeCalendar(overrides=self._overrides, changed=self._changed)

    async def look(self) -> OfficeCalendar:
        found = await self._storage.read(office_time.office)
        self._overrides.stand(found.overrides)
        self._changed.stand(found.changed)
        return self.calendar
