"""Family help: a resident lets somebody see or act for them, and both can read what was done (knowledge.proxies)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, both, do, say
from handlers.residents.case import Case
from knowledge.proxies import RELATIONS, SCOPES, allows
from storage import passing, proxies
from storage import tickets as ticket_units
from storage.passing import Moved
from storage.proxies import Proxy
from storage.transaction import Tx


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
    relations = [Button(words(f"proxy.{name}"), f"o:rel:{name}") for name in RELATIONS]
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
    if relation not in RELATIONS:
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


def _use(tx: Tx, *, chat_id: int, code: str) -> tuple[Moved | Proxy | str, list[int]]:
    found = passing.use(tx, chat_id=chat_id, code=code)
    return found, proxies.chats_of(tx, found.resident_id) if isinstance(found, Proxy) else []


def _used(case: Case, found: Moved | Proxy | str, theirs: list[int]) -> Iterable[Reply]:
    if isinstance(found, str):
        yield Say(case.words(f"pass.{found}"))
    elif isinstance(found, Moved):
        yield Say(case.words("pass.moved"), ((Button(case.words("menu.tickets"), "m:tickets"),),))
        for chat_id in found.others:
            yield Say(case.words("pass.moved_away"), _cut(case), to=chat_id)
    else:
        text = case.words(f"proxy.accepted_{found.scope}", who=called(case, found), until=day(case, found))
        yield Say(text, ((Button(case.words("menu.tickets"), "m:tickets"),),))
        for chat_id in theirs:
            yield _told(case, found, chat_id)


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


def _end(tx: Tx, *, proxy_id: int, chat_id: int) -> tuple[bool, list[int]]:
    found = proxies.end(tx, proxy_id, chat_id=chat_id)
    if found is None:
        return False, []
    sides = [side for side in (found.resident_id, found.proxy_resident_id) if side is not None]
    return True, [one for side in sides for one in proxies.chats_of(tx, side) if one != chat_id]


def _ended(case: Case, done: bool, others: list[int]) -> Iterable[Reply]:
    yield Say(case.words("proxy.ended" if done else "proxy.over"))
    for chat_id in others:
        yield Say(case.words("proxy.was_ended"), to=chat_id)


async def watched(case: Case, ticket_id: int, action: str, outcome: Outcome[Any]) -> Outcome[Any]:
    """A press about somebody else's ticket: within the authority it happens, is kept, and the other side is told."""
    found = await case.front.storage.read(proxies.authority, ticket_id, chat_id=case.chat_id)
    if found is None:
        return outcome
    if not allows(found.scope, action):
        return say(Say(case.words("proxy.only_see", who=called(case, found))))
    if action not in TOLD:
        return outcome
    ticket = await case.front.storage.read(ticket_units.visible, ticket_id, chat_id=case.chat_id)
    number = ticket.number if ticket else ""
    kept = do(_keep, proxy=found, action=action, number=number)
    told = case.words("proxy.told", who=case.words(f"proxy.{found.relation}"), what=case.words(f"proxy.did_{action}"))
    return both(outcome, kept.then(lambda chats: [Say(f"{told} {number}", to=chat_id) for chat_id in chats]))


def _keep(tx: Tx, *, proxy: Proxy, action: str, number: str) -> list[int]:
    proxies.note(tx, proxy.id, actor="proxy", action=action, ticket=number)
    return proxies.chats_of(tx, proxy.resident_id)


TOLD = ("add", "gone", "ok", "no")
"""What the resident is told that their proxy did."""
