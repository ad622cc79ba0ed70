"""Groups: plain ones, supergroups, with topics and without; who is in them, what the bot may do, how often it spoke.

What people do by hand is here too: delete or shut a topic, take the bot's rights, remove it, upgrade the group.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.doubles.bot_api_rules import Refused, refuse
from tests.doubles.telegram_people import Person
from tests.doubles.telegram_world import Chat, Raw

if TYPE_CHECKING:
    from tests.doubles.bot_api import BotApi

MINUTE = 60.0
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_send_welcome_messages", "can_manage_topics"),
)
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
KICKED = "Forbidden: bot was kicked from the supergroup chat"


@dataclass
class Thread:
    """A topic of a forum. ``opener`` is the service message it began with; every message in it answers that one."""

    id: int
    name: str
    opener: Raw
    closed: bool = False


@dataclass
class GroupChat(Chat):
    """``rights`` are the bot's as an admin, None while it is none; ``spoken`` when it said or changed something."""

    threads: dict[int, Thread] = field(default_factory=dict)
    rights: frozenset[str] | None = frozenset({"can_manage_topics", "can_delete_messages"})
    spoken: list[tuple[float, str]] = field(default_factory=list)

    @property
    def forum(self) -> bool:
        return bool(self.about.get("is_forum"))

    def may(self, right: str) -> bool:
        return self.rights is not None and right in self.rights

    def demand(self, right: str, words: str) -> None:
        if not self.forum:
            refuse("the chat is not a forum")
        if not self.may(right):
            refuse(f"not enough rights to {words}")

    def thread(self, number: int | None, *, words: str = "TOPIC_ID_INVALID") -> Thread:
        if not self.forum or number not in self.threads:
            refuse(words)
        return self.threads[number or 0]

    def open_thread(self, sender: Raw, name: str) -> Thread:
        opener = self.put(sender, forum_topic_created={"name": name, "icon_color": 7322096}, is_topic_message=True)
        opener["message_thread_id"] = opener["message_id"]
        made = Thread(int(opener["message_id"]), name, opener)
        self.threads[made.id] = made
        return made

    def within(self, number: int | None) -> Raw:
        """What a message carries that stands in this topic."""
        if number is None:
            return {}
        thread = self.threads[number]
        return {"message_thread_id": number, "is_topic_message": True, "reply_to_message": copy.deepcopy(thread.opener)}

    def drop_thread(self, number: int) -> None:
        del self.threads[number]
        gone = [key for key, message in self.messages.items() if message.get("message_thread_id") == number]
        for key in gone:
            del self.messages[key]

    def counts(self, at: float, method: str, times: int = 1) -> None:
        self.spoken += [(at, method)] * times

    def most_in_a_minute(self) -> int:
        """The most the bot said or changed in any sixty seconds."""
        times = [at for at, _ in self.spoken]
        return max(
            (sum(1 for at in times[first:] if at < times[first] + MINUTE) for first in range(len(times))), default=0
        )


