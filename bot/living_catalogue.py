"""Keeps this process's service catalogue true to what admins changed: a change counts within a second."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.living import Living
from knowledge import catalogue
from knowledge.catalogue_edits import ROUTE, BadEdit, Edits, laid_over
from storage import catalogue as kept
from storage.engine import Storage

log = structlog.get_logger()


class LivingCatalogue(Living):
    """Lays what stands in the database over what ships."""

    TOPICS = (kept.TOPIC,)

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self._applied: Mapping[str, Edits] = {}

    async def catch_up(self) -> None:
        standing = await self._storage.read(kept.standing)
        if standing != self._applied:
            self._applied = standing
            catalogue.stand(ROUTE, laid_over(standing, _left_out))


def _left_out(category: str, problem: BadEdit) -> None:
    log.error("an edit of the catalogue cannot stand any more", category=category, field=problem.path)
