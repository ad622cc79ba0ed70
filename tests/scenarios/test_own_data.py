"""Journey 7 as stories: seeing, correcting, taking away and deleting one's data, table by table; moving and leaving."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from sqlalchemy import Text, create_engine, select
from sqlalchemy.engine import Engine

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from knowledge.retention import rules
from knowledge.ticket_numbers import CLAIM_ALPHABET
from storage import erasure, messages, retention, saved_filters, staff, web_sessions
from storage import tables as t
from storage.engine import Storage, begin_immediately
from storage.own_data import EXPORT
from storage.postgres import PostgresStorage, postgres_engine
from storage.retention_due import DUE
from storage.sqlite import SQLiteStorage
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.scenarios.test_first_slice import QUESTION, all_of, files_the_pipe
from tests.town import Town

SECRETS = ("水管", "1204", "13800000000", "王阿姨", "社区用房")
"""What Ana says about herself and her matter: after deletion none of it is anywhere."""


async def lives_here(ana: Any) -> None:
    """Ana asks, files, names herself and leaves a photo and a number."""
    await ana.says(QUESTION)
    await files_the_pipe(ana)
    await ana.says("我的电话改成13800000000")
    await ana.says("叫我王阿姨")


async def close_all(town: Town) -> None:
    """Staff have done everything; the steps between are not what this is about."""

    def close(tx: Tx) -> None:
        tx.execute(t.tickets.update().values(state="closed", closed_at=tx.now))

    await town.storage.run(close)


CODE = re.compile(rf"(?<![\w-])(?:[{CLAIM_ALPHABET}]{{4}}-){{2}}[{CLAIM_ALPHABET}]{{4}}(?![\w-])")


def code_in(text: str) -> str:
    """The one code somebody reads on the screen, as it is written; what a page carries in its tags is not read."""
    [found] = set(CODE.findall(re.sub(r"<[^>]*>", " ", text)))
    return str(found)


async def time_goes_by(town: Town, clock: FrozenClock, **span: float) -> None:
    clock.move(**span)
    await Scheduler(town.storage, load_catalogue()).tick()


# --- seeing and correcting ---------------------------------------------------------------------------------------------
async def test_what_is_kept_is_shown_in_plain_words(ana: Any, town: Town) -> None:
    await lives_here(ana)
    shown = "\n".join(await ana.says("我的资料"))
    for said in ("王阿姨", "13800000000", "7栋1204", "1 件，在办 1 件", "没有人打开过"):
        assert said in shown
    assert re.search(r"聊天记录：\d+ 条", shown)
    assert {"改称呼", "改电话", "改住址", "全部带走", "删除我的资料", "隐私告知全文"} <= set(await ana.buttons())


async def test_whoever_has_told_nothing_sees_just_that(ana: Any, town: Town) -> None:
    shown = "\n".join(await ana.says("/mydata"))
    assert "没有留" in shown
    assert "还没有问过您" in shown
    assert await all_of(town, t.residents) == []  # looking keeps nothing


@pytest.mark.parametrize(
    ("button", "said", "column", "kept"),
    [("改电话", "13912345678", "phone", "13912345678"), ("改称呼", "李大爷", "name", "李大爷"),
     ("改住址", "8栋2单元302", "building", "8")],
)  # fmt: skip
async def test_each_thing_is_put_right(button: str, said: str, column: str, kept: str, ana: Any, town: Town) -> None:
    await lives_here(ana)
    await ana.says("我的资料")
    await ana.presses(button)
    assert "改好了" in "\n".join(await ana.says(said))
    [resident] = await all_of(town, t.residents)
    assert resident[column] == kept


async def test_a_wrong_value_is_asked_again_and_something_else_is_understood(ana: Any, town: Town) -> None:
    await lives_here(ana)
    await ana.says("改电话")
    assert "不太对" in "\n".join(await ana.says("12345"))
    assert "二(一)" in "\n".join(await ana.says(QUESTION))
    await ana.says("我的电话改成13912345678")
    [resident] = await all_of(town, t.residents)
    assert resident["phone"] == "13912345678"


async def test_what_was_given_can_be_taken_away_alone(ana: Any, town: Town) -> None:
    await lives_here(ana)
    await ana.says("改电话")
    await ana.presses("不要留了")
    [resident] = await all_of(town, t.residents)
    assert (resident["phone"], resident["room"]) == (None, "1204")


async def test_a_building_that_is_not_there_is_not_taken(ana: Any, town: Town) -> None:
    assert "没有这一栋" in "\n".join([*await ana.says("我搬到88栋302了"), *await ana.says("88栋302")])


# --- taking away -------------------------------------------------------------------------------------------------------
async def test_the_file_holds_everything_of_theirs_and_nothing_of_others(ana: Any, town: Town) -> None:
    bob = await town.resident(ana.channel)
    await lives_here(ana)
    await bob.says("3栋2单元电梯不动了")
    await bob.presses("同意")
    await ana.says("导出我的资料")
    message = (await ana.thread())[-1]
    [part] = message.attachments
    [blob] = [row for row in await all_of(town, t.blobs) if row["id"] == part["blob"]]
    assert blob["chat_id"] == ana.chat_id
    with zipfile.ZipFile(io.BytesIO(blob["content"])) as packed:
        data, text = json.loads(packed.read("data.json")), packed.read("我的资料.txt").decode()
    whole = json.dumps(data, ensure_ascii=False)
    assert all(secret in whole for secret in SECRETS)
    assert all(secret in text for secret in ("水管", "王阿姨", "13800000000"))
    assert "电梯不动" not in whole + text
    assert "lease" not in whole
    assert "hash" not in whole
    assert {row["chat_id"] for row in data["messages"]} == {ana.chat_id}


async def test_the_file_is_not_part_of_the_next_and_goes_after_its_time(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await lives_here(ana)
    await ana.says("导出我的资料")
    await ana.says("导出我的资料")
    files = [row for row in await all_of(town, t.blobs) if row["kind"] == EXPORT]
    with zipfile.ZipFile(io.BytesIO(files[-1]["content"])) as packed:
        assert not [name for name in packed.namelist() if name.startswith("files/")]
    await time_goes_by(town, clock, days=7, minutes=1)
    assert [row for row in await all_of(town, t.blobs) if row["kind"] == EXPORT] == []


# --- deleting ----------------------------------------------------------------------------------------------------------
def second_connection(storage: Storage) -> Engine:
    """What others would find in the database."""
    if isinstance(storage, PostgresStorage):
        return postgres_engine(storage.url)
    assert isinstance(storage, SQLiteStorage)
    engine = create_engine(f"sqlite:///{storage.path}")
    begin_immediately(engine)
    return engine


def everything_there_is(storage: Storage) -> dict[str, list[dict[str, Any]]]:
    engine = second_connection(storage)
    try:
        with engine.connect() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in t.metadata.sorted_tables
            }
    finally:
        engine.dispose()


async def delete_all(ana: Any) -> str:
    await ana.says("删除我的资料")
    offered = await ana.buttons()
    await ana.presses("撤回在办的，全部删除" if "撤回在办的，全部删除" in offered else "继续删除")
    return "\n".join(await ana.presses("是的，删除"))


def spoken_of_at_the_desk(tx: Tx) -> None:
    """Kept searches, one of them for her, and reasons that say her name."""
    member = staff.add(tx, name="周敏", role="operator")
    number = str(tx.scalar(select(t.tickets.c.number).where(t.tickets.c.description.contains("水管"))))
    for name, words in (("她的", "王阿姨"), ("电梯", "电梯"), ("那一件", number)):
        saved_filters.keep(tx, staff_id=member, name=name, wanted={"q": words})
    staff.note(tx, member, "uncover", number, reason="要打电话问水管")
    staff.note(tx, member, "end_alarm", "1", report="王阿姨说没事了")


@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_deleted_means_no_table_holds_a_word_of_it(channel: str, any_town: Town, clock: FrozenClock) -> None:
    ana, bob = await any_town.resident(channel), await any_town.resident(channel)
    await bob.says("3栋2单元电梯不动了")
    await lives_here(ana)
    await ana.says("授权家人")
    await ana.presses("子女")
    await ana.presses("能看，也能办")
    await ana.says("导出我的资料")
    await any_town.storage.run(messages.say, chat_id=ana.chat_id, text="给王阿姨的通知，还没发出去", priority=5)
    await any_town.storage.run(spoken_of_at_the_desk)
    assert "都删掉了" in await delete_all(ana)
    found = everything_there_is(any_town.storage)
    assert [row["name"] for row in found["saved_filters"]] == ["电梯"]
    for table, rows in found.items():
        whole = json.dumps(rows, default=str, ensure_ascii=False)
        assert [secret for secret in SECRETS if secret in whole] == [], table
    assert [row for row in found["residents"] if row["phone"] or row["name"]] == []
    [ticket] = found["tickets"]
    assert (ticket["category"], ticket["building"], ticket["state"]) == ("repair", "7", "withdrawn")
    assert {row["chat_id"] for row in found["blobs"]} <= {bob.chat_id, None}
    assert [row for row in found["outbox"] if row["chat_id"] == ana.chat_id and row["state"] == "pending"] == []
    assert [row["text"] for row in found["messages"] if row["chat_id"] == bob.chat_id]
    kinds = {row["kind"] for row in found["deletions"]}
    assert {"words", "cases", "raw"} <= kinds
    await time_goes_by(any_town, clock, hours=1, minutes=1)
    later = everything_there_is(any_town.storage)
    assert [row for row in later["messages"] if row["chat_id"] == ana.chat_id] == []
    assert str(ana.remote) not in json.dumps(later["chats"], default=str)


async def test_two_steps_and_the_way_back(ana: Any, town: Town) -> None:
    await lives_here(ana)
    told = "\n".join(await ana.says("把我的资料全部删掉"))
    assert "还在办的" in told
    await ana.presses("不删了")
    assert len(await all_of(town, t.tickets)) == 1
    [resident] = await all_of(town, t.residents)
    assert resident["name"] == "王阿姨"


async def test_an_open_matter_goes_on_and_is_wiped_out_after_it(ana: Any, town: Town, clock: FrozenClock) -> None:
    await lives_here(ana)
    await ana.says("删除我的资料")
    await ana.presses("先删别的，办完再抹掉")
    assert "先留着" in "\n".join(await ana.presses("是的，删除"))
    [ticket] = await all_of(town, t.tickets)
    assert ticket["room"] == "1204"
    assert "LX-" in "\n".join(await ana.says("我的工单"))
    await close_all(town)
    await time_goes_by(town, clock, days=6)
    [ticket] = await all_of(town, t.tickets)
    assert ticket["room"] == "1204"  # "not solved" may still come
    await time_goes_by(town, clock, days=1, minutes=1)
    [ticket] = await all_of(town, t.tickets)
    assert (ticket["room"], ticket["phone"], ticket["description"]) == (None, None, erasure.GONE)


async def test_pressed_twice_it_is_deleted_once_and_the_next_word_is_a_new_beginning(ana: Any, town: Town) -> None:
    await lives_here(ana)
    await ana.says("删除我的资料")
    await ana.presses("撤回在办的，全部删除")
    await ana.presses("是的，删除", times=3)
    heard = "\n".join(await ana.says(QUESTION))
    assert "二(一)" in heard
    assert "隐私" in heard
    [chat] = [row for row in await all_of(town, t.chats) if row["id"] == ana.chat_id]
    assert chat["left_at"] is None


async def test_in_danger_nothing_is_deleted(ana: Any, town: Town) -> None:
    await ana.says("着火了！厨房烧起来了")
    await ana.presses("不等了，回机器人") if "不等了，回机器人" in await ana.buttons() else None
    standing = await town.storage.read(erasure.standing, ana.chat_id)
    assert standing.alarm
    assert not await town.storage.run(erasure.erase, chat_id=ana.chat_id, row_id=0)


HELD = {"residents", "chats", "messages", "blobs", "tickets", "conversations", "drafts", "answers", "alarms", "proxies"}
THOUGHT_OF = set(
    """
    ticket_passes answer_drafts ticket_figures ticket_viewers calls ring_backs extension_asks hand_overs ticket_units
    answer_aids household_people message_versions ticket_calls transcripts topics relays group_news
    answer_drafts ticket_figures ticket_viewers calls ring_backs extension_asks hand_overs ticket_units
    alarm_letters group_members staff_forms staff_telegram telegram_codes work_groups
    answer_aids gaps message_versions ticket_calls transcripts topics relays group_news
    alarm_calls alarms answers appointments blobs call_backs care_entries care_notes chats claim_tries consents
    conversations deliveries disclosure_asks drafts inbox mediation_blobs mediation_parties mediation_words mediations
    messages notice_recipients occasion_entries occasion_swaps outbox pass_codes
    promise_notices proxies proxy_events quiet_hours redirects subscriptions ticket_barred ticket_blobs ticket_events
    conversations deliveries drafts inbox mediation_agreements mediation_asks mediation_blobs
    mediation_papers mediation_parties mediation_words mediations messages
    occasion_entries occasion_swaps outbox pass_codes
    promise_notices proxies proxy_events redirects ticket_barred ticket_blobs ticket_events
    ticket_followers tickets volunteer_claims volunteers web_sessions
    card_chats household_visits household_words disclosure_files disclosure_postings
    incident_events incident_heard incident_tellings incident_tickets ticket_links ticket_merges
    legal_holds data_requests
    """.split()  # noqa: SIM905 - a list of names, easier to read so
)


def test_every_table_that_can_hold_something_of_a_resident_is_thought_of() -> None:
    pointing = {
        table.name for table in t.metadata.sorted_tables for key in table.foreign_keys if key.column.table.name in HELD
    }
    assert pointing - THOUGHT_OF == set(), (
        "think of it in storage/erasure.py and storage/own_data.py, then name it here"
    )


PLAIN_WORDS = {"number", "claim_code", "source", "route", "category", "building", "due_rule", "title", "description"}


def test_every_text_of_a_ticket_is_thought_of() -> None:
    texts = {column.name for column in t.tickets.columns if isinstance(column.type, Text) and column.nullable}
    known = PLAIN_WORDS | set(erasure.PERSONAL) | {"topic"}
    assert texts - known == set(), "does it name anybody? then it belongs into erasure.PERSONAL"


def test_every_kind_that_is_promised_is_kept_and_no_other() -> None:
    assert {*retention.SWEEPS, *retention.BY_HAND} == set(rules()) == set(DUE)


async def test_time_wipes_out_what_the_notice_says(ana: Any, town: Town, clock: FrozenClock) -> None:
    await lives_here(ana)
    await close_all(town)
    await time_goes_by(town, clock, days=rules()["raw"].keep.days, minutes=1)
    assert {row["payload"] for row in await all_of(town, t.inbox)} == {None}
    await time_goes_by(town, clock, days=rules()["words"].keep.days)
    left = await all_of(town, t.messages)
    assert {row["ticket_id"] is not None for row in left} <= {True}
    [ticket] = await all_of(town, t.tickets)
    assert ticket["room"] == "1204"
    await time_goes_by(town, clock, days=rules()["cases"].keep.days)
    [ticket] = await all_of(town, t.tickets)
    assert (ticket["room"], ticket["category"]) == (None, "repair")
    assert await all_of(town, t.messages) == []
    assert {row["why"] for row in await all_of(town, t.deletions)} == {"time"}


# --- another phone, leaving --------------------------------------------------------------------------------------------
async def test_a_code_brings_everything_to_a_new_phone_once(ana: Any, town: Town) -> None:
    await lives_here(ana)
    code = code_in("\n".join(await ana.says("我换手机了")))
    new = await town.resident(ana.channel)
    assert "欢迎回来" in "\n".join(await new.says(f"我的换机码 {code.lower()}"))
    assert "LX-" in "\n".join(await new.says("我的工单"))
    assert "王阿姨" in "\n".join(await new.says("我的资料"))
    assert "另一部手机" in "\n".join(await ana.hears())
    thief = await town.resident(ana.channel)
    assert "不对" in "\n".join(await thief.says(code))


async def test_a_phone_that_is_not_ones_own_is_cut_off_with_one_press(ana: Any, town: Town) -> None:
    await lives_here(ana)
    code = code_in("\n".join(await ana.says("我换手机了")))
    thief = await town.resident(ana.channel)
    await thief.says(code)
    assert "断开" in "\n".join(await ana.presses("不是我，断开那部手机"))
    assert "LX-" not in "\n".join(await thief.says("我的工单"))
    assert "LX-" in "\n".join(await ana.says("我的工单"))


async def test_what_the_new_phone_had_filed_comes_along(ana: Any, town: Town) -> None:
    await lives_here(ana)
    code = code_in("\n".join(await ana.says("我换手机了")))
    new = await town.resident("web")
    await new.says("3栋501卫生间的水龙头滴水，拧不紧")
    await new.presses("同意")
    await new.presses("没有")
    await new.presses("提交")
    await new.says(code)
    mine = "\n".join(await ana.says("我的工单"))
    assert "水龙头" in mine
    assert "水管" in mine


async def test_guessing_codes_is_slow_and_an_old_code_is_void(ana: Any, town: Town, clock: FrozenClock) -> None:
    code = code_in("\n".join(await ana.says("我换手机了")))
    thief = await town.resident(ana.channel)
    for number in range(5):
        await thief.says(f"2222-3333-44{number + 3}4")
    assert "一个小时" in "\n".join(await thief.says(code))
    clock.move(hours=25)
    assert "一天" in "\n".join(await thief.says(code))


async def test_leaving_stops_messages_keeps_promises_and_one_word_comes_back(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await lives_here(ana)
    told = "\n".join(await ana.says("不要再给我发消息了"))
    assert "1 件事在办" in told
    assert "打您留的电话" in told
    assert "已经退出" in "\n".join(await ana.presses("退出"))
    clock.move(minutes=1)
    await town.storage.run(messages.say, chat_id=ana.chat_id, text="通知", priority=5)
    waiting = [row for row in await all_of(town, t.outbox) if row["state"] == "pending"]
    assert waiting == []
    assert len(await all_of(town, t.tickets)) == 1
    assert "二(一)" in "\n".join(await ana.says(QUESTION))
    [chat] = [row for row in await all_of(town, t.chats) if row["id"] == ana.chat_id]
    assert chat["left_at"] is None


async def test_a_chat_page_that_was_left_is_shut_within_the_hour(town: Town, clock: FrozenClock) -> None:
    visitor = await town.storage.run(web_sessions.begin, token_hash="x" * 64)
    await town.storage.run(lambda tx: tx.execute(t.chats.update().values(left_at=tx.now)))
    await time_goes_by(town, clock, minutes=30)
    assert await town.storage.read(web_sessions.find, "x" * 64) == visitor
    await time_goes_by(town, clock, minutes=61)
    assert await town.storage.read(web_sessions.find, "x" * 64) is None
