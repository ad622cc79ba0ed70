"""Every address of the console with the rule that stands beside it, from the app's own route table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute

from handlers.web.console.gates import Anybody, Need, rule_of
from handlers.web.parts import WebParts
from tests.desk_service import desk_app


@dataclass(frozen=True, slots=True)
class Address:
    """One method of one path, the rule that is declared there, and the module it is declared in."""

    method: str
    path: str
    rule: Need | Anybody | None
    module: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def console_addresses(parts: WebParts) -> list[Address]:
    return sorted(_addresses(parts), key=str)


def _addresses(parts: WebParts) -> Iterator[Address]:
    for route in desk_app(parts).routes:
        path = getattr(route, "path", "")
        if not path.startswith("/console"):
            continue
        rule = rule_of(route.dependencies) if isinstance(route, APIRoute) else None
        for method in getattr(route, "methods", None) or ("GET",):
            yield Address(method, path, rule, getattr(getattr(route, "endpoint", None), "__module__", "?"))
