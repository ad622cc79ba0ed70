"""Who enters the console and reaches what: every address, for every role and for whoever is signed out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from handlers.web.console.gates import HOW_TO_DECLARE, SIGN_IN, Anybody, Need
from knowledge import reach
from knowledge.datafiles import DataError
from knowledge.faq_wording import Wording
from knowledge.notice import Words
from storage import catalogue, faq, gap_settling, own_words, queue_kinds, queues, redirects, scopes, staff
from storage.chats import FIRST_WEB_CHAT
from storage.engine import Storage
from storage.queues import Wanted
from storage.staff import MayNot
from storage.tables import alarms as alarm_table
from storage.tables import audit, buildings, occasions, residents
from storage.tables import redirects as redirect_table
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from storage.within import chat_within
from tests.conftest import FrozenClock
from tests.console_routes import Address, console_addresses
from tests.desk_service import at_the_desk, desk_browser, file_ticket, hire
from tests.two_communities import ELSEWHERE, PLACED, Place, state_of, two_communities
from tests.web_service import web_parts

A_DAY = timedelta(days=1)
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
        ("kinds: {faq: {see: [admin]}}\nlimits: {}\nhouse: {faq: [publsh]}", "'publsh' is not one of"),
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


# --- own and other community ------------------------------------------------------------------------------------------
FIELDS = {
    "action": "answer",
    "text": "越界了",
    "revision": "1",
    "reason": "看看是谁",
    "contacted": "yes",
    "solved": "solved",
    "about": "verdict",
    "outcome": "false_alarm",
    "key": "abcdefgh1234",
    "relation": "child",
    "scope": "see",
    "over": "yes",
    "note": "越界了",
    "what": "shift:order",
    "title": "越界了",
    "body": "越界了",
    "place": "越界了",
    "day": "2026-11-24",
    "from": "09:00",
    "to": "10:00",
    "start": "09:00",
    "end": "10:00",
    "places_max": "3",
    "times": "1",
    "known": "60",
    "hours": "0",
    "minutes": "30",
    "name": "越界了",
    "responsible": "越界了",
    "phone": "02311111111",
    "answer": "yes",
    "via": "call",
    "kind": "finance",
    "topic": "other",
    "where": "all",
    "why": "越界了",
    "session_id": "1",
}
"""What every form of the desk may ask for, so that a request gets as far as it can."""


async def hired_for(storage: Storage, staff_id: int, place: Place) -> None:
    await storage.run(scopes.give, staff_id, by=staff_id, community_id=place.community)


def at(one: Address, rule: Need, place: Place) -> str:
    return re.sub(r"{([^}]+)}", lambda blank: place.blank(rule, blank[1]), one.path)


async def test_every_kind_belongs_to_a_place_or_says_that_it_does_not() -> None:
    said = PLACED | ELSEWHERE
    unsaid = set(reach.shipped().kinds) - said
    assert not unsaid, f"say in tests/two_communities.py whether these belong to a place: {sorted(unsaid)}"


NEEDS_MORE = (
    "/sheet",
    "/attendance",
    "/blobs/",
    "/files/",
    "/scans/",
    "/print/",
    "/course",
    "/agreement",
    "/recordings/",
)
"""Of the own: there is no such file, or only the case's mediator may."""


def may_held(role: str, rule: Need) -> bool:
    """Whether somebody of one community may."""
    return reach.shipped().may(role, rule.kind, rule.act, held=True)


def opened_by(role: str, rule: Need, number: int) -> bool:
    """The own is opened by one of the roles that may, another at each address: drawing every page for every role took a
    minute, and what a role may not is asked at every address all the same."""
    may = [one for one in ROLES if may_held(one, rule)]
    return may[number % len(may)] == role


