"""``python -m tests.benchmarks.replay LABELLED.jsonl``: every message said to the running service, on both channels.

``lianxin serve`` runs as a process of its own before a Bot API double; each message comes from somebody new, on Telegram
and on the chat page. Where consent is asked it is given; which form was opened is read in the database. What is counted is
the *kind* of the reply against the message's label: ``fits``; ``offers`` (not sure: its guesses, or a person, one press
away); ``another`` (sure, and something else). Lines are as in ``taxonomy.md``: ``{"text", "route", …}``. ``--show`` prints
the messages whose reply was of another kind. It ends in one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import httpx

from knowledge.matcher import load_matcher
from tests.benchmarks.reply_kinds import NOTHING_TOLD, Heard, judge, telling
from tests.benchmarks.town import KNOWLEDGE
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.service_process import ServiceProcess
from tests.doubles.telegram_people import Person
from tests.doubles.web_people import WebPerson
from tests.kill_ledger import Database

AT_ONCE = 12
PATIENCE = 60.0
"""Seconds a reply may take before it counts as missing."""
SETTLING = 5.0
"""Seconds after the newest words in which more of the same reply may follow; a kind that is missing is missing then."""
AGREE = ("同意", "I agree")

Enough = Callable[[list[Heard]], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one labelled message on one channel."""

    text: str
    route: str
    kind: str
    fit: str


# --- two channels -----------------------------------------------------------------------------------------------------
class OnTelegram:
    def __init__(self, person: Person) -> None:
        self._person = person

    def form(self, database: Database) -> str:
        query = "SELECT form FROM drafts d JOIN chats c ON c.id = d.chat_id WHERE c.remote = :remote ORDER BY d.id DESC"
        return str(database.rows(query, remote=self._person.chat_id)[0][0])

    async def says(self, text: str) -> None:
        await self._person.says(text)

    async def agrees(self) -> None:
        await self._person.presses(next(word for word in AGREE if word in self._person.buttons()))

    async def hears(self, enough: Enough) -> list[Heard]:
        before, wait = len(self._said()), PATIENCE
        while not enough(self._said()) and await self._more_than(before, within=wait):
            before, wait = len(self._said()), SETTLING
        return self._said()

    async def _more_than(self, number: int, *, within: float) -> bool:
        return await self._person.api.world.pulse.until(lambda: len(self._said()) > number, within)

    def _said(self) -> list[Heard]:
        return [self._heard(message) for message in self._person.shown()]

    @staticmethod
    def _heard(message: Mapping[str, Any]) -> Heard:
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return Heard(message["text"], [button.get("callback_data", "") for row in rows for button in row])


class OnThePage:
    def __init__(self, person: WebPerson) -> None:
        self._person = person
        self._seen = 0
        """Our id of one of the messages on the page."""

    def form(self, database: Database) -> str:
        query = "SELECT form FROM drafts WHERE chat_id = (SELECT chat_id FROM messages WHERE id = :id) ORDER BY id DESC"
        return str(database.rows(query, id=self._seen)[0][0])

    async def says(self, text: str) -> None:
        await self._person.opens_the_page()
        await self._person.says(text)

    async def agrees(self) -> None:
        for word in AGREE:
            await self._person.presses(word)

    async def hears(self, enough: Enough) -> list[Heard]:
        now, said = asyncio.get_running_loop().time, await self._said()
        end = now() + PATIENCE
        while not enough(said) and now() < end:
            await asyncio.sleep(0.05)
            before, said = len(said), await self._said()
            end = now() + SETTLING if len(said) > before else end
        return said

    async def _said(self) -> list[Heard]:
        shown = [one for one in await self._person.shown() if one["from"] == "bot"]
        self._seen = int(shown[-1]["id"]) if shown else 0
        return [self._heard(one) for one in shown]

    @staticmethod
    def _heard(message: Mapping[str, Any]) -> Heard:
        return Heard(message["text"], [button["data"] for row in message["buttons"] for button in row])


Resident = OnTelegram | OnThePage


async def replay_one(resident: Resident, line: Mapping[str, Any], database: Database) -> Verdict:
    """Say it, agree where that is asked, and judge the first reply that tells what was understood."""
    await resident.says(line["text"])
    kind = telling(await resident.hears(lambda said: telling(said) not in NOTHING_TOLD))
    if kind == "consent":
        await resident.agrees()
        kind = telling(await resident.hears(lambda said: telling(said, but=kind) not in NOTHING_TOLD), but=kind)
    if kind == "form":
        kind = f"form: {await asyncio.to_thread(resident.form, database)}"
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
                with closing(Database(f"sqlite:///file:{process.database}?mode=ro&uri=true")) as database:
                    verdicts = {
                        "telegram": await _everybody(lines, _telegram(api), database),
                        "web": await _everybody(lines, _web(process), database),
                    }
                    wrong = _wrong(database, process.log.read_text("utf-8"))
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


async def _everybody(lines: Sequence[Mapping[str, Any]], door: Door, database: Database) -> list[Verdict]:
    few = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, line: Mapping[str, Any]) -> Verdict:
        async with few, door(number) as resident:
            return await replay_one(resident, line, database)

    return list(await asyncio.gather(*(one(number, line) for number, line in enumerate(lines))))


def _wrong(database: Database, log: str) -> dict[str, int]:
    return {
        "parked": database.number("SELECT count(*) FROM inbox WHERE state = 'parked'"),
        "dead letters": database.number("SELECT count(*) FROM outbox WHERE state IN ('dead', 'doubtful')"),
        "failures in the log": log.count('"update failed"'),
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