class Group(Person):
    """A group the bot is in; what is said there is said by one of its members."""

    @property
    def group(self) -> GroupChat:
        found = self.api.world.chats[self.chat_id]
        assert isinstance(found, GroupChat)
        return found

    def member(self, name: str) -> Member:
        """Somebody else who is in it."""
        self.api._people += 1
        number = 8_500_000 + self.api._people
        about = {"id": number, "is_bot": False, "first_name": name, "language_code": "zh-hans"}
        return Member(self.api, about, self)

    # --- what the group shows ------------------------------------------------------------------------------------
    def topics(self) -> list[str]:
        return [thread.name for thread in self.group.threads.values()]

    def topic(self, words: str) -> int:
        """The newest topic whose name or messages say this."""
        found = [
            number for number in self.group.threads if words in "\n".join([self.name(number), *self.says_in(number)])
        ]
        assert found, f"no topic says {words!r}; there are {self.topics()}"
        return found[-1]

    def name(self, number: int) -> str:
        return self.group.threads[number].name

    def shown_in(self, thread: int | None) -> list[Raw]:
        """The bot's messages in one topic, or (None) in the general part."""
        return [message for message in self.shown() if message.get("message_thread_id") == thread]

    def says_in(self, thread: int | None) -> list[str]:
        return [_words(message) for message in self.shown_in(thread) if "forum_topic_created" not in message]

    # --- what people do by hand ----------------------------------------------------------------------------------
    def deletes_topic(self, number: int) -> None:
        self.group.drop_thread(number)

    def closes_topic(self, number: int) -> None:
        self.group.threads[number].closed = True

    def turns_topics(self, on: bool) -> None:
        if on:
            self.group.about["is_forum"] = True
        else:
            self.group.about.pop("is_forum", None)
            self.group.threads.clear()

    async def gives(self, *rights: str) -> None:
        """The bot is an admin with these rights now."""
        before, self.group.rights = self._bot(), frozenset(rights)
        await self._changed(before)

    async def demotes(self) -> None:
        before, self.group.rights = self._bot(), None
        await self._changed(before)

    async def removes(self) -> None:
        before, self.group.rights, self.group.closed = self._bot(), None, Refused(403, KICKED)
        await self._changed(before)

    async def adds(self, *rights: str) -> None:
        before, self.group.closed = self._bot(), None
        self.group.rights = frozenset(rights) if rights else None
        await self._changed(before)

    def _bot(self) -> Raw:
        return member_of(self.group, self.api.world.me)

    async def _changed(self, before: Raw) -> None:
        changed = {"chat": self.group.about, "from": self.about, "date": 1_764_000_000}
        await self._tell("my_chat_member", changed | {"old_chat_member": before, "new_chat_member": self._bot()})

    async def upgrades(self) -> int:
        """Become a supergroup: the old id answers with the new one from now on, and messages are numbered anew."""
        new = self.chat_id - 1_000_000_000_000
        old = self.group
        old.closed = Refused(400, UPGRADED, migrate_to_chat_id=new)
        about = old.about | {"id": new, "type": "supergroup"}
        self.api.world.chats[new] = GroupChat(about, rights=old.rights, spoken=old.spoken)
        self.chat_id = new
        return new


class Member(Person):
    """One of several in a group."""

    def __init__(self, api: BotApi, about: Raw, group: Group) -> None:
        super().__init__(api, about, group.chat_id)
        self._group = group

    @property
    def chat(self) -> Chat:
        self.chat_id = self._group.chat_id
        return super().chat

    async def writes(self, text: str = "", *, topic: int | None = None, answers: int | None = None, **more: Any) -> int:
        """Say something in a topic or the general part, in answer to a message or not."""
        group = self._group.group
        where = group.within(topic)
        if answers is not None:
            where["reply_to_message"] = copy.deepcopy(group.messages[answers])
        return await self.sends(**({"text": text} if text else {}), **where, **more)

    async def sends_album(self, *photos: bytes, topic: int | None = None, caption: str = "") -> list[int]:
        """Several photos at once: each an update of its own, the words under the first."""
        group_id, sent = f"{self.about['id']}{next(ALBUMS):06d}", []
        for number, content in enumerate(photos):
            words = {"caption": caption} if caption and not number else {}
            sent.append(
                await self.sends_photo(content, media_group_id=group_id, **words, **self._group.group.within(topic))
            )
        return sent


ALBUMS = itertools.count(1)


def member_of(group: GroupChat, bot: Raw) -> Raw:
    """What getChatMember says of the bot."""
    if group.closed is not None and group.closed.code == 403:
        return {"user": bot, "status": "kicked", "until_date": 0}
    if group.rights is None:
        return {"user": bot, "status": "member"}
    return {"user": bot, "status": "administrator"} | {right: right in group.rights for right in RIGHTS}


def full_chat(chat: Chat) -> Raw:
    """What getChat says."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    more: Raw = {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return chat.about | more


def joined(messages: Iterable[Raw]) -> str:
    return "\n".join(_words(message) for message in messages)


def _words(message: Raw) -> str:
    return str(message.get("text") or message.get("caption") or "")
