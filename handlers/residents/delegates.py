"""Family help: a resident lets somebody see or act for them, and both can read what was done (knowledge.proxies)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, do, say
from handlers.residents import mediating
from handlers.residents.case import Case
from handlers.residents.privacy import choices
from handlers.ticket_words import Row
from knowledge.mediation import table
from knowledge.privacy import privacy_notice
from knowledge.proxies import SCOPES, Act, allows, rules
from storage import chats, passing, proxies, residents, rights
from storage.mediation import Case as Mediation
from storage.passing import Moved
from storage.proxies import Proxy
from storage.transaction import Tx

Met = Mapping[int, str]
"""Chats of the other side, each with its language."""


async def screen(case: Case) -> Outcome[Any]:
    """Who helps now, whom one helps, and giving it to somebody."""
    given, held, done = await case.front.storage.read(_look, case.chat_id)
    words = case.words
    lines = [
        words("proxy.what"),
        *(_line(case, one, "given") for one in given),
        *(_line(case, one, "held") for one in held),
    ]
    if done:
        lines += [words("proxy.done"), *(_act(case, *act) for act in done)]
    ends = [(Button(words("proxy.end", who=_who(case, one, given)), f"o:end:{one.id}"),) for one in (*given, *held)]
    relations = [Button(words(f"proxy.{name}"), f"o:rel:{name}") for name in rules().relations]
    return say(Say("\n".join(lines), (tuple(relations[:3]), tuple(relations[3:]), *ends)))


def _look(tx: Tx, chat_id: int) -> tuple[list[Proxy], list[Proxy], list[Any]]:
    return proxies.given_by(tx, chat_id), proxies.held_by(tx, chat_id), proxies.acts(tx, chat_id)


def _who(case: Case, one: Proxy, given: Iterable[Proxy]) -> str:
    return case.words(f"proxy.{one.relation}") if one in list(given) else called(case, one)


def called(case: Case, one: Proxy) -> str:
    """What the resident is called to their proxy: the name they gave, else where they live, else nothing to go by."""
    if one.name:
        return one.name
    return case.words("proxy.of_building", building=one.building) if one.building else case.words("proxy.somebody")


def _line(case: Case, one: Proxy, side: str) -> str:
    key = "proxy.waits" if one.accepted_at is None else f"proxy.{side}_{one.scope}"
    who = case.words(f"proxy.{one.relation}") if side == "given" else called(case, one)
    return case.words(key, who=who, until=day(case, one))


def day(case: Case, one: Proxy) -> str:
    return case.day(one.until)


def _act(case: Case, at: Any, relation: str, action: str, ticket: str) -> str:
    who = case.words(f"proxy.{relation}")
    return case.words("proxy.act", at=case.time(at), who=who, what=case.words(f"proxy.did_{action}"), ticket=ticket)


def how_far(case: Case, relation: str | None) -> Outcome[Any]:
    """To whom is said; how far it shall go is one press."""
    if relation not in rules().relations:
        raise ValueError(relation)
    rows = [(Button(case.words(f"proxy.scope_{scope}"), f"o:give:{relation}:{scope}"),) for scope in SCOPES]
    who = case.words(f"proxy.{relation}")
    return say(Say(case.words("proxy.how_far", who=who), (*rows, (Button(case.words("mine.do_not_give"), "o:keep"),))))


def give(case: Case, relation: str, scope: str) -> Outcome[Any]:
    given = do(proxies.give, chat_id=case.chat_id, relation=relation, scope=scope)
    who = case.words(f"proxy.{relation}")
    return given.then(lambda code: [Say(case.words(f"proxy.code_{scope}", who=who, code=code))])


def ask_for_code(case: Case) -> Outcome[Any]:
    """Somebody wants to help: it takes the other's word, and how to get it."""
    return say(Say(case.words("proxy.ask_code")))


def use_code(case: Case, code: str) -> Outcome[Any]:
    return do(_use, chat_id=case.chat_id, code=code).then(lambda found: list(_used(case, *found)))


def _use(tx: Tx, *, chat_id: int, code: str) -> tuple[Moved | Proxy | Mediation | str, Met]:
    """The other side's chats: where the resident is met, or what they have moved away from."""
    found = passing.use(tx, chat_id=chat_id, code=code, told=table().rights_version)
    if isinstance(found, Mediation):  # met for the first time: told how we keep their words
        residents.mark_noticed(tx, chat_id=chat_id, version=privacy_notice().version)
    if isinstance(found, Moved):
        return found, chats.languages(tx, found.others)
    return found, _met(tx, found.resident_id) if isinstance(found, Proxy) else {}


def _met(tx: Tx, resident_id: int) -> Met:
    return chats.languages(tx, proxies.chats_of(tx, resident_id))


