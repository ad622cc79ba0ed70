"""Where the recording of a call may lie: an address a colleague's browser may be sent to, and nothing else.

The telephone system tells it, so it is somebody else's word: no script, no plain http, no name and password in it, no
machine inside the office.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

LONGEST = 500
_INSIDE = re.compile(r"(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|test)$", re.I)
_PLAIN = re.compile(r"[\x21-\x7e]+")


def is_safe(address: str) -> bool:
    """``https``, a public host, nothing but visible ASCII."""
    if len(address) > LONGEST or not _PLAIN.fullmatch(address) or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and not parts.username and not parts.password and _is_public(host)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.replace(".", "").isdigit() and not _INSIDE.search(host.rstrip("."))
