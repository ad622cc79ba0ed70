"""The queue's address: what is wanted, and where a page begins, as parameters people can keep and send."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from handlers.web.chat_api import LARGEST, storable
from storage.queue_kinds import QUEUES
from storage.queues import FACETS, Place, Wanted

LONGEST_SEARCH = 80
LONGEST_FACET = 24
LONGEST_PLACE = 400
HERE = "/console"


def wanted(given: Mapping[str, str]) -> Wanted:
    """What these parameters ask for; what nobody knows is left out."""
    queue = given.get("filter", "")
    facets = {name: str(storable(given.get(name, "")))[:LONGEST_FACET].strip() for name in FACETS}
    words = str(storable(given.get("q", "")))[:LONGEST_SEARCH].strip()
    return Wanted(queue if queue in QUEUES else "all", words, {name: value for name, value in facets.items() if value})


def parameters(asked: Wanted) -> dict[str, str]:
    """The same as parameters; the queue of everything needs no name."""
    return {
        **({"filter": asked.queue} if asked.queue != "all" else {}),
        **asked.facets,
        **({"q": asked.words} if asked.words else {}),
    }


def address(asked: Mapping[str, str], **changed: str | None) -> str:
    """The queue's address with these parameters; one that is None is left out."""
    kept = {name: value for name, value in {**asked, **changed}.items() if value}
    return f"{HERE}?{urlencode(kept)}" if kept else HERE


def written(place: Place | None) -> str | None:
    """A place as one parameter."""
    if place is None:
        return None
    values = [{"at": value.isoformat()} if isinstance(value, datetime) else value for value in place.values]
    return urlsafe_b64encode(json.dumps([place.loose, *values]).encode()).decode().rstrip("=")


def place(parameter: str) -> Place | None:
    """None for whatever we did not write: then the list begins at its beginning."""
    if not parameter or len(parameter) > LONGEST_PLACE:
        return None
    try:
        loose, *values = json.loads(urlsafe_b64decode(parameter + "=" * (-len(parameter) % 4)))
        return Place(tuple(map(_value, values)), loose is True)
    except (ValueError, TypeError, KeyError, binascii.Error):
        return None


def _value(kept: Any) -> str | int | datetime:
    if isinstance(kept, dict):
        moment = datetime.fromisoformat(kept["at"])
        if moment.tzinfo is None:
            raise ValueError("a place is an instant")
        return moment
    if isinstance(kept, bool) or not isinstance(kept, (str, int)) or (isinstance(kept, int) and kept > LARGEST):
        raise ValueError("not a place of ours")
    return str(storable(kept)) if isinstance(kept, str) else kept
