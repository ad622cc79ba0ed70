"""The one door to the database: ``run`` a unit of work, or ``read`` with one.

Whichever database is behind it, the contract is the same and is tested on both:
- a unit that returns has been committed, durably, before ``run`` returns;
- a unit that raises has changed nothing, and its error reaches the caller;
- units never interleave in a way one of them could notice;
- ``read`` sees one consistent state and cannot change it;
- ``close`` waits for what was begun.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine

from storage.signals import Signals
from storage.transaction import Clock, Tx, utc_now

P = ParamSpec("P")
R = TypeVar("R")


class StorageError(Exception):
    """Root of what storage itself raises.

    StorageError
    ├── StorageClosed     a unit was offered after close()
    └── StorageBusy       the database is held by another process
    """


class StorageClosed(StorageError):
    pass


class StorageBusy(StorageError):
    pass


class Storage(ABC):
    """Runs units of work; see the module for the guarantee."""

    def __init__(self, *, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.signals = Signals()

    @property
    @abstractmethod
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""

    @abstractmethod
    async def open(self) -> None:
        """Connect; raises StorageError in plain words when that cannot be done."""

    @abstractmethod
    async def run(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a unit that may write, and commit it."""

    @abstractmethod
    async def read(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a unit that only reads."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what was begun, then let go of the database."""


def begin_immediately(engine: Engine) -> None:
    """Make a plain SQLAlchemy engine on SQLite behave like ours: real transactions, foreign keys on (migrations, CLI)."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def _connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
