"""A notice as it is read: what, where, when, in the reader's language, with the one press that stops its kind."""

from __future__ import annotations

from datetime import datetime

from handlers.outcome import Button, Rows, plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import CHINA, spoken
from knowledge import broadcasts
from knowledge.subscribing import rules
from storage.notice_sending import Buttons, Make
from storage.notices import Notice


def maker(texts: Catalogue, now: datetime) -> Make:
    """The words of a notice, told at this moment."""

    def make(notice: Notice, language: str) -> tuple[str, Buttons]:
        words = texts[language]
        return text_of(words, notice, now=now), plain(buttons_of(words, notice))

    return make


def text_of(words: Texts, notice: Notice, *, now: datetime) -> str:
    if notice.item_id is not None:
        key = "notice.recorrected" if notice.text == "corrected" else "notice.disclosed"
        return words(key, title=notice.title)
    topic = rules().topics[notice.topic].name.get(words.language)
    title, body = _said(notice, words.language)
    lines = [words("notice.head", topic=topic, title=title), *_facts(words, notice, now), body]
    if notice.urgent:
        lines.append(words("notice.urgent"))
    elif notice.short_notice(now):
        lines.append(words("notice.short"))
    if why := broadcasts.rules().why(notice.audience):
        lines.append(words("notice.why", why=why.get(words.language)))
    return "\n".join(lines)


def _said(notice: Notice, language: str) -> tuple[str, str]:
    """Title and text in the reader's language, where it was written in it."""
    if language == "en" and notice.title_en and notice.text_en:
        return notice.title_en, notice.text_en
    return notice.title, notice.text


def _facts(words: Texts, notice: Notice, now: datetime) -> list[str]:
    """Where and when, on one line; nothing where it is for everybody and at no time."""
    facts = []
    if notice.buildings:
        gap = "、" if words.language == "zh" else ", "
        facts.append(words("notice.buildings", buildings=gap.join(notice.buildings)))
    if notice.starts_at is not None:
        start, end = spoken(words, notice.starts_at, now=now), _end(words, notice, now)
        facts.append(words("notice.span", start=start, end=end) if end else words("notice.from", start=start))
    return [" · ".join(facts)] if facts else []


def _end(words: Texts, notice: Notice, now: datetime) -> str:
    """The hour alone where it is the same day; "" where nobody knows."""
    if notice.ends_at is None or notice.starts_at is None:
        return ""
    here, begun = notice.ends_at.astimezone(CHINA), notice.starts_at.astimezone(CHINA)
    return f"{here:%H:%M}" if here.date() == begun.date() else spoken(words, notice.ends_at, now=now)


def buttons_of(words: Texts, notice: Notice) -> Rows:
    see = [[Button(words("notice.see"), f"dk:i:{notice.item_id}")]] if notice.item_id is not None else []
    return (*see, [Button(words("wants.stop"), f"nt:stop:{notice.id}"), Button(words("wants.menu"), "nt:mine")])
