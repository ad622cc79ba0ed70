"""Drafts: the form somebody is in the middle of. One at a time in a chat; it survives restarts and expires."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage.chats import Draft
from storage.tables import conversations, drafts
from storage.transaction import Tx

LIFETIME = timedelta(days=2)


def open_draft(tx: Tx, *, chat_id: int, form: str, step: str, answers: dict[str, Any], held: bool = False) -> int:
    """Begin a form; whatever was open in this chat is cancelled. ``held``: it waits for the resident's consent."""
    close_current(tx, chat_id=chat_id, state="cancelled")
    return tx.insert(
        drafts,
        chat_id=chat_id,
        form=form,
        step=step,
        answers=answers,
        state="held" if held else "open",
        created_at=tx.now,
        updated_at=tx.now,
        expires_at=tx.now + LIFETIME,
    )


def advance(tx: Tx, draft_id: int, *, revision: int, step: str, answers: dict[str, Any], held: bool = False) -> bool:
    """The next step, if nobody was there first: False when ``revision`` is not the current one any more."""
    values = {
        "step": step,
        "answers": answers,
        "revision": revision + 1,
        "state": "held" if held else "open",
        "updated_at": tx.now,
        "expires_at": tx.now + LIFETIME,
    }
    current = (drafts.c.id == draft_id) & (drafts.c.revision == revision) & drafts.c.state.in_(("open", "held"))
    return tx.changed(drafts.update().where(current).values(values)) == 1


def close(tx: Tx, draft_id: int, *, revision: int, state: str, ticket_id: int | None = None) -> bool:
    """End a draft as ``filed`` or ``cancelled``; False when it was ended, or moved on, before."""
    current = (drafts.c.id == draft_id) & (drafts.c.revision == revision) & drafts.c.state.in_(("open", "held"))
    values = {"state": state, "ticket_id": ticket_id, "updated_at": tx.now, "revision": revision + 1}
    return tx.changed(drafts.update().where(current).values(values)) == 1


def close_current(tx: Tx, *, chat_id: int, state: str) -> int:
    """End whatever is open in a chat; how many that were (0 or 1)."""
    mine = (drafts.c.chat_id == chat_id) & drafts.c.state.in_(("open", "held"))
    return tx.changed(drafts.update().where(mine).values(state=state, updated_at=tx.now))


def set_prompt(tx: Tx, draft_id: int, message_id: int) -> None:
    """Remember which message asks for the current step, so that its buttons can be taken away."""
    tx.execute(drafts.update().where(drafts.c.id == draft_id).values(prompt_id=message_id))


def expire(tx: Tx) -> int:
    """Close what nobody came back to; how many. What somebody talks about with a person stays."""
    talking = select(conversations.c.chat_id).where(conversations.c.state != "ended")
    old = drafts.c.state.in_(("open", "held")) & (drafts.c.expires_at < tx.now) & drafts.c.chat_id.not_in(talking)
    return tx.changed(drafts.update().where(old).values(state="expired", updated_at=tx.now))


def keep_open(tx: Tx, chat_id: int) -> Draft | None:
    """The form that is open in a chat, with its time to live begun anew: a person has handed the chat back."""
    mine = (drafts.c.chat_id == chat_id) & drafts.c.state.in_(("open", "held"))
    tx.execute(drafts.update().where(mine).values(expires_at=tx.now + LIFETIME))
    row = tx.first(select(*(drafts.c[name] for name in Draft.__dataclass_fields__)).where(mine))
    return Draft(**row) if row else None


def set_answers(tx: Tx, draft_id: int, *, answers: dict[str, Any]) -> bool:
    """Change the answers without moving on (a further picture of an album)."""
    current = (drafts.c.id == draft_id) & drafts.c.state.in_(("open", "held"))
    return tx.changed(drafts.update().where(current).values(answers=answers, updated_at=tx.now)) == 1
