"""Codes, cards and passwords: never asked for, and not kept when somebody sends one (EM-01)."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Outcome, Say, both, do
from handlers.residents.case import Case
from storage import inbox


def warned(case: Case, outcome: Any) -> Any:
    """The same outcome; what came in raw is forgotten at once, and whoever is not being spoken with is told so."""
    if not isinstance(outcome, Outcome):
        return outcome
    forgotten = do(inbox.forget_payload, case.incoming.row_id)
    told = outcome if case.scene.conversation == "held" else outcome.before(Say(case.words("odd.secret")))
    return both(forgotten, told)
