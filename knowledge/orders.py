"""Orders to a form, when a whole message is one: "取消", "好的,提交", "上一步", "没有"."""

from __future__ import annotations

import re
from typing import Literal

Command = Literal["confirm", "cancel", "back", "skip"]
_COMMANDS: tuple[tuple[Command, re.Pattern[str]], ...] = (
    (
        "confirm",
        re.compile(r"提交|确认|确定|嗯|对的?|是的?|好的?|要得|没问题|没错|可以|ok|yes|submit|confirm|correct", re.I),
    ),
    (
        "cancel",
        re.compile(
            r"取消|算了|我?不(?:想再?)?(?:报|要|弄|填|搞)了|莫弄了|退出|cancel|stop|never ?mind|forget it", re.I
        ),
    ),
    ("back", re.compile(r"返回|上一步|回去|后退|back|go back", re.I)),
    ("skip", re.compile(r"跳过|没有|不留|不用|无|skip|no|none", re.I)),
)
LONGEST_COMMAND = 12
_PAUSES = re.compile(r"[\s,，。.!！~]+")
_ENDINGS = re.compile(r"[\s,，。.!！~吧了嘛哈啊哦呢]+")


def without_endings(text: str) -> str:
    """The words without pauses and particles: "没有哈。" is "没有"."""
    return _ENDINGS.sub("", text)


def command(text: str) -> Command | None:
    """ "取消", "好的,提交", "上一步": an order to the form, when the whole message is one."""
    for plain in (_PAUSES.sub("", text), without_endings(text)):
        for name, pattern in _COMMANDS:
            if plain and len(plain) <= LONGEST_COMMAND and not pattern.sub("", plain):
                return name
    return None
