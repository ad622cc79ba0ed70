"""``python -m tests.benchmarks [PART ...] [--quick]``: a table for people, then one JSON object on the last line.

``--quick`` only shows that everything runs; its figures say nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

Figures = Mapping[str, float]


def durable(*, quick: bool) -> Figures:
    from tests.benchmarks.durable_path import measure

    return asyncio.run(measure(updates=50, rounds=1) if quick else measure())


def chat(*, quick: bool) -> Figures:
    from tests.benchmarks.chat_page import measure

    return asyncio.run(measure(residents=4, seconds=0.2, rounds=1, bare=5) if quick else measure())


def start(*, quick: bool) -> Figures:
    from tests.benchmarks.start import measure

    return measure(rounds=1, more=1) if quick else measure()


def matcher(*, quick: bool) -> Figures:
    from tests.benchmarks.matching import measure

    # Quick is as many phrases as are shipped: to take thousands away takes longer than to read with them.
    return measure(phrases=16_000, few=16_000, many=16_120, rounds=1) if quick else measure()


def queues(*, quick: bool) -> Figures:
    from tests.benchmarks.queue_pages import measure

    return asyncio.run(measure(few_closed=50, many_closed=500, still_open=60, rounds=1) if quick else measure())


def carrying(*, quick: bool) -> Figures:
    from tests.benchmarks.carrying import measure

    return asyncio.run(measure(rows=200) if quick else measure())


class Part(Protocol):
    def __call__(self, *, quick: bool) -> Figures: ...


PARTS: Mapping[str, Part] = {
    "durable": durable,
    "chat": chat,
    "start": start,
    "matcher": matcher,
    "queues": queues,
    "carrying": carrying,
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must be, and what we aim at; ``least`` where more is better."""

    must: float
    aim: float
    least: bool = False

    def judge(self, figure: float) -> str:
        sign = -1 if self.least else 1
        if figure * sign <= self.aim * sign:
            return "aim reached"
        return "good" if figure * sign <= self.must * sign else "MISSED"

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.must:g}, aim {self.aim:g}"


GOALS = {
    "durable_to_bare": Goal(0.10, 0.30, least=True),
    "matcher_to_nearest_neighbour": Goal(1.5, 0.7),
    "matcher_growth_10000_to_100000": Goal(3, 1.5),
    "page_worst_many_to_few": Goal(3, 1.5),
    "import_wait_to_one_by_one": Goal(0.5, 0.25),
    "classify_start_to_numpy": Goal(8, 4),
    "classify_peak_mb": Goal(200, 120),
}


def main(arguments: Sequence[str], out: TextIO) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="tiny numbers: does it run?")
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    found: dict[str, float] = {}
    for name in given.parts or PARTS:
        figures = PARTS[name](quick=given.quick)
        out.writelines(_line(key, figure) for key, figure in figures.items())
        out.flush()
        found |= figures
    out.write(f"{json.dumps(found)}\n")


def _line(key: str, figure: float) -> str:
    goal = GOALS.get(key)
    return f"{key:<34}{figure:>12,.6g}   {f'{goal}: {goal.judge(figure)}' if goal else ''}".rstrip() + "\n"


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout)