@pytest.mark.parametrize("role", ROLES)
async def test_everything_of_the_own_community_and_nothing_of_the_other(storage: Storage, role: str) -> None:
    own, other = await storage.run(two_communities)
    before = await storage.read(state_of, other)
    async with at_the_desk(storage, role=role) as desk:
        await hired_for(storage, desk.staff_id, own)
        await desk.opens("/console/posters")
        csrf, free = desk.form("/sign-out")[1], reach.shipped().limit(role).personal == "free"
        for number, (one, rule) in enumerate(declared(storage)):
            if rule.kind not in PLACED or not may_held(role, rule):
                continue
            given = FIELDS | csrf if one.method == "POST" else None
            response = await desk.client.request(one.method, at(one, rule, other), data=given)
            assert other.secret not in response.text, one
            assert "{" not in one.path or response.status_code == 404, one
            if not opened_by(role, rule, number):
                continue
            if one.method == "GET" and (free or not any(part in one.path for part in NEEDS_MORE)):
                ready = not any(part in one.path for part in NEEDS_MORE[3:])
                found = (await desk.client.get(at(one, rule, own))).status_code
                assert found == 200 if ready else found in (200, 403, 404), one
        for search in (other.secret, other.ticket, "21栋"):
            assert f"/tickets/{other.ticket}" not in await desk.opens(f"/console?q={search}")
        for chosen in queue_kinds.QUEUES:
            assert f"/tickets/{other.ticket}" not in await desk.opens(f"/console?filter={chosen}")
        assert len(await storage.read(redirects.latest, chat_within(redirect_table.c.chat_id, desk.staff_id))) == 1
    assert await storage.read(state_of, other) == before


async def test_what_is_one_for_the_house_is_seen_and_proposed_and_not_changed_by_one_community(
    storage: Storage,
) -> None:
    own, _ = await storage.run(two_communities)
    table = reach.shipped()
    async with at_the_desk(storage, role="admin") as desk:
        await hired_for(storage, desk.staff_id, own)
        page = await desk.opens("/console/posters")
        assert "/console/catalogue" in page
        csrf = desk.form("/sign-out")[1]
        asked = 0
        for one, rule in declared(storage):
            if rule.act in table.house.get(rule.kind, ()):
                given = FIELDS | csrf if one.method == "POST" else None
                asked += 1
                response = await desk.client.request(one.method, at(one, rule, own), data=given)
                assert response.status_code == 403, one
        assert asked > 15
        member = await storage.read(staff.get, desk.staff_id)
        assert member is not None
        assert staff.may(member, "faq", "act")
        said = Wording(Words("有几个车位？", ""), Words("三百个。", ""), source=Words("物业", ""))
        key = await storage.run(faq.save_draft, None, said, staff_id=desk.staff_id)
        await storage.run(faq.submit, key, staff_id=desk.staff_id)
        page = await desk.opens(f"/console/faq/{key}")
        assert "由负责全部社区的管理员来做" in page
        assert "publish" not in page
        units: list[Callable[[Tx], Any]] = [
            lambda tx: faq.publish(tx, key, staff_id=desk.staff_id),
            lambda tx: faq.add_phrase(tx, key, "车位有好多", staff_id=desk.staff_id),
            lambda tx: catalogue.change(tx, "repair", {}, by=desk.staff_id, reason="试试"),
            lambda tx: gap_settling.teach(tx, int(own.ids["gap"]), "车位", "out_of_scope", staff_id=desk.staff_id),
            lambda tx: own_words.put(tx, "start.hello", {"zh": "您好"}, by=desk.staff_id),
        ]
        for unit in units:
            with pytest.raises(MayNot):
                await storage.run(unit)
        everywhere, _ = await storage.run(hire, "总管", "admin")
        assert await storage.run(faq.publish, key, staff_id=everywhere, at=storage.clock() + A_DAY) is None
        with pytest.raises(MayNot):
            await storage.run(faq.drop_draft, key, staff_id=desk.staff_id)


