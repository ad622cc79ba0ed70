"""The chat page as a resident holds it: a small phone, a thumb, a poor network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.web_service import WebService

pytestmark = pytest.mark.browser

TARGETS = """() => Array.from(document.querySelectorAll('button, a[href], input, textarea, [role=switch]'))
  .filter(e => e.offsetParent && !e.classList.contains('picker') && !(e.closest('.words')))
  .map(e => ({html: e.outerHTML.slice(0, 90), w: e.getBoundingClientRect().width, h: e.getBoundingClientRect().height,
    name: (e.getAttribute('aria-label') || e.textContent || e.placeholder || '').trim()}))"""

CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (!e.offsetParent || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    if (e.closest('.unseen, noscript') || getComputedStyle(e).visibility === 'hidden') continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(e.outerHTML.slice(0, 80) + ' ' + ratio.toFixed(2));
  }
  return poor; }"""


def open_chat(page: Page, address: str = "/chat") -> Page:
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    return page


def say(page: Page, words: str) -> None:
    page.get_by_label("写消息").fill(words)
    page.keyboard.press("Enter")


def bubble(page: Page, words: str, kind: str = "bot") -> None:
    expect(page.locator(f".message.{kind}", has_text=words).last).to_be_visible()


def photo(folder: Path) -> Path:
    path = folder / "漏水.jpg"
    Image.new("RGB", (800, 600), "teal").save(path)
    return path


def test_the_first_visit_welcomes_and_sends_nothing(page: Page) -> None:
    open_chat(page)
    expect(page.get_by_role("heading", name="您好，我是连心")).to_be_visible()
    expect(page.locator(".message")).to_have_count(0)
    page.get_by_role("button", name="我要报修").tap()
    bubble(page, "我要报修", "resident")
    bubble(page, "您说的是:我要报修")
    expect(page.get_by_role("heading", name="您好，我是连心")).to_be_hidden()


def test_a_message_is_shown_at_once_ticked_when_kept_and_answered(page: Page) -> None:
    open_chat(page)
    say(page, "楼上漏水")
    bubble(page, "您说的是:楼上漏水")
    own = page.locator(".message.resident")
    expect(own).to_have_count(1)
    expect(own.locator(".meta .unseen")).to_have_text("已收到")
    expect(page.get_by_label("写消息")).to_have_value("")


def test_a_pressed_button_is_answered_and_a_number_can_be_called(page: Page) -> None:
    open_chat(page)
    say(page, "漏水")
    call = page.get_by_role("link", name=re.compile("打给值班室"))
    expect(call).to_have_attribute("href", "tel:02300000000")
    page.get_by_role("button", name="厨房").tap()
    bubble(page, "漏水的地方:厨房")
    bubble(page, "记下了")
    expect(page.get_by_role("button", name="厨房")).to_have_count(0)


def test_what_a_resident_writes_is_never_markup(page: Page) -> None:
    open_chat(page)
    say(page, "<img src=x onerror=alert(1)>**粗** https://example.com/a 023-00000000")
    bubble(page, "<img src=x onerror=alert(1)>**粗**", "resident")
    expect(page.locator(".words img")).to_have_count(0)
    expect(page.locator(".resident .words a").first).to_have_attribute("href", "https://example.com/a")
    expect(page.locator(".resident .words a").last).to_have_attribute("href", "tel:02300000000")


def test_a_photo_is_looked_at_before_it_goes(page: Page, tmp_path: Path) -> None:
    open_chat(page)
    page.set_input_files("#pick-photo", photo(tmp_path))
    expect(page.get_by_role("dialog", name="发这个？").locator("img")).to_be_visible()
    page.get_by_role("button", name="取消").tap()
    expect(page.locator(".message")).to_have_count(0)
    page.set_input_files("#pick-photo", photo(tmp_path))
    page.get_by_label("加一句话（可不写）").fill("就是这里")
    page.get_by_role("dialog").get_by_role("button", name="发送").tap()
    bubble(page, "收到photo:就是这里")
    page.reload()
    picture = page.locator(".resident .photo img")
    expect(picture).to_have_attribute("src", re.compile("/api/chat/blobs/"))
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 800
    page.get_by_role("button", name="看大图").tap()
    expect(page.get_by_role("dialog", name="照片")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="照片")).to_be_hidden()


