"""Volunteers because time goes by: invitations that waited for the morning go out."""

from __future__ import annotations

from handlers import volunteer_notices
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from storage import invitations
from storage.transaction import Tx


def invite(tx: Tx, texts: Catalogue) -> None:
    for invitation_id, volunteer, occasion, _ in invitations.due(tx):
        speak(tx, volunteer_notices.invited(tx, texts, invitation_id, volunteer, occasion))
