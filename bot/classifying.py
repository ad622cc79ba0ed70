"""``lianxin classify``: JSON lines in, JSON lines out in the same order.

A line that is no ``{"text": ...}`` is named on standard error with its number; it yields an empty line, so that output
and input stay side by side, the lines after it are still read, and the exit code is 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from knowledge.matcher import Guess, Matcher, Reading
from knowledge.phrases import Label

ALTERNATIVES = 5


class BadLine(Exception):
    """A line that is not what was asked for."""


def run(arguments: Sequence[str]) -> int:
    """Classify standard input; exit code 0, or 2 when a line could not be read."""
    from bot.understanding import load_reader

    given = _parser().parse_args(arguments)
    if given.report:
        return _report(load_reader(), sys.stdin, sys.stdout)
    return classify(load_reader(), sys.stdin.buffer, sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lianxin classify", description=__doc__)
    parser.add_argument(
        "--report", action="store_true", help="the lines carry labels: print how many were understood rightly"
    )
    return parser


def classify(reader: Matcher, lines: Iterable[bytes], out: TextIO) -> int:
    """Write one line for each; 2 when some were bad. Lines are answered one by one, as they come."""
    bad = 0
    for number, line in enumerate(lines, 1):
        try:
            answer = json.dumps(as_json(reader.read(text_of(line), limit=ALTERNATIVES)), ensure_ascii=False)
        except BadLine as problem:
            bad, answer = bad + 1, ""
            print(f"line {number}: {problem}", file=sys.stderr)  # noqa: T201
        out.write(f"{answer}\n")
        out.flush()
    return 2 if bad else 0


def text_of(line: bytes) -> str:
    """The words of one input line; BadLine says in plain words what is wrong with it."""
    return str(_object_of(line)["text"])


def _object_of(line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine('is not JSON; expected {"text": "..."}') from None
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise BadLine('has no "text"; expected {"text": "..."}')
    return given


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as ``classify`` prints it."""
    best, *others = reading.guesses
    return {**_guess(best), "alternatives": [_guess(guess) for guess in others]}


def _guess(guess: Guess) -> dict[str, Any]:
    label = guess.label
    clauses = [label.clause] if label.clause else []
    return {"route": label.route, "category": label.category, "clauses": clauses, "score": round(guess.score, 4)}


def _report(reader: Matcher, lines: TextIO, out: TextIO) -> int:
    """How many labelled lines were given their route, and their whole label; by route, the worst first."""
    seen: Counter[str] = Counter()
    right: Counter[str] = Counter()
    whole = 0
    for wanted, label in _judged(reader, lines.buffer):
        seen[wanted["route"]] += 1
        right[wanted["route"]] += label.route == wanted["route"]
        whole += (label.route, label.category, label.clause) == tuple(map(wanted.get, ("route", "category", "clause")))
    total = sum(seen.values()) or 1
    out.write(f"route {sum(right.values()) / total:.4f}   route and second label {whole / total:.4f}   of {total}\n")
    for route in sorted(seen, key=lambda name: right[name] / seen[name]):
        out.write(f"{right[route] / seen[route]:.3f}  {right[route]:4d} of {seen[route]:4d}  {route}\n")
    return 0


def _judged(reader: Matcher, lines: Iterable[bytes]) -> Iterator[tuple[dict[str, Any], Label]]:
    for line in lines:
        wanted = _object_of(line)
        yield wanted, reader.read(wanted["text"]).guesses[0].label
