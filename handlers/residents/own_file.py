"""The file somebody takes away: their data for people to read, for machines to read, and their attachments."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.texts.catalogue import Texts

CHINA = ZoneInfo("Asia/Shanghai")
MOST = 40 * 1024 * 1024
"""Bytes of attachments in one file; a Telegram bot may send fifty million."""
MIME = "application/zip"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def package(data: Rows, files: Sequence[tuple[int, str, bytes]], words: Texts, *, made_at: datetime) -> bytes:
    """A zip with the words, the same as JSON, and the attachments."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr(words("mine.file_text"), readable(data, words, made_at=made_at, files=files))
        into.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1, default=_plain))
        for blob_id, name, content in files:
            into.writestr(f"files/{blob_id}-{_tidy(name)}", content)
    return packed.getvalue()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _tidy(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum() or letter in "._-")[-60:] or "file"


def readable(data: Rows, words: Texts, *, made_at: datetime, files: Sequence[tuple[int, str, bytes]]) -> str:
    """Plain text, in the order a person would ask for it."""
    parts = [words("mine.file_title", at=at(made_at)), _who(data, words), _tickets(data, words), _said(data, words)]
    parts += [words("mine.file_files", packed=len(files), all=len(data["files"])), words("mine.file_more")]
    return "\r\n\r\n".join(part.replace("\n", "\r\n") for part in parts)


def at(moment: datetime | None) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}" if moment else "—"


def _who(data: Rows, words: Texts) -> str:
    known: Mapping[str, Any] = data["resident"][0] if data["resident"] else {}
    lines = [words("mine.file_who")]
    lines += [f"{words(f'mine.{name}')}: {known.get(name) or '—'}" for name in ("name", "phone")]
    home = "-".join(known[part] for part in ("building", "unit", "room") if known.get(part))
    lines.append(f"{words('mine.place')}: {home or '—'}")
    for row in data["consents"]:
        lines.append(f"{at(row['at'])}  {words('mine.answer_' + row['answer'])} ({row['version']})")
    return "\n".join(lines)


def _tickets(data: Rows, words: Texts) -> str:
    lines = [words("mine.file_tickets", count=len(data["tickets"]))]
    for ticket in data["tickets"]:
        state = words(f"follow.state_{ticket['state']}")
        lines.append(f"{ticket['number']}  {state}  {at(ticket['opened_at'])}\n  {ticket['description']}")
    return "\n".join(lines)


def _said(data: Rows, words: Texts) -> str:
    lines = [words("mine.file_messages", count=len(data["messages"]))]
    for message in data["messages"]:
        shown = message["text"] or "".join(f"[{part.get('kind')}]" for part in message["attachments"] or ())
        lines.append(f"{at(message['at'])}  {words('mine.from_' + message['sender'])}: {shown}")
    return "\n".join(lines)
