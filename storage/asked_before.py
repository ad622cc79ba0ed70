"""Whoever was answered with what an FAQ entry does not mean any more: the condition on chats that a change is told by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, or_, select

from knowledge.broadcasts import ANSWERED
from storage.tables import (
    answers,
    calls,
    chats,
    faq_entries,
    faq_versions,
    messages,
    notice_recipients,
    notices,
    residents,
    ring_backs,
)

_NEW = faq_versions.alias("told_version")
_LATER = faq_versions.alias("later_version")
_BETWEEN = faq_versions.alias("between_version")
_ASKED, _OTHER, _WHERE = (chats.alias(name) for name in ("the_asking_chat", "another_chat", "the_told_chat"))
_CALLED = calls.alias("called_again")


def answered_otherwise(version_id: int, *, since: datetime) -> ColumnElement[bool]:
    """The last they heard of the entry, not before ``since``, was another sense; nobody who was told of this version.

    Of somebody's several chats only the one they used last, whichever they asked in. False of everybody once a later
    change overtook the version, or the entry answers no more: what waits for the morning must not say what is wrong again
    by then.
    """
    person = func.coalesce(chats.c.resident_id, -chats.c.id)
    return and_(chats.c.kind == "private", person.in_(_behind(version_id, since)), _used_last(), ~_told(version_id))


def _behind(version_id: int, since: datetime) -> Select[Any]:
    """Persons - by their resident's id, else their chat's below zero - in one look over what the entry answered."""
    person = func.coalesce(_ASKED.c.resident_id, -_ASKED.c.id)
    query = select(person).join(answers, answers.c.chat_id == _ASKED.c.id)
    query = query.join(faq_entries, faq_entries.c.key == answers.c.entry)
    query = query.join(_NEW, _NEW.c.entry_id == faq_entries.c.id)
    query = query.where(_NEW.c.id == version_id, faq_entries.c.retired_at.is_(None), ~_overtaken())
    now = _same(answers.c.version)
    last_other = func.max(case((and_(~now, answers.c.given_at >= since), answers.c.id), else_=0))
    last_same = func.max(case((now, answers.c.id), else_=0))
    return query.group_by(person).having(last_other > last_same)


def _used_last() -> ColumnElement[bool]:
    """No other chat of theirs that can be reached was used after this one."""
    other = and_(_OTHER.c.resident_id == chats.c.resident_id, _OTHER.c.id != chats.c.id, _OTHER.c.kind == "private")
    mine, others = last_said(chats), last_said(_OTHER)
    later = or_(others > mine, and_(others == mine, _OTHER.c.id > chats.c.id))
    better = or_(and_(reached(_OTHER), ~reached(chats)), and_(reached(_OTHER) == reached(chats), later))
    return ~exists(select(_OTHER.c.id).where(other, better).correlate(chats))


def reached(chat: FromClause) -> ColumnElement[bool]:
    """They neither blocked us there nor left."""
    return and_(chat.c.blocked_at.is_(None), chat.c.left_at.is_(None))


def last_said(chat: FromClause) -> ColumnElement[int]:
    """Their newest message in it, 0 for none: of somebody's several chats the one used last has the highest."""
    said = select(func.max(messages.c.id)).where(messages.c.chat_id == chat.c.id, messages.c.sender == "resident")
    return func.coalesce(said.correlate(chat).scalar_subquery(), 0)


def by_telephone(version_id: int, *, since: datetime) -> Select[Any]:
    """The same of whoever was answered at the telephone and is still to be rung: call, number, when; the newest first.

    Nobody who is on the list for this version, called again since, or hears of it in a chat of theirs.
    """
    query = select(calls.c.id, calls.c.number, calls.c.done_at).join(faq_entries, faq_entries.c.key == calls.c.entry)
    query = query.join(_NEW, _NEW.c.entry_id == faq_entries.c.id)
    query = query.where(_NEW.c.id == version_id, faq_entries.c.retired_at.is_(None), ~_overtaken())
    query = query.where(calls.c.outcome == "answered", calls.c.done_at >= since, calls.c.number.is_not(None))
    again = and_(_CALLED.c.entry == calls.c.entry, _CALLED.c.number == calls.c.number, _CALLED.c.id > calls.c.id)
    heard = exists(select(_CALLED.c.id).where(again, _same(_CALLED.c.version)).correlate(calls, _NEW))
    listed = and_(ring_backs.c.version_id == version_id, ring_backs.c.phone == calls.c.number)
    told = or_(answered_otherwise(version_id, since=since), _told(version_id))
    known = select(residents.c.phone).join(chats, chats.c.resident_id == residents.c.id)
    chatting = known.where(residents.c.phone.is_not(None), told, reached(chats))
    query = query.where(~_same(calls.c.version), ~heard, ~exists(select(ring_backs.c.id).where(listed)))
    return query.where(calls.c.number.not_in(chatting.correlate(None))).order_by(calls.c.id.desc())


def _overtaken() -> ColumnElement[bool]:
    later = (_LATER.c.entry_id == _NEW.c.entry_id) & (_LATER.c.number > _NEW.c.number) & (_LATER.c.sense == "sense")
    return exists(select(_LATER.c.id).where(later).correlate(_NEW))


def _same(number: ColumnElement[int]) -> ColumnElement[bool]:
    """This version means what ``_NEW`` does: a later one, or what ``_NEW`` went back to, with nothing else in between."""
    low, high = _BETWEEN.c.number > number, _BETWEEN.c.number <= _NEW.c.again
    up, down = and_(low, high), and_(_BETWEEN.c.number > _NEW.c.again, _BETWEEN.c.number <= number)
    turned = (_BETWEEN.c.entry_id == _NEW.c.entry_id) & (_BETWEEN.c.sense == "sense") & or_(up, down)
    beside = and_(_NEW.c.again.is_not(None), ~exists(select(_BETWEEN.c.id).where(turned).correlate(_NEW, number.table)))
    return or_(number >= _NEW.c.number, beside)


def _told(version_id: int) -> ColumnElement[bool]:
    """In this chat, or in another of theirs."""
    query = select(notice_recipients.c.id).join(notices, notices.c.id == notice_recipients.c.notice_id)
    query = query.join(_WHERE, _WHERE.c.id == notice_recipients.c.chat_id)
    this = (notices.c.audience == ANSWERED) & (notices.c.audience_id == version_id)
    whose = or_(_WHERE.c.id == chats.c.id, _WHERE.c.resident_id == chats.c.resident_id)
    return exists(query.where(this, whose, notice_recipients.c.state == "said").correlate(chats))