def smuggled(other: Place) -> dict[str, str]:
    """A form of one's own with everything in it that belongs to the other community."""
    named = {"community": str(other.community), "building": other.name, f"b_{other.name}": "yes", "where": "some"}
    ids = {
        "first": "case",
        "case": "case",
        "occasion": "occasion",
        "item": "item",
        "corrects": "item",
        "entry": "entry",
    }
    also = {name: str(other.ids[what]) for name, what in ids.items()}
    return named | also | {f"v{other.ids['volunteer_id']}": "yes", "numbers": other.ticket, "number": other.ticket}


@pytest.mark.parametrize("role", ["admin", "operator", "worker", "mediator"])
async def test_an_id_of_the_other_community_in_a_form_of_ones_own(storage: Storage, role: str) -> None:
    own, other = await storage.run(two_communities)
    before = await storage.read(state_of, other)
    async with at_the_desk(storage, role=role) as desk:
        await hired_for(storage, desk.staff_id, own)
        await desk.opens("/console/posters")
        given = FIELDS | smuggled(other) | desk.form("/sign-out")[1]
        for one, rule in declared(storage):
            if one.method == "POST" and rule.kind in PLACED and may_held(role, rule):
                response = await desk.client.post(at(one, rule, own), data=given)
                assert other.secret not in response.text, one
                assert response.status_code < 500, one
    assert await storage.read(state_of, other) == before
    assert await storage.read(places_written, other) == []


def places_written(tx: Tx, other: Place) -> list[Any]:
    """What was written of the other community's building, whoever it is for."""
    said = occasions.c.building == other.name, occasions.c.title == "越界了"
    return list(tx.tuples(select(occasions.c.id).where(*said)))


def counts_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<b class="count">(\d+)</b>', page)]


