"""What the doctor finds on the Telegram side: in a line, what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from bot.doctor import Finding, staff_group, telegram
from bot.settings import Settings
from handlers.web.telegram_hook import PATH
from tests.doubles.bot_api import BotApi
from tests.doubles.telegram_groups import Group
from tests.telegram_office import PUBLIC


async def found(api: BotApi, **settings: Any) -> Finding:
    given = {"telegram_token": api.token, "telegram_api": api.address, **settings}
    return await telegram(Settings(_env_file=None, **given))  # type: ignore[call-arg]


def webhook(api: BotApi, url: str = f"{PUBLIC}{PATH}") -> dict[str, str]:
    api.methods.hook = {"url": url, "secret": "x"}
    return {"telegram_mode": "webhook", "public_url": PUBLIC}


async def test_without_a_token_telegram_is_off_and_that_is_fine(api: BotApi) -> None:
    finding = await found(api, telegram_token=None)
    assert (finding.verdict, finding.found) == ("ok", "off: no LIANXIN_TELEGRAM_TOKEN")


async def test_a_bot_that_works_is_named(api: BotApi) -> None:
    await api.person().says("在吗")
    finding = await found(api)
    assert (finding.verdict, finding.found) == ("ok", "@lianxin_test_bot by polling, 1 waiting")


async def test_a_wrong_token(api: BotApi) -> None:
    finding = await found(api, telegram_token="1:wrong")
    assert (finding.verdict, finding.found) == ("bad", "Telegram refuses the token")
    assert "@BotFather" in finding.advice
    assert "wrong" not in finding.found + finding.advice


async def test_a_telegram_out_of_reach(api: BotApi) -> None:
    finding = await found(api, telegram_api="http://127.0.0.1:1")
    assert finding.verdict == "bad"
    assert "http://127.0.0.1:1 does not answer" in finding.found
    assert "LIANXIN_TELEGRAM_API" in finding.advice


async def test_a_gateway_that_answers_in_html(api: BotApi) -> None:
    api.trouble("getMe", "bad gateway")
    assert (await found(api)).verdict == "bad"


async def test_a_webhook_where_we_poll(api: BotApi) -> None:
    webhook(api, "https://old.example.org/hook")
    finding = await found(api)
    assert finding.verdict == "warn"
    assert "https://old.example.org/hook" in finding.found
    assert "another program" in finding.advice


async def test_no_webhook_where_one_is_wanted(api: BotApi) -> None:
    finding = await found(api, **webhook(api, ""))
    assert (finding.verdict, finding.advice) == ("warn", "`lianxin serve` sets it")


async def test_a_webhook_telegram_cannot_reach(api: BotApi) -> None:
    settings = webhook(api)
    api.methods.hook["last_error_message"] = "SSL error {error:1416F086}"
    api.world.injected({})
    finding = await found(api, **settings)
    assert finding.verdict == "bad"
    assert "SSL error" in finding.found
    assert "certificate" in finding.advice


async def test_a_webhook_that_works_again(api: BotApi) -> None:
    settings = webhook(api)
    api.methods.hook["last_error_message"] = "Connection refused"
    finding = await found(api, **settings)
    assert (finding.verdict, finding.found) == ("ok", "@lianxin_test_bot by webhook, 0 waiting")


async def test_many_updates_that_nobody_fetches(api: BotApi) -> None:
    for _ in range(101):
        api.world.injected({})
    finding = await found(api)
    assert (finding.verdict, finding.advice) == ("warn", "is the service running?")


async def test_the_staff_group_and_what_the_bot_lacks_there(api: BotApi) -> None:
    async def about(group: Group) -> tuple[str, str]:
        given: dict[str, Any] = {"telegram_token": api.token, "telegram_api": api.address}
        settings = Settings(_env_file=None, staff_chat_id=group.chat_id, **given)  # type: ignore[call-arg]
        [finding] = await staff_group(settings)
        return finding.verdict, f"{finding.found} {finding.advice}"

    forum = api.group("forum")
    assert await about(forum) == ("ok", "“值班群”: a topic for each ticket ")
    for rights, lacking in (((), "Manage topics"), (("can_manage_topics",), "Delete messages")):
        await forum.gives(*rights)
        verdict, said = await about(forum)
        assert (verdict, lacking in said) == ("warn", True)
    await forum.demotes()
    assert "no admin" in (await about(forum))[1]
    await forum.removes()
    assert (await about(forum))[0] == "bad"
    plain = api.group("group")
    assert "no topics" in (await about(plain))[1]
    await plain.upgrades()
    plain.chat_id += 1_000_000_000_000
    assert "new number" in (await about(plain))[1]
