"""The steps of the desk as people are offered them: the groups they stand in, what each asks for, which say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "talk": ("answer", "ask_back"),
    "work": ("sign", "handle", "feed_back", "finish", "report", "assist", "ask_extension", "ask_return"),
    "decide": (
        *("assign", "check", "send_back", "extend", "refuse_extension", "reassign", "keep", "designate", "follow_up"),
        *("redo", "close", "supervise", "end_supervision", "decline", "transfer", "withdraw", "reopen", "archive"),
    ),
})  # fmt: skip
"""Every step of the desk but those that need one press only, in the order they are offered; a note has its own form."""
ONE_PRESS = ("accept", "take")
SILENT = frozenset({"accept", "take", "sign", "handle", "assign", "keep", "check", "decline", "transfer", "archive"})
"""Words may be left out."""
FIELDS: Mapping[str, frozenset[str]] = MappingProxyType({
    "unit": frozenset({"assign", "reassign", "designate", "assist", "report"}),
    "person": frozenset({"assign", "reassign", "designate"}),
    "assists": frozenset({"assign", "reassign", "designate"}),
    "until": frozenset({"extend", "ask_extension", "follow_up"}),
    "said_by": frozenset({"sign", "ask_return"}),
    "reason": frozenset({"decline"}),
    "line": frozenset({"transfer"}),
})  # fmt: skip
WAITING: Mapping[str, str] = MappingProxyType({
    "fed_back": "check",
    "return_asked": "keep",
    "extension_asked": "extend",
    "assigned": "sign",
    "accepted": "assign",
})  # fmt: skip
"""In these states somebody waits for this step: it is picked when the page opens."""
