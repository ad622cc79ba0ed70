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

CALL_KEYS = (
    (("Ctrl", "Enter"), "file"),
    (("Alt", "P"), "alarm"),
    (("Alt", "U"), "take_back"),
    (("Alt", "Z"), "no_danger"),
    (("Alt", "T"), "transfer"),
    (("Alt", "Y"), "agrees"),
    (("Alt", "N"), "refuses"),
    (("Alt", "B"), "confidential"),
    (("Alt", "K"), "child"),
    (("Alt", "Q"), "quiet"),
    (("Alt", "W"), "safe_way"),
    (("Alt", "S"), "find"),
    (("Alt", "L"), "look"),
    (("Alt", "R"), "told"),
    (("Alt", "J"), "add"),
    (("Alt", "A"), "answered"),
    (("Alt", "H"), "later"),
    (("Alt", "G"), "give_up"),
    (("Alt", "X"), "nothing"),
    (("Alt", "1"), "words"),
    (("Alt", "2"), "number"),
    (("Alt", "3"), "name"),
    (("Alt", "4"), "place"),
    (("Alt", "5"), "behalf"),
    (("Alt", "6"), "kind"),
    (("Alt", "7"), "urgency"),
    (("Enter",), "next"),
    (("Alt", "/"), "sheet"),
)
"""The keys of a call; its script (call.js) finds what they press by the place of the key."""
