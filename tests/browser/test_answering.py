"""One answers on the ticket page: prepared answers by keys, photos opened in place, voice, a note that stays inside."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from storage import blobs, messages, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.tables import messages as message_table
from storage.tables import staff_sessions
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.browser.test_morning import link_of
from tests.desk_service import a_photo, file_ticket

pytestmark = pytest.mark.browser
NAME = "<img src=x onerror=alert(1)>\"'.jpg"


def with_files(tx: Tx) -> str:
    """A ticket whose resident sent two photos and a voice message."""
    filed = file_ticket(tx)
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    sent = [
        ("photo", "image/jpeg", a_photo()),
        ("photo", "image/jpeg", a_photo(colour="tan")),
        ("voice", "audio/ogg", b"OggS"),
    ]
    for kind, mime, content in sent:
        blob = blobs.store(tx, chat_id=chat_id, kind=kind, mime=mime, content=content, name=NAME)
        part = {"blob": blob, "kind": kind, "mime": mime, "name": NAME, "size": len(content), "seconds": 12}
        said = messages.record(tx, chat_id=chat_id, sender="resident", text="", attachments=[part])
        tickets.add_words(tx, filed.id, chat_id=chat_id, message_id=said, blobs=[blob])
    return filed.number


def ours(tx: Tx) -> list[str]:
    return [text for (text,) in tx.tuples(select(message_table.c.text).where(message_table.c.sender == "staff"))]


def test_answering_by_keys(signed: Page, desk: DeskService) -> None:
    number = desk.run(with_files)
    signed.goto(f"/console/tickets/{number}")
    signed.keyboard.press("r")
    signed.keyboard.press("/")
    picker = signed.get_by_role("dialog", name="常用答复")
    expect(picker.get_by_role("link").first).to_be_visible()
    signed.keyboard.type("不归我们")
    expect(picker.get_by_role("link")).to_have_count(1)
    signed.keyboard.press("Enter")
    box = signed.get_by_label("写在这里")
    expect(box).to_be_focused()
    expect(signed.get_by_text("还有空没填：{相关热线}")).to_be_visible()
    signed.keyboard.type("12345")
    expect(signed.get_by_text("还有空没填：{怎么说}")).to_be_visible()
    signed.keyboard.press("Control+Enter")
    expect(signed.get_by_role("alert").first).to_contain_text("没有发出去")
    assert desk.run(ours) == []
    box.fill(box.input_value().replace("{怎么说}", "水管"))
    signed.keyboard.press("Control+Enter")
    expect(signed.locator(".thread .staff")).to_contain_text("用了常用答复 not_ours（第 1 版），改过")
    signed.goto(f"/console/tickets/{number}")
    expect(box).to_have_value("")
    assert len(desk.run(ours)) == 1

    signed.evaluate("document.activeElement.blur()")
    signed.keyboard.press("n")
    signed.keyboard.type("他脾气急")
    signed.get_by_role("button", name="记下，只给同事看").click()
    expect(signed.locator(".thread .note")).to_contain_text("内部备注，居民看不到")
    assert len(desk.run(ours)) == 1


def test_photos_open_in_place_and_voice_has_a_player(signed: Page, desk: DeskService) -> None:
    number = desk.run(with_files)
    signed.goto(f"/console/tickets/{number}")
    photos = signed.get_by_role("link", name="看大图")
    expect(photos).to_have_count(2)
    photos.first.focus()
    signed.keyboard.press("Enter")
    light = signed.get_by_role("dialog", name="照片")
    first = light.locator("img").get_attribute("src")
    signed.keyboard.press("ArrowRight")
    assert light.locator("img").get_attribute("src") != first
    signed.keyboard.press("Escape")
    expect(light).to_be_hidden()
    expect(signed.locator("audio[controls]")).to_have_count(1)
    expect(signed.get_by_text("语音 0:12")).to_be_visible()
    signed.get_by_text("写下说了什么").click()
    signed.get_by_label("听到的话").fill("灶台下面滴水")
    signed.get_by_role("button", name="存下", exact=True).click()
    expect(signed.locator(".heard q")).to_have_text("灶台下面滴水")


def test_what_was_typed_is_there_after_signing_in_again(signed: Page, desk: DeskService) -> None:
    number = desk.run(with_files)
    signed.goto(f"/console/tickets/{number}")
    signed.get_by_label("写在这里").fill("师傅明早八点到")
    desk.run(lambda tx: tx.execute(staff_sessions.delete()))
    signed.keyboard.press("Control+Enter")
    expect(signed).to_have_url(re.compile("sign-in"))
    token = desk.run(link_of, "周敏")
    signed.goto(f"/console/enter?token={token}")
    signed.get_by_role("button", name="登录").click()
    signed.goto(f"/console/tickets/{number}")
    expect(signed.get_by_label("写在这里")).to_have_value("师傅明早八点到")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_fit_and_can_be_read(signed: Page, desk: DeskService, scheme: Any, width: int) -> None:
    number = desk.run(with_files)
    signed.emulate_media(color_scheme=scheme)
    signed.set_viewport_size({"width": width, "height": 840})
    ticket = f"/console/tickets/{number}"
    for place, address in enumerate(
        (f"{ticket}?put=visit", f"{ticket}/canned", "/console/canned", "/console/canned/visit")
    ):
        signed.goto(address)
        assert signed.evaluate("document.documentElement.scrollWidth") <= width, address
        assert signed.evaluate(CONTRAST) == [], address
        if folder := os.environ.get("LIANXIN_LOOK_AT"):
            signed.screenshot(path=f"{folder}/answering-{place}-{scheme}-{width}.png", full_page=True)
