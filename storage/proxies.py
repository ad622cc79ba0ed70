"""Proxies: who may see or act for whom, given, used and taken back, each line of it kept (WO-21 for families)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from knowledge import pass_codes as codes
from knowledge.proxies import SCOPES, rules
from storage import residents
from storage.tables import chats, pass_codes, proxies, proxy_events, tickets
from storage.tables import residents as resident_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Proxy:
    """One authority; ``name`` is what the resident it is for is called, as far as is known."""

    id: int
    resident_id: int
    proxy_resident_id: int | None
    relation: str
    scope: str
    given_by: str
    until: datetime
    accepted_at: datetime | None
    name: str | None
    building: str | None


def give(tx: Tx, *, chat_id: int, relation: str, scope: str) -> str:
    """The resident of this chat lets somebody see or act for them; the code to read out to them."""
    return _give(tx, residents.of_chat(tx, chat_id), relation, scope, by="resident")


def take_down(tx: Tx, *, resident_id: int, relation: str, scope: str, staff_id: int) -> str:
    """The same, taken down by staff from the resident's own words."""
    return _give(tx, resident_id, relation, scope, by="staff", staff_id=staff_id)


def _give(tx: Tx, resident_id: int, relation: str, scope: str, *, by: str, staff_id: int | None = None) -> str:
    if relation not in rules().relations or scope not in SCOPES:
        raise ValueError(f"no such authority: {relation}, {scope}")
    code = codes.make()
    proxy_id = tx.insert(
        proxies,
        resident_id=resident_id,
        relation=relation,
        scope=scope,
        given_at=tx.now,
        given_by=by,
        staff_id=staff_id,
        until=tx.now + rules().life,
    )
    keep_code(tx, code, resident_id=resident_id, proxy_id=proxy_id)
    note(tx, proxy_id, actor=by, action="give")
    return code


def keep_code(tx: Tx, code: str, *, resident_id: int, proxy_id: int | None = None) -> None:
    row = {"code_hash": codes.hash_of(code), "resident_id": resident_id, "proxy_id": proxy_id}
    tx.execute(pass_codes.insert().values(row | {"created_at": tx.now, "expires_at": tx.now + codes.LIFE}))


def note(tx: Tx, proxy_id: int, *, actor: str, action: str, ticket: str | None = None) -> None:
    """One line of the record; lines are never changed."""
    tx.insert(proxy_events, proxy_id=proxy_id, at=tx.now, actor=actor, action=action, ticket=ticket)


def accept(tx: Tx, proxy_id: int, *, chat_id: int) -> Proxy | None:
    """Whoever brought the code is the proxy from now on; None when it was taken back meanwhile."""
    waiting = (proxies.c.id == proxy_id) & _RUNNING & proxies.c.proxy_resident_id.is_(None)
    values = {"proxy_resident_id": residents.of_chat(tx, chat_id), "accepted_at": tx.now}
    if not tx.changed(proxies.update().where(waiting).values(values)):
        return None
    note(tx, proxy_id, actor="proxy", action="accept")
    return get(tx, proxy_id)


def end(tx: Tx, proxy_id: int, *, chat_id: int) -> Proxy | None:
    """Either side ends it; None when it is not theirs or is over."""
    mine, found = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id)), get(tx, proxy_id)
    if found is None or mine is None or mine not in (found.resident_id, found.proxy_resident_id):
        return None
    by = "resident" if mine == found.resident_id else "proxy"
    return found if _end(tx, proxies.c.id == proxy_id, by=by) else None


def _end(tx: Tx, which: ColumnElement[bool], *, by: str) -> int:
    ids = [int(row["id"]) for row in tx.all(select(proxies.c.id).where(which, _RUNNING))]
    tx.execute(proxies.update().where(proxies.c.id.in_(ids)).values(ended_at=tx.now, ended_by=by))
    tx.execute(pass_codes.delete().where(pass_codes.c.proxy_id.in_(ids)))
    for proxy_id in ids:
        note(tx, proxy_id, actor=by, action="end")
    return len(ids)


