"""The forms of a mediation's course: a file where there is one, and what was typed as days, times and duties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from handlers.texts.moments import CHINA
from handlers.web.chat_api import storable
from handlers.web.console.gates import Colleague, Form, Stop
from handlers.web.file_kinds import PHOTO, WrongKind, kind_of
from handlers.web.images import BadPhoto
from handlers.web.parts import Parts, WebParts
from knowledge.agreements import FORMS, MOST_TERMS, WHO, Agreement, Term
from storage import blobs

ROWS = 6
"""Duties that a form shows at least; one with more shows them all and two to spare."""
ACCEPTED = ("photo", "document")
"""A signed sheet is a photo or a PDF."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A file as it will be kept."""

    kind: str
    mime: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CourseForm:
    """A form of these pages, its token right, and the file that came with it."""

    form: Form
    scan: Scan | None

    @property
    def staff_id(self) -> int:
        return self.form.staff_id

    @property
    def fields(self) -> Mapping[str, str]:
        return self.form.fields

    def text(self, name: str, longest: int = 1000) -> str:
        return self.form.text(name, longest=longest)

    @property
    def revision(self) -> int:
        return self.form.number("revision")

    def day(self, name: str) -> date | None:
        """A day; None where the field is empty, 422 for what is none."""
        written = self.fields.get(name, "")
        try:
            return date.fromisoformat(written) if written else None
        except ValueError as error:
            raise Stop(422, "bad_form") from error

    def moment(self, day: str, clock: str) -> datetime | None:
        """A day and a time of day here; None where either is missing."""
        on, at = self.day(day), self.fields.get(clock, "")
        try:
            return datetime.combine(on, time.fromisoformat(at), CHINA) if on and at else None
        except ValueError as error:
            raise Stop(422, "bad_form") from error


async def sent(request: Request, colleague: Colleague, parts: Parts) -> CourseForm:
    async with request.form(max_files=1, max_fields=120) as form:
        fields = {name: str(storable(value)) for name, value in form.items() if isinstance(value, str)}
        if not compare_digest(fields.get("csrf", "").encode(), colleague.csrf.encode()):
            raise Stop(403, "forged")
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
        claimed = (file.content_type or "").lower() if isinstance(file, UploadFile) else ""
    scan = await _scan(parts, content, name=name, claimed=claimed) if content else None
    return CourseForm(Form(colleague, fields), scan)


Sent = Annotated[CourseForm, Depends(sent)]


async def _scan(parts: WebParts, content: bytes, *, name: str, claimed: str) -> Scan:
    """A photo without what its camera noted, or a PDF; anything else is refused."""
    if len(content) > blobs.SIZE_LIMIT:
        raise Stop(413, "scan_too_big")
    try:
        found = kind_of(content, claimed=claimed, name=name)
        if found.kind not in ACCEPTED or (found.kind != PHOTO and found.mime != "application/pdf"):
            raise Stop(415, "scan_kind")
        kept = (await parts.photos.clean(content)).content if found.kind == PHOTO else content
    except (WrongKind, BadPhoto) as error:
        raise Stop(415, "scan_kind") from error
    return Scan(found.kind, found.mime, name[-80:] or "scan", kept)


def agreement_of(form: CourseForm) -> Agreement:
    """What was written; rows without a word are left out."""
    if form.fields.get("form") not in FORMS:
        raise Stop(422, "bad_form")
    terms = [term for place in range(1, MOST_TERMS + 1) if (term := _term(form, place)) is not None]
    return Agreement(
        form="oral" if form.fields["form"] == "oral" else "written",
        facts=form.text("facts", 2000),
        dispute=form.text("dispute", 1000),
        responsibility=form.text("responsibility", 1000),
        wish_written=form.fields.get("wish_written") == "yes",
        terms=tuple(terms),
    )


def _term(form: CourseForm, place: int) -> Term | None:
    what, way, where = (form.text(f"{name}_{place}", 300) for name in ("what", "way", "place"))
    if not (what or way or where):
        return None
    who = form.fields.get(f"who_{place}", "")
    if who not in WHO:
        raise Stop(422, "bad_form")
    lasting = form.fields.get(f"lasting_{place}") == "yes"
    by = None if lasting else form.day(f"by_{place}")
    return Term(next(one for one in WHO if one == who), what, way, where, by, lasting)
