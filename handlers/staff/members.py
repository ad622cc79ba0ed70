"""Who comes and goes in the staff group, as Telegram says it: rights follow at once."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated

from handlers.outcome import Outcome, do
from handlers.residents.case import Case
from storage import group_members


def changed(change: ChatMemberUpdated, case: Case) -> Outcome[Any]:
    """A restricted member who is no member any more is one who left."""
    now, person = change.new_chat_member, change.new_chat_member.user
    gone = isinstance(now, ChatMemberRestricted) and not now.is_member
    status = ChatMemberStatus.LEFT if gone else now.status
    name = person.full_name[:60] or None
    return do(group_members.changed, chat_id=case.chat_id, user_id=person.id, status=str(status), name=name)
