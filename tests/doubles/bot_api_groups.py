"""The Bot API's methods for groups with topics, albums and reactions; as strict as Telegram, none kinder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.doubles.bot_api_rules import Given, caption, refuse
from tests.doubles.telegram_groups import GroupChat, Thread, full_chat, member_of
from tests.doubles.telegram_world import Chat, Raw, World

LONGEST_NAME = 128
KINDS = {"photo": "pictures", "video": "pictures", "document": "documents", "audio": "sounds"}
EMOJI = "👍👎❤🔥🥰👏😁🤔🎉🙏👌👀✍🤝"
"""Some of those Telegram takes for a reaction."""


class GroupMethods:
    def __init__(self, world: World) -> None:
        self.world = world

    def by_name(self) -> dict[str, Callable[[Given], Any]]:
        return {
            "getChat": lambda given: full_chat(self.world.chat(given.chat())),
            "getChatMember": self._member,
            "createForumTopic": self._create,
            "editForumTopic": self._rename,
            "closeForumTopic": lambda given: self._turn(given, closed=True),
            "reopenForumTopic": lambda given: self._turn(given, closed=False),
            "deleteForumTopic": self._delete,
            "sendMediaGroup": self._send_album,
            "setMessageReaction": self._react,
        }

    def put(self, given: Given, **content: Any) -> Raw:
        """A message of the bot's, where the call wants it."""
        chat = self.world.chat(given.chat())
        where = self._where(chat, given)
        self.count(chat, given.method)
        sent = chat.put(self.world.me, **content, **where)
        sent["date"] = int(self.world.now())
        return sent

    def count(self, chat: Chat, method: str, times: int = 1) -> None:
        if isinstance(chat, GroupChat):
            chat.counts(self.world.now(), method, times)

    def _where(self, chat: Chat, given: Given) -> Raw:
        thread, answers = given.whole("message_thread_id"), given.json("reply_parameters")
        found: Raw = {}
        if thread is not None:
            if not isinstance(chat, GroupChat):
                refuse("message thread not found")
            topic = chat.thread(thread, words="message thread not found")
            if topic.closed and not chat.may("can_manage_topics"):
                refuse("TOPIC_CLOSED")
            found = chat.within(thread)
        if answers is not None:
            found |= _answering(chat, answers)
        return found

    def _member(self, given: Given) -> Raw:
        chat = self.world.chats.get(given.chat())
        if not isinstance(chat, GroupChat):
            refuse("chat not found")
        if chat.closed is not None:
            raise chat.closed
        if given.whole("user_id") != self.world.me["id"]:
            refuse("user not found")
        return member_of(chat, self.world.me)

    # --- topics --------------------------------------------------------------------------------------------------
    def _forum(self, given: Given) -> GroupChat:
        chat = self.world.chat(given.chat())
        if not isinstance(chat, GroupChat):
            refuse("the chat is not a forum")
        return chat

    def _create(self, given: Given) -> Raw:
        chat, name = self._forum(given), given.words("name").strip()
        chat.demand("can_manage_topics", "create a topic")
        if not 0 < len(name.encode("utf-16-le")) // 2 <= LONGEST_NAME:
            refuse("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
        made = chat.open_thread(self.world.me, name)
        self.count(chat, given.method)
        return {"message_thread_id": made.id, "name": name, "icon_color": 7322096}

    def _topic(self, given: Given, words: str, right: str = "can_manage_topics") -> tuple[GroupChat, Thread]:
        chat, number = self._forum(given), given.whole("message_thread_id")
        chat.demand(right, words)
        return chat, chat.thread(number)

    def _rename(self, given: Given) -> bool:
        chat, thread = self._topic(given, "edit a topic")
        name = given.words("name").strip()
        if name == thread.name:
            refuse("TOPIC_NOT_MODIFIED")
        thread.name = name or thread.name
        self.count(chat, given.method)
        return True

    def _turn(self, given: Given, *, closed: bool) -> bool:
        chat, thread = self._topic(given, "close a topic" if closed else "reopen a topic")
        if thread.closed == closed:
            refuse("TOPIC_NOT_MODIFIED")
        thread.closed = closed
        self.count(chat, given.method)
        return True

    def _delete(self, given: Given) -> bool:
        chat, thread = self._topic(given, "delete a topic", "can_delete_messages")
        chat.drop_thread(thread.id)
        return True

    # --- albums, reactions -----------------------------------------------------------------------------------------
    def _send_album(self, given: Given) -> list[Raw]:
        chat, media = self.world.chat(given.chat()), given.json("media")
        if not isinstance(media, list) or not 2 <= len(media) <= 10:
            refuse("expected an Array of 2-10 InputMedia")
        families = {KINDS.get(part["type"], "") for part in media}
        if len(families) != 1 or "" in families:
            refuse("media of these types can't be grouped together")
        where, album = self._where(chat, given), f"album{len(chat.messages)}"
        sent = [self._one(chat, given, part, album, where) for part in media]
        self.count(chat, given.method, len(sent))
        for one in sent:
            one["date"] = int(self.world.now())
        return sent

    def _one(self, chat: Chat, given: Given, part: Raw, album: str, where: Raw) -> Raw:
        upload = given.get(str(part["media"]).removeprefix("attach://"))
        content = getattr(upload, "content", b"")
        if not content:
            refuse("wrong file identifier/HTTP URL specified")
        words = caption(Given(given.method, part))
        stored = self.world.keep_file(content, folder=f"{part['type']}s") | {"file_name": upload.name}
        size = {"width": 90, "height": 90}
        shown: Any = [stored | size] if part["type"] == "photo" else stored | size | {"duration": 1}
        extra = {"caption": words} if words else {}
        return chat.put(self.world.me, media_group_id=album, **{part["type"]: shown}, **extra, **where)

    def _react(self, given: Given) -> bool:
        chat, number = self.world.chat(given.chat()), given.whole("message_id")
        if number not in chat.messages:
            refuse("message to react not found")
        for one in given.json("reaction") or []:
            if one.get("type") != "emoji" or one.get("emoji") not in EMOJI:
                refuse("REACTION_INVALID")
        chat.messages[number or 0]["reactions"] = [one["emoji"] for one in given.json("reaction") or []]
        given.yes("is_big")
        return True


def _answering(chat: Chat, answers: Raw) -> Raw:
    if set(answers) - {"message_id", "allow_sending_without_reply"}:
        refuse("can't parse reply parameters JSON object")
    found = chat.messages.get(int(answers["message_id"]))
    if found is None and not answers.get("allow_sending_without_reply"):
        refuse("message to be replied not found")
    return (
        {"reply_to_message": {key: value for key, value in found.items() if key != "reply_to_message"}} if found else {}
    )
