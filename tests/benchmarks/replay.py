"""``python -m tests.benchmarks.replay LABELLED.jsonl``: every message said to the running service, on both channels.

``lianxin serve`` runs as a process of its own before a Bot API double; each message comes from somebody new, on Telegram
and on the chat page. Where consent is asked it is given, for only then it shows which form was opened. What is counted is
the *kind* of the reply against the message's label: ``fits``; ``offers`` (not sure: its guesses, or a person, one press
away); ``another`` (sure, and something else). Lines are as in ``taxonomy.md``: ``{"text", "route", …}``. ``--show`` prints
the messages whose reply was of another kind. It ends in one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import httpx

from handlers.texts.catalogue import load_catalogue
from knowledge.matcher import load_matcher
from tests.benchmarks.town import KNOWLEDGE
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.service_process import ServiceProcess
from tests.doubles.telegram_people import Person
from tests.doubles.web_people import WebPerson
from tests.kill_ledger import Database

AT_ONCE = 12
PATIENCE = 60.0
"""Seconds a reply may take before it counts as missing."""
AGREE = ("同意", "I agree")
BY_BUTTON = {
    "emergency": r"e:",
    "person": r"p:",
    "consent": r"c:y",
    "answered": r"a:\d+:y",
}
"""Kinds that are known by what a button carries."""
FITTING: Mapping[str, str] = {
    "faq": "answered",
    "human": "person",
    "emergency": "emergency",
    "greeting": "greeting",
    "out_of_scope": "declined",
    "ticket_status": "tickets",
    "activity": "activity",
    "disclosure": "disclosure",
    **{route: f"form: {route}" for route in ("service_request", "dispute", "volunteer", "suggestion")},
}
SAID = {
    "greeting": ("start.hello", "start.thanks", "start.bye"),
    "declined": ("answer.outside",),
    "guesses": ("answer.unsure",),
    "unknown": ("answer.unknown",),
    "tickets": ("ticket.none", "ticket.need_code", "ticket.bad_number"),
    "activity": ("answer.activity",),
    "disclosure": ("answer.disclosure",),
    **{f"form: {route}": (f"form.begin_{route}",) for route in FITTING},
}
"""Kinds that are known by their first words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the bot's: its words, and what its buttons carry."""

    text: str
    data: Sequence[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one labelled message on one channel."""

    text: str
    route: str
    kind: str
    fit: str


def kind_of(heard: Heard) -> str:
    """What kind of reply this is: by its buttons where they say so, else by its first words."""
    for kind, pattern in BY_BUTTON.items():
        if any(re.match(pattern, data) for data in heard.data):
            return kind
    return next((kind for kind, openings in OPENINGS.items() if heard.text.startswith(openings)), "something else")


def _openings(keys: Sequence[str]) -> tuple[str, ...]:
    """How these texts begin, up to the first blank that is filled in, in both languages."""
    texts = load_catalogue()
    said = [texts[language](key) for language in ("zh", "en") for key in keys if texts[language].has(key)]
    return tuple(text.split("{")[0][:12] for text in said)


OPENINGS = {kind: openings for kind, keys in SAID.items() if (openings := _openings(keys))}


def judge(route: str, kind: str) -> str:
    """Does this kind of reply fit a message of this route?"""
    if kind == FITTING[route]:
        return "fits"
    if kind in ("guesses", "unknown"):
        return "offers"
    return "none" if kind == "none" else "another"


# --- two channels -----------------------------------------------------------------------------------------------------
class OnTelegram:
    def __init__(self, person: Person) -> None:
        self._person = person

    async def says(self, text: str) -> None:
        await self._person.says(text)

    async def agrees(self) -> None:
        await self._person.presses(next(word for word in AGREE if word in self._person.buttons()))

    async def hears(self, more_than: int) -> list[Heard]:
        await self._person.api.world.pulse.until(lambda: len(self._person.shown()) > more_than, PATIENCE)
        return [self._heard(message) for message in self._person.shown()]

    @staticmethod
    def _heard(message: Mapping[str, Any]) -> Heard:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return Heard(message["text"], [button.get("callback_data", "") for row in rows for button in row])


class OnThePage:
    def __init__(self, person: WebPerson) -> None:
        self._person = person

    async def says(self, text: str) -> None:
        await self._person.opens_the_page()
        await self._person.says(text)

    async def agrees(self) -> None:
        for word in AGREE:
            await self._person.presses(word)

    async def hears(self, more_than: int) -> list[Heard]:
        end = asyncio.get_running_loop().time() + PATIENCE
        said: list[Heard] = []
        while len(said) <= more_than and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
            said = [self._heard(one) for one in await self._person.shown() if one["from"] == "bot"]
        return said

    @staticmethod
    def _heard(message: Mapping[str, Any]) -> Heard:
        return Heard(message["text"], [button["data"] for row in message["buttons"] for button in row])


Resident = OnTelegram | OnThePage


async def replay_one(resident: Resident, line: Mapping[str, Any]) -> Verdict:
    """Say it, agree where that is asked, and judge the first reply that tells what was understood."""
    await resident.says(line["text"])
    heard = await resident.hears(0)
    if heard and kind_of(heard[0]) == "consent":
        await resident.agrees()
        heard = (await resident.hears(1))[1:]
    kind = kind_of(heard[0]) if heard else "none"
    return Verdict(line["text"], line["route"], kind, judge(line["route"], kind))


# --- the whole --------------------------------------------------------------------------------------------------------
async def replay(lines: Sequence[Mapping[str, Any]]) -> tuple[dict[str, list[Verdict]], dict[str, int]]:
    """The verdicts of both channels, and what went wrong inside the service meanwhile."""
    load_matcher(KNOWLEDGE)  # prepared, if it was not
    async with bot_api() as api:
        with tempfile.TemporaryDirectory() as folder:
            process = ServiceProcess(Path(folder), matcher=KNOWLEDGE / "matcher", token=api.token, telegram=api.address)
            await process.start()
            try:
                await process.ready()
                verdicts = {
                    "telegram": await _everybody(lines, _telegram(api)),
                    "web": await _everybody(lines, _web(process)),
                }
                wrong = _wrong(process)
            finally:
                await process.end_whatever_happens()
    return verdicts, wrong


Door = Callable[[int], Any]


def _telegram(api: BotApi) -> Door:
    @asynccontextmanager
    async def door(number: int) -> AsyncIterator[Resident]:
        yield OnTelegram(api.person())

    return door


def _web(process: ServiceProcess) -> Door:
    @asynccontextmanager
    async def door(number: int) -> AsyncIterator[Resident]:
        async with httpx.AsyncClient(base_url=process.address, timeout=30, trust_env=False) as client:
            yield OnThePage(WebPerson(client, f"reader{number}"))

    return door


async def _everybody(lines: Sequence[Mapping[str, Any]], door: Door) -> list[Verdict]:
    few = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, line: Mapping[str, Any]) -> Verdict:
        async with few, door(number) as resident:
            return await replay_one(resident, line)

    return list(await asyncio.gather(*(one(number, line) for number, line in enumerate(lines))))


def _wrong(process: ServiceProcess) -> dict[str, int]:
    with closing(Database(f"sqlite:///file:{process.database}?mode=ro&uri=true")) as database:
        return {
            "parked": database.number("SELECT count(*) FROM inbox WHERE state = 'parked'"),
            "dead letters": database.number("SELECT count(*) FROM outbox WHERE state IN ('dead', 'doubtful')"),
            "failures in the log": process.log.read_text("utf-8").count('"update failed"'),
        }


def main(arguments: Sequence[str], out: TextIO) -> int:
    """The exit code: 0 when every message was answered and nothing failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.replay", description=__doc__)
    parser.add_argument("file", type=Path, help="labelled messages, JSON lines")
    parser.add_argument("--show", action="store_true", help="print the messages answered with another kind")
    given = parser.parse_args(arguments)
    lines = [json.loads(line) for line in given.file.read_text("utf-8").splitlines() if line.strip()]
    verdicts, wrong = asyncio.run(replay(lines))
    for channel, found in verdicts.items():
        out.writelines(_table(channel, found, show=given.show))
    summary = {channel: dict(Counter(one.fit for one in found)) for channel, found in verdicts.items()}
    out.write(json.dumps({"messages": len(lines), **summary, **wrong}, ensure_ascii=False) + "\n")
    unanswered = any(one.fit == "none" for found in verdicts.values() for one in found)
    return int(unanswered or any(wrong.values()))


def _table(channel: str, found: Sequence[Verdict], *, show: bool) -> list[str]:
    lines = [f"{channel}\n"]
    for route in sorted({one.route for one in found}):
        kinds = Counter(one.kind for one in found if one.route == route)
        told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        lines.append(f"  {route:<16}{kinds.total():>4}   {told}\n")
    if show:
        lines += [f"    {one.route} -> {one.kind}: {one.text}\n" for one in found if one.fit == "another"]
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
