"""The counting after many deaths: from the database itself, from people's phones, and from their pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import create_engine, text

from storage.postgres import postgres_engine
from tests.doubles.telegram_people import Person

QUESTION = "一百户要配多大的社区用房？"
GREETING, ANSWERED, FILED = "您好，我是连心", "渝民发〔2013〕30号", "登记好了"
Pages = Sequence[list[dict[str, Any]]]


class Database:
    """What is committed, seen from outside the process."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url) if url.startswith("sqlite") else postgres_engine(url)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])

    def waiting(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT 'inbox', count(*) FROM inbox WHERE state = 'pending' HAVING count(*) > 0 UNION ALL "
            "SELECT 'outbox', count(*) FROM outbox WHERE state IN ('pending','sending') HAVING count(*) > 0"
        )

    def close(self) -> None:
        self._engine.dispose()


def check(database: Database, *, said: list[list[str]], phones: list[Person], pages: Pages) -> dict[str, int]:
    """Everything that was promised; the figures."""
    stored = _said_by_chat(database)
    assert sorted(stored.values()) == sorted(said), "something said is not there, is there twice, or out of order"
    _every_update_was_done_once_and_in_order(database)
    _every_message_has_its_one_reply(database, stored)
    _every_flat_has_its_one_ticket(database, len(said))
    extra = _everything_owed_arrived_in_order(database, phones)
    _every_page_shows_everything_once(pages, said[len(phones) :])
    return {
        "said on Telegram": sum(map(len, said[: len(phones)])),
        "said on the page": sum(map(len, said[len(phones) :])),
        "updates done once": database.number("SELECT count(*) FROM inbox"),
        "tickets": database.number("SELECT count(*) FROM tickets"),
        "messages to Telegram": database.number("SELECT count(*) FROM outbox WHERE operation = 'send'"),
        "of them arrived twice": extra,
    }


def _said_by_chat(database: Database) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for chat, words in database.rows("SELECT chat_id, text FROM messages WHERE sender = 'resident' ORDER BY seq"):
        found.setdefault(chat, []).append(words)
    return found


def _every_update_was_done_once_and_in_order(database: Database) -> None:
    assert database.rows("SELECT state, count(*) FROM inbox WHERE state <> 'done' GROUP BY state") == []
    twice = "SELECT channel, update_key FROM inbox GROUP BY channel, update_key HAVING count(*) > 1"
    assert database.rows(twice) == []
    for (chat,) in database.rows("SELECT id FROM chats"):
        done = database.rows("SELECT finished_at FROM inbox WHERE chat_id = :chat ORDER BY id", chat=chat)
        assert done == sorted(done), f"chat {chat} was not worked on in order"


def _every_message_has_its_one_reply(database: Database, stored: dict[int, list[str]]) -> None:
    for chat, texts in stored.items():
        replies = [
            words
            for (words,) in database.rows("SELECT text FROM messages WHERE chat_id = :c AND sender = 'bot'", c=chat)
        ]
        asked = Counter("greeting" if words.startswith("/") else words for words in texts)
        assert sum(words.startswith(GREETING) for words in replies) == asked["greeting"]
        assert sum(ANSWERED in words for words in replies) == asked[QUESTION]
    questions = sum(texts.count(QUESTION) for texts in stored.values())
    assert database.rows("SELECT count(*), count(DISTINCT question_id) FROM answers") == [(questions, questions)]


def _every_flat_has_its_one_ticket(database: Database, people: int) -> None:
    counted = "SELECT count(*), count(DISTINCT number), count(DISTINCT description) FROM tickets"
    assert database.rows(counted) == [(people, people, people)]
    told = database.rows("SELECT text FROM messages WHERE sender = 'bot'")
    assert sum(FILED in words for (words,) in told) == people


def _everything_owed_arrived_in_order(database: Database, phones: list[Person]) -> int:
    """How many messages stand there twice: a connection that was cut after a message had arrived."""
    assert database.rows("SELECT state, count(*) FROM outbox WHERE state <> 'sent' GROUP BY state") == []
    extra = 0
    for phone in phones:
        owed = database.rows(
            "SELECT d.remote, m.text FROM messages m JOIN chats c ON c.id = m.chat_id "
            "LEFT JOIN deliveries d ON d.message_id = m.id "
            "WHERE c.remote = :chat AND m.sender = 'bot' ORDER BY m.id",
            chat=phone.chat_id,
        )
        standing = phone.chat.messages
        assert [standing[remote]["text"] for remote, _ in owed] == [words for _, words in owed]
        assert all(earlier < later for (earlier, _), (later, _) in pairwise(owed)), "out of order"
        extra += len(phone.shown()) - len(owed)
    return extra


def _every_page_shows_everything_once(pages: Pages, said: list[list[str]]) -> None:
    for page, words in zip(pages, said, strict=True):
        assert [message["text"] for message in page if message["from"] == "resident"] == words
        assert len({message["id"] for message in page}) == len(page)
        seqs = [message["seq"] for message in page]
        assert seqs == sorted(set(seqs))
