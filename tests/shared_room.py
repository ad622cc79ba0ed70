"""What all workers of a run share: a folder that goes with the run, and what is made in it once, by whoever is first."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from storage.engine import begin_immediately
from storage.migrate import upgrade

NAMED = "LIANXIN_TEST_ROOM"


@cache
def room() -> Path:
    """Made where nobody has made it; whoever is started from here finds it in the environment."""
    if NAMED not in os.environ:
        os.environ[NAMED] = tempfile.mkdtemp(prefix="lianxin-")
        atexit.register(shutil.rmtree, os.environ[NAMED], ignore_errors=True)
    return Path(os.environ[NAMED])


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """The file of that name; ``make`` is given another, which becomes it when it is whole."""
    path = room() / name
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            half = path.with_suffix(".half")
            make(half)
            half.rename(path)
    return path


def empty_database() -> Path:
    """An empty migrated SQLite file, to be copied: migrating takes longer than most tests."""
    return made_once("empty.db", _migrate)


def _migrate(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    begin_immediately(engine)
    upgrade(engine)
    engine.dispose()