def test_a_file_that_is_not_a_photo_is_refused_in_plain_words_and_can_be_discarded(page: Page, tmp_path: Path) -> None:
    open_chat(page)
    (tmp_path / "a.jpg").write_bytes(b"<html>")
    page.set_input_files("#pick-photo", tmp_path / "a.jpg")
    page.get_by_role("dialog").get_by_role("button", name="发送").tap()
    expect(page.get_by_text("这个文件和它的类型对不上")).to_be_visible()
    expect(page.get_by_role("button", name="再发一次")).to_have_count(0)
    page.get_by_role("button", name="不发了").tap()
    expect(page.locator(".message")).to_have_count(0)


def test_a_voice_message_can_be_recorded_and_played(page: Page) -> None:
    open_chat(page)
    page.get_by_role("button", name="按一下开始录音").tap()
    expect(page.locator("#record-time")).to_have_text("0:01")
    page.get_by_role("button", name="发送录音").tap()
    bubble(page, "收到voice")
    expect(page.locator(".resident audio")).to_have_count(1)


def test_large_print_and_language_are_remembered(page: Page) -> None:
    open_chat(page)
    size = "() => parseFloat(getComputedStyle(document.querySelector('#text')).fontSize)"
    before = page.evaluate(size)
    page.locator("#large-now").tap()
    page.get_by_role("button", name="设置").tap()
    page.get_by_role("button", name="English").tap()
    open_chat(page)
    assert page.evaluate(size) > before * 1.25
    expect(page.locator("#large-now")).to_have_attribute("aria-checked", "true")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", name="Hello, I am Lianxin")).to_be_visible()


def test_unsent_words_outlive_the_page(page: Page) -> None:
    open_chat(page)
    page.get_by_label("写消息").fill("还没写完")
    open_chat(page)
    expect(page.get_by_label("写消息")).to_have_value("还没写完")


def test_shift_enter_is_a_new_line_and_spaces_are_not_a_message(page: Page) -> None:
    open_chat(page)
    page.get_by_label("写消息").fill("   ")
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_have_count(0)
    page.get_by_label("写消息").fill("一")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("二")
    expect(page.get_by_label("写消息")).to_have_value("一\n二")


def test_while_the_service_is_away_words_wait_and_then_go_once(page: Page, service: WebService) -> None:
    open_chat(page)
    say(page, "第一句" + "很长，" * 200)
    bubble(page, "您说的是:第一句")
    service.stop()
    say(page, "停电时写的")
    expect(page.get_by_text("正在重新连接")).to_be_visible()
    expect(page.locator(".resident .meta .unseen").last).not_to_have_text("已收到")
    expect(page.locator(".resident").last).to_be_in_viewport(ratio=1)
    service.start()
    bubble(page, "您说的是:停电时写的")
    expect(page.get_by_text("正在重新连接")).to_be_hidden()
    expect(page.locator(".resident")).to_have_count(2)


def test_words_written_without_a_network_survive_closing_the_page(page: Page, phone: BrowserContext) -> None:
    open_chat(page)
    phone.set_offline(True)
    say(page, "地下室没信号")
    bubble(page, "地下室没信号", "resident")
    page.close()
    phone.set_offline(False)
    later = open_chat(phone.new_page())
    bubble(later, "您说的是:地下室没信号")
    expect(later.locator(".resident")).to_have_count(1)


def test_an_answer_lost_on_the_way_does_not_double_the_message(page: Page) -> None:
    open_chat(page)
    lost: list[str] = []

    def lose_first(route, request: Request) -> None:  # type: ignore[no-untyped-def]
        response = route.fetch()
        if lost:
            route.fulfill(response=response)
        else:
            lost.append(request.post_data or "")
            route.abort()

    page.route("**/api/chat/messages", lose_first)
    say(page, "只说一次")
    bubble(page, "您说的是:只说一次")
    expect(page.locator(".resident .meta .unseen")).to_have_text("已收到")
    page.wait_for_timeout(2500)
    expect(page.locator(".resident")).to_have_count(1)
    expect(page.locator(".message.bot")).to_have_count(1)
    assert lost


