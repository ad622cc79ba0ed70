"""What was entered here, for commands that answer as the service would: communities, their own words, the catalogue.

SQLAlchemy and the rest of storage would take longer to load than the answer takes: plain queries are enough.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bot.understanding import rows
from handlers.texts.catalogue import Texts, load_catalogue
from handlers.texts.own import StandingTexts
from knowledge import catalogue
from knowledge.catalogue_edits import ROUTE, laid_over
from knowledge.notice import Words
from knowledge.profile import Building, load_profile
from knowledge.towns import Town, Towns, from_kept, of_profile

COMMUNITIES = """SELECT c.id, c.name, c.profile, e.name, e.name_en FROM communities c
    LEFT JOIN estates e ON e.id = c.estate_id WHERE c.retired_at IS NULL ORDER BY c.id"""
BUILDINGS = """SELECT b.community_id, b.name, b.units, b.floors,
    (SELECT count(*) FROM flats f WHERE f.building_id = b.id AND f.retired_at IS NULL)
    FROM buildings b WHERE b.retired_at IS NULL ORDER BY length(b.name), b.name"""
OWN_WORDS = """SELECT community_id, language, key, text FROM own_words WHERE text IS NOT NULL
    AND id IN (SELECT max(id) FROM own_words GROUP BY community_id, language, key)"""
EDITS = """SELECT category, edits FROM catalogue_versions
    WHERE id IN (SELECT max(id) FROM catalogue_versions GROUP BY category)"""


class NoSuchCommunity(Exception):
    """``str()`` says which there are."""


def stand_in_catalogue() -> None:
    """The catalogue answers from now on as it was edited here; an edit that cannot stand any more is left out."""
    edits = {str(category): found for category, kept in rows(EDITS) if (found := _json(kept))}
    if edits:
        catalogue.stand(ROUTE, laid_over(edits))


def towns() -> Towns:
    """As entered; the invented community where nobody has entered one."""
    buildings: dict[int, list[Building]] = defaultdict(list)
    for community, name, units, floors, flats in rows(BUILDINGS):
        buildings[int(community)].append(Building(str(name), int(units), int(floors), int(flats)))
    found = [
        Town(int(key), from_kept(_json(kept) or {}, name=str(name), estate=_words(zh, en), buildings=buildings[key]))
        for key, name, kept, zh, en in rows(COMMUNITIES)
    ]
    return Towns(found) if found else of_profile(load_profile())


def town(known: Towns, wanted: str | None) -> Town:
    """By its name, or the beginning of one; without one, the office's own. NoSuchCommunity."""
    if wanted is None:
        return known.own
    names = {one.profile.community.zh: one for one in known.all}
    fits = [one for name, one in names.items() if name.startswith(wanted.strip())]
    if wanted in names or len(fits) == 1:
        return names.get(wanted) or fits[0]
    raise NoSuchCommunity(f"no community is called {wanted!r}; there are: {'、'.join(names)}")


def texts(place: int | None, language: str) -> Texts:
    """What residents of this community read."""
    standing = StandingTexts(load_catalogue())
    standing.stand({(where, str(said), str(key)): str(text) for where, said, key, text in rows(OWN_WORDS)})
    return standing.catalogue.of(place)[language]


def _words(zh: str | None, en: str | None) -> Words | None:
    return Words(zh, en or zh) if zh else None


def _json(kept: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    return found
