"""Before what cannot be taken back, or opens much: that it is they who ask, and not whoever found the screen open."""

from __future__ import annotations

from fastapi import Request

from handlers.web.console.desk_pages import console_of, place_of
from handlers.web.console.gates import Form, Stop
from handlers.web.console.sign_in import DEVICE_COOKIE, LONGEST_TOKEN
from storage import own_sign_in, sessions, sign_in


async def prove(request: Request, form: Form) -> None:
    """By the present password (field ``present``), or by having come in lately by a one-time link; else it stops here."""
    storage = console_of(request).parts.storage
    if await storage.read(sessions.fresh, form.signed.session):
        return
    device = request.cookies.get(DEVICE_COOKIE, "")[:LONGEST_TOKEN]
    asking = sign_in.Asking(form.signed.member.name, place_of(request), device)
    if (await storage.read(sign_in.look, asking)).wait is not None:
        raise Stop(429, "too_many_tries")
    hashed = await storage.read(own_sign_in.password_hash, form.staff_id)
    if hashed is None:
        raise Stop(403, "no_password")
    if not await console_of(request).passwords.right(hashed, form.fields.get("present", "")):
        await storage.run(sign_in.failed, asking)
        raise Stop(403, "not_proved")
