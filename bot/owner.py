"""Who holds a lease: this very process, not the next one with its number. What a dead one held need not be waited for."""

from __future__ import annotations

import os
import socket
import uuid

HOST = 24
"""Letters of the machine's name that are kept."""


def process_name() -> str:
    return f"{socket.gethostname()[:HOST]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(name: str, *, me: str) -> bool:
    """Surely dead: it ran on this machine, and its number belongs to nobody, or to us. Else its leases must run out."""
    host, _, rest = name.rpartition(":")[0].rpartition(":")
    mine, _, number = me.rpartition(":")[0].rpartition(":")
    if name == me or host != mine or not rest.isdecimal():
        return False
    return rest == number or not _runs(int(rest))


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
