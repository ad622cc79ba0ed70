"""Praise and complaints about people, heard on top of the matcher's labels: who is spoken of decides who may read it.

Pure, and cautious: only what says so plainly changes what a message was understood to be.
"""

from __future__ import annotations

import re

from knowledge.folding import fold
from knowledge.phrases import Label

PRAISE, THANKS, COMPLAINT = Label("praise"), Label("thanks"), Label("service_request", "petition")
_PERSON = (
    r"(?:工作人员|办事员|窗口|接线员|值班(?:员|的)|客服|网格员|楼栋长|楼长|书记|主任|干部|调解员|社工|志愿者|保洁|保安|师傅|管家|房管员|"
    r"维修(?:工|班|的)|社区的?人|居委会|你们的?人|小[\u4e00-\u9fff](?=[,，]?(?:态度|骂|吼|推|收|帮|很|真|嘿|特别))|"
    r"[\u4e00-\u9fff](?:姐|哥|主任|书记|老师|师傅|孃孃?)|staff|clerk|operator|guard|cleaner|building head)"
)
_PRAISED = re.compile(r"表扬|点(?:个)?赞|夸(?:一?下|一夸|奖)|锦旗|感谢信|好评|\b(?:praise|compliment|commend)")
_THANKED = re.compile(
    rf"(?:谢谢|感谢|多谢|多亏|辛苦).{{0,12}}{_PERSON}|{_PERSON}.{{0,24}}(?:谢谢|感谢|多亏)|\bthank.{{0,16}}{_PERSON}"
)
_BUT = re.compile(r"但是?|可是|就是|不过|结果|还是没|没(?:人|有)解决|but\b|however")
_ASKS = re.compile(r"[?？]$|吗$|怎么|如何|啷个|哪里|多少|什么时候|how|where|when|what")
_COMPLAINS = re.compile(rf"(?:投诉|举报|告).{{0,8}}(?:{_PERSON}|物业)|反映.{{0,6}}{_PERSON}|complain.{{0,24}}{_PERSON}")
_DID_WRONG = (
    r"(?:态度|骂|吼|凶|推(?:诿|来推去|脱|三阻四)|踢皮球|不理|爱理不理|刁难|敷衍|不作为|乱收(?:钱|费)|收(?:了)?(?:我)?(?:钱|红包|好处)|吃拿|"
    r"要好处|偏心|打(?:我|人)|歧视|泄露|说出去|报复|rude|shout|ignored?|insult|bribe)"
)
_WRONGED = re.compile(rf"{_PERSON}.{{0,14}}{_DID_WRONG}|{_DID_WRONG}.{{0,8}}(?:我|居民).{{0,6}}{_PERSON}")
_GOOD = re.compile(r"态度(?:很|真|特别|非常|嘿|好)?(?:好|不错|热情|耐心)|不(?:收|要)(?:钱|红包)")
_MAY_BE_PRAISE = ("suggestion", "greeting", "out_of_scope", "service_request", "volunteer", "human", "activity", "faq")
_MAY_BE_COMPLAINT = ("suggestion", "out_of_scope", "service_request", "human", "faq", "greeting", "ticket_status")


def meant(text: str, label: Label) -> Label | None:
    """What a message is by its tone, whatever the matcher took it for; None where the tone says nothing."""
    plain = fold(text)
    if label.route in _MAY_BE_PRAISE and not _BUT.search(plain):
        asks = _ASKS.search(plain) is not None
        if _PRAISED.search(plain) and not (asks and label.route == "faq"):
            return PRAISE
        if label.route != "service_request" and not asks and thanks_somebody(plain):
            return THANKS
    return COMPLAINT if label.route in _MAY_BE_COMPLAINT and about_people(plain) else None


def about_people(plain: str) -> bool:
    """A complaint about somebody who works here, in folded words."""
    if _GOOD.search(plain) or _PRAISED.search(plain):
        return False
    return _COMPLAINS.search(plain) is not None or _WRONGED.search(plain) is not None


def thanks_somebody(plain: str) -> bool:
    """Thanks that name somebody and are worth passing on, in folded words."""
    return len(plain) >= 8 and _THANKED.search(plain) is not None
