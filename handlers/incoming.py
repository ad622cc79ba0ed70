"""What a handler is handed beside aiogram's own event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.chats import Scene
from storage.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One update, placed.

    ``message_id`` is our id of what was said (None for presses and edits); ``pressed`` our message whose button was
    pressed, None when it is not ours or the button is no longer on it; ``received_at`` the instant clocks run from.
    """

    scene: Scene
    row_id: int
    message_id: int | None
    received_at: datetime
    pressed: Message | None = None
    attachments: Sequence[dict[str, Any]] = ()
