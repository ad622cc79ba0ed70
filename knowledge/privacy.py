"""The privacy notice (PI-02, PI-06): one version for the short words in the chat and the whole page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words
from knowledge.profile import Profile


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page; ``text`` is still to be filled in (``filled``)."""

    title: Words
    text: Words


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """``version`` is the day of its wording; another wording is shown, and asked, anew."""

    version: str
    short: Words
    needed: Words
    sensitive: Words
    sensitive_kinds: Mapping[str, Words]
    sections: tuple[Section, ...]

    def sensitive_in(self, category: str | None) -> Words | None:
        """What is sensitive in a matter of this kind, in words; None where nothing is."""
        return self.sensitive_kinds.get(category or "")


@cache
def privacy_notice() -> PrivacyNotice:
    """The shipped notice, read once."""
    return load_privacy_notice(DATA / "privacy.yaml")


def load_privacy_notice(path: Path) -> PrivacyNotice:
    """`DataError` for anything wrong."""
    root = read(path).only("version", "short", "needed", "sensitive", "sensitive_kinds", "sections")
    kinds = {name: words(field) for name, field in root["sensitive_kinds"].fields().items()}
    return PrivacyNotice(
        version=root["version"].day().isoformat(),
        short=words(root["short"]),
        needed=words(root["needed"]),
        sensitive=words(root["sensitive"]),
        sensitive_kinds=kinds,
        sections=tuple(map(_section, root["sections"].items())),
    )


def _section(item: Field) -> Section:
    item.only("title", "text")
    return Section(words(item["title"]), words(item["text"]))


def filled(text: Words, profile: Profile, language: str) -> str:
    """A section's words for this community; an office nobody has entered is called just that."""
    office = profile.office
    return text.get(language).format(
        community=profile.community.get(language),
        office_address=office.address.get(language) if office else "",
        office_hours=office.hours.get(language) if office else "",
    )
