"""The telephone's signed webhook over HTTP, and text messages on their way out to a service of our own that misbehaves."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from handlers.web.app import create_app
from handlers.web.console.events import follow
from handlers.web.telephone_hook import PATH, telephone_router
from knowledge import signatures
from storage import alarms, callers, dead_letters, messages, texting
from storage import calls as calls_of_the_desk
from storage.engine import Storage
from storage.postgres import PostgresStorage
from storage.tables import calls, ring_backs, telephone_events, tickets
from storage.tables import outbox as outbox_table
from storage.telephone import lapse
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, file_ticket
from tests.doubles.text_service import SECRET, sending
from tests.web_service import web_parts

RINGS = {"id": "ev-1", "call": "c-1", "event": "ringing", "from": "+86 138 0000 0000", "line": "2"}


@asynccontextmanager
async def telephone(storage: Storage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(web_parts(storage), routers=[telephone_router(SECRET)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        yield client


async def tells(client: httpx.AsyncClient, storage: Storage, told: Any, **wrong: Any) -> httpx.Response:
    """Tell it, signed; ``wrong`` is what is not as it should be."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    at = storage.clock() - wrong.get("late", timedelta(0))
    headers: list[Any] = list(signatures.sign(wrong.get("secret", SECRET), body, at=at).items())
    if "headers" in wrong:
        headers = wrong["headers"]
    return await client.post(PATH, content=wrong.get("sent", body), headers=headers)


def everything(tx: Tx) -> list[Any]:
    return [tx.tuples(select(table)) for table in (calls, ring_backs, telephone_events)]


async def test_a_call_from_ringing_to_its_recording(any_storage: Storage, clock: FrozenClock) -> None:
    async with telephone(any_storage) as phone:
        assert (await tells(phone, any_storage, RINGS)).status_code == 200
        clock.move(seconds=9)
        for number, event in enumerate(("answered", "ended"), 2):
            told = RINGS | {"id": f"ev-{number}", "event": event}
            assert (await tells(phone, any_storage, told)).status_code == 200
        kept = RINGS | {"id": "ev-4", "event": "recording", "recording": "https://pbx.example/r/1"}
        assert (await tells(phone, any_storage, kept)).status_code == 200
    [call] = await any_storage.read(lambda tx: tx.all(select(calls)))
    assert (call["number"], call["line"], call["state"]) == ("13800000000", "2", "ringing")
    assert call["answered_at"] - call["began_at"] == timedelta(seconds=9)
    assert call["hung_up_at"] is not None
    assert call["recording"] == "https://pbx.example/r/1"


async def test_a_ring_is_pushed_to_who_looks_at_the_desk_of_whichever_process(
    any_storage: Storage, clock: FrozenClock, request: pytest.FixtureRequest
) -> None:
    """It used to wait for the page's next look at everything: more than a second on a busy machine."""
    other = any_storage
    if isinstance(any_storage, PostgresStorage):
        other = PostgresStorage(request.getfixturevalue("migrated_database"), clock=clock)
        await other.open()
    async with at_the_desk(any_storage) as desk, telephone(other) as phone:
        token = desk.client.cookies["lianxin_desk"]
        events = follow(web_parts(any_storage), token, lambda _, ringing: str([call.number for call in ringing]))
        opening = "".join([await anext(events) for _ in range(3)])
        assert opening.index("event: rings") < opening.index("event: desk")
        assert (await tells(phone, other, RINGS)).status_code == 200
        assert "\"['13800000000']\"" in await anext(events), "the strip itself, before anything else is looked up"
        assert "event: desk" in await anext(events)
        await any_storage.run(calls_of_the_desk.take, 1, staff_id=desk.staff_id)
        assert '"[]"' in await anext(events)
        await events.aclose()
    if other is not any_storage:
        await other.close()


