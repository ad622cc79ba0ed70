"""Pass codes in use: a code brings what a resident has to a new phone, or makes somebody their proxy. Guessing is slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from knowledge import pass_codes as codes
from storage import mediation_life, proxies, residents
from storage.mediation import Case
from storage.proxies import Proxy
from storage.tables import (
    chats,
    claim_tries,
    consents,
    mediation_parties,
    occasion_entries,
    occasion_swaps,
    pass_codes,
    ticket_followers,
    tickets,
    volunteers,
    web_sessions,
)
from storage.tables import proxies as proxy_table
from storage.tables import residents as resident_table
from storage.tickets import GUESSES, guesses
from storage.transaction import Tx

Refusal = Literal["slow_down", "unknown", "own"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Another chat is the same resident's now; ``others`` are the chats they had before."""

    others: list[int]


def make_move_code(tx: Tx, *, chat_id: int) -> str:
    """A fresh code to bring this resident's matters to another phone; earlier ones are void."""
    resident_id = residents.of_chat(tx, chat_id)
    unused = (pass_codes.c.resident_id == resident_id) & pass_codes.c.proxy_id.is_(None)
    tx.execute(pass_codes.delete().where(unused))
    code = codes.make()
    proxies.keep_code(tx, code, resident_id=resident_id)
    return code


def use(tx: Tx, *, chat_id: int, code: str, told: str = "") -> Moved | Proxy | Case | Refusal:
    """What a code does in this chat; each code works once, within its time. ``told``: the rights that are said to whoever
    brings an invitation to a mediation."""
    if guesses(tx, chat_id) >= GUESSES:
        return "slow_down"
    key = codes.hash_of(code)
    row = tx.first(select(pass_codes).where(pass_codes.c.code_hash == key))
    if row is None and (invited := mediation_life.use_code(tx, chat_id=chat_id, code=code, told=told)) is not None:
        return invited
    if row is None or row["used_at"] is not None or row["expires_at"] <= tx.now:
        tx.insert(claim_tries, chat_id=chat_id, at=tx.now)
        return "unknown"
    mine = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    if mine == row["resident_id"]:
        return "own"
    fresh = (pass_codes.c.code_hash == key) & pass_codes.c.used_at.is_(None)
    if not tx.changed(pass_codes.update().where(fresh).values(used_at=tx.now)):
        return "unknown"
    if row["proxy_id"] is None:
        return _move(tx, chat_id, int(row["resident_id"]), mine)
    return proxies.accept(tx, int(row["proxy_id"]), chat_id=chat_id) or "unknown"


def _move(tx: Tx, chat_id: int, resident_id: int, mine: int | None) -> Moved:
    others = proxies.chats_of(tx, resident_id)
    if mine is not None:
        _merge(tx, mine, resident_id)
    version = tx.scalar(select(resident_table.c.consent_version).where(resident_table.c.id == resident_id))
    values = {"resident_id": resident_id} | ({"noticed_version": version} if version else {})
    tx.execute(chats.update().where(chats.c.id == chat_id).values(values))
    return Moved(others)


def _merge(tx: Tx, old: int, new: int) -> None:
    """Two residents turn out to be one: everything is the older one's, what was unknown there is filled in."""
    both_follow = select(ticket_followers.c.ticket_id).where(ticket_followers.c.resident_id == new)
    doubled = (ticket_followers.c.resident_id == old) & ticket_followers.c.ticket_id.in_(both_follow)
    tx.execute(ticket_followers.delete().where(doubled))
    _one_place(tx, old, new)
    for column in (
        tickets.c.resident_id,
        ticket_followers.c.resident_id,
        consents.c.resident_id,
        pass_codes.c.resident_id,
        proxy_table.c.resident_id,
        volunteers.c.resident_id,
        proxy_table.c.proxy_resident_id,
        mediation_parties.c.resident_id,
        occasion_entries.c.resident_id,
        occasion_swaps.c.to_resident_id,
        chats.c.resident_id,
    ):
        tx.execute(column.table.update().where(column == old).values({column.name: new}))
    known = tx.first(select(resident_table).where(resident_table.c.id == new))
    said = tx.first(select(resident_table).where(resident_table.c.id == old))
    assert known is not None
    assert said is not None
    missing = {name: said[name] for name in residents.KNOWN if not known[name] and said[name]}
    if missing:
        tx.execute(resident_table.update().where(resident_table.c.id == new).values(missing))
    tx.execute(resident_table.delete().where(resident_table.c.id == old))


def _one_place(tx: Tx, old: int, new: int) -> None:
    """Whoever has a place twice keeps the one they had first known of; the other is free again."""
    current = occasion_entries.c.state.in_(("joined", "waiting"))
    theirs = select(occasion_entries.c.occasion_id).where(occasion_entries.c.resident_id == new, current)
    doubled = (occasion_entries.c.resident_id == old) & current & occasion_entries.c.occasion_id.in_(theirs)
    tx.execute(occasion_entries.update().where(doubled).values(state="cancelled", ended_at=tx.now))


def cut_off(tx: Tx, *, chat_id: int, other: int) -> bool:
    """A phone that is not theirs loses everything of theirs at once; False when it is none of their chats."""
    mine = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    joined = (chats.c.id == other) & (chats.c.resident_id == mine) & (chats.c.id != chat_id)
    cut = tx.changed(chats.update().where(joined).values(resident_id=None)) if mine is not None else 0
    if cut:
        tx.execute(ticket_followers.delete().where(ticket_followers.c.chat_id == other))
        reached = mediation_parties.c.chat_id == other
        tx.execute(mediation_parties.update().where(reached).values(chat_id=chat_id))
    return bool(cut)


def leave(tx: Tx, *, chat_id: int) -> None:
    """No more messages here, until they write again; a chat page's way in ends within the hour."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(left_at=tx.now))


def sign_out(tx: Tx, *, token_hash: str) -> None:
    """This browser forgets the chat at once."""
    tx.execute(web_sessions.delete().where(web_sessions.c.token_hash == token_hash))
