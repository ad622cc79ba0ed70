"""Chats: where a resident (or the staff group) is reached, and the scene a handler starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, text

from knowledge.privacy import privacy_notice
from storage.hot import Hot
from storage.tables import appointments, chats, conversations, drafts, residents
from storage.transaction import Tx

FIRST_WEB_CHAT = 2**52
"""Telegram has no chat ids above this, so the chat page's begin here."""
CHAT_COLUMNS, DRAFT_COLUMNS, TALK_COLUMNS = 18, 8, 2
"""Of a scene's columns, those of the chat and its resident, the draft's, the conversation's; the appointment's follow."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form somebody is in the middle of."""

    id: int
    form: str
    answers: dict[str, Any]
    step: str
    revision: int
    state: str
    prompt_id: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time at which a person will be in touch. ``step`` is what may be said about it next: ``time``, ``phone`` or ""."""

    id: int
    step: str
    way: str
    phone: str | None
    at: datetime
    until: datetime
    asked_id: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What a handler knows before it decides: whose chat, which language, what is open.

    ``consent`` is "unasked", "given" or "refused": given to an earlier version of the notice, it is to be asked anew.
    ``conversation`` is None, "waiting" or "held"; ``poster`` the building whose poster led here.
    """

    chat_id: int
    channel: str
    remote: int
    kind: str
    language: str
    resident_id: int | None
    name: str | None
    phone: str | None
    building: str | None
    unit: str | None
    room: str | None
    noticed_version: str | None
    language_chosen: bool
    poster: str | None
    left_at: datetime | None
    consent: str
    draft: Draft | None
    conversation_id: int | None
    conversation: str | None
    appointment: Appointment | None = None

    @property
    def personal(self) -> bool:
        """One person's chat, or telephone; no group."""
        return self.kind in ("private", "phone")


def find_or_open(tx: Tx, *, channel: str, remote: int, kind: str = "private") -> int:
    """Our id of the chat, which exists from now on."""
    found = _BY_REMOTE.scalar(tx, channel=channel, remote=remote)
    if found is not None:
        return int(found)
    row = {"channel": channel, "remote": remote, "kind": kind, "created_at": tx.now}
    tx.execute(tx.inserting(chats).values(row).on_conflict_do_nothing(index_elements=["channel", "remote"]))
    return int(_BY_REMOTE.scalar(tx, channel=channel, remote=remote))


def next_seq(tx: Tx, chat_id: int) -> int:
    """The next place in the chat's order; holds the chat's row until the commit, so that no smaller one appears later."""
    return next_place(tx, chat_id)[0]


def next_place(tx: Tx, chat_id: int) -> tuple[int, str]:
    """``next_seq``, and the chat's channel."""
    seq, channel = _BUMP.first(tx, chat=chat_id)
    return seq, channel


def languages(tx: Tx, chat_ids: Sequence[int]) -> dict[int, str]:
    """The language of each of these chats, in their order."""
    found = {
        int(key): str(language)
        for key, language in tx.tuples(select(chats.c.id, chats.c.language).where(chats.c.id.in_(chat_ids)))
    }
    return {chat_id: found[chat_id] for chat_id in chat_ids}


def language_of(tx: Tx, chat_id: int) -> str:
    """What is read in one chat."""
    return str(tx.scalar(select(chats.c.language).where(chats.c.id == chat_id)))


def load_scene(tx: Tx, chat_id: int) -> Scene:
    """Raises LookupError for a chat that is not there."""
    row = _SCENE.first(tx, chat=chat_id)
    if row is None:
        raise LookupError(f"there is no chat {chat_id}")
    *chat, consented_at, refused_at, version = row[:CHAT_COLUMNS]
    draft = row[CHAT_COLUMNS : CHAT_COLUMNS + DRAFT_COLUMNS]
    talk, agreed = row[CHAT_COLUMNS + DRAFT_COLUMNS :][:TALK_COLUMNS], row[-len(_AGREED) :]
    consent = _consent(consented_at, refused_at, version)
    open_draft = None if draft[0] is None else Draft(*draft)
    appointment = None if agreed[0] is None else Appointment(*agreed)
    known: list[Any] = [*chat, consent, open_draft, *talk, appointment]
    return Scene(*known)


def _consent(consented_at: datetime | None, refused_at: datetime | None, version: str | None) -> str:
    """A refusal stands whatever the notice says now: nobody is asked again and again (PI-03)."""
    if refused_at is not None:
        return "refused"
    return "given" if consented_at is not None and version == privacy_notice().version else "unasked"


def _scene_query() -> Any:
    open_draft = text("drafts.state IN ('open','held')") & (drafts.c.chat_id == chats.c.id)
    agreed = (appointments.c.state == "open") & (appointments.c.chat_id == chats.c.id)
    open_talk = (conversations.c.state != "ended") & (conversations.c.chat_id == chats.c.id)
    return (
        select(
            chats.c.id,
            chats.c.channel,
            chats.c.remote,
            chats.c.kind,
            chats.c.language,
            chats.c.resident_id,
            residents.c.name,
            residents.c.phone,
            residents.c.building,
            residents.c.unit,
            residents.c.room,
            chats.c.noticed_version,
            chats.c.language_chosen,
            chats.c.building.label("poster"),
            chats.c.left_at,
            residents.c.consented_at,
            residents.c.refused_at,
            residents.c.consent_version,
            drafts.c.id.label("draft_id"),
            drafts.c.form,
            drafts.c.answers,
            drafts.c.step,
            drafts.c.revision,
            drafts.c.state.label("draft_state"),
            drafts.c.prompt_id,
            drafts.c.expires_at,
            conversations.c.id.label("conversation_id"),
            conversations.c.state.label("conversation"),
            *(appointments.c[name].label(f"appointment_{name}") for name in _AGREED),
        )
        .select_from(
            chats.outerjoin(residents, residents.c.id == chats.c.resident_id)
            .outerjoin(drafts, open_draft)
            .outerjoin(conversations, open_talk)
            .outerjoin(appointments, agreed)
        )
        .where(chats.c.id == _CHAT)
    )


_AGREED = tuple(Appointment.__dataclass_fields__)
_CHAT: BindParameter[int] = bindparam("chat")
_BY_REMOTE = Hot(
    select(chats.c.id).where(chats.c.channel == bindparam("channel"), chats.c.remote == bindparam("remote"))
)
_BUMP = Hot(
    chats.update()
    .where(chats.c.id == _CHAT)
    .values(last_seq=chats.c.last_seq + 1)
    .returning(chats.c.last_seq, chats.c.channel)
)
_SCENE = Hot(_scene_query())
