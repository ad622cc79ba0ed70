"""The words in which whoever got an old answer is told of the new one, as they are proposed."""

from __future__ import annotations

from datetime import datetime

from handlers.faq_view import Knows, Shown, looked_over
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import CHINA
from knowledge.answer_telling import fitted
from storage import belonging, faq
from storage.faq import Kept
from storage.notices import LONGEST_TEXT, LONGEST_TITLE
from storage.transaction import Tx

FIELDS = ("title", "text", "title_en", "text_en")


async def first_words(desk: Knows, texts: Catalogue, kept: Kept, number: int) -> dict[str, str]:
    """Which question, since when, and how the answer reads now, with its source."""
    since, several = await desk.storage.read(_published, kept, number)
    looked = looked_over(desk, kept.latest, version=kept.version, checked_on=kept.checked_on)
    said = dict.fromkeys(FIELDS, "")
    for one in looked.shown:
        if one.language == "zh" or kept.latest.translated:
            end = "" if one.language == "zh" else "_en"
            said[f"title{end}"] = one.question[:LONGEST_TITLE]
            said[f"text{end}"] = _text(texts[one.language], one, since, bare=several)
    return said


def _text(words: Texts, shown: Shown, since: datetime, *, bare: bool) -> str:
    """``bare``: without what differs from community to community."""
    day = since.astimezone(CHINA).date().isoformat()

    def frame(answer: str) -> str:
        return words("telling.text", answer=answer, day=day, source=shown.source)

    return fitted(frame, shown.bare if bare else shown.answer, longest=LONGEST_TEXT, cut=words("telling.cut"))


def _published(tx: Tx, kept: Kept, number: int) -> tuple[datetime, bool]:
    return next(one.published_at for one in faq.versions(tx, kept.key) if one.number == number), belonging.several(tx)
