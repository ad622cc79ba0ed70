"""The whole privacy notice as a page anybody can read without telling anything about themselves (PI-02)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.parts import Parts
from handlers.web.words import language_of
from knowledge.privacy import filled, privacy_notice
from knowledge.profile import Profile
from knowledge.retention import Rule, span
from storage.retention_terms import in_force

router = APIRouter(include_in_schema=False)


@router.get("/privacy")
async def show(request: Request, parts: Parts) -> Response:
    language = language_of(request)
    notice, kept = privacy_notice(), await parts.storage.read(in_force)
    return parts.pages.show(
        "privacy.html",
        language=language,
        words=parts.words.section(language, "privacy"),
        version=notice.version,
        sections=_sections(parts.profile, language),
        kept=[_kept(rule, language) for rule in kept.values()],
    )


def _sections(profile: Profile, language: str) -> list[tuple[str, list[str]]]:
    found = privacy_notice().sections
    return [(each.title.get(language), filled(each.text, profile, language).strip().split("\n")) for each in found]


def _kept(rule: Rule, language: str) -> dict[str, Any]:
    return {
        "name": rule.name.get(language),
        "keep": span(rule.keep.days, language),
        "begins": rule.begins.get(language),
        "then": rule.then,
        "why": rule.why.get(language),
    }