@pytest.mark.parametrize("role", ["operator", "worker"])
async def test_what_waits_is_counted_for_the_own_community_only(storage: Storage, role: str) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role=role) as desk:
        unlimited = counts_of(await desk.opens("/console/banner"))
        assert len(unlimited) >= 5, "conversations, appointments, call-backs, claims, objections of both"
        assert 'data-untaken="2"' in desk.page
        await hired_for(storage, desk.staff_id, own)
        page = await desk.opens("/console/banner")
        assert counts_of(page) == [number // 2 for number in unlimited]
        assert 'data-untaken="1"' in page
        assert other.secret not in page


async def test_an_alarm_nobody_takes_in_time_is_everybodys(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage) as desk:
        await hired_for(storage, desk.staff_id, own)
        assert (await desk.client.get(f"/console/alarms/{other.alarm}")).status_code == 404
        climbs = alarm_table.update().where(alarm_table.c.id == other.alarm).values(level=1)
        assert await storage.run(lambda tx: tx.changed(climbs)) == 1
        assert other.secret in await desk.opens(f"/console/alarms/{other.alarm}")


async def test_who_looks_after_a_ticket_reaches_it_wherever_it_is(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage, role="worker") as desk:
        await hired_for(storage, desk.staff_id, own)
        await desk.opens(f"/console/tickets/{other.ticket}")
        assert desk.status == 404
        given = ticket_table.update().where(ticket_table.c.id == other.ticket_id).values(assigned_to=desk.staff_id)
        assert await storage.run(lambda tx: tx.changed(given)) == 1
        assert other.secret in await desk.opens(f"/console/tickets/{other.ticket}")


async def test_by_subject_and_by_building_on_both_databases(any_storage: Storage) -> None:
    own, other = await any_storage.run(two_communities)
    nowhere = await any_storage.run(file_ticket, remote=FIRST_WEB_CHAT + 7, building=None)
    unknown = await any_storage.run(file_ticket, remote=FIRST_WEB_CHAT + 8, building="99", category="sanitation")
    everything = [own.ticket, other.ticket, nowhere.number, unknown.number]

    async def seen(staff_id: int) -> list[str]:
        listed = [
            await any_storage.read(queues.page, Wanted(name), staff_id=staff_id, role="") for name in ("all", "verdict")
        ]
        found = {row.number for page in listed for row in page.rows}
        counted = await any_storage.read(queue_kinds.counts, staff_id=staff_id)
        assert counted["all"] + counted["verdict"] == len(found)
        return [number for number in everything if number in found]

    member, _ = await any_storage.run(hire, "李强", "worker")
    head, _ = await any_storage.run(hire, "王芳", "building_head")
    assert await seen(member) == everything
    assert await seen(head) == [], "whoever must be told where sees nothing before"
    await any_storage.run(scopes.give, head, by=member, building_id=other.building)
    assert await seen(head) == [other.ticket]
    await any_storage.run(scopes.give, member, by=head, community_id=own.community)
    assert await seen(member) == [own.ticket, nowhere.number, unknown.number], (
        "the office's own takes what names nowhere"
    )
    await any_storage.run(scopes.give, member, by=head, building_id=other.building)
    assert await seen(member) == everything
    await any_storage.run(scopes.give, member, by=head, subject="sanitation")
    assert await seen(member) == [unknown.number]
    for line in await any_storage.read(scopes.of, member):
        assert await any_storage.run(scopes.take, member, line.id, by=head)
    assert await seen(member) == everything
    for wrong in ({"subject": "weather"}, {"building_id": 999}, {"community_id": 999}):
        with pytest.raises(LookupError):
            await any_storage.run(scopes.give, member, by=head, **wrong)


async def test_a_name_two_communities_share_means_the_offices_own(any_storage: Storage) -> None:
    own, other = await any_storage.run(two_communities)
    twin = {"community_id": other.community, "name": own.name, "floors": 3, "units": 1}
    await any_storage.run(lambda tx: tx.insert(buildings, **twin))
    member, _ = await any_storage.run(hire, "李强", "worker")
    await any_storage.run(scopes.give, member, by=member, community_id=other.community)
    page = await any_storage.read(queues.page, Wanted("verdict"), staff_id=member, role="worker")
    assert [row.number for row in page.rows] == [other.ticket]


# --- who sees how much of a ticket ------------------------------------------------------------------------------------
SECRET: dict[str, Any] = {
    "confidential": True,
    "title": "有人举报",
    "description": "绝密的举报内容",
    "phone": "02312345678",
    "category": "safety",
}


async def test_a_confidential_report_is_read_by_those_named_on_it(storage: Storage) -> None:
    filed = await storage.run(file_ticket, **SECRET)
    address = f"/console/tickets/{filed.number}"
    async with (
        at_the_desk(storage) as operator,
        at_the_desk(storage, name="李强", role="worker") as worker,
        at_the_desk(storage, name="王芳", role="worker") as third,
        at_the_desk(storage, name="赵云", role="supervisor") as watch,
        at_the_desk(storage, name="钱多", role="viewer") as viewer,
    ):
        assert "绝密" in await operator.opens(address), "nobody has it yet: the desk hands it out"
        for desk in (worker, third, watch, viewer):
            page = await desk.opens(address)
            assert desk.status == 200
            assert filed.number in page
            assert not any(words in page for words in ("绝密", "举报", "0231", "1204", "2单元"))
        refused = await worker.client.post(
            f"{address}/act", data=worker.form("/sign-out")[1] | {"action": "answer", "text": "好", "revision": "1"}
        )
        assert refused.status_code == 403
        await worker.sends("/act", action="take")
        assert "绝密" in worker.page, "who takes it is named on it, and that is kept"
        assert "02312345678" not in worker.page
        for desk in (operator, third, watch, viewer):
            assert "绝密" not in await desk.opens(address)
        await third.opens(address)
        with pytest.raises(AssertionError, match="no form"):
            third.form("/act")
        assert "绝密" in await third.sends("/uncover", reason="代班，李强病了")
        assert "02312345678" in third.page


async def test_each_look_at_what_is_masked_is_kept_with_its_reason(storage: Storage, clock: FrozenClock) -> None:
    filed = await storage.run(file_ticket, **SECRET)
    address = f"/console/tickets/{filed.number}"

    def looks(tx: Tx) -> list[Any]:
        lines = select(audit.c.action, audit.c.detail).where(audit.c.object == filed.number).order_by(audit.c.id)
        return [(action, detail["reason"]) for action, detail in tx.tuples(lines)]

    async with at_the_desk(storage) as desk:
        await desk.opens(address)
        assert await storage.read(looks) == []
        await desk.sends("/uncover", reason="要打电话")
        await desk.opens(address)
        await desk.client.get(address, headers={"X-Looks-Again": "1"})
        assert await storage.read(looks) == [("uncover", "要打电话"), *[("look_uncovered", "要打电话")] * 2]
        clock.move(minutes=20)
        await desk.opens(address)
        assert len(await storage.read(looks)) == 3
    async with at_the_desk(storage, name="罗兰", role="admin") as admin:
        listed = await admin.opens(f"/console/looks?number={filed.number.lower()}")
        assert listed.count("<td>周敏</td>") == 3
        assert listed.count("要打电话") == 3
        assert "没有人打开过" in await admin.opens(f"/console/looks?number={filed.number}&who={admin.staff_id}")
        assert "没有这个号码" in await admin.opens("/console/looks?number=LX-000000-0000-0")
    assert ("list_looks", filed.number) in await storage.read(
        lambda tx: tx.tuples(select(audit.c.action, audit.c.object).where(audit.c.action == "list_looks"))
    )


@pytest.mark.parametrize("role", ["supervisor", "viewer", "building_head"])
async def test_who_may_not_read_telephone_numbers_meets_none_on_any_page(storage: Storage, role: str) -> None:
    own, _ = await storage.run(two_communities)
    await storage.run(lambda tx: tx.changed(residents.update().values(phone="13800001111")))
    async with at_the_desk(storage, role=role) as desk:
        await hired_for(storage, desk.staff_id, own)
        for one, rule in declared(storage):
            if one.method == "GET" and not one.path.endswith("/events"):
                page = (await desk.client.get(at(one, rule, own))).text
                assert not any(number in page for number in ("02300000000", "02399999999", "13800001111")), one


@pytest.mark.parametrize("role", ["viewer", "building_head"])
async def test_who_need_not_know_sees_kind_and_progress_only(storage: Storage, role: str) -> None:
    own, _ = await storage.run(two_communities)
    async with at_the_desk(storage, role=role) as desk:
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, building_id=own.building)
        for address in ("/console?filter=verdict", f"/console?q={own.ticket}", f"/console/tickets/{own.ticket}"):
            page = await desk.opens(address)
            assert own.ticket in page
            assert not any(words in page for words in (own.secret, "02300000000", "1204", "2单元"))
        assert own.ticket not in await desk.opens(f"/console?q={own.secret}"), (
            "nobody fishes for words they may not read"
        )
        posted = {"reason": "想看看"} | desk.form("/sign-out")[1]
        assert (await desk.client.post(f"/console/tickets/{own.ticket}/uncover", data=posted)).status_code == 403


async def test_a_building_head_hears_of_no_quarrel_and_no_secret(storage: Storage) -> None:
    own, _ = await storage.run(two_communities)
    quarrel = await storage.run(file_ticket, remote=FIRST_WEB_CHAT + 5, route="dispute", category="noise")
    secret = await storage.run(file_ticket, remote=FIRST_WEB_CHAT + 6, **SECRET)
    async with at_the_desk(storage, role="building_head") as desk:
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, building_id=own.building)
        page = await desk.opens("/console")
        assert quarrel.number not in page
        assert secret.number not in page
        for number in (quarrel.number, secret.number):
            assert (await desk.client.get(f"/console/tickets/{number}")).status_code == 404
