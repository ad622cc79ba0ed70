"""``lianxin faq``: what residents' words mean, changed while the service runs; it counts within a second."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.faq_commands import add_entries
from bot.settings import load_settings
from knowledge.matcher import AlreadyMeans, Matcher, load_matcher
from knowledge.phrases import Label, known_label, name_of
from storage import phrases
from storage.engine import Storage

T = TypeVar("T")
WithStorage = Callable[[Callable[[Storage], Coroutine[Any, Any, T]]], T]
Text = Annotated[str, typer.Argument(help="the phrase, as a resident would say it")]


def faq_app(with_storage: WithStorage[Any], refuse: type[Exception]) -> typer.Typer:
    """The commands; ``refuse`` is raised with one line for a person when something cannot be done."""
    app = typer.Typer(help="Questions and answers, and what residents' words mean.", no_args_is_help=True)
    add_entries(app, with_storage, refuse)

    @app.command("add")
    def add(
        text: Text, label: Annotated[str, typer.Option(help="what it means, e.g. faq/2-1 or service_request/repair")]
    ) -> None:
        """Teach a phrase. Refused when it already means something else; `remove` that first."""
        meaning = _label(label)
        try:
            with_storage(lambda storage: _add(storage, text, meaning))
        except AlreadyMeans as problem:
            raise refuse(f"“{text}” already means {name_of(problem.label)} (“{problem.text}”)") from None
        except ValueError as problem:
            raise refuse(f"“{text}” cannot be taught: {problem}") from None
        typer.echo(f"“{text}” means {name_of(meaning)} from now on.")

    @app.command("remove")
    def remove(text: Text) -> None:
        """Forget a phrase, a shipped one too."""
        if not with_storage(lambda storage: _remove(storage, text)):
            raise refuse(f"“{text}” is not known; only a whole phrase can be removed")
        typer.echo(f"“{text}” is forgotten.")

    @app.command("list")
    def list_() -> None:
        """The phrases that were added or removed here."""
        table = Table("phrase", "means")
        for change in with_storage(lambda storage: storage.read(phrases.changes)):
            table.add_row(escape(change.text), name_of(change.label) if change.label else "(removed)")
        Console().print(table)

    return app


def _label(name: str) -> Label:
    try:
        return known_label(name)
    except ValueError as problem:
        raise typer.BadParameter(str(problem)) from None


async def _add(storage: Storage, text: str, label: Label) -> None:
    matcher = await _matcher(storage)
    matcher.add(text, label)
    await storage.run(phrases.change, text, label)


async def _remove(storage: Storage, text: str) -> bool:
    known = (await _matcher(storage)).remove(text)
    if known:
        await storage.run(phrases.change, text, None)
    return known


async def _matcher(storage: Storage) -> Matcher:
    """What the service knows: what ships, and every change since."""
    matcher = load_matcher(load_settings().data_dir)
    for change in await storage.read(phrases.changes):
        matcher.change(change.text, change.label)
    return matcher
