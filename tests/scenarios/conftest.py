"""A town with the real knowledge in it: the matcher is loaded once for all stories."""

from __future__ import annotations

from collections import Counter
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher

from handlers.residents.case import FrontDesk
from handlers.residents.dispatcher import build_dispatcher
from handlers.texts.catalogue import load_catalogue
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.matcher import Matcher, load_matcher
from knowledge.normalise import normalise
from knowledge.profile import load_profile
from knowledge.towns import of_profile
from storage.engine import Storage
from tests.scenarios.office import files, opens_group
from tests.scenarios.staff_group import Topic, topic_for
from tests.town import Town

CACHE = Path(__file__).parents[2] / "var"


@pytest.fixture(scope="session")
def matcher() -> Matcher:
    return load_matcher(CACHE)


@pytest.fixture(scope="session")
def answerer() -> Answerer:
    return Answerer(load_entries(), load_profile(), normalise=normalise)


def real_dispatcher(storage: Storage, matcher: Matcher, answerer: Answerer) -> Dispatcher:
    """The handlers as the service has them."""
    front = FrontDesk(
        storage=storage,
        reader=matcher,
        answerer=answerer,
        towns=of_profile(load_profile()),
        texts=load_catalogue(),
    )
    dispatcher = copy(_with_handlers())
    dispatcher.workflow_data = {"front": front}
    return dispatcher


@cache
def _with_handlers() -> Dispatcher:
    """Made once: they know nothing of the town they work in, and three hundred take longer to make than a talk."""
    nobodys: Any = None
    return build_dispatcher(nobodys)


def build_town(storage: Storage, matcher: Matcher, answerer: Answerer) -> Town:
    return Town(storage, real_dispatcher(storage, matcher, answerer))


@pytest.fixture
async def town(storage: Storage, matcher: Matcher, answerer: Answerer) -> Town:
    return build_town(storage, matcher, answerer)


@pytest.fixture
async def any_town(any_storage: Storage, matcher: Matcher, answerer: Answerer) -> Town:
    """The same on both databases: one story a journey."""
    return build_town(any_storage, matcher, answerer)


CHANNELS = ["web", "telegram"]
TOLD: Counter[str] = Counter()
"""How many stories of ana each file has told so far."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each story of ana on one channel, the two in turn: behind the arrival everything is the same. Both have the first
    story of a file, and those marked ``both_channels``."""
    if "ana" in metafunc.fixturenames:
        number, marked = TOLD[metafunc.module.__name__], metafunc.definition.get_closest_marker("both_channels")
        TOLD[metafunc.module.__name__] += 1
        channels = CHANNELS if marked or not number else [CHANNELS[number % 2]]
        metafunc.parametrize("ana", channels, indirect=True)


@pytest.fixture
async def ana(request: pytest.FixtureRequest, town: Town) -> Any:
    """A resident, on the channel of the story."""
    return await town.resident(request.param)


@pytest.fixture
async def bo(town: Town) -> Any:
    """A resident on the chat page."""
    return await town.resident("web")


@pytest.fixture
async def topic(bo: Any, town: Town) -> Topic:
    """The topic of what they filed, in the staff group."""
    await opens_group(town)
    return await topic_for(town, await files(bo))
