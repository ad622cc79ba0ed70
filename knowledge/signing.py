"""When a written agreement takes effect: with every signature, the seal and the signed sheet in the file (ME-10). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Signing:
    """What of a written agreement is there: each the day it was done; ``filed``: the signed sheet lies in the file."""

    applicant: date | None = None
    respondent: date | None = None
    mediator: date | None = None
    seal: date | None = None
    filed: bool = False


def lacking(signing: Signing) -> list[str]:
    """What a written agreement still needs to take effect: all of it, or it does not (ME-10)."""
    return [name for name in ("applicant", "respondent", "mediator", "seal", "filed") if not getattr(signing, name)]


def in_force_on(signing: Signing) -> date | None:
    """The day the last of them was done; None while anything lacks."""
    days = (signing.applicant, signing.respondent, signing.mediator, signing.seal)
    return None if lacking(signing) else max(day for day in days if day)
