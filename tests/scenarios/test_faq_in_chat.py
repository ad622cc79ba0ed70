"""An admin looks after the FAQ from their own Telegram; nobody else gets anything of it."""

from __future__ import annotations

from knowledge.faq import load_entries
from knowledge.notice import Words
from storage import faq, faq_seed, messages
from tests.desk_service import at_the_desk
from tests.scenarios.staff_group import Colleague, connected
from tests.town import Town

ENTRY = load_entries()[0]


async def newest(town: Town, somebody: Colleague) -> messages.Message:
    said = await town.storage.read(messages.latest, chat_id=somebody.chat_id, limit=20)
    return max((one for one in said if one.sender == "bot"), key=lambda one: one.id)


async def test_an_admin_words_publishes_and_adds_phrases_in_their_own_chat(town: Town) -> None:
    await town.storage.run(faq_seed.seed, load_entries()[:6])
    stranger = await town.resident("telegram")
    assert "写一条新的" not in "".join(await stranger.says("/faq"))
    async with (
        at_the_desk(town.storage, name="王芳", role="admin") as desk,
        at_the_desk(town.storage, name="李强", role="worker") as bench,
    ):
        worker = await connected(town, bench)
        assert "写一条新的" not in "".join(await worker.says("/faq"))
        admin = await connected(town, desk)
        assert "/faq 收发室" in "".join(await admin.says("/faq"))
        assert "没有写到" in "".join(await admin.says("/faq 收发室"))
        await admin.presses("写一条新的")
        page = await admin.replies_to(await newest(town, admin), "收发室几点开门？\n九点。")
        assert "草稿存好了" in "".join(page)
        assert "要写来源" in "".join(await admin.presses("发布（意思变了）")), "nothing is published without a source"
        await admin.says("/faq")
        await admin.presses("写一条新的")
        await admin.replies_to(await newest(town, admin), "收发室几点开门？\n九点。\n来源：物业公告")
        assert "居民现在就看到新的" in "".join(await admin.presses("发布（意思变了）"))
        await admin.presses("加问法")
        prompt = await newest(town, admin)
        assert "加上了" in "".join(await admin.replies_to(prompt, "收发室开到好久\n周末开不开收发室"))
        said = "".join(await admin.replies_to(prompt, ENTRY.examples[0]))
        assert ENTRY.id in said, "it says which entry the phrase leads to, and takes nothing"
        every = await town.storage.read(faq.entries)
        made = [one for one in every if one.origin == "own" and one.version]
        assert [(one.version, one.latest.source) for one in made] == [(1, Words("物业公告", ""))]
        assert len(await town.storage.read(faq.phrases_of, made[0].key)) == 2