def expire(tx: Tx) -> int:
    """What has run its time, and what nobody ever came for; how many."""
    forgotten = proxies.c.accepted_at.is_(None) & (proxies.c.given_at < tx.now - codes.LIFE)
    return _end(tx, (proxies.c.until <= tx.now) | forgotten, by="time")


def get(tx: Tx, proxy_id: int) -> Proxy | None:
    return next((Proxy(*row) for row in tx.tuples(_PROXY.where(proxies.c.id == proxy_id))), None)


def given_by(tx: Tx, chat_id: int) -> list[Proxy]:
    """Those the resident of this chat has given and that still hold."""
    return _of(tx, proxies.c.resident_id.in_(_resident_of(chat_id)))


def held_by(tx: Tx, chat_id: int) -> list[Proxy]:
    """Those under which the resident of this chat may see or act for others."""
    return _of(tx, proxies.c.proxy_resident_id.in_(_resident_of(chat_id)), proxies.c.until > tx.now)


def _of(tx: Tx, *which: ColumnElement[bool]) -> list[Proxy]:
    return [Proxy(*row) for row in tx.tuples(_PROXY.where(_RUNNING, *which).order_by(proxies.c.id))]


def last_line(tx: Tx, proxy_id: int) -> int:
    """The newest line of an authority's record."""
    mine = proxy_events.c.proxy_id == proxy_id
    return int(tx.scalar(select(func.max(proxy_events.c.id)).where(mine)) or 0)


def actions_since(tx: Tx, mark: int, proxy_id: int) -> list[str]:
    """What was done under it after that line, in order."""
    fresh = (proxy_events.c.proxy_id == proxy_id) & (proxy_events.c.id > mark)
    query = select(proxy_events.c.action).where(fresh).order_by(proxy_events.c.id)
    return [str(action) for (action,) in tx.tuples(query)]


def acts(tx: Tx, chat_id: int, *, limit: int = 5) -> list[tuple[datetime, str, str, str | None]]:
    """What was done lately under the authorities this resident gave: when, by which relation, what, to which ticket."""
    columns = (proxy_events.c.at, proxies.c.relation, proxy_events.c.action, proxy_events.c.ticket)
    query = select(*columns).join(proxies, proxies.c.id == proxy_events.c.proxy_id)
    mine = proxies.c.resident_id.in_(_resident_of(chat_id)) & proxy_events.c.ticket.is_not(None)
    return [(*row,) for row in tx.tuples(query.where(mine).order_by(proxy_events.c.id.desc()).limit(limit))]


def chats_of(tx: Tx, resident_id: int) -> list[int]:
    """Where this resident is met, those they have left excepted."""
    here = (chats.c.resident_id == resident_id) & chats.c.left_at.is_(None)
    return [int(row["id"]) for row in tx.all(select(chats.c.id).where(here).order_by(chats.c.id))]


def seen_by_proxies(tx: Tx, chat_id: int) -> ColumnElement[bool]:
    """Tickets of those whose proxy the resident of this chat is now; nothing confidential."""
    held = proxies.c.proxy_resident_id.in_(_resident_of(chat_id)) & _RUNNING & (proxies.c.until > tx.now)
    return tickets.c.resident_id.in_(select(proxies.c.resident_id).where(held)) & tickets.c.confidential.is_(False)


def _resident_of(chat_id: int) -> Select[tuple[int]]:
    return select(chats.c.resident_id).where(chats.c.id == chat_id)


_RUNNING = proxies.c.ended_at.is_(None)
_PROXY = select(
    proxies.c.id,
    proxies.c.resident_id,
    proxies.c.proxy_resident_id,
    proxies.c.relation,
    proxies.c.scope,
    proxies.c.given_by,
    proxies.c.until,
    proxies.c.accepted_at,
    resident_table.c.name,
    resident_table.c.building,
).join(resident_table, resident_table.c.id == proxies.c.resident_id)