def _used(case: Case, found: Moved | Proxy | Mediation | str, theirs: Met) -> Iterable[Reply]:
    if isinstance(found, str):
        yield Say(case.words(f"pass.{found}"))
    elif isinstance(found, Mediation):
        yield mediating.invitation(case, found)
        if case.scene.noticed_version is None:
            yield Say(privacy_notice().short.get(case.scene.language).strip(), choices(case))
    elif isinstance(found, Moved):
        yield Say(case.words("pass.moved"), ((Button(case.words("menu.tickets"), "m:tickets"),),))
        for chat_id, language in theirs.items():
            other = case.in_language(language)
            yield Say(other.words("pass.moved_away"), _cut(other), to=chat_id)
    else:
        text = case.words(f"proxy.accepted_{found.scope}", who=called(case, found), until=day(case, found))
        yield Say(text, ((Button(case.words("menu.tickets"), "m:tickets"),),))
        for chat_id, language in theirs.items():
            yield _told(case.in_language(language), found, chat_id)


def _cut(case: Case) -> tuple[tuple[Button, ...], ...]:
    return ((Button(case.words("pass.not_me"), f"o:cut:{case.chat_id}"),),)


def _told(case: Case, found: Proxy, chat_id: int) -> Say:
    """The resident hears that their code was used, and can take it back at once."""
    who = case.words(f"proxy.{found.relation}")
    text = case.words(f"proxy.used_{found.scope}", who=who, until=day(case, found))
    return Say(text, ((Button(case.words("proxy.take_back"), f"o:end:{found.id}"),),), to=chat_id)


def end(case: Case, proxy_id: int) -> Outcome[Any]:
    """Ended by either side, and both know."""
    ended = do(_end, proxy_id=proxy_id, chat_id=case.chat_id)
    return ended.then(lambda found: list(_ended(case, *found)))


def _end(tx: Tx, *, proxy_id: int, chat_id: int) -> tuple[bool, Met]:
    found = proxies.end(tx, proxy_id, chat_id=chat_id)
    if found is None:
        return False, {}
    sides = [side for side in (found.resident_id, found.proxy_resident_id) if side is not None]
    met = [one for side in sides for one in proxies.chats_of(tx, side) if one != chat_id]
    return True, chats.languages(tx, met)


def _ended(case: Case, done: bool, others: Met) -> Iterable[Reply]:
    yield Say(case.words("proxy.ended" if done else "proxy.over"))
    for chat_id, language in others.items():
        yield Say(case.in_language(language).words("proxy.was_ended"), to=chat_id)


def watched(case: Case, ticket_id: int, act: Act, outcome: Outcome[Any]) -> Outcome[Any]:
    """What is about to be done to a ticket. A proxy who may only see hears so and nothing happens; of what one who may act
    does, the resident hears at once. For whoever the ticket belongs to it is the outcome as it was."""
    seen = do(_watch, chat_id=case.chat_id, ticket_id=ticket_id, act=act, unit=outcome.unit)
    watching = seen.then(lambda found: list(_with_word(case, found, outcome)))
    return watching.with_toast(outcome.toast) if outcome.toast else watching


@dataclass(frozen=True, slots=True)
class Watched:
    """``done`` is False where it was refused; ``acts`` are to be told in ``chats``."""

    result: Any
    done: bool
    under: Proxy | None
    number: str = ""
    acts: Sequence[Act] = ()
    met: Met = field(default_factory=dict)


def _watch(tx: Tx, *, chat_id: int, ticket_id: int, act: Act, unit: Callable[[Tx], Any]) -> Watched:
    under = rights.authority(tx, ticket_id, chat_id=chat_id)
    if under is None:
        return Watched(unit(tx), True, None)
    right = rights.access(tx, ticket_id, chat_id=chat_id, act=act)
    if right is None:
        return Watched(None, False, under)
    mark = proxies.last_line(tx, under.id)
    result = unit(tx)
    told = [each for each in rights.acts_since(tx, mark, under) if rules().acts[each].told]
    return Watched(result, True, under, right.ticket.number, told, _met(tx, under.resident_id))


def _with_word(case: Case, found: Watched, outcome: Outcome[Any]) -> Iterable[Reply]:
    """The replies, and what the other side hears."""
    if found.under is not None and not found.done:
        yield Say(case.words("proxy.only_see", who=called(case, found.under)))
        return
    yield from outcome.replies(found.result)
    for act, (chat_id, language) in product(found.acts, found.met.items()):
        assert found.under is not None
        yield Say(f"{_did(case.in_language(language), found.under, act)} {found.number}", to=chat_id)


def _did(case: Case, under: Proxy, act: Act) -> str:
    return case.words("proxy.told", who=case.words(f"proxy.{under.relation}"), what=case.words(f"proxy.did_{act}"))


def whose(case: Case, row: Row, helped: Mapping[int, Proxy]) -> str:
    """What stands before a title in a list where it is somebody else's."""
    under = helped.get(row["resident_id"]) if row["resident_id"] != case.scene.resident_id else None
    return case.words("proxy.whose", who=called(case, under)) if under else ""


def looking_for(case: Case, under: Proxy) -> str:
    """Above a ticket that is somebody else's."""
    return case.words(f"proxy.for_{under.scope}", who=called(case, under))


def theirs_to_say(rows: Sequence[Row], helped: Mapping[int, Proxy], act: Act) -> list[Row]:
    """The tickets that words are about: those one may say this of; where there is none, whatever one sees."""
    may = [row for row in rows if row["resident_id"] not in helped or allows(helped[row["resident_id"]].scope, act)]
    return may or list(rows)
