"""``lianxin ask TEXT``: the answer a resident would get, as plain text, without database or web server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.texts.catalogue import Texts, load_catalogue
from knowledge.answers import Answerer, Clauses
from knowledge.danger import Danger
from knowledge.emergencies import by_a_child, emergency
from knowledge.profile import load_profile

if TYPE_CHECKING:
    from knowledge.faq_live import Live
    from knowledge.matcher import Guess, Reading
from knowledge.phrases import Label

CHINA = ZoneInfo("Asia/Shanghai")
GUESSES = 3
SAID: Mapping[str, str] = {
    "service_request": "form.begin_service_request",
    "dispute": "form.begin_dispute",
    "volunteer": "form.begin_volunteer",
    "suggestion": "form.begin_suggestion",
    "activity": "answer.activity",
    "disclosure": "answer.disclosure",
    "out_of_scope": "answer.outside",
}
"""What is said first to a message of each route; the conversation goes on from there."""


def run(arguments: Sequence[str]) -> int:
    """Print the answer; exit code 0, or 2 for an empty question."""
    given = _parser().parse_args(arguments)
    text = " ".join(given.text).strip()
    if not text:
        print("lianxin ask: there is no question", file=sys.stderr)  # noqa: T201
        return 2
    for line in tell(text, language=given.language, explain=given.explain):
        print(line)  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lianxin ask", description="The answer a resident would get.")
    parser.add_argument("text", nargs="+", help="what the resident writes")
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="the language of the answer")
    parser.add_argument("--explain", action="store_true", help="show how the message was understood")
    return parser


def tell(text: str, *, language: str, explain: bool, today: date | None = None) -> list[str]:
    """The lines a resident would read; ``today`` (in Chongqing) dates the next disclosure."""
    from bot.understanding import load_both

    reader, live = load_both()
    reading, texts = reader.read(text), load_catalogue()[language]
    lines = [answer(text, reading, texts, today or datetime.now(CHINA).date(), live)]
    return [*lines, "", *explanation(reading)] if explain else lines


def answer(text: str, reading: Reading, texts: Texts, today: date, live: Live) -> str:
    if reading.danger is not None:
        return first_steps(reading.danger, text, texts)
    if not reading.sure:
        return _unsure(reading, texts)
    label = reading.guesses[0].label
    if label.route == "faq":
        return _cited(text, reading.clauses(label), texts, today, live)
    if label.route in SAID:
        return texts(SAID[label.route])
    return _other(label, texts)


def first_steps(danger: Danger, text: str, texts: Texts) -> str:
    known, child = emergency(danger.kind), by_a_child(text)
    steps, asks = known.steps_for(child=child).get(texts.language), known.asks_for(child=child).get(texts.language)
    return texts("emergency.steps", steps=steps, asks=asks, numbers=" · ".join(known.numbers_for(child=child)))


def _cited(text: str, clauses: Clauses, texts: Texts, today: date, live: Live) -> str:
    from knowledge.normalise import normalise

    answerer = Answerer(live.entries, load_profile(), normalise=normalise)
    answerer.renew(live.entries, live.silent)
    found = answerer.known(text, clauses, texts.language, today=today)
    return f"{found.text}\n\n{found.source}" if found else texts("answer.unknown")


def _other(label: Label, texts: Texts) -> str:
    community = load_profile().community.get(texts.language)
    said: Mapping[str, Callable[[], str]] = {
        "greeting": lambda: texts("start.hello", community=community),
        "ticket_status": lambda: texts("menu.tickets"),
        "human": lambda: texts("menu.person"),
    }
    return said.get(label.route, lambda: texts("answer.unknown"))()


def _unsure(reading: Reading, texts: Texts) -> str:
    """The best guesses and a person; nothing is told as if it were known."""
    if not reading.guesses:
        return texts("answer.unknown")
    guesses = [f"· {name(guess.label)}" for guess in reading.guesses[:GUESSES]]
    return "\n".join([texts("answer.unsure"), *guesses, f"· {texts('answer.none_of_these')}"])


def name(label: Label) -> str:
    """A label as its parts, for people who know the labels."""
    return " / ".join(part for part in (label.route, label.category, label.clause) if part)


def explanation(reading: Reading) -> list[str]:
    """How the message was understood, a line each."""
    danger = reading.danger
    heard = [f"danger: {danger.kind}, by {danger.rule}"] if danger else []
    return [
        *heard,
        f"sure: {'yes' if reading.sure else 'no'}",
        *map(_scored, reading.guesses),
        f"read as: {reading.reason.normal}",
        *(f"like {likeness:.2f}: {phrase}" for phrase, likeness in reading.reason.nearest),
    ]


def _scored(guess: Guess) -> str:
    return f"{guess.score:.3f}  {name(guess.label)}"
