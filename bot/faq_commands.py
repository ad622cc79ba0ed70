"""``lianxin faq``: the entries themselves - listed, shown, given phrases, checked, retired; it counts within a second."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from knowledge.faq import load_entries
from storage import faq, faq_live, faq_seed, staff
from storage.engine import Storage
from storage.faq import Kept, Unfit
from storage.staff import MayNot
from storage.transaction import Tx

T = TypeVar("T")
WithStorage = Callable[[Callable[[Storage], Coroutine[Any, Any, T]]], T]
Key = Annotated[str, typer.Argument(help="the entry's name, as `lianxin faq entries` shows it")]
Who = Annotated[
    str | None,
    typer.Option("--as", help="the colleague who does it: the console's rule holds, and the audit names them"),
]
STATES = ("published", "retired", "new", "draft", "review", "planned")
WRONG = {
    "no_phrase": "there is no word in it",
    "long_phrase": "it is longer than {about} characters",
    "means_entry": "it leads to the entry {about} now; with --take it is taken from there",
    "means": "it was taught to mean {about}; with --take it is taken from there",
    "not_published": "it is not in use",
    "not_retired": "it is not retired",
    "no_other": "there is no published entry called {about}",
}


def add_entries(app: typer.Typer, with_storage: WithStorage[Any], refuse: type[Exception]) -> None:
    """``refuse`` is raised with one line for a person when something cannot be done."""

    def do(key: str, unit: Callable[..., Any], who: str | None, **given: Any) -> Any:
        async def work(storage: Storage) -> Any:
            await _seeded(storage)
            return await storage.run(_by, who, unit, key, **given)

        try:
            return with_storage(work)
        except MayNot:
            raise refuse(f"{who} may not do that: it is for admins responsible for every community") from None
        except LookupError:
            raise refuse(f"there is no entry {key!r}; see `lianxin faq entries`") from None
        except Unfit as problem:
            words = WRONG.get(problem.code, problem.code).format(about=problem.about)
            raise refuse(f"{key}: {words}") from None

    @app.command("entries")
    def entries(
        words: Annotated[str, typer.Argument(help="only those that say this")] = "",
        state: Annotated[str, typer.Option(help="only those in this state: " + ", ".join(STATES))] = "",
    ) -> None:
        """The entries: their names, where they stand, their state, what they answer."""
        if state and state not in STATES:
            raise typer.BadParameter(f"{state!r} is no state; there are: {', '.join(STATES)}")
        table = Table("name", "clause", "state", "version", "question")
        for one in with_storage(lambda storage: _reading(storage, faq.entries)):
            if _fits(one, words.casefold(), state):
                question = escape(one.newest.question.zh)
                table.add_row(one.key, one.newest.place, _state(one), str(one.version or "-"), question)
        Console().print(table)

    @app.command("show")
    def show(key: Key) -> None:
        """One entry: what residents get, its source, its phrases, its versions."""
        found = with_storage(lambda storage: _reading(storage, _about, key))
        if found is None:
            raise refuse(f"there is no entry {key!r}; see `lianxin faq entries`")
        for line in _lines(*found):
            typer.echo(line)

    @app.command("phrase")
    def phrase(
        key: Key,
        text: Annotated[str, typer.Argument(help="as a resident would say it")],
        keyword: Annotated[bool, typer.Option(help="it is a keyword, not a whole phrase")] = False,
        take: Annotated[bool, typer.Option(help="take it away from where it leads now")] = False,
        remove: Annotated[bool, typer.Option(help="it leads here no more")] = False,
        who: Who = None,
    ) -> None:
        """Add a phrase to an entry, or take one away."""
        kind = "keyword" if keyword else "example"
        if remove:
            if not do(key, faq.remove_phrase, who, text=text, kind=kind):
                raise refuse(f"“{text}” did not lead to {key}")
            typer.echo(f"“{text}” does not lead to {key} any more.")
            return
        new = do(key, faq.add_phrase, who, text=text, kind=kind, take=take)
        typer.echo(f"“{text}” leads to {key} from now on." if new else f"“{text}” led to {key} already.")

    @app.command("checked")
    def checked(key: Key, who: Who = None) -> None:
        """Note that an entry was looked at today and is still true."""
        do(key, faq.checked, who)
        typer.echo(f"{key} was checked today.")

    @app.command("retire")
    def retire(
        key: Key,
        why: Annotated[str, typer.Option(help="for whoever comes later")],
        instead: Annotated[str | None, typer.Option(help="the entry that answers these questions from now on")] = None,
        who: Who = None,
    ) -> None:
        """Let an entry answer no more; its questions go to a person, or to another entry."""
        do(key, faq.retire, who, why=why, instead=instead)
        typer.echo(f"{key} answers no more." + (f" {instead} does." if instead else ""))

    @app.command("revive")
    def revive(key: Key, who: Who = None) -> None:
        """Let a retired entry answer again."""
        do(key, faq.bring_back, who)
        typer.echo(f"{key} answers again.")


def _by(tx: Tx, /, who: str | None, unit: Callable[..., Any], key: str, **given: Any) -> Any:
    """As somebody who works here, held to the console's rule; as the operator of the machine where nobody is named."""
    member = staff.named(tx, who) if who else None
    if who and member is None:
        raise MayNot
    return unit(tx, key, staff_id=member.id if member else None, **given)


async def _seeded(storage: Storage) -> None:
    """A database no service has run on yet knows none of what ships."""
    if await storage.read(faq_live.stamp) == (0, 0):
        await storage.run(faq_seed.seed, load_entries())


async def _reading(storage: Storage, unit: Callable[..., T], *given: Any) -> T:
    await _seeded(storage)
    return await storage.read(unit, *given)


def _fits(one: Kept, words: str, state: str) -> bool:
    said = (one.key, one.newest.question.zh, one.newest.question.en, one.newest.answer.zh, one.newest.answer.en)
    in_state = not state or state in (one.state, one.draft.state if one.draft else "")
    return bool(one.draft or one.version) and in_state and any(words in text.casefold() for text in said)


def _state(one: Kept) -> str:
    return (
        f"{one.state} + {one.draft.state}" if one.draft and one.version else one.draft.state if one.draft else one.state
    )


def _about(tx: Any, key: str) -> tuple[Kept, list[faq.Phrase], list[faq.Version]] | None:
    found = faq.get(tx, key)
    return (found, faq.phrases_of(tx, key), faq.versions(tx, key)) if found else None


def _lines(one: Kept, phrases: list[faq.Phrase], versions: list[faq.Version]) -> list[str]:
    said = one.newest
    source = said.clause or said.source.zh
    head = [f"{one.key} · {_state(one)} · version {one.version} · checked {one.checked_on} · {source}"]
    texts = [said.question.zh, said.answer.zh, "", said.question.en, said.answer.en]
    led = [f"  {row.text}{'' if row.kind == 'example' else '  (keyword)'}" for row in phrases]
    past = [
        f"  {row.number}  {row.published_at:%Y-%m-%d %H:%M}Z  {row.published_by or '-'}  {row.why}" for row in versions
    ]
    return [*head, "", *texts, "", "phrases:", *led, "", "versions:", *past]
