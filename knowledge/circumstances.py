"""What goes with a matter besides itself (WO-21): for whom somebody speaks, whether it stays secret, when one may come.

Pure; every function takes any text and answers None or False when the text does not say.
"""

from __future__ import annotations

import re
from datetime import datetime

from knowledge.folding import fold
from knowledge.moments import Moment, when

_KIN = (
    r"(?:外公|外婆|公公|婆婆|爷爷|奶奶|姥姥|姥爷|老爸|老妈|妈妈|爸爸|老汉儿?|老娘|母亲|父亲|老人家?|丈母娘|岳母|岳父|老丈人|婆母|"
    r"嫂子|大嫂|哥哥?|弟弟?|姐姐?|妹妹?|姨妈?|舅舅?|舅妈|姑姑|姑妈|叔叔?|伯伯|婶婶|亲戚|朋友|同事|妈|爸|爹|娘|公|婆|爷|奶)"
)
_NEIGHBOUR = (
    r"(?:隔壁|对门|楼上|楼下|邻居|我们(?:楼|栋|单元)|同楼)的?(?:[\u4e00-\u9fff]{0,3}"
    r"(?:婆婆|爷爷|奶奶|太婆|大爷|大妈|大姐|大哥|阿姨|孃孃?|嬢嬢?|叔叔?|老师|老人家?|老太太?|老头|残疾人|邻居))"
)
_WHO = (
    rf"(?:我(?:的|们)?{_KIN}|{_NEIGHBOUR}|(?:一|这|那)(?:个|位)(?:老人家?|婆婆|爷爷|邻居|残疾人)|别人|人家|邻居|朋友)"
)
_FOR = re.compile(
    rf"(?:帮|替|代|给|为)(?:一下)?(?P<who>{_WHO})(?=.{{0,24}}(?:报|说|问|反映|登记|申请|办|修|投诉|弄|看看|叫|找))"
    rf"|(?P<at>{_WHO})(?:家|屋头?|屋里|那里|那边|住(?:在|的)?)(?!都|也|老是|总是|经常|天天|一直|的?(?:狗|娃|孩子|音|歌|水))"
    rf"|(?P<is>{_NEIGHBOUR}).{{0,4}}(?:一个人|独居|瘫|腿脚|眼睛|不会(?:用|弄)|没人(?:管|照)|生病|病了|好?几天没)"
)
_QUARREL = re.compile(
    r"吵|闹|打(?:架|人|骂)|漏(?:到|下)?我|噪|臭|占|堆|狗|欠|骂|转租|租出去|出租|投诉|举报|赌|麻将|抽烟|扔|甩"
)
_ENGLISH_FOR = re.compile(
    r"\b(?:for|on behalf of) (?P<who>my (?:\w+ )?(?:mother|mum|mom|father|dad|grandmother|grandma|grandfather|grandpa|"
    r"parents|neighbou?r|aunt|uncle|friend))\b"
    r"|\b(?P<at>my (?:mother|mum|mom|father|dad|grandma|grandpa|parents|aunt|uncle))(?:'s| lives)"
)
_SECRET = re.compile(
    r"(?<!不用)(?<!不要)(?<!不必)(?<!不需要)(?<!要不要)保密|(?:莫|别|不要|不准|不得|不能)(?:给他们?|跟他们?|对外)?(?:说|讲|透露|告诉).{0,8}(?:我|名字|谁|哪个|举报)|"
    r"(?:莫|别|不要|不能)(?:把我|让(?:他|她|人|别人|对方|楼上|物业)).{0,8}(?:晓得|知道|说出|名字)|不(?:想|要|愿)(?:让|被).{0,8}(?:知道|晓得)|"
    r"\b(?:confidential(?:ly)?|keep (?:it|this|me|my name) (?:secret|private|out)"
    r"|do(?:n't| not) (?:tell|mention|say).{0,24}\b(?:me|my name|who|i)\b)"
)
_NAMELESS = re.compile(
    r"匿名|不(?:想|愿|留)(?:意)?(?:留|写|说)?(?:名字|姓名|真名)|\banonymous(?:ly)?\b|without my name"
)
_VISIT = re.compile(
    r"在家|在屋|屋头有人|家里有人|有人在|有空|得空|方便|上门|来(?:看|修|弄|一趟|取|拿|查|嘛|吧|都可以)|过来|可以来|"
    r"\b(?:at home|home|free|available|come|visit)\b"
)
_NOT_THEN = re.compile(r"不在家|没(?:得)?空|不方便|不在屋|莫来|别来|not (?:at )?home|not free")
LONGEST_NAME = 12


def on_behalf(text: str) -> str | None:
    """For whom somebody else asks, as they called them: 我妈, 隔壁张婆婆, my mother."""
    plain = fold(text)
    english = _ENGLISH_FOR.search(plain)
    if english:
        return english["who"] or english["at"]
    found = _FOR.search(plain)
    if found is None or (found["who"] is None and _QUARREL.search(plain)):
        return None
    who = str(found["who"] or found["at"] or found["is"])
    return who[:LONGEST_NAME]


def wants_secrecy(text: str) -> bool:
    """They ask that nobody learns who spoke (GB/T 33358: then it must be so)."""
    return wants_no_name(text) or _SECRET.search(fold(text)) is not None


def wants_no_name(text: str) -> bool:
    return _NAMELESS.search(fold(text)) is not None


def says_only_secrecy(text: str) -> bool:
    """The whole message is that wish; nothing of it belongs to the matter."""
    return wants_secrecy(text) and len(fold(text)) <= 18


def visit(text: str, now: datetime) -> Moment | None:
    """When somebody may come, where the words say so: "明天下午在家"; nothing that is over, and not when they are out."""
    plain = fold(text)
    if not _VISIT.search(plain) or _NOT_THEN.search(plain):
        return None
    return next((moment for moment in when(text, now) if moment.end > now), None)
