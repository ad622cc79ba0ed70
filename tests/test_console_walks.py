"""Walks over every address of the console, from the route table: nonsense, forged forms, and residents who write markup."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from fastapi.routing import APIRoute

from handlers.web.console.gates import Anybody, Need
from handlers.web.parts import WebParts
from storage import colleagues, scopes, staff
from storage.engine import Storage
from storage.saved_filters import keep
from storage.staff import Place as Whence
from storage.tables import staff_sessions
from tests.conftest import FrozenClock
from tests.console_routes import Address, console_addresses
from tests.desk_service import at_the_desk, desk_app, desk_browser, hire
from tests.two_communities import Place, place, state_of, two_communities
from tests.web_service import web_parts

NONSENSE = (
    "", "9" * 40, "-1", "²", "٣", "<script>alert(1)</script>", "\u202egnp.exe", "\x00\ud800".encode("utf-8", "replace"),
    "2026-02-30", "0000-00-00T99:99", "x" * 1000, "' OR 1=1 --", "%", "[1]", "null", "../../etc/passwd", "LX-1", "nan",
)  # fmt: skip
READ_BY_HAND = (
    "lang",
    "filter",
    "q",
    "after",
    "before",
    "page",
    "town",
    "done",
    "state",
    "category",
    "time",
    "building",
)
"""Parameters that no signature names."""
AT_ONCE = 4


def parameters(parts: WebParts) -> list[str]:
    """Every name an address of the console listens to."""
    routes = [route for route in desk_app(parts).routes if isinstance(route, APIRoute)]
    named = {one.alias for route in routes for one in route.dependant.query_params}
    return sorted(named | set(READ_BY_HAND))


def filled(one: Address, where: Place) -> str:
    rule = one.rule if isinstance(one.rule, Need) else Need("", "")
    return re.sub(r"{([^}]+)}", lambda blank: where.blank(rule, blank[1]) if rule.kind != "staff" else "1", one.path)


def looked_at(desk_parts: WebParts, method: str) -> Iterator[Address]:
    for one in console_addresses(desk_parts):
        if one.method == method and not one.path.endswith(("/events", "/sign-out")):
            yield one


async def test_nonsense_in_an_address_gets_a_plain_page(storage: Storage) -> None:
    own, _ = await storage.run(two_communities)
    async with at_the_desk(storage, role="admin") as desk:
        parts = web_parts(storage)
        names = parameters(parts)
        for number, one in enumerate(looked_at(parts, "GET")):
            blank = re.sub(r"{[^}]+}", "9" * 30 if number % 2 else "%F0%9F%92%A7", one.path)
            for address, value in zip((filled(one, own), blank), some(number), strict=True):
                given = dict.fromkeys(names, value) | {"lang": ("zh", "en")[number // 2 % 2]}
                response = await desk.client.get(address, params=given, headers={"Accept": "text/html"})
                assert response.status_code < 500, (one, value)
                assert "no-store" in response.headers["cache-control"], "signed out, the back button shows nothing"
                assert "<script>alert" not in response.text, (one, value)


def some(number: int) -> tuple[str | bytes, str | bytes]:
    """Two of the nonsense, other ones at each address: over all of them everything comes often."""
    return NONSENSE[number % len(NONSENSE)], NONSENSE[(number + 5) % len(NONSENSE)]


async def test_nonsense_in_a_form_is_refused_in_words(storage: Storage) -> None:
    own, _ = await storage.run(two_communities)
    fields = set(re.findall(r'fields(?:\.get\(|\[)"(\w+)"|(?:text|number)\("(\w+)"', source_of_forms()))
    names = {name for pair in fields for name in pair if name} | {"revision", "v1", "came1", "from1", "to1", "break1"}
    async with at_the_desk(storage, role="admin") as desk:
        await desk.opens("/console/posters")
        csrf = desk.form("/sign-out")[1]
        for number, one in enumerate(looked_at(web_parts(storage), "POST")):
            for value in some(number) if "/own/" not in one.path and "sessions" not in one.path else ():
                given = dict.fromkeys(names, value) | {"v" + "9" * 30: "yes", "v²": "yes", "b_²": "yes"} | csrf
                response = await desk.client.post(filled(one, own), data=given)
                assert response.status_code < 500, (one, value)


def source_of_forms() -> str:
    from handlers.web.pages import HERE

    return "\n".join(path.read_text("utf-8") for path in (HERE / "console").glob("*.py"))


async def test_a_form_without_its_token_changes_nothing(storage: Storage) -> None:
    own, _ = await storage.run(two_communities)
    before = await storage.read(state_of, own)
    async with at_the_desk(storage, role="admin") as desk, at_the_desk(storage, name="李强") as other:
        await other.opens("/console/posters")
        anothers = other.form("/sign-out")[1]["csrf"]
        for one in looked_at(web_parts(storage), "POST"):
            if isinstance(one.rule, Anybody):
                continue
            for token in ("", anothers):
                response = await desk.client.post(
                    filled(one, own), data={"csrf": token, "reason": "x", "revision": "1"}
                )
                assert response.status_code in (403, 404), one
        assert (await desk.client.get("/console")).status_code == 200, "nobody was signed out either"
    assert await storage.read(state_of, own) == before


HOSTILE = "\u202e<script>alert(1)</script>\"'><img src=x>\u2066=cmd"


async def test_markup_and_turned_letters_stay_words_on_every_page(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin", name=f"周{HOSTILE}") as desk:
        evil = await storage.run(lambda tx: place(tx, HOSTILE, "7", HOSTILE, 1, desk.staff_id))
        await storage.run(keep, staff_id=desk.staff_id, name=HOSTILE[:30], wanted={"q": HOSTILE})
        seen = 0
        for one in looked_at(web_parts(storage), "GET"):
            response = await desk.client.get(filled(one, evil), params={"q": HOSTILE})
            if not response.headers.get("content-type", "").startswith("text/html"):
                continue
            seen += "alert(1)" in response.text
            assert not re.search(r"<script>|<img src=x", response.text), one
            assert not set("\u202e\u2066") & set(response.text), f"{one}: what follows would be read backwards"
        assert seen > 20, "the words are there, as words"


# --- rights that change while a page is open --------------------------------------------------------------------------
async def test_a_lowered_role_and_a_taken_place_count_at_the_next_press_and_in_the_open_stream(
    storage: Storage,
) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role="operator") as desk:
        await desk.opens(f"/console/tickets/{other.ticket}")
        address, hidden = desk.form("/act")
        before = await storage.read(state_of, other)
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, community_id=own.community)
        press = hidden | {"action": "answer", "text": "越界了"}
        assert (await desk.client.post(address, data=press)).status_code == 404
        await storage.run(colleagues.change_role, desk.staff_id, "viewer", by=desk.staff_id, reason="x")
        mine = address.replace(other.ticket, own.ticket)
        assert (await desk.client.post(mine, data=press)).status_code == 403
        assert other.secret not in await desk.opens("/console/banner"), "what the open stream asks the page to look at"
        assert (await desk.client.get("/console/conversations")).status_code == 403
        assert await storage.read(state_of, other) == before


async def test_a_link_used_by_two_at_once_lets_one_in(any_storage: Storage) -> None:
    _, token = await any_storage.run(hire, "周敏", "operator")
    tried = await asyncio.gather(*(any_storage.run(staff.enter, token, Whence()) for _ in range(AT_ONCE)))
    assert sum(session is not None for session in tried) == 1
    kept = await any_storage.read(lambda tx: tx.tuples(staff_sessions.select()))
    assert len(kept) == 1


async def test_guesses_side_by_side_count_each(storage: Storage, clock: FrozenClock) -> None:
    await storage.run(hire, "周敏", "operator")
    async with desk_browser(web_parts(storage)) as stranger:
        guess = {"name": "周敏", "password": "猜一猜猜一猜猜", "code": "123456"}
        tried = await asyncio.gather(*(stranger.post("/console/sign-in", data=guess) for _ in range(12)))
        assert {one.status_code for one in tried} <= {403, 429}
        assert (await stranger.post("/console/sign-in", data=guess)).status_code == 429
