"""The service catalogue in the console: safe fields only, read as the file is read, in force in every process."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.living_catalogue import LivingCatalogue
from knowledge import catalogue
from knowledge.catalogue_edits import ROUTE, BadEdit, Edits, differing, edited, parts
from knowledge.turns import settle
from storage import catalogue as kept
from storage import scopes
from storage.engine import Storage
from storage.tables import tickets
from tests.desk_service import at_the_desk, hire
from tests.test_carry import brings, desk_token, works
from tests.two_communities import two_communities


@pytest.fixture(autouse=True)
def as_it_ships() -> Iterator[None]:
    yield
    catalogue.stand(ROUTE, catalogue.as_shipped(ROUTE))


def test_without_edits_every_category_reads_as_it_ships() -> None:
    for id, kind in catalogue.as_shipped(ROUTE).items():
        assert edited(id, {}) == kind
        assert differing(id, {part.path: (part.zh, part.en) for part in parts(id)}) == {}


@pytest.mark.parametrize(
    ("id", "edits", "code"),
    [
        ("repair", {"owner": {"zh": "committee"}}, "not_ours"),
        ("repair", {"owner": {"zh": "mayor"}}, "no_choice"),
        ("repair", {"name": {"zh": "维修", "en": ""}}, "both_languages"),
        ("repair", {"name": {"zh": "维修" * 20, "en": "x"}}, "too_long"),
        ("repair", {"covers": {"zh": "{name}", "en": "x"}}, "no_braces"),
        ("repair", {"questions.cause.ask": {"zh": "yes"}}, "too_many_asked"),
        ("sanitation", {"duty": {"zh": "redirect"}}, "not_valid"),
    ],
)
def test_what_cannot_stand_is_refused(id: str, edits: Edits, code: str) -> None:
    with pytest.raises(BadEdit) as refused:
        edited(id, edits)
    assert refused.value.code == code


def test_what_is_said_in_danger_cannot_be_edited() -> None:
    assert "stoppers.danger" not in {part.path for part in parts("repair")}
    assert (
        edited("repair", {"stoppers.danger": {"zh": "没事", "en": "never mind"}})
        == catalogue.as_shipped(ROUTE)["repair"]
    )


async def test_a_change_counts_in_every_process_and_an_upgrade_takes_none_away(any_storage: Storage) -> None:
    member, _ = await any_storage.run(hire, "周敏", "admin")
    living = LivingCatalogue(any_storage)
    running = asyncio.create_task(living.run())
    await asyncio.sleep(0)
    edits = {"on": {"zh": "no"}, "off": {"zh": "请到街道青年中心。", "en": "Go to the youth centre."}}
    await any_storage.run(kept.change, "youth", edits, by=member, reason="没有人手")
    async with asyncio.timeout(1):
        while (found := catalogue.service("youth")).duty != "redirect":  # noqa: ASYNC110 - nobody is told of it here
            await asyncio.sleep(0.01)
    assert (found.door and found.door.zh, found.questions) == ("请到街道青年中心。", ())
    said = settle({"route": ROUTE, "category": "youth", "description": "想参加暑期托管"})
    assert "youth.door" in said.answers.get("told", [])
    with pytest.raises(kept.Meanwhile):
        await any_storage.run(kept.change, "youth", {}, by=member, reason="再办", version=0)
    await any_storage.run(kept.change, "youth", {}, by=member, reason="再办", version=1)
    assert await any_storage.read(kept.standing) == {}
    living.stop()
    await running
    named = {"name": {"zh": "报修", "en": "repairs"}}
    await any_storage.run(kept.change, "repair", named, by=member, reason="大家这么叫")
    (version,) = await any_storage.read(kept.versions, "repair")
    assert kept.outdated("repair", version) == {}
    was = replace(version, shipped={"name": ["旧", "old"]})
    assert kept.outdated("repair", was)["name"][0] == ["旧", "old"]


def played(page: str) -> str:
    return html.unescape(re.findall(r'name="played" value="([^"]*)"', page)[0])


async def test_an_admin_edits_looks_keeps_and_goes_back(storage: Storage) -> None:
    own, _ = await storage.run(two_communities)
    async with at_the_desk(storage, role="admin") as desk, at_the_desk(storage, name="李强", role="worker") as worker:
        assert "房屋维修" in await desk.opens("/console/catalogue")
        await desk.opens("/console/catalogue/repair")
        typed = {"questions.part.prompt:zh": "坏在哪一块？", "questions.part.prompt:en": "Where is it?"}
        page = await desk.sends("/catalogue/repair", look="yes", **typed)
        assert "好的，我来帮您登记" in page, "what a resident is asked first, by the form's own code"
        page = await desk.sends("/catalogue/repair", speak="yes", say="门坏了", played=played(page), **typed)
        page = await desk.sends("/catalogue/repair", speak="yes", say="7栋", played=played(page), **typed)
        assert "坏在哪一块？</p>" in page, "as it is typed, not as it stands"
        assert "Where is it?</p>" in page
        page = await desk.sends("/catalogue/repair", press="q:part:own", played=played(page), **typed)
        assert "请您看看对不对" in page
        page = await desk.sends("/catalogue/repair", press="submit", played=played(page), **typed)
        assert "这里就登记成工单" in page
        filed = select(tickets.c.id).where(tickets.c.title.contains("门坏了"))
        assert await storage.read(lambda tx: tx.tuples(filed)) == [], "nothing was filed"
        assert await storage.read(kept.standing) == {}, "only looked at"
        await desk.sends("/catalogue/repair", **typed)
        assert (desk.status, "请写明为什么改" in desk.page) == (422, True)
        await desk.sends("/catalogue/repair", reason="说得短一点", **typed)
        assert "马上生效" in desk.page
        assert "坏在哪一块？" in await worker.opens("/console/catalogue/repair")
        csrf = worker.form("/sign-out")[1]
        assert (await worker.client.post("/console/catalogue/repair", data=csrf)).status_code == 403
        await desk.sends("/catalogue/repair", reason="x", **{"owner:zh": "committee"})
        assert "不能让社区牵头" in desk.page
        await desk.opens("/console/catalogue/repair")
        await desk.sends("/back", reason="原来的好")
        assert await storage.read(kept.standing) == {}
        assert [one.version for one in await storage.read(kept.versions, "repair")] == [2, 1]
        assert (await desk.client.get("/console/catalogue/nothing")).status_code == 404

        asked = desk_token(await desk.opens("/console/imports")) | {"kind": "catalogue", "reason": "核对"}
        out = (await desk.client.post("/console/imports/export", data=asked)).content
        same = await brings(desk, "catalogue", out)
        await works(storage)
        assert "没有要改的" in await desk.opens(f"/console/imports/{same}"), "nothing is lost on the way out and in"
        await storage.run(scopes.give, desk.staff_id, by=desk.staff_id, community_id=own.community)
        assert (await desk.client.get(f"/console/imports/{same}")).status_code == 404
        await desk.opens("/console/catalogue/repair")
        await desk.sends("/catalogue/repair", reason="x", **typed)
        assert desk.status == 403, "the catalogue is everybody's"
