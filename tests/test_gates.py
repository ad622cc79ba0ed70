"""Who enters the console and reaches what: every address, for every role and for whoever is signed out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handlers.web.console.gates import HOW_TO_DECLARE, SIGN_IN, Anybody, Need
from knowledge import reach
from knowledge.datafiles import DataError
from storage.engine import Storage
from tests.console_routes import Address, console_addresses
from tests.desk_service import at_the_desk, desk_browser, file_ticket
from tests.web_service import web_parts

ROLES = sorted(reach.STAFF_ROLES)


def filled(path: str, number: str) -> str:
    """The address with something in its blanks; an id where no number is wanted."""
    return re.sub(r"{[^}]+}", "1", path.replace("/tickets/{number}", f"/tickets/{number}"))


def declared(storage: Storage) -> list[tuple[Address, Need]]:
    return [(one, one.rule) for one in console_addresses(web_parts(storage)) if isinstance(one.rule, Need)]


async def test_every_address_has_a_rule(storage: Storage) -> None:
    without = [f"{one} in {one.module}" for one in console_addresses(web_parts(storage)) if one.rule is None]
    assert not without, f"shut to everybody, because no rule stands beside it: {without}; {HOW_TO_DECLARE}"


async def test_every_rule_is_in_the_table(storage: Storage) -> None:
    table = reach.shipped().kinds
    unknown = [
        f"{one}: {rule.kind}.{rule.act}" for one, rule in declared(storage) if rule.act not in table.get(rule.kind, {})
    ]
    assert not unknown, f"write the kind and the act into knowledge/data/reach.yaml: {unknown}"


async def test_what_changes_something_is_no_looking(storage: Storage) -> None:
    wrong = [str(one) for one, rule in declared(storage) if one.method not in ("GET", "HEAD") and rule.act == "see"]
    assert not wrong, "who may look may not change: name another act"


async def test_signed_out_there_is_the_door_and_nothing_else(storage: Storage) -> None:
    filed = await storage.run(file_ticket, title="绝密水管")
    async with desk_browser(web_parts(storage)) as nobody:
        nobody.cookies.set("lianxin_desk", "made-up", path="/console")
        for one in console_addresses(web_parts(storage)):
            given = {"csrf": "x"} if one.method == "POST" else None
            response = await nobody.request(one.method, filled(one.path, filed.number), data=given)
            assert "绝密水管" not in response.text, one
            if not isinstance(one.rule, Anybody):
                assert (response.status_code, response.headers.get("location")) == (303, SIGN_IN), one
                assert response.content == b"", one


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_refused_everything_the_table_does_not_give_it(storage: Storage, role: str) -> None:
    filed = await storage.run(file_ticket, title="绝密水管")
    async with at_the_desk(storage, role=role) as desk:
        await desk.opens("/console/posters")
        csrf = desk.form("/sign-out")[1]["csrf"]
        for one, rule in declared(storage):
            if reach.shipped().may(role, rule.kind, rule.act):
                continue
            given = {"csrf": csrf} if one.method == "POST" else None
            response = await desk.client.request(one.method, filled(one.path, filed.number), data=given)
            assert response.status_code == 403, one
            assert "绝密水管" not in response.text, one
            assert "您的身份不能做这一步" in response.text, one


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_every_page_the_table_gives_it(storage: Storage, role: str) -> None:
    async with at_the_desk(storage, role=role) as desk:
        for one, rule in declared(storage):
            plain = one.method == "GET" and "{" not in one.path and not one.path.endswith("/events")
            if plain and reach.shipped().may(role, rule.kind, rule.act):
                assert (await desk.client.get(one.path)).status_code == 200, one


@pytest.mark.parametrize("role", ROLES)
async def test_the_menu_offers_what_may_be_opened_and_nothing_else(storage: Storage, role: str) -> None:
    rules = {one.path: rule for one, rule in declared(storage) if one.method == "GET"}
    async with at_the_desk(storage, role=role) as desk:
        menu = re.search(r"<nav.*?</nav>", await desk.opens("/console"), re.S)
        assert menu is not None
        for address in re.findall(r'href="([^"?]+)"', menu[0]):
            assert reach.shipped().may(role, rules[address].kind, rules[address].act), address


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ("kinds: {ticket: {see: [boss]}}\nlimits: {}", "'boss' is not one of"),
        ("kinds: {}\nlimits: {boss: {personal: free}}", "'boss' is no role"),
        ("kinds: {}\nlimits: {viewer: {personal: sometimes}}", "'sometimes' is not one of"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, wrong: str, problem: str) -> None:
    path = tmp_path / "reach.yaml"
    path.write_text(f"groups: {{}}\n{wrong}\n", "utf-8")
    with pytest.raises(DataError, match=problem):
        reach.load(path)


def test_nothing_is_open_to_a_role_nobody_knows() -> None:
    assert reach.shipped().limit("boss") == reach.Limits("never", placed=True)
    assert reach.shipped().rooms("boss") == frozenset()
