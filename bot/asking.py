"""``lianxin ask TEXT``: the answer a resident would get, as plain text; with all that was entered and edited here, where
there is a database, and without a web server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import here
from bot.here import NoSuchCommunity
from handlers.texts.catalogue import Texts
from knowledge import forms
from knowledge.answers import Answerer, Clauses
from knowledge.danger import Danger
from knowledge.emergencies import by_a_child, emergency
from knowledge.own_words import NOTHING, NUMBERS
from knowledge.towns import Town

if TYPE_CHECKING:
    from knowledge.faq_live import Live
    from knowledge.matcher import Guess, Reading
from knowledge.phrases import Label

CHINA = ZoneInfo("Asia/Shanghai")
GUESSES = 3
BEGUN = ("service_request", "dispute")
SAID: Mapping[str, str] = {
    "volunteer": "form.begin_volunteer",
    "suggestion": "form.begin_suggestion",
    "activity": "answer.activity",
    "disclosure": "answer.disclosure",
    "out_of_scope": "answer.outside",
}
"""What is said first to a message of each route; the conversation goes on from there."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where it is asked: the community and its words, the FAQ as it stands, the instant."""

    town: Town
    texts: Texts
    live: Live
    now: datetime


def run(arguments: Sequence[str]) -> int:
    """Print the answer; exit code 0, or 2 for an empty question and for a community that is none."""
    given = _parser().parse_args(arguments)
    text = " ".join(given.text).strip()
    if not text:
        print("lianxin ask: there is no question", file=sys.stderr)  # noqa: T201
        return 2
    try:
        lines = tell(text, language=given.language, explain=given.explain, community=given.community)
    except NoSuchCommunity as problem:
        print(f"lianxin ask: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    for line in lines:
        print(line)  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lianxin ask", description="The answer a resident would get.")
    parser.add_argument("text", nargs="+", help="what the resident writes")
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="the language of the answer")
    parser.add_argument("--explain", action="store_true", help="show how the message was understood")
    parser.add_argument("--community", help="whose resident asks, by its name; the office's own when left out")
    return parser


def tell(text: str, *, language: str, explain: bool, community: str | None = None) -> list[str]:
    """The lines a resident would read. NoSuchCommunity."""
    from bot.understanding import load_both

    town = here.town(here.towns(), community)
    here.stand_in_catalogue()
    reader, live = load_both()
    reading = reader.read(text)
    lines = [answer(text, reading, Desk(town, here.texts(town.id, language), live, datetime.now(CHINA)))]
    return [*lines, "", *explanation(reading)] if explain else lines


def answer(text: str, reading: Reading, desk: Desk) -> str:
    if reading.danger is not None:
        return first_steps(reading.danger, text, desk.texts)
    if not reading.sure:
        return _unsure(reading, desk.texts)
    label = reading.guesses[0].label
    if label.route == "faq":
        return _cited(text, reading.clauses(label), desk)
    if label.route in BEGUN:
        return _begun(text, label, desk)
    if label.route in SAID:
        return desk.texts(SAID[label.route])
    return _other(label, desk)


def _begun(text: str, label: Label, desk: Desk) -> str:
    """The form's first words: whose matter it is, what is to be known at once, and what is asked first."""
    begun = forms.begin(text, route=label.route, category=label.category, told_at=desk.now)
    settled = forms.settle(begun)
    if settled.danger is not None:
        return first_steps(Danger(settled.danger, "form"), text, desk.texts)
    language, step, kind = desk.texts.language, forms.missing(settled.answers), forms.kind_of(settled.answers)
    if step == "door" and kind is not None:
        stopper = kind.stopper(str(settled.answers["door"]))
        return ((stopper.says if stopper else kind.door) or kind.name).get(language)
    asked = kind.question(step[2:]) if kind and step.startswith("q:") else None
    asks = asked.prompt.get(language) if asked else "" if step == "confirm" else desk.texts(f"form.ask_{step}")
    said = [words.get(language) for words in settled.says]
    return "\n".join(filter(None, [desk.texts(f"form.begin_{label.route}"), *said, asks]))


def first_steps(danger: Danger, text: str, texts: Texts) -> str:
    known, child = emergency(danger.kind), by_a_child(text)
    steps, asks = known.steps_for(child=child).get(texts.language), known.asks_for(child=child).get(texts.language)
    return texts("emergency.steps", steps=steps, asks=asks, numbers=" · ".join(known.numbers_for(child=child)))


def _cited(text: str, clauses: Clauses, desk: Desk) -> str:
    from knowledge.normalise import normalise

    answerer = Answerer(desk.live.entries, desk.town.profile, normalise=normalise)
    answerer.renew(desk.live.entries, desk.live.silent)
    found = answerer.known(text, clauses, desk.texts.language, today=desk.now.date())
    return f"{found.text}\n\n{found.source}" if found else desk.texts("answer.unknown")


def _hello(desk: Desk) -> str:
    hello = desk.texts("start.hello", community=desk.town.profile.community.get(desk.texts.language))
    numbers = desk.texts(NUMBERS)
    return hello if numbers == NOTHING else f"{hello.rstrip()}\n{numbers}"


def _other(label: Label, desk: Desk) -> str:
    texts = desk.texts
    said: Mapping[str, Callable[[], str]] = {
        "greeting": lambda: _hello(desk),
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
