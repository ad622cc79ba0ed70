"""The commands an operator types. Each says plainly what it did, or why it did not; none ends in a traceback."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from bot import backup
from bot.database import OneService, open_storage
from bot.doctor import Finding, examine
from bot.export_command import add_export
from bot.footing import look_for_footing
from bot.log import set_up_logging
from bot.phrase_commands import faq_app
from bot.server_key import OTHER_KEY, key_file, known_seal
from bot.settings import PREFIX, Settings, WrongSetting, load_settings
from handlers.quick_aiogram import import_aiogram
from storage import staff
from storage.engine import Storage, StorageError
from storage.taking_out import NotTheirs

T = TypeVar("T")
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
COLOURS = {"ok": "green", "warn": "yellow", "bad": "bold red"}


class Refused(Exception):
    """A command that cannot be done; ``str()`` is one line for a person."""


app = typer.Typer(
    name="lianxin",
    help="连心 Lianxin: chatbot and resident hotline for public-rental-housing communities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
staff_app = typer.Typer(help="Who works here, and their sign-in links.", no_args_is_help=True)
app.add_typer(staff_app, name="staff")
app.add_typer(faq_app(lambda work: _with_storage(work), Refused), name="faq")
add_export(app, lambda work: _with_storage(work), Refused)


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code: 0 done, 1 not done, 2 called or set up wrongly."""
    try:
        app(list(arguments), prog_name="lianxin")
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except WrongSetting as problem:
        return _complain(problem, 2)
    except (Refused, NotTheirs, backup.BackupFailed, StorageError) as problem:
        return _complain(problem, 1)
    except (SQLAlchemyError, OSError) as problem:
        reason = str(getattr(problem, "orig", None) or problem).splitlines()[0]
        which = f"cannot use the database ({PREFIX}DATABASE_URL or {PREFIX}DATA_DIR says which)"
        what = which if isinstance(problem, SQLAlchemyError) else "cannot do that"
        return _complain(f"{what}: {reason}", 1)
    return 0


def _complain(problem: object, code: int) -> int:
    print(f"lianxin: {problem}", file=sys.stderr)  # noqa: T201
    return code


def _say(words: str = "") -> None:
    typer.echo(words)


def _settings() -> Settings:
    return load_settings()


def _with_storage(work: Callable[[Storage], Coroutine[Any, Any, T]]) -> T:
    """Do something with the database, beside a service that may be running on it."""

    async def whole() -> T:
        storage = await open_storage(_settings(), alone=False)
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(whole())


@app.command()
def serve() -> None:
    """Run the service until Ctrl-C: chat page, console, and Telegram where a token is set."""
    settings = _settings()
    set_up_logging(secrets=[settings.telegram_token or ""])
    look_for_footing(settings)
    with _collecting_nothing():
        import_aiogram()
        from bot.service import run_service
        from bot.welcome import Welcome
        from knowledge.prepare import is_prepared
        from knowledge.shipped import broken

    for problem in broken():
        raise problem
    if not is_prepared(settings.data_dir):
        _say("Teaching the matcher the phrases it knows (some seconds) …")

    asyncio.run(run_service(settings, announce=Welcome(settings, sys.stdout)))


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """While libraries load: what they make stays, and looking for garbage among it takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@app.command(context_settings=PASSED_ON)
def ask(context: typer.Context) -> None:
    """Print the answer a resident would get (see `lianxin ask --help`)."""
    from bot.asking import run as run_ask

    raise typer.Exit(run_ask(context.args))


@app.command(context_settings=PASSED_ON)
def classify(context: typer.Context) -> None:
    """Classify JSON lines from standard input (see `lianxin classify --help`)."""
    from bot.classifying import run as run_classify

    raise typer.Exit(run_classify(context.args))


@app.command()
def doctor() -> None:
    """Check everything the service needs, and say what to do; exit code 1 when something is bad."""
    findings = asyncio.run(examine(_settings(), now=datetime.now(UTC)))
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for finding in findings:
        _show(console, finding)
    if any(finding.verdict == "bad" for finding in findings):
        raise typer.Exit(1)


def _show(console: Console, finding: Finding) -> None:
    console.print(f"{finding.verdict:<5}", style=COLOURS[finding.verdict], end="")
    advice = f" -> {finding.advice}" if finding.advice else ""
    console.print(f"{finding.subject}: {finding.found}{advice}")


@staff_app.command("add")
def staff_add(
    name: Annotated[str, typer.Argument(help="what colleagues call them; nobody else may have it")],
    role: Annotated[str, typer.Option(help="what they may do: " + ", ".join(staff.ROLES))],
) -> None:
    """Add a member of staff and print their one-time sign-in link."""
    try:
        _with_storage(lambda storage: storage.run(staff.add, name=name, role=role))
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None
    _say(f"{name} ({role}) was added.")
    staff_link(name)


@staff_app.command("link")
def staff_link(name: Annotated[str | None, typer.Argument(help="whose; the first admin when left out")] = None) -> None:
    """Print a one-time sign-in link, good for a day; earlier unused ones stop working."""
    from bot.welcome import console_link

    settings = _settings()
    link = _with_storage(lambda storage: console_link(storage, settings, name))
    if link is None:
        raise Refused(f"there is no {name or 'admin'} who may sign in; see `lianxin staff list`")
    _say(link)


@staff_app.command("list")
def staff_list() -> None:
    """Who works here."""
    table = Table("name", "role", "state")
    for member in _with_storage(lambda storage: storage.read(staff.everyone)):
        table.add_row(escape(member.name), member.role, "disabled" if member.disabled_at else "active")
    Console().print(table)


@app.command("backup")
def backup_command(file: Annotated[Path, typer.Argument(help="where to write it; must not be there yet")]) -> None:
    """Save everything into one file, while the service runs; counted and checked before it is called good."""
    with _bar() as bar:
        whole = backup.take(_settings(), file, _progress(bar, "backing up"))
    _say(
        f"Saved {whole.rows} rows of {len(whole.tables)} tables in {file}, counted and summed. It is not encrypted: keep"
    )
    _say("it as safe as the database itself, for it is everything residents said.")
    _say(f"Not in it: the key of colleagues' authenticators, {key_file(_settings())}. Keep a copy of that elsewhere.")


@app.command("restore")
def restore_command(file: Annotated[Path, typer.Argument(help="a file `lianxin backup` has written")]) -> None:
    """Bring a backup back, where there is no database yet. Stop the service first."""
    settings = _settings()
    lock = None if settings.is_postgres else OneService(settings.sqlite_path)
    if lock:
        lock.take()
    try:
        with _bar() as bar:
            whole = backup.restore(settings, file, _progress(bar, "restoring"))
    finally:
        if lock:
            lock.release()
    checked = "each row is as it was saved" if whole.noted else "an early file, whose rows could only be counted"
    _say(f"Restored {whole.rows} rows of {len(whole.tables)} tables from {file}: {checked}.")
    seal = known_seal(settings)
    if seal is None:
        _say(f"Bring back {key_file(settings)} too: without it colleagues set their authenticators up anew.")
    elif whole.key and seal.mark != whole.key:
        _say(f"The server key here is not the one this backup was made with: {OTHER_KEY}.")


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def _progress(bar: Progress, words: str) -> Callable[[int, int], None]:
    task = bar.add_task(words)
    return lambda done, all_: bar.update(task, completed=done, total=all_)
