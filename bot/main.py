"""The ``lianxin`` command. What only needs what the community knows starts in a blink: no web server, database or bot
library is loaded for it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence

Command = Callable[[Sequence[str]], int]
SELDOM = 200_000
"""New objects between two looks for garbage: what a quick command loads it keeps, and looking cost a fifth of its start."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code: 0 done, 1 not done, 2 called or set up wrongly."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = _quick(given[0]) if given else None
    try:
        sys.exit(command(given[1:]) if command else _full(given))
    except KeyboardInterrupt:
        sys.exit(130)
    except ValueError as problem:
        from knowledge.datafiles import DataError

        if not isinstance(problem, DataError):
            raise
        print(f"lianxin: {problem}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _quick(name: str) -> Command | None:
    if name == "classify":
        gc.set_threshold(SELDOM)
        from bot.classifying import run as classify

        return classify
    if name == "ask":
        gc.set_threshold(SELDOM)
        from bot.asking import run as ask

        return ask
    return None


def _full(arguments: Sequence[str]) -> int:
    gc.disable()
    from bot.cli import run

    gc.enable()
    return run(arguments)
