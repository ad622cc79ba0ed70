"""What an agreement says, and what is missing, unclear or not for the two sides to agree on (ME-10, ME-11, ME-13, ME-16).

Pure. ``findings`` looks at a draft as it stands: what is ``missing`` or ``barred`` stops it, what is ``unclear`` or ``not
for court`` is shown to the mediator, who decides. The words looked for are data (``data/agreements.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.notice import Words, words

Form = Literal["written", "oral"]
Who = Literal["applicant", "respondent", "both"]
FORMS: tuple[Form, ...] = ("written", "oral")
WHO: tuple[Who, ...] = ("applicant", "respondent", "both")
MOST_TERMS = 12


@dataclass(frozen=True, slots=True)
class Term:
    """One thing somebody is to do or leave; ``by`` its last day, or ``lasting`` where it has no end."""

    who: Who
    what: str
    way: str = ""
    place: str = ""
    by: date | None = None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version. ``wish_written``: a party asks for writing (ME-11)."""

    form: Form
    facts: str = ""
    dispute: str = ""
    responsibility: str = ""
    terms: tuple[Term, ...] = ()
    wish_written: bool = False

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of it with the field it stands in; terms count from 1."""
        yield from (("facts", self.facts), ("dispute", self.dispute), ("responsibility", self.responsibility))
        for place, term in enumerate(self.terms, 1):
            yield from ((f"term_{place}", text) for text in (term.what, term.way))


@dataclass(frozen=True, slots=True)
class Finding:
    """``weight``: missing, barred, unclear or court. ``field`` is where; ``rule`` why; ``says`` for the mediator."""

    weight: Literal["missing", "barred", "unclear", "court"]
    field: str
    rule: str
    says: Words

    @property
    def stops(self) -> bool:
        return self.weight in ("missing", "barred")


@dataclass(frozen=True, slots=True)
class Known:
    """Words to look for, and what is said where they stand."""

    pattern: re.Pattern[str]
    rule: str
    says: Words


@dataclass(frozen=True, slots=True)
class Rules:
    """What the data file holds."""

    fields: Mapping[str, tuple[Words, bool]]
    oral_fields: tuple[str, ...]
    unclear: tuple[Known, ...]
    barred: tuple[Known, ...]
    court: tuple[Known, ...]
    writing: Known


def findings(draft: Agreement, *, parties: Sequence[str | None], today: date) -> list[Finding]:
    """Everything about a draft that a mediator should see, what stops it first. ``parties`` are both names as known."""
    found = [*_missing(draft, parties, today), *_barred(draft), *_oral(draft), *_unclear(draft), *_court(draft)]
    return sorted(found, key=lambda one: not one.stops)


def complete(found: Sequence[Finding]) -> bool:
    """True when nothing stops it from being put before the two sides."""
    return not any(one.stops for one in found)


def for_court(found: Sequence[Finding]) -> bool:
    """True when nothing in it is known to keep a court from confirming it."""
    return not any(one.weight in ("court", "unclear", "barred") for one in found)


# --- what is missing --------------------------------------------------------------------------------------------------
_NO_NAME = Words("双方姓名还不全", "a party’s name is not known")
_NO_TERM = Words("还没有写谁要做到什么", "nothing is agreed yet")
_NO_WHAT = Words("没有写要做到什么", "what is to be done is not said")
_NO_DAY = Words("没有写哪天前做到（长期的请勾“一直要做到”）", "no day is given by which it is done (or that it lasts)")
_PAST = Words("做到的日子已经过了", "the day it is to be done by has passed")
_NO_WAY = Words("没有写怎么做到（付现金、转账、请人修……）", "the way it is done is not said")


def _missing(draft: Agreement, parties: Sequence[str | None], today: date) -> Iterator[Finding]:
    if len([name for name in parties if name]) < 2:
        yield Finding("missing", "parties", "ME-10", _NO_NAME)
    wanted = (
        rules().oral_fields if draft.form == "oral" else tuple(n for n, (_, must) in rules().fields.items() if must)
    )
    for name in wanted:
        if not str(getattr(draft, name)).strip():
            label = rules().fields[name][0]
            yield Finding("missing", name, "ME-10", Words(f"没有写“{label.zh}”", f"“{label.en}” is empty"))
    if not draft.terms:
        yield Finding("missing", "terms", "ME-10", _NO_TERM)
    for place, term in enumerate(draft.terms, 1):
        for says in _missing_of(term, draft.form, today):
            yield Finding("missing", f"term_{place}", "ME-10", says)


def _missing_of(term: Term, form: Form, today: date) -> Iterator[Words]:
    if not term.what.strip():
        yield _NO_WHAT
    if term.by is None and not term.lasting:
        yield _NO_DAY
    elif term.by is not None and term.by < today:
        yield _PAST
    if form == "written" and not term.way.strip() and not term.lasting:
        yield _NO_WAY


# --- what the words say -----------------------------------------------------------------------------------------------
def _barred(draft: Agreement) -> Iterator[Finding]:
    return _found(draft, rules().barred, "barred")


def _unclear(draft: Agreement) -> Iterator[Finding]:
    """In what is to be done alone: a fact may well be "some money"."""
    for field, text in draft.texts():
        if field.startswith("term_"):
            for one in rules().unclear:
                if one.pattern.search(fold(text)):
                    yield Finding("unclear", field, one.rule, one.says)


def _found(draft: Agreement, known: Sequence[Known], weight: Literal["barred", "court"]) -> Iterator[Finding]:
    for field, text in draft.texts():
        if field.startswith("term_") or field == "responsibility":
            plain = fold(text)
            yield from (Finding(weight, field, one.rule, one.says) for one in known if one.pattern.search(plain))


def _court(draft: Agreement) -> Iterator[Finding]:
    return _found(draft, rules().court, "court")


def _oral(draft: Agreement) -> Iterator[Finding]:
    """Civil rights and duties, or a party who asks for it: then it is written (ME-11)."""
    if draft.form == "oral" and needs_writing(draft):
        yield Finding("barred", "form", "ME-11", rules().writing.says)


def needs_writing(draft: Agreement) -> bool:
    """True where an oral agreement will not do."""
    said = fold(" ".join(f"{term.what} {term.way}" for term in draft.terms))
    return draft.wish_written or rules().writing.pattern.search(said) is not None


# --- kept as data -----------------------------------------------------------------------------------------------------
def packed(draft: Agreement) -> dict[str, Any]:
    """As a row keeps it."""
    return {
        "facts": draft.facts,
        "dispute": draft.dispute,
        "responsibility": draft.responsibility,
        "wish_written": draft.wish_written,
        "terms": [
            {
                "who": term.who,
                "what": term.what,
                "way": term.way,
                "place": term.place,
                "by": term.by.isoformat() if term.by else None,
                "lasting": term.lasting,
            }
            for term in draft.terms
        ],
    }


def unpacked(form: str, kept: Mapping[str, Any]) -> Agreement:
    """From a row; ValueError for a form or a side that does not exist."""
    return Agreement(
        form=_one_of(form, FORMS),
        facts=str(kept.get("facts") or ""),
        dispute=str(kept.get("dispute") or ""),
        responsibility=str(kept.get("responsibility") or ""),
        wish_written=bool(kept.get("wish_written")),
        terms=tuple(_term(one) for one in kept.get("terms") or ()),
    )


def _term(kept: Mapping[str, Any]) -> Term:
    by = kept.get("by")
    return Term(
        who=_one_of(str(kept["who"]), WHO),
        what=str(kept["what"]),
        way=str(kept.get("way") or ""),
        place=str(kept.get("place") or ""),
        by=date.fromisoformat(by) if by else None,
        lasting=bool(kept.get("lasting")),
    )


def _one_of(value: str, known: Sequence[Any]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is not one of {known}")
    return value


# --- the data file ----------------------------------------------------------------------------------------------------
@cache
def rules() -> Rules:
    """The shipped rules, read once."""
    return load_rules(DATA / "agreements.yaml")


def load_rules(path: Path) -> Rules:
    root = read(path)
    fields = {name: (words(one["name"]), one["needed"].flag()) for name, one in root["fields"].fields().items()}
    oral = root["oral_fields"].texts()
    if unknown := [name for name in oral if name not in fields]:
        root["oral_fields"].fail(f"no field is called {unknown[0]}")
    lists = (root[name].items() for name in ("unclear", "barred", "not_for_court"))
    unclear, barred, court = (tuple(_known(one, "ME-13") for one in listed) for listed in lists)
    return Rules(fields, oral, unclear, barred, court, _known(root["needs_writing"], "ME-11"))


def _known(field: Field, rule: str) -> Known:
    given = field.get("rule")
    try:
        pattern = re.compile("|".join(field["words"].texts()), re.I)
    except re.error as problem:
        field["words"].fail(f"this pattern does not work: {problem}")
    return Known(pattern, given.text() if given else rule, words(field["says"]))
