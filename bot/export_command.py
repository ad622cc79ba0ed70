"""``lianxin export``: rows to standard output, and in the audit who took them out and why."""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, Literal

import typer

from bot.phrase_commands import WithStorage
from handlers.exporting import WRITERS, Writer
from storage import export as exports
from storage import taking_out
from storage.engine import Storage

What = Literal["tickets", "residents", "volunteers", "audit"]
Format = Literal["jsonl", "csv", "xlsx"]
AS = "the colleague who takes it out: the console's rule holds, and the audit names them"


def add_export(app: typer.Typer, with_storage: WithStorage[Any], refuse: type[Exception]) -> None:
    """The command; ``refuse`` is raised with one line for a person when something cannot be done."""

    @app.command("export")
    def export_command(
        what: Annotated[What, typer.Argument(help="what to take out")],
        format_: Annotated[Format, typer.Option("--format", help="csv and xlsx open in a spreadsheet")] = "jsonl",
        who: Annotated[str | None, typer.Option("--as", help=AS)] = None,
        reason: Annotated[str, typer.Option("--reason", help="why, for the audit")] = "not given",
    ) -> None:
        """Write rows to standard output. It holds personal data; who took it out, and why, is kept in the audit:
        without --as, the operator of the machine."""
        if format_ == "xlsx" and sys.stdout.isatty():
            raise refuse(f"a spreadsheet goes into a file: lianxin export {what} --format xlsx > {what}.xlsx")
        with_storage(lambda storage: _take_out(storage, what, format_, who, reason))


async def _take_out(storage: Storage, what: str, format: str, who: str | None, reason: str) -> None:
    by = await storage.read(taking_out.allowed, who) if who else None
    told: dict[str, Any] = {"by": by, "account": _account(), "reason": reason}
    writer, done = WRITERS[format](exports.columns(what)), 0
    try:
        async for rows in _pages(storage, what, writer, sys.stdout.buffer):
            done += rows
    finally:
        writer.close()
        await storage.run(taking_out.note, what, done, **told)


async def _pages(storage: Storage, what: str, writer: Writer, out: BinaryIO) -> AsyncIterator[int]:
    """Page by page, so that however much there is, little of it is held; how many rows each had."""
    after: tuple[Any, ...] | None = None
    out.write(writer.begin())
    while True:
        page = await storage.read(exports.page, what, after)
        out.write(writer.rows(page.rows))
        yield len(page.rows)
        if (after := page.more) is None:
            break
    out.writelines(writer.end())
    out.flush()


def _account() -> str:
    """Whose account of the machine this runs under, as far as it knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
