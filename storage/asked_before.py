"""Whoever was answered with what an FAQ entry does not mean any more: the condition on chats that a change is told by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from knowledge.broadcasts import ANSWERED
from storage.tables import answers, chats, faq_entries, faq_versions, notice_recipients, notices

_NEW = faq_versions.alias("told_version")
_LATER = faq_versions.alias("later_version")
_BETWEEN = faq_versions.alias("between_version")
_SINCE = answers.alias("answered_since")
_THEIRS = chats.alias("their_other_chat")


def answered_otherwise(version_id: int, *, since: datetime) -> ColumnElement[bool]:
    """The last they heard of the entry, not before ``since``, was another sense; nobody who was told of this version.

    False of everybody once a later change overtook the version, or the entry answers no more: what waits for the morning
    must not say what is wrong again by then.
    """
    query = select(answers.c.chat_id).join(faq_entries, faq_entries.c.key == answers.c.entry)
    query = query.join(_NEW, _NEW.c.entry_id == faq_entries.c.id)
    query = query.where(_NEW.c.id == version_id, faq_entries.c.retired_at.is_(None), ~_overtaken())
    asked = query.where(answers.c.given_at >= since, ~_same(answers.c.version), ~_heard_since())
    return and_(chats.c.id.in_(asked), ~_told(version_id))


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


def _heard_since() -> ColumnElement[bool]:
    """They asked again since, here or in another chat of theirs, and heard what it means now."""
    mine = select(chats.c.resident_id).where(chats.c.id == answers.c.chat_id).correlate(answers).scalar_subquery()
    whose = or_(_SINCE.c.chat_id == answers.c.chat_id, _THEIRS.c.resident_id == mine)
    query = select(_SINCE.c.id).join(_THEIRS, _THEIRS.c.id == _SINCE.c.chat_id)
    again = query.where(_SINCE.c.entry == answers.c.entry, _SINCE.c.id > answers.c.id, whose, _same(_SINCE.c.version))
    return exists(again.correlate(answers, _NEW))


def _told(version_id: int) -> ColumnElement[bool]:
    query = select(notice_recipients.c.id).join(notices, notices.c.id == notice_recipients.c.notice_id)
    this = (notices.c.audience == ANSWERED) & (notices.c.audience_id == version_id)
    said = (notice_recipients.c.chat_id == chats.c.id) & (notice_recipients.c.state == "said")
    return exists(query.where(this, said).correlate(chats))
