"""An admin looks after the FAQ from their own Telegram; nobody else gets anything of it."""

from __future__ import annotations

from datetime import timedelta

from knowledge.faq import load_entries
from knowledge.faq_wording import Wording
from knowledge.notice import Words
from storage import answers, faq, faq_seed, messages, notices, scopes
from storage.tables import notices as notices_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.staff_group import Colleague, connected
from tests.town import Town
from tests.two_communities import two_communities

ENTRY = load_entries()[0]
MAIL = Wording(Words("收发室几点开门？", ""), Words("工作日九点到十八点。", ""), source=Words("物业公告", ""))


def asked(tx: Tx, chat_id: int, key: str) -> None:
    """Somebody got this answer, and asked what nobody understood."""
    answers.keep(tx, chat_id=chat_id, question_id=None, entry=key, clause=None, version=1, score=1.0)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text="门口那个柜柜哪个时候取得到")
    answers.keep(tx, chat_id=chat_id, question_id=said, entry=None, clause=None, version=None, score=0.1)


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
        assert "要写来源" in "".join(await admin.presses("看看影响，再发布")), "nothing is published without a source"
        await admin.presses("改依据")
        asks = await newest(town, admin)
        assert "通知里没有“九(九)”" in "".join(await admin.replies_to(asks, "九(九)"))
        assert "〔草稿 · 第 0 版 · 物业公告〕" in "".join(await admin.replies_to(asks, "来源：物业公告"))
        seen = "".join(await admin.presses("看看影响，再发布"))
        assert "收发室几点开门？\n九点。" in seen, "as a resident would read it"
        assert "来源：物业公告 · 版本 1" in seen
        assert "居民现在就看到新的" in "".join(await admin.presses("发布"))
        [made] = [one for one in await town.storage.read(faq.entries) if one.origin == "own"]
        assert (made.version, made.latest.source) == (1, Words("物业公告", ""))


async def test_phrases_are_looked_at_first_and_who_got_the_old_answer_is_told(town: Town, clock: FrozenClock) -> None:
    await town.storage.run(faq_seed.seed, load_entries()[:6])
    async with at_the_desk(town.storage, name="王芳", role="admin") as desk:
        admin, ana = await connected(town, desk), await town.resident("web")
        key = await town.storage.run(faq.save_draft, None, MAIL, staff_id=desk.staff_id)
        await town.storage.run(faq.publish, key, staff_id=desk.staff_id)
        await town.storage.run(asked, ana.chat_id, key)
        await admin.says("/faq 收发室")
        await admin.presses(MAIL.question.zh)
        await admin.presses("加问法")
        prompt = await newest(town, admin)
        would = "".join(await admin.replies_to(prompt, "收发室开到好久\n门口那个柜柜哪个时候取得到嘛"))
        assert "＋ 收发室开到好久" in would
        assert "“门口那个柜柜哪个时候取得到” " in would, "what was really asked, and where it would go"
        assert not await town.storage.read(faq.phrases_of, key), "looked at, not yet added"
        assert "没有加" in "".join(await admin.presses("不加"))
        await admin.replies_to(prompt, "收发室开到好久\n门口那个柜柜哪个时候取得到嘛")
        assert "加上了" in "".join(await admin.presses("加上"))
        assert len(await town.storage.read(faq.phrases_of, key)) == 2
        said = "".join(await admin.replies_to(prompt, f"{ENTRY.examples[0]}\n收发室在哪点"))
        assert ENTRY.question.zh in said, "it says which entry the phrase leads to, and takes nothing unasked"
        assert len(await town.storage.read(faq.phrases_of, key)) == 2
        await admin.presses("加上，从原来的地方拿走")
        assert len(await town.storage.read(faq.phrases_of, key)) == 4

        clock.now += timedelta(hours=1)
        await admin.says("/faq 收发室")
        await admin.presses(MAIL.question.zh)
        await admin.presses("改答复")
        await admin.replies_to(await newest(town, admin), "工作日十点到十八点。")
        assert "九点到十八点。 → 工作日十点到十八点。" in "".join(await admin.presses("看看影响，再发布"))
        assert "有 1 位居民得到的是以前的答复" in "".join(await admin.presses("发布（意思变了）"))
        words = "".join(await admin.presses("看看怎么告诉他们"))
        assert "会发给 1 位居民" in words
        assert "十点到十八点" in words
        assert "开始发了" in "".join(await admin.presses("就这样发"))
        assert "告诉过了" in "".join(await admin.presses("就这样发")), "pressed twice, told once"
        [notice] = await town.storage.read(notices.listed, notices_table.c.id > 0, limit=9)
        assert (notice.state, notice.audience) == ("sending", "answered")


async def test_who_is_held_to_one_community_hands_in_and_does_not_publish(town: Town) -> None:
    own, _ = await town.storage.run(two_communities)
    async with at_the_desk(town.storage, name="王芳", role="admin") as desk:
        await town.storage.run(scopes.give, desk.staff_id, by=desk.staff_id, community_id=own.community)
        admin = await connected(town, desk)
        await admin.says("/faq")
        await admin.presses("写一条新的")
        await admin.replies_to(await newest(town, admin), "收发室几点开门？\n九点。\n来源：物业公告")
        offered = [button["text"] for row in (await newest(town, admin)).buttons or () for button in row]
        assert offered == ["改问题", "改答复", "改依据", "提交审核", "不要草稿"]
        assert "等审核" in "".join(await admin.presses("提交审核"))
        [entry] = [one for one in await town.storage.read(faq.entries) if one.origin == "own"]
        for act in ("sense:9", "look", "phrase", "checked"):
            card = await newest(town, admin)
            forged = await admin.presses_data(card, f"wq:{entry.id}:{act}")
            assert not forged or "不能" in "".join(forged), act
        after = await town.storage.read(faq.get, entry.key)
        assert after is not None
        assert (after.version, after.draft and after.draft.state) == (0, "review")
