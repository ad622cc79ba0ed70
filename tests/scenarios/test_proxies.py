"""A family member helps: given with a code, seen by both, within its limits, taken back at any time."""

from __future__ import annotations

from typing import Any

import pytest

from bot.scheduler import Scheduler
from bot.telegram.arrivals import arrival_of
from handlers.texts.catalogue import load_catalogue
from knowledge.languages import spoken
from knowledge.proxies import rules
from storage.tables import drafts, messages, proxies, proxy_events, tickets
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import LAMP, does, files, newest, raw
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
    heard = "\n".join(await daughter.says("我的工单"))
    assert "水管" in heard
    assert "您只能看" in heard
    assert await daughter.buttons() == ["我的工单", "全部经过"], "no button that would not be obeyed"
    [ticket] = await all_of(town, tickets)
    shown = [message for message in await daughter.thread() if message.buttons][-1]
    for action in ("withdraw", "gone", "add"):
        assert "只能" in "\n".join(await daughter.presses_data(shown, f"t:{ticket['id']}:{action}"))
    [ticket] = await all_of(town, tickets)
    assert ticket["state"] == "received"
    waiting = [row["form"] for row in await all_of(town, drafts) if row["state"] == "open"]
    assert waiting == [], "nothing waits for words that would not be taken"


async def is_asked(ana: Any, town: Town, scope: str) -> Any:
    """What Ana filed is reported as done; her daughter helps."""
    daughter = await helped(ana, town, scope)
    number = (await newest(town))["number"]
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "accept")
        await does(desk, number, "finish", "换了新水管")
    await ana.hears()
    return daughter


SAYINGS = ["修好了，谢谢", "还是漏", "还没去看", "满意"]


@pytest.mark.parametrize("words", SAYINGS)
async def test_who_may_only_see_says_no_verdict_in_words(words: str, ana: Any, town: Town) -> None:
    """They were gated as buttons and taken when typed."""
    daughter = await is_asked(ana, town, "只能看")
    if words == "满意":
        await ana.says("修好了")
    before, kept = await newest(town), await raw(town)
    heard = "\n".join(await daughter.says(words))
    assert "只能" in heard
    assert await newest(town) == before
    assert await raw(town) == kept
    assert "替您" not in "\n".join(await ana.hears())


@pytest.mark.parametrize(
    ("words", "told"), [("修好了，谢谢", "说已解决"), ("还是漏", "说没有解决"), ("满意", "打了满意度")]
)
async def test_who_may_act_says_it_in_words_and_the_resident_hears(words: str, told: str, ana: Any, town: Town) -> None:
    daughter = await is_asked(ana, town, "能看，也能办")
    if words == "满意":
        await ana.says("修好了")
    await daughter.says(words)
    assert f"替您{told}" in "\n".join(await ana.hears())
    assert f"{told} {(await newest(town))['number']}" in "\n".join(await ana.says("授权家人"))


async def test_taken_back_while_they_were_about_to_add_words(ana: Any, town: Town) -> None:
    """The form of more words was open already; a photo is a word, too."""
    daughter = await helped(ana, town)
    await daughter.says("我的工单")
    await daughter.presses("补充几句")
    await ana.presses("不对，马上收回")
    before = (await newest(town))["revision"]
    assert "收到" not in "\n".join(await daughter.says("师傅要几点到嘛"))
    assert (await newest(town))["revision"] == before


async def test_an_edit_after_the_end_leaves_the_ticket_as_it_was(town: Town) -> None:
    ana = await town.resident("web")
    daughter = await town.resident("telegram")
    await files_the_pipe(ana)
    await ana.says("让我女儿帮我看工单")
    await daughter.says(code_in("\n".join(await ana.presses("能看，也能办"))))
    await daughter.says("我的工单")
    await daughter.presses("补充几句")
    said = daughter.raw(text="门口地垫下有钥匙")
    await daughter.sends(arrival_of(said))

    def edited(text: str) -> Any:
        changed = said["message"] | {"text": text, "edit_date": 1_790_000_100}
        return arrival_of({"update_id": daughter.raw()["update_id"], "edited_message": changed})

    assert "以改过的为准" in "\n".join(await daughter.sends(edited("钥匙在邻居那里")))
    assert "改了补充的话" in "\n".join(await ana.hears())
    await ana.presses("不对，马上收回")
    assert "不能由您来改" in "\n".join(await daughter.sends(edited("不用来了")))
    texts = [row["text"] for row in await all_of(town, messages)]
    assert "钥匙在邻居那里" in texts
    assert "不用来了" not in texts


async def test_each_side_hears_it_in_their_own_language(ana: Any, town: Town) -> None:
    """The resident was told in the language of whoever brought the code."""
    await files_the_pipe(ana)
    await ana.says("让我女儿帮我看工单")
    code = code_in("\n".join(await ana.presses("能看，也能办")))
    daughter = await town.resident("telegram")
    await daughter.says("hello, how do I file a request here?")
    assert "Done" in "\n".join(await daughter.says(code))
    assert "您的子女用代办码连上了" in "\n".join(await ana.hears())
    await ana.presses("不对，马上收回")
    assert "ended" in "\n".join(await daughter.hears())


@pytest.mark.parametrize("code", ["AATO-MYCD-7EFG", "ATME-INTO-22AA", "my7a no3d the4"])
def test_a_code_is_no_english(code: str) -> None:
    assert spoken(code) is None


async def test_the_list_says_which_are_whose(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town, scope="只能看")
    await ana.says("我的名字改成李秀英")
    await files(daughter, LAMP)
    heard = "\n".join(await daughter.says("我的工单"))
    mine, theirs = (next(line for line in heard.split("\n") if word in line) for word in ("楼道灯", "水管"))
    assert "【" not in mine
    assert "【李秀英】" in theirs


async def test_taken_back_it_is_over_at_once(ana: Any, town: Town) -> None:
    daughter = await helped(ana, town)
    await ana.presses("不对，马上收回")
    assert "结束" in "\n".join(await daughter.hears())
    assert "水管" not in "\n".join(await daughter.says("我的工单"))
    assert [row["ended_by"] for row in await all_of(town, proxies)] == ["resident"]


async def test_it_ends_by_itself(ana: Any, town: Town, clock: FrozenClock) -> None:
    daughter = await helped(ana, town)
    clock.move(seconds=rules().life.total_seconds() + 1)
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
