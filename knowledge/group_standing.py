"""What the bot lacks in a staff group, from what Telegram says of the two: the one list for the group, console and doctor.

Pure. Each has its words where it is said (``group_standing.lacks_…``).
"""

from __future__ import annotations

from dataclasses import dataclass

SHUT, NO_ADMIN, NO_TOPICS, NO_MANAGING, NO_DELETING = "shut", "admin", "topics", "manage", "delete"
TROUBLES = frozenset({SHUT, NO_ADMIN, NO_MANAGING})
"""What somebody should see to; without topics, or without taking messages away, it works."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``inside``: in the group, and may write. ``admin``: it hears what everybody writes."""

    inside: bool
    admin: bool = False
    forum: bool = False
    may_topics: bool = False
    may_delete: bool = False


def lacks(found: Standing) -> list[str]:
    """The most hindering first; nothing where all is as it should be."""
    if not found.inside:
        return [SHUT]
    wanting = [
        (NO_ADMIN, not found.admin),
        (NO_TOPICS, not found.forum),
        (NO_MANAGING, found.admin and found.forum and not found.may_topics),
        (NO_DELETING, found.admin and not found.may_delete),
    ]
    return [name for name, is_so in wanting if is_so]
