"""How the service runs, in words: findings with what to do, sizes, and the names of channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.web.console.wording import Wording
from knowledge.running import Finding, Verdict

UNITS = ("B", "KB", "MB", "GB", "TB")
STEP = 1024
SIZES = ("free", "total", "database")


@dataclass(frozen=True, slots=True)
class Said:
    """A finding as people read it; ``advice`` "" where nothing is to be done."""

    verdict: Verdict
    subject: str
    text: str
    advice: str


def said(finding: Finding, w: Wording) -> Said:
    key, t = f"running.{finding.subject}_{finding.code}", w.texts
    values = {name: _value(name, value, w) for name, value in finding.values.items()}
    advice = t(f"{key}_do", **values) if t.has(f"{key}_do") else ""
    return Said(finding.verdict, t(f"running.{finding.subject}"), t(key, **values), advice)


def _value(name: str, value: object, w: Wording) -> object:
    if isinstance(value, datetime):
        return w.at(value)
    if isinstance(value, timedelta):
        return w.span(value)
    return size(value) if name in SIZES and (value is None or isinstance(value, int)) else value


def size(count: int | None) -> str:
    """Bytes as people say them; a dash where nobody knows."""
    if count is None:
        return "—"
    amount, unit = float(count), 0
    while amount >= STEP and unit < len(UNITS) - 1:
        amount, unit = amount / STEP, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit < 2 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"


def channel(name: str, w: Wording) -> str:
    return w.texts(f"channel.{name}") if w.texts.has(f"channel.{name}") else name
