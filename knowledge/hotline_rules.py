"""What is read out and done at the telephone, and how often somebody is rung back: ``data/hotline.yaml``.

`DataError` names file and line for anything wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from knowledge.catalogue import shipped as shipped_services
from knowledge.catalogue import span_of
from knowledge.datafiles import DATA, Field, read
from knowledge.deadlines import Span
from knowledge.notice import Words, words

SOURCES = ("phone", "walk_in")


@dataclass(frozen=True, slots=True)
class Rules:
    """``script`` by source; in ``transfer`` stands ``{numbers}``, in ``sensitive`` ``{kinds}``, in ``proxy`` ``{who}``.
    ``kinds``: the service a danger is filed under where the operator chose none."""

    script: Mapping[str, tuple[Words, ...]]
    consent: Words
    refused: Words
    sensitive: Words
    confidential: Words
    proxy: Words
    transfer: tuple[Words, ...]
    unclear: Words
    kinds: Mapping[str, str]
    tries: int
    again_after: Span
    unread_after: timedelta
    longest_text: int


@cache
def shipped() -> Rules:
    return load(DATA / "hotline.yaml")


def load(path: Path) -> Rules:
    root = read(path).only(
        *("checked_on", "script", "consent", "refused", "sensitive", "confidential", "proxy", "transfer", "unclear"),
        *("kinds", "ring_backs", "unread_after_minutes", "longest_text"),
    )
    root["checked_on"].day()
    ring_backs = root["ring_backs"].only("tries", "again_after")
    return Rules(
        script={source: _lines(root["script"].only(*SOURCES)[source]) for source in SOURCES},
        consent=words(root["consent"]),
        refused=words(root["refused"]),
        sensitive=words(root["sensitive"]),
        confidential=words(root["confidential"]),
        proxy=words(root["proxy"]),
        transfer=_lines(root["transfer"]),
        unclear=words(root["unclear"]),
        kinds={danger: _service(kind) for danger, kind in root["kinds"].fields().items()},
        tries=ring_backs["tries"].integer(least=1, most=9),
        again_after=span_of(ring_backs["again_after"]),
        unread_after=timedelta(minutes=root["unread_after_minutes"].integer(least=1)),
        longest_text=root["longest_text"].integer(least=70, most=1000),
    )


def _service(field: Field) -> str:
    return field.choice({id: id for id in shipped_services("service_request")})


def _lines(field: Field) -> tuple[Words, ...]:
    return tuple(words(item) for item in field.items())