async def test_missed_calls_wait_once_per_number_and_a_withheld_one_cannot(any_storage: Storage) -> None:
    async with telephone(any_storage) as phone:
        for number, given in enumerate(("13800000000", "13800000000", "anonymous")):
            told = {"id": f"m-{number}", "call": f"c-{number}", "event": "ended", "from": given}
            assert (await tells(phone, any_storage, told)).status_code == 200
    found = await any_storage.read(lambda tx: tx.tuples(select(calls.c.state, calls.c.number)))
    assert found == [("missed", "13800000000"), ("missed", "13800000000"), ("missed", None)]
    waiting = await any_storage.read(lambda tx: tx.tuples(select(ring_backs.c.phone, ring_backs.c.reason)))
    assert waiting == [("13800000000", "missed")]


async def test_a_telephone_system_that_tells_no_end_leaves_nothing_ringing_for_ever(any_storage: Storage) -> None:
    async with telephone(any_storage) as phone:
        assert (await tells(phone, any_storage, RINGS)).status_code == 200
        assert (
            await tells(phone, any_storage, RINGS | {"id": "b", "call": "c-2", "event": "answered"})
        ).status_code == 200
    assert await any_storage.run(lapse) == 0
    clock: FrozenClock = any_storage.clock  # type: ignore[assignment]
    clock.move(minutes=11)
    assert await any_storage.run(lapse) == 1
    clock.move(days=1)
    assert await any_storage.run(lapse) == 1
    found = await any_storage.read(lambda tx: tx.tuples(select(calls.c.state, calls.c.outcome).order_by(calls.c.id)))
    assert found == [("missed", None), ("done", "nothing")]
    assert len(await any_storage.read(lambda tx: tx.all(select(ring_backs)))) == 1


BODY = json.dumps(RINGS).encode()
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
SIGNED = signatures.sign(SECRET, BODY, at=AT)
UNREADABLE = [(name.encode(), "签名".encode()) for name in SIGNED]


