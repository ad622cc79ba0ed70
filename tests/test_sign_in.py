"""Coming in: the first password, the second factor, guessing at both, and sessions that end when they must."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlalchemy import select

from bot.server_key import key_file, known_seal, seal_of
from bot.settings import WrongSetting, load_settings
from handlers.web.console.events import follow
from handlers.web.console.gates import SIGN_IN
from handlers.web.console.passwords import NOBODYS, Passwords
from knowledge import signing_in
from knowledge.datafiles import DataError
from knowledge.sealing import Seal
from storage import own_sign_in, sessions, sign_in, staff
from storage.engine import Storage
from storage.sign_in import Asking
from storage.staff import Place
from storage.tables import audit, recovery_codes, sign_in_tries
from storage.tables import staff as staff_table
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, desk_browser, hire
from tests.web_service import SEAL, web_parts

PASSWORD = "梧桐树下第三盏灯不亮"
OTHER = "明天早上七点去买豆花饭"


def digits(secret: str, clock: FrozenClock, *, steps: int = 0) -> str:
    """What the authenticator shows."""
    return pyotp.TOTP(secret).at(int(clock.now.timestamp()) + steps * signing_in.STEP)


async def set_up(desk: Desk, clock: FrozenClock) -> tuple[str, list[str]]:
    """Password and authenticator, by oneself, after the link; the secret and the recovery codes."""
    await desk.opens("/console/own")
    await desk.sends("/own/password", password=PASSWORD, again=PASSWORD)
    await desk.sends("/own/factor")
    found = re.search(r'class="secret-key">(\w+)<', desk.page)
    assert found is not None
    assert "<svg" in desk.page
    await desk.sends("/factor/confirm", code=digits(found[1], clock))
    return found[1], re.findall(r"<li><code>([^<]+)</code>", desk.page)


async def knocks(
    client: httpx.AsyncClient, code: str, *, name: str = "周敏", password: str = PASSWORD
) -> httpx.Response:
    return await client.post("/console/sign-in", data={"name": name, "password": password, "code": code})


async def test_from_the_link_to_a_password_and_back_in(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        assert "现在只能用一次性链接登录" in await desk.opens("/console/own")
        secret, codes = await set_up(desk, clock)
        assert len(codes) == len(set(codes)) == 10
        assert "密码和验证器都设好了" in desk.page
        page = await desk.opens("/console/own")
        assert not any(code in page for code in (*codes, secret)), "shown this once"
        await desk.sends("/sign-out")
        clock.move(seconds=30)
        entered = await knocks(desk.client, digits(secret, clock))
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert (await desk.client.get("/console")).status_code == 200
    kept = await storage.read(lambda tx: tx.all(select(audit.c.action, audit.c.detail).order_by(audit.c.id)))
    ways = [row["detail"]["how"] for row in kept if row["action"] == "sign_in"]
    assert ways == ["link", "password"]


async def test_a_code_opens_once_and_a_recovery_code_does_too(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, codes = await set_up(desk, clock)
        clock.move(minutes=1)
        shown = digits(secret, clock)
        assert (await knocks(desk.client, shown)).status_code == 303
        assert (await knocks(desk.client, shown)).status_code == 403, "somebody read it over a shoulder"
        assert (await knocks(desk.client, digits(secret, clock, steps=-1))).status_code == 403, "an older one, too"
        assert (await knocks(desk.client, codes[3].upper().replace("-", " "))).status_code == 303
        assert (await knocks(desk.client, codes[3])).status_code == 403
        assert "还剩 9 个没用过" in await desk.opens("/console/own")
        new = re.findall(r"<li><code>([^<]+)</code>", await desk.sends("/own/codes", present=PASSWORD))
        assert (await knocks(desk.client, codes[4])).status_code == 403
        assert (await knocks(desk.client, new[4])).status_code == 303


async def test_a_clock_a_little_off_is_forgiven_and_no_more(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, _ = await set_up(desk, clock)
        clock.move(minutes=5)
        assert (await knocks(desk.client, digits(secret, clock, steps=2))).status_code == 403
        assert (await knocks(desk.client, digits(secret, clock, steps=-2))).status_code == 403
        assert (await knocks(desk.client, digits(secret, clock, steps=-1))).status_code == 303
        assert (await knocks(desk.client, digits(secret, clock, steps=1))).status_code == 303


async def test_a_password_alone_opens_nothing(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        await desk.opens("/console/own")
        await desk.sends("/own/password", password=PASSWORD, again=PASSWORD)
        for code in ("", "000000", "None"):
            assert (await knocks(desk.client, code)).status_code == 403
        await desk.sends("/own/factor")
        assert (await knocks(desk.client, digits(await secret_of(storage, desk), clock))).status_code == 403


async def secret_of(storage: Storage, desk: Desk) -> str:
    mine = select(staff_table.c.factor_secret).where(staff_table.c.id == desk.staff_id)
    return SEAL.open(await storage.read(lambda tx: tx.scalar(mine))) or ""


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        ("太短了", "太短了", "太短了，至少要 10 个字符"),
        ("周敏12345", "周敏12345", "太短了"),
        ("我是周敏周敏12", "我是周敏周敏12", "太短了"),
        ("zhoumin-password", "zhoumin-password", None),
        ("password12", "password12", "太常见"),
        ("Lianxin2026", "Lianxin2026", "太常见"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "太简单"),
        ("abcdefghijkl", "abcdefghijkl", "太简单"),
        (PASSWORD, OTHER, "两次输的不一样"),
        ("长" * 129, "长" * 129, "太长了"),
    ],
)
async def test_weak_passwords_are_refused_with_the_reason(
    storage: Storage, password: str, again: str, why: str | None
) -> None:
    async with at_the_desk(storage) as desk:
        await desk.opens("/console/own")
        page = await desk.sends("/own/password", password=password, again=again)
        assert desk.status == (200 if why is None else 422)
        assert why is None or why in page
        hashed = await storage.read(own_sign_in.password_hash, desk.staff_id)
        assert (hashed or "").startswith("$argon2id$" if why is None else "")
        assert password not in (hashed or "")


async def test_a_guess_costs_as_much_where_there_is_nobody_of_that_name() -> None:
    passwords = Passwords()
    hashed = await passwords.hashed(PASSWORD)
    cost = "$argon2id$v=19$m=65536,t=3,p=4$"
    assert hashed.startswith(cost)
    assert NOBODYS.startswith(cost)
    assert await passwords.right(hashed, PASSWORD)
    assert not await passwords.right(hashed, OTHER)
    assert not await passwords.right(None, PASSWORD)


async def test_a_changed_password_ends_every_session_and_link(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, _ = await set_up(desk, clock)
        parts = web_parts(storage)
        async with desk_browser(parts) as phone:
            clock.move(minutes=1)
            await knocks(phone, digits(secret, clock))
            assert (await phone.get("/console")).status_code == 200
            events = follow(parts, phone.cookies["lianxin_desk"])
            assert "retry" in await anext(events)
            assert "event: desk" in await anext(events)
            link = await storage.run(staff.make_link, desk.staff_id)
            clock.move(hours=2)
            await desk.opens("/console/own")
            assert "现在的密码不对" in await desk.sends("/own/password", password=OTHER, again=OTHER, present="猜的")
            await desk.opens("/console/own")
            await desk.sends("/own/password", password=OTHER, again=OTHER, present=PASSWORD)
            assert desk.status == 200, "who changed it goes on here"
            assert (await phone.get("/console")).headers["location"] == SIGN_IN
            assert "event: over" in await anext(events)
            assert await storage.read(staff.look_at_link, link) == "expired"
            assert (await knocks(phone, digits(secret, clock))).status_code == 403
            assert (await knocks(phone, digits(secret, clock), password=OTHER)).status_code == 303


async def test_whoever_finds_a_screen_open_changes_nothing(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, _ = await set_up(desk, clock)
        clock.move(hours=2)
        for form, fields in (
            ("/own/password", {"password": OTHER, "again": OTHER}),
            ("/own/factor", {}),
            ("/own/codes", {}),
        ):
            await desk.opens("/console/own")
            assert "没有改动" in await desk.sends(form, **fields)
        assert await secret_of(storage, desk) == secret
        for _ in range(3):
            await desk.opens("/console/own")
            await desk.sends("/own/codes", present="猜")
        assert desk.status == 429
        assert "试的次数太多了" in desk.page


async def test_guessing_becomes_slow_and_says_until_when(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, _ = await set_up(desk, clock)
        async with desk_browser(web_parts(storage)) as stranger:
            for _ in range(5):
                assert (await knocks(stranger, "123456", password="猜一猜猜一猜猜")).status_code == 403
            clock.move(seconds=20)
            late = await knocks(stranger, digits(secret, clock))
            assert (late.status_code, late.headers["retry-after"]) == (429, "11"), "even when it is right"
            assert "请过 1 分钟再试" in late.text
            assert "lianxin_desk=" not in late.headers.get("set-cookie", "")
            clock.move(seconds=11)
            assert (await knocks(stranger, "123456")).status_code == 403
            clock.move(seconds=59)
            assert (await knocks(stranger, "123456")).status_code == 429, "each further failure doubles the wait"
            clock.move(hours=24)
            assert (await knocks(stranger, digits(secret, clock))).status_code == 303


async def test_a_stranger_cannot_lock_a_colleague_out(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        secret, _ = await set_up(desk, clock)
        await desk.sends("/sign-out")
        async with desk_browser(web_parts(storage)) as stranger:
            for _ in range(40):
                clock.move(minutes=16)
                await knocks(stranger, "123456", password="猜一猜猜一猜猜")
            assert (await knocks(stranger, digits(secret, clock))).status_code == 429
        clock.move(seconds=30)
        assert (await knocks(desk.client, digits(secret, clock))).status_code == 303, "a browser of their own"
        token = await storage.run(staff.make_link, desk.staff_id)
        async with desk_browser(web_parts(storage)) as new_phone:
            assert (await new_phone.post("/console/enter", data={"token": token})).status_code == 303


async def test_a_browser_of_a_colleague_is_no_door_to_another(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        secret, _ = await set_up(desk, clock)
        for _ in range(5):
            await knocks(other.client, "123456")
        clock.move(seconds=5)
        assert (await knocks(other.client, digits(secret, clock))).status_code == 429


async def test_one_address_that_tries_many_names_becomes_slow(storage: Storage) -> None:
    async with desk_browser(web_parts(storage)) as stranger:
        for number in range(20):
            assert (await knocks(stranger, "123456", name=f"同事{number}")).status_code == 403
        assert (await knocks(stranger, "123456", name="还有一个")).status_code == 429


async def test_nobody_learns_who_works_here(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as gone:
        secret, _ = await set_up(desk, clock)
        await set_up(gone, clock)
        await storage.run(staff.disable, gone.staff_id)
        async with desk_browser(web_parts(storage)) as stranger:
            pages = [
                (await knocks(stranger, code, name=name, password=password))
                for name, password, code in (
                    ("没有这个人", PASSWORD, digits(secret, clock)),
                    ("周敏", OTHER, digits(secret, clock)),
                    ("周敏", PASSWORD, "000000"),
                    ("李强", PASSWORD, digits(await secret_of(storage, gone), clock)),
                    ("", "", ""),
                    ("周敏\x00", "\ud800".encode("utf-8", "replace").decode(), "\x00"),
                )
            ]
        assert {page.status_code for page in pages} == {403}
        assert len({re.sub(r'value="[^"]*"|autofocus', "", page.text) for page in pages}) <= 2
        assert all("set-cookie" not in page.headers for page in pages)
    kept = await storage.read(lambda tx: str(tx.all(select(sign_in_tries.c.key))))
    assert "周敏" not in kept


async def test_another_sites_page_cannot_try(storage: Storage) -> None:
    async with desk_browser(web_parts(storage)) as client:
        response = await client.post("/console/sign-in", data={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert response.status_code == 403
        assert await storage.read(lambda tx: tx.all(select(sign_in_tries))) == []


async def test_sessions_are_listed_and_ended_and_two_places_are_shown(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        assert "同时在别处登录着" not in await desk.opens("/console")
        token = await storage.run(staff.make_link, desk.staff_id)
        async with desk_browser(web_parts(storage)) as phone:
            phone.headers["User-Agent"] = "Mozilla/5.0 (iPhone) Safari/604.1"
            await phone.post("/console/enter", data={"token": token})
            await phone.get("/console")
            assert "同时在别处登录着" in await desk.opens("/console")
            page = await desk.opens("/console/own")
            assert "Safari · iPhone" in page
            address, _ = desk.form("/end")
            await desk.sends(address.removeprefix("/console"))
            assert (await phone.get("/console")).status_code == 303
            assert "同时在别处登录着" not in await desk.opens("/console")
            await desk.client.post(address, data=desk.form("/sign-out")[1])
            assert "没有登录着" not in await desk.opens("/console/own")


async def test_one_session_in_two_browsers_is_shown(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        await desk.opens("/console")
        assert "同时在别处登录着" not in await desk.opens("/console")
        for agent in ("Mozilla/5.0 (Windows NT 10.0) Chrome/140", "curl/8"):
            desk.client.headers["User-Agent"] = agent
            assert "同时在别处登录着" in await desk.opens("/console")
        assert "Chrome · Windows" in await desk.opens("/console/own")


async def test_nobody_ends_anothers_session(storage: Storage) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        [theirs] = await storage.read(sessions.listed, other.staff_id)
        await desk.opens("/console/own")
        csrf = desk.form("/sign-out")[1]
        for key in (theirs.key, theirs.key[:4], "%" * 16, "0" * 16):
            response = await desk.client.post(f"/console/own/sessions/{key}/end", data=csrf)
            assert response.status_code in (404, 409)
        assert (await other.client.get("/console")).status_code == 200


# --- on both databases, and without one -------------------------------------------------------------------------------
async def test_signing_in_on_both_databases(any_storage: Storage, clock: FrozenClock) -> None:
    asking = Asking("周敏", Place("10.0.0.7", "Chrome"))
    member, _ = await any_storage.run(hire, "周敏", "operator")
    await any_storage.run(own_sign_in.set_password, member, "$argon2id$x", place=asking.place)
    secret = await any_storage.run(own_sign_in.begin_factor, member, seal=SEAL)
    assert (await any_storage.read(sign_in.look, asking)).password_hash is None, "not confirmed yet"
    codes = await any_storage.run(own_sign_in.confirm_factor, member, digits(secret, clock), seal=SEAL)
    assert codes is not None
    assert await any_storage.run(own_sign_in.confirm_factor, member, digits(secret, clock), seal=SEAL) is None
    assert (await any_storage.read(sign_in.look, asking)).password_hash == "$argon2id$x"
    clock.move(minutes=1)
    assert await any_storage.run(sign_in.enter, asking, right=False, code=digits(secret, clock), seal=SEAL) is None
    entered = await any_storage.run(sign_in.enter, asking, right=True, code=digits(secret, clock), seal=SEAL)
    assert entered is not None
    assert await any_storage.read(staff.signed_in, entered.session) is not None
    assert await any_storage.read(lambda tx: tx.tuples(select(sign_in_tries.c.kind))) == [("address",)]
    assert await any_storage.run(sign_in.enter, asking, right=True, code=codes[0], seal=SEAL) is not None
    for _ in range(6):
        await any_storage.run(sign_in.enter, asking, right=False, code="", seal=SEAL)
    assert await any_storage.read(sign_in.wait, asking) == clock.now + timedelta(seconds=30)
    assert await any_storage.run(sign_in.enter, asking, right=True, code=codes[1], seal=SEAL) is None, (
        "asked once more inside"
    )
    known = Asking("周敏", asking.place, entered.device)
    assert await any_storage.run(sign_in.enter, known, right=True, code=codes[1], seal=SEAL) is not None
    await any_storage.run(own_sign_in.reset, member, by=member)
    assert await any_storage.read(sessions.listed, member) == []
    assert await any_storage.read(lambda tx: tx.all(select(recovery_codes))) == []


def test_waits_double_up_to_the_longest() -> None:
    rule, last = signing_in.BackOff(2, timedelta(seconds=30), timedelta(minutes=5)), datetime(2026, 11, 23, tzinfo=UTC)
    waits = [rule.until(failures, last) for failures in range(9)]
    assert waits[:2] == [None, None]
    assert [(wait - last).seconds for wait in waits[2:] if wait] == [30, 60, 120, 240, 300, 300, 300]
    assert rule.until(10**6, last) == last + timedelta(minutes=5)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "12345a", "-12345", "1 2 3"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert signing_in.step_of("JBSWY3DPEHPK3PXP", code, now=datetime(2026, 11, 23, tzinfo=UTC), after=0) is None


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, its seed and its instants, the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for instant, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        now = datetime.fromtimestamp(instant, UTC)
        assert signing_in.step_of(secret, code, now=now, after=0) == instant // 30


def test_a_file_of_rules_that_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sign_in.yaml"
    path.write_text("password: {least: 4, most: 128}\n", "utf-8")
    with pytest.raises(DataError):
        signing_in.load(path)


async def test_an_authenticators_secret_is_sealed_and_only_its_own_key_opens_it(
    any_storage: Storage, clock: FrozenClock
) -> None:
    member, _ = await any_storage.run(hire, "周敏", "operator")
    secret = await any_storage.run(own_sign_in.begin_factor, member, seal=SEAL)
    [kept] = await any_storage.read(own_sign_in.kept_secrets)
    assert secret not in kept
    codes = await any_storage.run(own_sign_in.confirm_factor, member, digits(secret, clock), seal=SEAL)
    other, asking = Seal(b"another server's secret"), Asking("周敏", Place("10.0.0.9", "x"))
    assert codes is not None
    assert await any_storage.run(own_sign_in.seal_all, other) == 1
    clock.move(minutes=1)
    code = digits(secret, clock)
    assert await any_storage.run(sign_in.enter, asking, right=True, code=code, seal=other) is None
    assert await any_storage.run(sign_in.enter, asking, right=True, code=codes[0], seal=other) is not None
    assert await any_storage.run(sign_in.enter, asking, right=True, code=code, seal=SEAL) is not None
    plain = staff_table.update().values(factor_secret=secret)
    await any_storage.run(lambda tx: tx.changed(plain))
    assert await any_storage.run(own_sign_in.seal_all, SEAL) == 0, (
        "what an earlier version kept plain is shut at the start"
    )
    assert SEAL.open((await any_storage.read(own_sign_in.kept_secrets))[0]) == secret


def test_the_servers_key_is_made_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(tmp_path))
    settings = load_settings(tmp_path / "none.env")
    assert known_seal(settings) is None
    shut = seal_of(settings).shut("JBSWY3DPEHPK3PXP")
    assert key_file(settings).stat().st_mode & 0o777 == 0o600
    assert seal_of(settings).open(shut) == "JBSWY3DPEHPK3PXP"
    key_file(settings).write_text("torn")
    with pytest.raises(WrongSetting, match="cut short"):
        seal_of(settings)
    monkeypatch.setenv("LIANXIN_SERVER_KEY", "k" * 40)
    assert seal_of(load_settings(tmp_path / "none.env")).open(shut) is None