def test_two_tabs_show_the_same_conversation(page: Page, phone: BrowserContext) -> None:
    open_chat(page)
    other = open_chat(phone.new_page())
    say(page, "在第一个页面写的")
    for tab in (page, other):
        bubble(tab, "在第一个页面写的", "resident")
        bubble(tab, "您说的是:在第一个页面写的")
        expect(tab.locator(".message")).to_have_count(2)


def test_without_event_source_the_page_asks_again_and_again(page: Page) -> None:
    page.add_init_script("delete window.EventSource")
    open_chat(page)
    say(page, "老手机")
    bubble(page, "您说的是:老手机")


def test_a_reader_further_up_is_told_of_news_not_moved(page: Page) -> None:
    open_chat(page)
    for number in range(12):
        say(page, f"第{number}句")
        bubble(page, f"您说的是:第{number}句")
    page.locator("#scroll").evaluate("element => { element.scrollTop = 0; }")
    page.evaluate("() => Lianxin.ask('POST', '/api/chat/messages', {text: '远处', client_id: 'elsewhere'})")
    pill = page.get_by_role("button", name="到最新消息")
    expect(pill).to_contain_text("有新消息")
    assert page.locator("#scroll").evaluate("element => element.scrollTop") < 50
    pill.tap()
    expect(pill).to_be_hidden()


def test_a_long_message_wraps_and_the_page_never_scrolls_sideways(page: Page) -> None:
    open_chat(page)
    say(page, "长" * 300 + " " + "x" * 400)
    bubble(page, "您说的是:长长")
    assert page.evaluate("() => document.documentElement.scrollWidth <= 360")
    assert page.locator("#scroll").evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_place_in_a_posters_address_is_told_with_the_first_words(page: Page) -> None:
    open_chat(page, "/chat?b=7")
    expect(page.locator(".message")).to_have_count(0)
    say(page, "灯坏了")
    bubble(page, "您说的是:/start b7")
    bubble(page, "您说的是:灯坏了")
    expect(page.locator(".resident:visible")).to_have_count(1)


def test_nothing_is_asked_of_anybody_but_our_own_server(page: Page, service: WebService, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/docs"):
        page.goto(path)
    open_chat(page)
    say(page, "漏水")
    bubble(page, "在哪儿")
    outside = [url for url in asked if not url.startswith((service.address, "blob:", "data:"))]
    assert asked
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("large", [False, True])
def test_everything_has_a_name_is_large_enough_to_hit_and_dark_enough_to_read(
    page: Page, scheme: str, large: bool
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_chat(page)
    if large:
        page.locator("#large-now").tap()
    for step in ("welcome", "talk", "menu"):
        if step == "talk":
            say(page, "漏水")
            expect(page.get_by_role("button", name="厨房")).to_be_visible()
        if step == "menu":
            page.get_by_role("button", name="设置").tap()
        found = page.evaluate(TARGETS)
        assert [each for each in found if not each["name"]] == []
        assert [each for each in found if each["h"] < 44 or each["w"] < 44] == []
        assert page.evaluate(CONTRAST) == []


def test_a_screen_reader_hears_who_speaks_and_the_keyboard_reaches_everything(page: Page) -> None:
    open_chat(page)
    say(page, "您好")
    bubble(page, "您说的是:您好")
    log = page.get_by_role("log", name="聊天记录")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-busy", "false")
    expect(log.locator(".bot .unseen").first).to_have_text("连心")
    expect(page.get_by_role("navigation", name="紧急电话").get_by_role("link")).to_have_count(3)
    page.locator("body").evaluate("() => document.activeElement.blur()")
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.id || document.activeElement.textContent.trim()"))
    for name in ("large-now", "menu-open", "公安 110", "log", "attach", "text", "send"):
        assert name in reached, reached
    assert reached.index("menu-open") < reached.index("log") < reached.index("text")
