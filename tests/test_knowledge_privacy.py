"""The privacy notice, the retention rules and the wordings about one's own data, as data that must not rot."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from knowledge.datafiles import DATA, DataError
from knowledge.languages import asked_for, spoken
from knowledge.own_data import load_wordings, wish
from knowledge.phrases import load_phrases
from knowledge.privacy import filled, load_privacy_notice, privacy_notice
from knowledge.private_data import without_numbers
from knowledge.profile import load_profile
from knowledge.retention import load_rules, rules, span

MUST_SAY = {
    "zh": ["负责", "投诉", "电话", "撤回", "删除", "下载", "敏感", "14岁", "转给"],
    "en": [
        "answers for",
        "complaints",
        "phone",
        "take your consent back",
        "delete",
        "download",
        "sensitive",
        "under 14",
    ],
}
WORDED = {"2026-11-26": "4f0c0854a88f", "2026-11-27": "648285ad709c"}
"""What each version's words amount to: other words need a new version, so that they are shown, and asked, anew."""


def test_other_words_have_another_version() -> None:
    notice = privacy_notice()
    parts = [part for each in notice.sections for part in (each.title, each.text)]
    said = [notice.short, notice.needed, notice.sensitive, *parts]
    digest = hashlib.sha256("".join(words.zh + words.en for words in said).encode()).hexdigest()[:12]
    assert WORDED.get(notice.version) == digest, f"a new wording: give it a new version, and note {digest} for it here"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notice_says_everything_it_must(language: str) -> None:
    notice, profile = privacy_notice(), load_profile()
    whole = "\n".join(filled(each.text, profile, language) for each in notice.sections)
    assert [word for word in MUST_SAY[language] if word not in whole] == []
    assert "{" not in whole


def test_a_notice_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "privacy.yaml"
    broken.write_text((DATA / "privacy.yaml").read_text("utf-8").replace('"2026-11-27"', "soon"), "utf-8")
    with pytest.raises(DataError, match="not a day"):
        load_privacy_notice(broken)


def test_every_kind_has_a_time_people_understand() -> None:
    for rule in rules().values():
        assert span(rule.keep.days, "zh")
        assert span(rule.keep.days, "en")
    assert span(730, "zh") == "2年"
    assert span(180, "en") == "6 months"
    assert span(1, "en") == "1 day"


@pytest.mark.parametrize(
    ("wrong", "why"), [("keep: 0", "too small"), ("keep: 99999", "too large"), ("then: hide", "one of")]
)
def test_a_rule_that_cannot_be_kept_is_refused(wrong: str, why: str, tmp_path: Path) -> None:
    text = (DATA / "retention.yaml").read_text("utf-8")
    name = wrong.split(":")[0]
    line = next(line for line in text.splitlines() if line.strip().startswith(f"{name}:"))
    (tmp_path / "r.yaml").write_text(text.replace(line, f"    {wrong}", 1), "utf-8")
    with pytest.raises(DataError, match=why):
        load_rules(tmp_path / "r.yaml")


def test_no_shipped_phrase_is_mistaken_for_a_wish_about_ones_data() -> None:
    taken = [phrase.text for phrase in load_phrases() if wish(phrase.text) is not None]
    assert taken == []


SAID = {
    "see": """
        我的资料
        你们存了我哪些信息
        你那里有我什么资料
        谁看过我的资料
        你们都记了我些啥子
        show me my data
        What do you know about me?
    """,
    "export": """
        把我的资料发给我
        下载我的聊天记录
        我要导出个人信息
        export my data
    """,
    "delete": """
        把我的资料全部删掉
        帮我删除所有聊天记录
        我要注销账号
        请刪除我的個人資料
        please erase all my personal data
        forget me
    """,
    "withdraw": """
        我不同意了
        我要撤回同意
        别再保存我的信息
        I withdraw my consent
    """,
    "notice": """
        隐私政策
        看隐私告知
        privacy policy
    """,
    "leave": """
        我要退出
        不要再给我发消息了
        unsubscribe
    """,
    "move": """
        我换手机了
        我换手机了怎么办？
        I have a new phone
    """,
    "give_proxy": """
        让我女儿帮我看工单
        授权家人
        让我家里人也能看
        let my daughter see my requests
    """,
    "be_proxy": """
        我帮我妈看她的工单
        替我奶奶看她的报修进度
        check my mother's requests
    """,
    "correct": """
        我的电话改成13800000000
        我电话换了，现在是13900001111
        我搬到8栋302了
        叫我李阿姨
        更新我的手机号
    """,
}
"""What is wished, a line each."""
PAIRS = [(kind, line.strip()) for kind, lines in SAID.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("kind", "text"), PAIRS)
def test_what_is_wished_is_heard(kind: str, text: str) -> None:
    found = wish(text)
    assert found is not None
    assert found.kind == kind


OTHERS = """
    申请公租房要什么资料
    怎么退出公租房
    我要退租
    我要改名字
    我的信息公开栏在哪
    资料交到哪里
    叫我怎么办
    退出居委会要什么手续
    my data plan is slow
    leave the lift alone
    换手机膜哪里有
    请帮我妈妈叫救护车
    我的电话打不通
    电话改成什么了
    他不同意了怎么办
"""


@pytest.mark.parametrize(
    "text", [*map(str.strip, OTHERS.strip().splitlines()), "", "？" * 50, "请帮我" * 25, "我的资料" + "啊" * 100]
)
def test_what_is_something_else_is_left_alone(text: str) -> None:
    assert wish(text) is None


def test_a_correction_carries_its_value() -> None:
    assert [(found.about, found.value) for kind, text in PAIRS if kind == "correct" and (found := wish(text))] == [
        ("phone", "13800000000"), ("phone", "13900001111"), ("place", "8栋302"), ("name", "李阿姨"), ("phone", None),
    ]  # fmt: skip


def test_a_pattern_that_does_not_work_is_named_with_its_line(tmp_path: Path) -> None:
    text = (DATA / "own_data.yaml").read_text("utf-8").replace("forget me", "forget (me", 1)
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(DataError, match="does not work"):
        load_wordings(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("厨房水管爆了", "zh"),
        ("The lift in my building is broken", "en"),
        ("hello", None),
        ("7栋1204", None),
        ("WiFi密码是什么", "zh"),
        ("LX-261123-0007-4 7KQM-2XRT", None),
        ("wo de shui guan huai le", None),
    ],
)
def test_the_language_of_a_sentence(text: str, language: str | None) -> None:
    assert spoken(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("说英文", "en"),
        ("English!", "en"),
        ("speak Chinese please", "zh"),
        ("换中文", "zh"),
        ("英语老师在哪里", None),
        ("Chinese New Year party", None),
    ],
)
def test_asking_for_a_language(text: str, language: str | None) -> None:
    assert asked_for(text) == language


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("3栋1102马桶堵了，电话13912345678", "3栋1102马桶堵了"),
        ("马桶堵了，我的手机号是139 1234 5678，快点来", "马桶堵了，快点来"),
        ("Toilet blocked, phone 13912345678", "Toilet blocked"),
        ("13912345678 马桶堵了", "马桶堵了"),
        ("7栋1204厨房水管爆了", "7栋1204厨房水管爆了"),
        ("电话线断了", "电话线断了"),
    ],
)
def test_a_title_repeats_no_telephone_number(said: str, title: str) -> None:
    assert without_numbers(said).strip(" ,，") == title
