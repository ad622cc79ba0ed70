"""The plain order for a person, and for the bot again: heard without understanding, in every state of a conversation.

Every other wording ("喊个人来跟我摆嘛") goes through the matcher, route ``human``.
"""

from __future__ import annotations

import re

_CIVIL = r"[\s,，。.!！?？~～吧嘛啊哈呀哦]*"
_PERSON = re.compile(
    r"(?:喂|你好|您好|请|麻烦|帮我|我要?|想|给我|快|马上|赶紧|谢谢|please|pls|i|want|need|wanna|can|could|may|let|me|to|a|an|the"
    rf"|{_CIVIL[:-1]})*"
    r"(?:[转转接找要叫喊换]+(?:一?个|下|一下|到|回)?(?:人工|人公|真人|活人|工作人员|值班的?|值班人员)(?:客服|服务|坐席)?"
    r"|人工(?:客服|服务|坐席)?|转人|叫人来?|喊(?:个)?人来?|找个人|真人"
    r"|human|real person|live agent|(?:talk|speak|chat) (?:to|with) (?:a |an )?"
    r"(?:real |live |actual )?(?:someone|somebody|anyone|person|human|people|staff|agent|operator))"
    rf"(?:{_CIVIL}(?:来|说话|说|聊|谢谢|please|pls|now|thanks?|thank you))*{_CIVIL}",
    re.I,
)
_BOT = re.compile(
    rf"(?:我?不等了|不用等了|不排了|(?:回|找|转|要)?到?机器人|不要人工了?|不用人工了?|结束人工|退出人工"
    rf"|(?:go )?back to (?:the )?bot|stop waiting|no need to wait|never ?mind the person){_CIVIL}",
    re.I,
)
_NAMED = re.compile(
    r"(?<!不)(?<!莫)(?:转|换|找|叫|喊|要|接)(?:一?个|到|给我?|成)?(?:人工|真人|活人)(?!湖|草|降|智能|费|呼吸|授|流|成本|智慧)"
)
"""Somebody real, by that very name, among whatever else is said in anger: "你个破机器人，给老子换人工"."""
LONGEST, LONGEST_ANGRY = 40, 24


def asks_for_person(text: str) -> bool:
    """ "转人工", "麻烦喊个人来嘛", "can I talk to someone": the whole message is an order for a person."""
    if len(text) > LONGEST:
        return False
    return _PERSON.fullmatch(text.strip()) is not None or (
        len(text) <= LONGEST_ANGRY and _NAMED.search(text) is not None
    )


def asks_for_bot(text: str) -> bool:
    """ "不等了", "回机器人": no person is wanted any more."""
    return len(text) <= LONGEST and _BOT.fullmatch(text.strip()) is not None
