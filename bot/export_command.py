"""``lianxin export``: rows to standard output, and in the audit who took them out and why."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from bot import export
from bot.phrase_commands import WithStorage
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
        rows = with_storage(lambda storage: _fetch(storage, what, who, reason))
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        export.WRITERS[format_](sys.stdout, exports.columns(what), rows)


async def _fetch(storage: Storage, what: str, who: str | None, reason: str) -> Sequence[Mapping[str, Any]]:
    by = await storage.read(taking_out.allowed, who) if who else None
    rows = await storage.read(exports.rows, what)
    await storage.run(taking_out.note, what, len(rows), by=by, account=_account(), reason=reason)
    return rows


def _account() -> str:
    """Whose account of the machine this runs under, as far as it knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
