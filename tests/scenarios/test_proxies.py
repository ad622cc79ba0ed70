"""A family member helps: given with a code, seen by both, within its limits, taken back at any time."""

from __future__ import annotations

from typing import Any

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from knowledge.proxies import LIFE
from storage.tables import proxies, proxy_events, tickets
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.test_first_slice import all_of, files_the_pipe
from tests.scenarios.test_own_data import code_in
from tests.town import Town


async def helped(ana: Any, town: Town, scope: str = "能看，也能办") -> Any:
    """Ana has filed something and lets her daughter help; the daughter, who has used the code."""
    await files_the_pipe(ana)
    await ana.says("让我女儿帮我看工单")
    code = code_in("\n".join(await ana.presses(scope)))
    daughter = await town.resident("telegram")
    await daughter.says(code)
    return daughter


async def test_the_daughter_sees_acts_and_both_can_read_it(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town)
    assert "子女" in "\n".join(await ana.hears())
    assert "水管" in "\n".join(await daughter.says("我的工单"))
    await daughter.presses("撤回")
    await daughter.presses("是的，撤回")
    assert "替您撤回了" in "\n".join(await ana.hears())
    assert "撤回了" in "\n".join(await ana.says("授权家人"))
    assert [row["action"] for row in await all_of(town, proxy_events)] == ["give", "accept", "gone"]
    [ticket] = await all_of(town, tickets)
    assert ticket["state"] == "withdrawn"


async def test_who_may_only_see_only_sees(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town, scope="只能看")
    assert "水管" in "\n".join(await daughter.says("我的工单"))
    await daughter.presses("撤回")
    assert "只能" in await daughter.sees()
    [ticket] = await all_of(town, tickets)
    assert ticket["state"] == "received"


async def test_taken_back_it_is_over_at_once(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town)
    await ana.presses("不对，马上收回")
    assert "结束" in "\n".join(await daughter.hears())
    assert "水管" not in "\n".join(await daughter.says("我的工单"))
    assert [row["ended_by"] for row in await all_of(town, proxies)] == ["resident"]


async def test_it_ends_by_itself(ana: Any, town: Town, clock: FrozenClock) -> None:
    daughter = await helped(ana, town)
    clock.move(seconds=LIFE.total_seconds() + 1)
    await Scheduler(town.storage, load_catalogue()).tick()
    assert "水管" not in "\n".join(await daughter.says("我的工单"))


async def test_nothing_confidential_and_no_claim_code(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town)
    [ticket] = await all_of(town, tickets)
    assert ticket["claim_code"] not in "\n".join(
        [*await daughter.says("我的工单"), *await daughter.says(ticket["number"])]
    )

    def cover(tx: Tx) -> None:
        tx.execute(tickets.update().values(confidential=True))

    await town.storage.run(cover)
    assert "水管" not in "\n".join(await daughter.says("我的工单"))


async def test_whoever_wants_to_help_is_told_that_it_takes_the_others_word(ana: Any, town: Town) -> None:
    assert "本人同意" in "\n".join(await ana.says("我帮我妈看她的工单"))
    assert await all_of(town, proxies) == []


async def test_staff_take_it_down_from_the_residents_own_words(ana: Any, town: Town) -> None:
    await files_the_pipe(ana)
    [ticket] = await all_of(town, tickets)
    async with at_the_desk(town.storage) as desk:
        await desk.opens(f"/console/tickets/{ticket['number']}/proxy")
        page = await desk.sends("/proxy", relation="child", scope="see")
    daughter = await town.resident("web")
    assert "能替" in "\n".join([*await daughter.says(code_in(page)), *await daughter.says("授权家人")])
    [given] = await all_of(town, proxies)
    assert (given["given_by"], given["staff_id"] is not None) == ("staff", True)
