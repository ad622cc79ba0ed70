"""``lianxin classify``: JSON lines in, JSON lines out in the same order.

A line that is no ``{"text": ...}`` is named on standard error with its number; it yields an empty line, so that output
and input stay side by side, the lines after it are still read, and the exit code is 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
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
        return _report(load_reader(), sys.stdin.buffer, sys.stdout, given.picture)
    return classify(load_reader(), sys.stdin.buffer, sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lianxin classify", description=__doc__)
    parser.add_argument(
        "--report", action="store_true", help="the lines carry labels: print how many were understood rightly"
    )
    parser.add_argument("--picture", type=Path, help="with --report: also draw it into this PNG file")
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


def _report(reader: Matcher, lines: Iterable[bytes], out: TextIO, picture: Path | None) -> int:
    """What became of labelled lines; 2 when one carries no label, and then nothing is reported."""
    from knowledge import report

    judged = []
    for number, line in enumerate(lines, 1):
        try:
            wanted, voice, words = _labelled(line)
        except BadLine as problem:
            print(f"line {number}: {problem}", file=sys.stderr)  # noqa: T201
            return 2
        guesses = tuple(guess.label for guess in reader.read(words, limit=ALTERNATIVES).guesses)
        judged.append(report.Judged(wanted, voice, guesses))
    out.writelines(f"{line}\n" for line in report.text(judged))
    if picture is not None:
        report.draw(judged, picture)
        out.write(f"\nThe picture is in {picture}.\n")
    return 0


def _labelled(line: bytes) -> tuple[Label, str, str]:
    row = _object_of(line)
    if not isinstance(row.get("route"), str):
        raise BadLine('has no "route"; a report needs {"text", "route", "category", "clause"}')
    return Label(row["route"], row.get("category"), row.get("clause")), str(row.get("noise") or "none"), row["text"]
