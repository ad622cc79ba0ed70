"""A dispute that is in no mediation goes link by link (ME-17): the officer presses, the resident reads, and may say yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from storage import alarms, mediation
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import newest
from tests.scenarios.test_mediation import files_noise, own_words, the_case
from tests.town import Town


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Desk]:
    async with at_the_desk(town.storage, name="方调解", role="mediator") as desk:
        yield desk


async def address(town: Town) -> str:
    return f"/console/tickets/{(await newest(town))['number']}"


async def presses(officer: Desk, link: str) -> str:
    """The link's button, as it stands on the page."""
    for part in officer.page.split("<form ")[1:]:
        if f'name="link" value="{link}"' in part:
            revision = part.partition('name="revision" value="')[2].partition('"')[0]
            csrf = part.partition('name="csrf" value="')[2].partition('"')[0]
            where = part.partition('action="')[2].partition('"')[0]
            sent = {"csrf": csrf, "revision": revision, "link": link}
            return officer._shows(await officer.client.post(where, data=sent, follow_redirects=True))
    raise AssertionError(f"no button to {link}")


async def put_aside(ana: Any) -> None:
    await files_noise(ana)
    await ana.presses("先劝一劝就行")


async def test_noise_goes_link_by_link_and_each_is_kept_and_told(ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    assert "还没开始" in await officer.opens(await address(town))
    told = {"persuade": "先去劝一劝", "mediate": "可以帮你们谈", "authority": "街道和主管部门", "police": "110"}
    for link, words in told.items():
        page = await presses(officer, link)
        assert f'aria-current="step">{({"persuade": "劝一劝", "mediate": "调解"} | NAMES)[link]}' in page
        assert words in "\n".join(await ana.hears())
        await officer.opens(await address(town))
    assert page.count("方调解") >= 4
    assert 'name="link"' not in page
    history = "\n".join(await ana.says("我的工单"))
    assert "请民警来管" in history


NAMES = {"authority": "街道和主管部门", "police": "公安 110"}


@pytest.mark.parametrize("way", ["申请调解", "要", "好嘛"])
async def test_mediation_offered_by_the_officer_becomes_a_case(way: str, ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    await officer.opens(await address(town))
    await presses(officer, "mediate")
    offered = "\n".join(await ana.hears())
    assert "不收钱" in offered
    assert "随时可以不谈" in offered
    heard = await (ana.presses(way) if way == "申请调解" else ana.says(way))
    assert "一句话" in "\n".join(heard)
    await ana.says("楼上1304，希望十点后安静")
    await ana.presses("可以问对方")
    case = await the_case(town)
    assert "拖椅子" in await own_words(town, case)
    page = await officer.opens(await address(town))
    assert 'name="link"' not in page


@pytest.mark.parametrize("way", ["button", "words"])
async def test_who_says_no_is_left_in_peace_and_the_officer_sees_it(
    way: str, ana: Any, town: Town, officer: Desk
) -> None:
    await put_aside(ana)
    await officer.opens(await address(town))
    await presses(officer, "mediate")
    heard = await (ana.presses("不用了", times=2) if way == "button" else ana.says("不用了"))
    assert "照常办" in "\n".join(heard)
    page = await officer.opens(await address(town))
    assert "本人说不用调解" in page
    assert page.count("说不用调解") == 2  # where it stands, and one line of the history
    assert 'value="authority"' in page
    assert await town.storage.read(mediation.cases) == []


async def test_a_link_is_taken_once_and_none_is_skipped(ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    here = await address(town)
    await officer.opens(here)
    before = officer.page
    await presses(officer, "persuade")
    officer.page = before
    await presses(officer, "persuade")
    assert len([one for one in await ana.hears() if "先去劝一劝" in one]) == 1
    sent = officer.form("/chain")[1]
    for link, status in (("police", 409), ("persuade", 200), ("nonsense", 422)):
        answered = await officer.client.post(f"{here}/chain", data=sent | {"link": link}, follow_redirects=True)
        assert answered.status_code == status, link


async def test_somebody_was_faster(ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    here = await address(town)
    await officer.opens(here)
    async with at_the_desk(town.storage, name="李强", role="admin") as other:
        await other.opens(here)
        await presses(other, "persuade")
    await presses(officer, "mediate")
    assert officer.status == 409
    assert "可以帮你们谈" not in "\n".join(await ana.hears())


async def test_no_mediation_is_offered_while_somebody_is_in_danger(ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    await officer.opens(await address(town))
    await ana.says("我老公又打我，救命")
    assert await town.storage.read(alarms.open_in, ana.chat_id)
    await ana.hears()
    await presses(officer, "mediate")
    assert officer.status == 409
    assert "先救人" in officer.page
    assert "可以帮你们谈" not in "\n".join(await ana.hears())


@pytest.mark.parametrize("role", ["supervisor", "viewer", "building_head"])
async def test_who_only_looks_takes_no_link(role: str, ana: Any, town: Town, officer: Desk) -> None:
    await put_aside(ana)
    here = await address(town)
    async with at_the_desk(town.storage, name="看看", role=role) as looker:
        await looker.opens(here)
        assert 'name="link"' not in looker.page
        csrf = (await looker.opens("/console/own")).partition('name="csrf" value="')[2].partition('"')[0]
        sent = {"csrf": csrf, "revision": "1", "link": "persuade"}
        assert (await looker.client.post(f"{here}/chain", data=sent)).status_code in (403, 404)
    assert "先去劝一劝" not in "\n".join(await ana.hears())
