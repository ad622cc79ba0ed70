"""The ``lianxin`` command as a process of its own, begun by one that has imported everything already.

A start costs three CPU seconds, nearly all of them for importing. Here one process imports, waits at a door, and divides
for each start: what it begins has its own number, folder, environment, standard streams and death, and runs the very
``main`` that the script runs. What the imports do is proved by who starts the script itself (``tests/test_kill.py``).
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from handlers.quick_aiogram import import_aiogram
from tests import cost
from tests.shared_room import room

ROOT = Path(__file__).parents[2]


class WarmProcess:
    """A process that was begun at the door; as ``asyncio.subprocess.Process``, as far as tests want it."""

    def __init__(self, number: int, lines: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
        self.pid, self.returncode = number, None
        self._end = asyncio.create_task(self._ended(lines, line))

    returncode: int | None

    async def _ended(self, lines: asyncio.StreamReader, line: asyncio.StreamWriter) -> int:
        told = json.loads(await lines.readline())
        line.close()
        cost.ELSEWHERE.append(told["cpu"])
        self.returncode = int(told["code"])
        return self.returncode

    def send_signal(self, which: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, which)

    async def wait(self) -> int:
        return await asyncio.shield(self._end)


async def begin(*arguments: str, folder: Path, environment: Mapping[str, str], printed: Path, log: Path) -> WarmProcess:
    """``lianxin`` with these arguments; what it prints is added to the two files."""
    lines, line = await _at_the_door()
    order = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
    line.write(json.dumps(order | {"printed": str(printed), "log": str(log)}).encode() + b"\n")
    return WarmProcess(int(await lines.readline()), lines, line)


async def _at_the_door() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Whoever waited there may be gone with the worker that had called them: then we call."""
    try:
        return await asyncio.open_unix_connection(await asyncio.to_thread(_door))
    except OSError:
        _door.cache_clear()
        return await asyncio.open_unix_connection(await asyncio.to_thread(_door))


@cache
def _door() -> str:
    """Where somebody waits, for all workers of a run; they are called if nobody does."""
    door = room() / "door"
    with door.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_answered(door):
            door.unlink(missing_ok=True)
            _call_somebody(door)
    return str(door)


def _is_answered(door: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller, suppress(OSError):
        caller.connect(str(door))
        return True
    return False


def _call_somebody(door: Path) -> None:
    """They wait until we are gone."""
    called = [sys.executable, "-m", "tests.doubles.warm_start", str(door)]
    alone = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # nobody divides well with threads about
    waiting = subprocess.Popen(called, cwd=ROOT, env=alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert waiting.stdout is not None
    assert waiting.stdout.readline(), "nobody came to the door"
    atexit.register(waiting.communicate)


# --- behind the door --------------------------------------------------------------------------------------------------
def _import_everything() -> None:
    import_module("bot.cli")
    import_aiogram()
    for needed in ("bot.service", "bot.welcome", "storage.migrate"):
        import_module(needed)
    from handlers.texts.catalogue import load_catalogue
    from knowledge.shipped import broken

    assert not list(broken())
    load_catalogue()
    load_catalogue("console")


def _wait_at(door: str) -> list[str]:
    """The arguments, in a process that has just been begun; in the first one nothing, when it is no longer wanted."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(door)
        listening.listen()
        print(flush=True)  # noqa: T201
        while True:
            ready, _, _ = select.select([listening, sys.stdin], [], [])
            if sys.stdin in ready:
                return []
            caller, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                return _look_after(caller)
            caller.close()
            _bury_the_dead()


def _look_after(caller: socket.socket) -> list[str]:
    """Begin what is asked for and tell of its end; only the one begun comes back from here."""
    with caller, caller.makefile("rw") as lines:
        order = json.loads(lines.readline() or "null")
        if order is None:
            os._exit(0)
        number = os.fork()
        if number == 0:
            return _as_ordered(order)
        print(number, file=lines, flush=True)
        _, status, used = os.wait4(number, 0)
        told = {"code": os.waitstatus_to_exitcode(status), "cpu": used.ru_utime + used.ru_stime}
        with suppress(OSError):
            print(json.dumps(told), file=lines, flush=True)
    os._exit(0)


def _as_ordered(order: Mapping[str, Any]) -> list[str]:
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    files = [os.open(os.devnull, os.O_RDONLY)]
    files += [os.open(order[which], os.O_WRONLY | os.O_APPEND | os.O_CREAT) for which in ("printed", "log")]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    return list(order["arguments"])


def _bury_the_dead() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    _import_everything()
    if given := _wait_at(sys.argv[1]):
        sys.argv[1:] = given
        from bot.main import main

        main()
    _bury_the_dead()