@pytest.mark.parametrize(
    ("told", "wrong", "status", "code"),
    [
        (RINGS, {"headers": []}, 401, "signature_missing"),
        (RINGS, {"headers": UNREADABLE}, 401, "signature_wrong"),
        (RINGS, {"secret": "another-secret-altogether"}, 401, "signature_wrong"),
        (RINGS, {"sent": BODY + b" "}, 401, "signature_wrong"),
        (RINGS, {"late": timedelta(minutes=6)}, 401, "signature_stale"),
        (RINGS, {"late": timedelta(minutes=-6)}, 401, "signature_stale"),
        (b"\xff\xfe{", {}, 400, "bad_json"),
        (b"[" * 9000, {}, 400, "bad_json"),
        (b"[1]", {}, 422, "invalid"),
        (RINGS | {"event": "exploded"}, {}, 422, "invalid"),
        (RINGS | {"id": "编号"}, {}, 422, "invalid"),
        (RINGS | {"at": "yesterday"}, {}, 422, "invalid"),
        (RINGS | {"at": "2026-11-23T09:00:00"}, {}, 422, "invalid"),
        (RINGS | {"recording": "javascript:alert(1)"}, {}, 422, "invalid"),
        *(
            (RINGS | {"recording": address}, {}, 422, "invalid")
            for address in (
                *(
                    "http://pbx.example/r",
                    "https://pbx/r",
                    "https://10.0.0.5/r",
                    "https://[::1]/r",
                    "https://2130706433/r",
                ),
                *(
                    "https://localhost:8443/r",
                    "https://pbx.local/r",
                    "https://a:b@pbx.example/r",
                    "https://pbx.example/录音",
                ),
            )
        ),
        (RINGS | {"line": "9" * 20000}, {}, 413, "too_big"),
    ],
)
async def test_what_cannot_be_believed_changes_nothing(
    told: Any, wrong: dict[str, Any], status: int, code: str, storage: Storage
) -> None:
    async with telephone(storage) as phone:
        answer = await tells(phone, storage, told, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await storage.read(everything) == [[], [], []]


async def test_what_is_sent_again_is_refused_and_changes_nothing(storage: Storage, clock: FrozenClock) -> None:
    async with telephone(storage) as phone:
        body, headers = json.dumps(RINGS).encode(), list(signatures.sign(SECRET, BODY, at=storage.clock()).items())
        assert (await tells(phone, storage, body, headers=headers)).status_code == 200
        before = await storage.read(everything)
        assert (await tells(phone, storage, body, headers=headers)).status_code == 409
        clock.move(minutes=6)
        assert (await tells(phone, storage, body, headers=headers)).status_code == 401
        assert (await tells(phone, storage, RINGS | {"event": "missed"})).status_code == 409, "its id was told before"
        assert await storage.read(everything) == before


async def test_while_the_secret_is_changed_old_and_new_both_count_and_capitals_are_read(storage: Storage) -> None:
    app = create_app(web_parts(storage), routers=[telephone_router(f"{SECRET},the-old-secret-of-it")])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        for number, secret in enumerate((SECRET, "the-old-secret-of-it")):
            told = RINGS | {"id": f"s{number}"}
            assert (await tells(client, storage, told, secret=secret)).status_code == 200
        body = json.dumps(RINGS | {"id": "loud"}).encode()
        signed = signatures.sign(SECRET, body, at=storage.clock())
        loud = {name: value.replace("sha256=", "").upper() for name, value in signed.items()}
        loud[signatures.SIGNATURE] = f"SHA256={loud[signatures.SIGNATURE]}"
        assert (await tells(client, storage, body, headers=list(loud.items()))).status_code == 200
        both = f"{SECRET},the-old-secret-of-it"
        assert (await tells(client, storage, RINGS | {"id": "x"}, secret=both)).status_code == 401


async def test_while_the_database_does_not_answer_the_telephone_is_asked_to_come_again(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any, **__: Any) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    async with telephone(storage) as phone:
        with monkeypatch.context() as patched:
            patched.setattr(storage, "run", away)
            answer = await tells(phone, storage, RINGS)
        assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (503, True)
        assert (await tells(phone, storage, RINGS)).status_code == 200, "the same again is taken"


async def test_a_flood_of_lies_costs_nothing_and_a_huge_body_is_refused(storage: Storage) -> None:
    async with telephone(storage) as phone:
        lies = [
            await tells(phone, storage, RINGS | {"id": f"l{n}"}, secret="nobody-s-secret-at-all") for n in range(200)
        ]
        assert {answer.status_code for answer in lies} == {401}
        assert (await tells(phone, storage, b"x" * 300_000)).status_code == 413
    assert await storage.read(everything) == [[], [], []]


async def test_the_address_is_shut_where_no_secret_is_set(storage: Storage) -> None:
    app = create_app(web_parts(storage))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        assert (await client.post(PATH, content=b"{}")).status_code == 404


# --- text messages ----------------------------------------------------------------------------------------------------


def caller(tx: Tx, number: str | None = "13800000000") -> int:
    return callers.chat_for(tx, number=number, name=None)


async def states(storage: Storage) -> list[str]:
    return [state for (state,) in await storage.read(lambda tx: tx.tuples(select(outbox_table.c.state)))]


async def test_a_letter_is_tried_until_it_is_taken_always_under_one_id(storage: Storage, clock: FrozenClock) -> None:
    async with sending(storage) as (service, worker):
        chat_id = await storage.run(caller)
        await storage.run(messages.say, chat_id=chat_id, text="已登记" * 200, sender="staff")
        service.answers = [500, 429, 200]
        for _ in range(3):
            await worker.send_some()
            clock.move(minutes=1)
        ids = {(told["id"], key) for told, key in service.got}
        assert (len(service.got), len(ids), len(service.got[0][0]["text"])) == (3, 1, 300)
        assert service.got[0][0]["to"] == "13800000000"
        assert await states(storage) == ["sent"]


async def test_a_refused_letter_lies_where_people_see_it_and_is_sent_again(
    storage: Storage, clock: FrozenClock
) -> None:
    async with sending(storage) as (service, worker):
        await storage.run(messages.say, chat_id=await storage.run(caller), text="已登记", sender="staff")
        service.answers = [400]
        await worker.send_some()
        [letter] = await storage.read(dead_letters.listed)
        assert (letter["state"], letter["error"]) == ("dead", "refused with 400")
        clock.move(minutes=1)
        assert await storage.run(dead_letters.resend, int(str(letter["id"])))
        await worker.send_some()
        assert await states(storage) == ["sent"]
        assert service.got[0][1] == service.got[1][1]


async def test_to_whom_nothing_goes_out(storage: Storage, clock: FrozenClock) -> None:
    def in_danger(tx: Tx) -> None:
        for number in (None, "13800000001", "13800000002"):
            chat_id = caller(tx, number)
            if number == "13800000001":
                alarms.raise_alarm(tx, chat_id=chat_id, message_id=None, kind="domestic_violence", rule="operator")
            messages.say(tx, chat_id=chat_id, text="您的事有进展", sender="staff")
            messages.say(tx, chat_id=chat_id, text="您好，我是机器人")

    async with sending(storage) as (service, worker):
        await storage.run(in_danger)
        filed = await storage.run(file_ticket, confidential=True)
        secret: int = await storage.run(caller, "13800000003")

        def about(tx: Tx) -> int:
            ticket_id = tx.scalar(select(tickets.c.id).where(tickets.c.number == filed.number))
            return messages.say(tx, chat_id=secret, text="李强打了王芳", ticket_id=ticket_id)

        await storage.run(about)
        await worker.send_some()
        told = {one["to"]: one["text"] for one, _ in service.got}
        assert set(told) == {"13800000002", "13800000003"}, (
            "no number, and a number the other side may hold, get nothing"
        )
        assert told["13800000002"] == "您的事有进展", "nor does the bot's own talk"
        assert "李强" not in told["13800000003"]
        await storage.run(texting.switch, False)
        await storage.run(messages.say, chat_id=secret, text="更多", sender="staff")
        assert await states(storage) == ["sent", "sent"], "where nobody sends text messages none is written"


# --- the page for whoever sets the telephone system up ----------------------------------------------------------------
PAGE = (Path(__file__).parent.parent / "docs" / "telephone.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


async def test_every_example_of_the_page_is_taken_as_it_stands(storage: Storage, clock: FrozenClock) -> None:
    """Signed by the page's own lines; only the day is today's."""
    told = [json.loads(example) for example in examples("json")]
    incoming = [one for one in told if "event" in one]
    assert {one["event"] for one in incoming} == {"ringing", "text", "text_status"}
    [lines] = examples("python")
    async with telephone(storage) as phone:
        for one in incoming:
            body = json.dumps(one | ({"at": clock.now.isoformat()} if "at" in one else {})).encode()
            names: dict[str, Any] = {
                "hmac": hmac,
                "sha256": hashlib.sha256,
                "hashlib": hashlib,
                "time": clock_of(clock),
            }
            names |= {"secret": SECRET, "body": body}
            exec(lines, names)
            headers = {signatures.TIMESTAMP: names["stamp"], signatures.SIGNATURE: f"sha256={names['digest']}"}
            answer = await phone.post(PATH, content=body, headers=headers)
            assert answer.status_code == 200, (one, answer.text)


def clock_of(clock: FrozenClock) -> Any:
    return SimpleNamespace(time=lambda: clock.now.timestamp())


async def test_what_goes_out_looks_as_the_page_says(storage: Storage) -> None:
    [shown] = [one for one in map(json.loads, examples("json")) if "event" not in one]
    async with sending(storage) as (service, worker):
        await storage.run(messages.say, chat_id=await storage.run(caller), text="已登记", sender="staff")
        await worker.send_some()
        [(sent, key)] = service.got
    assert set(sent) == set(shown)
    assert re.fullmatch(r"lianxin-\d+", shown["id"])
    assert re.fullmatch(r"lianxin-\d+", key)
