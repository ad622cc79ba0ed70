"""The keys of the desk, as the sheet lists them; the page's script (keys.js) hears the same."""

from __future__ import annotations

KEYS = (
    (("j", "k"), "move"),
    (("Enter",), "open"),
    (("x",), "pick"),
    (("1", "…", "9"), "tabs"),
    (("/",), "search"),
    ((".",), "page"),
    (("r",), "answer"),
    (("n",), "note"),
    (("a",), "accept"),
    (("t",), "take"),
    (("u",), "back"),
    (("Ctrl", "Enter"), "send"),
    (("Esc",), "leave"),
    (("?",), "sheet"),
)
"""The keys, and the name of the text that says what they do."""
