"""What stands where a colleague's words were taken back, and what the colleague hears of it."""

from __future__ import annotations

from collections.abc import Callable

from handlers.texts.catalogue import Catalogue
from storage.taking_back import Back


def gone_line(residents: Catalogue) -> Callable[[str], str]:
    """From a chat's language to the line its resident reads: no gap without a word."""
    return lambda language: residents[language]("ticket.taken_back")


def outcome(back: Back) -> str:
    """What is told, among the console's words of what was ``done``."""
    if back.again:
        return "back_again"
    if back.text_stays:
        return "back_text"
    if back.read:
        return "back_read"
    return "back_unsent" if back.unsent else "back_unread"
