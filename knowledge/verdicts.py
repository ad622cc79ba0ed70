"""Hears in plain words what somebody says of a matter they were asked about: solved, not solved, not yet seen.

Only for whoever was asked: anywhere else "还是漏" is a matter of its own. "厨房好了，厕所还漏" is not solved.
"""

from __future__ import annotations

import re

from knowledge.closing import Verdict
from knowledge.folding import fold

LONGEST = 80
"""Characters: what is longer tells more than a verdict."""
SAYS_WHY = 6
"""Characters from which a "not solved" has said what is not."""
_DONE = r"(?:修|弄|搞|整|办|处理|解决|疏通|通|换|清理?|装|安|打扫|扫|搬)"
_NO = r"(?:没有?|没得|莫得)"
_QUESTION = re.compile(
    rf"[?]\s*$|(?:好|完|来|通|{_DONE})了?(?:没|没得|没有|莫得|不|吗|嘛|么)[。.!\s]*$|^(?:is|has|have|did|when|are)\b"
)
_NOT_SEEN = re.compile(
    rf"(?:还|都|暂时)?{_NO}(?:时间|空)?(?:来得及)?(?:回家|回去|回来|到家|在家|去看|看到|看见|看过|看|瞧|试过|试|检查|去)"
    r"|不在(?:家|屋|屋头|重庆|小区)|在外(?:地|头|面)|出差|上班(?:去|在)"
    r"|(?:回家|回去|回来|到家|晚上|下班|明天|后天|周末|等会儿?|等哈|一会儿?|过两天|有空)(?:了|后|以后)?.{0,6}(?:看|试|瞧|确认|检查)"
    r"|(?:haven'?t|have not|didn'?t|did not|not) (?:yet )?(?:been (?:home|back)|seen|looked?|checked?|check)"
    r"|not (?:at )?home|not yet seen|(?:will|i'?ll|let me) (?:check|look|see)|(?:am|i'?m) (?:away|at work|out)"
)
_NOT_SOLVED = re.compile(
    rf"(?:{_NO}|未)(?:人)?(?:给|帮)?(?:我|我们)?(?:真的|完全|彻底)?"
    rf"(?:{_DONE}|好|来|管|人|师傅|动静|反应|结果|效果|用|变化)(?!问题|事)"
    r"|(?:还|仍|又|照样|依旧|依然|仍然|一样)(?:是|在|一直|有点|有)?"
    r"(?:漏|滴|渗|堵|坏|响|吵|闹|臭|脏|黑|闪|停|断|冒|卡|掉|乱|老样子|那样|这样|那个样|不|没|关不|打不|用不|开不)"
    r"|老样子|不(?:行|得行|管用)|白修|没解决|修了也|越(?:修|搞|弄)越|糊弄|敷衍"
    r"|not (?:solved|fixed|working|done|ok|okay|resolved|repaired|finished)|isn'?t (?:fixed|working|solved|done)|still\b"
    r"|(?:nobody|no one|no-one|noone) (?:came|has come|showed)"
    r"|(?:didn'?t|did not|doesn'?t|does not) (?:come|work|help|fix)|same as before"
    r"|(?:broke|broken|leaking|leaks|blocked) again|^no+[.! ]*$|worse"
    rf"|^(?:还|都|根本)?{_NO}(?:哦|啊|呢|诶)?[。.!~]*$|^不是[。.!~]*$"
)
_SOLVED = re.compile(
    rf"{_DONE}(?:好|通|完|定|干净)|{_DONE}了|解决|(?:已经?|都|全)好|^(?:嗯|恩|对|是的?)?[,，]?(?:好|可以|行|要得)了"
    r"|不(?:漏|滴|渗|堵|响|吵|闹|臭|黑|闪|卡|冒)了|没(?:有|得)?(?:问题|事)了?|(?:能|可以)(?:用|开|关|走)|正常了?|恢复"
    r"|(?:来|有)(?:水|电|气)了|(?:亮|通|安静)了|搞定|(?:very |all )?good now"
    r"|(?:is|was|it'?s|got|been|all) (?:now )?(?:fixed|solved|resolved|done|repaired|fine|ok|okay|good|working)"
    r"|^(?:yes|yep|solved|fixed|done|resolved|works)\b|works (?:now|again|fine)"
    r"|^(?:是|对)的?[。.!~]*(?:谢谢)?[。.!~]*$"
)
_BY_ITSELF = re.compile(
    r"(?:不用|不必|莫|不要|别)(?:再)?(?:来|修|弄|派|管|麻烦|跑|处理|办)了?"
    r"|(?:自己|我们|邻居|家里人).{0,4}(?:修|弄|搞|整|解决|处理)好|(?:已经|都)(?:修|弄|搞|整|恢复|解决|处理)?好了"
    r"|no need to (?:come|send)|(?:fixed|sorted) it (?:myself|ourselves)|don'?t (?:come|send)"
)


def verdict(text: str) -> Verdict | None:
    """What `text` says of the matter its sender was asked about; None when it says neither, or asks."""
    plain = fold(text)
    if not plain or len(plain) > LONGEST or _QUESTION.search(plain):
        return None
    if _NOT_SEEN.search(plain):
        return Verdict.NOT_SEEN
    if _NOT_SOLVED.search(plain):
        return Verdict.NOT_SOLVED
    return Verdict.SOLVED if _SOLVED.search(plain) else None


def reason_in(text: str) -> str | None:
    """What is not solved, where the words say more than that."""
    said = text.strip()
    return said if len(fold(said)) > SAYS_WHY else None


def over_by_itself(text: str) -> bool:
    """Somebody says, unasked, that a matter needs nobody any more: "不用来了，自己修好了"."""
    plain = fold(text)
    return len(plain) <= LONGEST and not _QUESTION.search(plain) and _BY_ITSELF.search(plain) is not None
