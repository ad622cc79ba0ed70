"""/docs: the API's reference, made from openapi.json on our own server, so that it works without the internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.parts import Parts
from handlers.web.words import language_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, ready to be shown; ``fields`` are (name, type, required, description)."""

    method: str
    path: str
    title: str
    text: str
    fields: list[tuple[str, str, bool, str]]
    answers: list[tuple[str, str, str]]


@router.get("/docs")
async def docs(request: Request, parts: Parts) -> Response:
    schema = request.app.openapi()
    return parts.pages.show(
        "docs.html",
        language=language_of(request),
        title=schema["info"]["title"],
        version=schema["info"]["version"],
        operations=list(operations(schema)),
    )


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                title=operation.get("summary", ""),
                text=operation.get("description", "").replace("``", "`"),
                fields=[*_parameters(schema, operation), *_body(schema, operation)],
                answers=list(_answers(schema, operation)),
            )


def _parameters(schema: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str, bool, str]]:
    for given in operation.get("parameters", ()):
        name = f"{given['name']} ({given['in']})"
        yield name, type_name(schema, given["schema"]), given.get("required", False), given.get("description", "")


def _body(schema: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str, bool, str]]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        shape = resolve(schema, content["schema"])
        required = shape.get("required", ())
        for name, field in shape.get("properties", {}).items():
            where = "json" if media.endswith("json") else "form"
            yield f"{name} ({where})", type_name(schema, field), name in required, field.get("description", "")


def _answers(schema: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, answer in operation.get("responses", {}).items():
        if status == "422":
            continue  # FastAPI's own shape, which never leaves the service
        content = answer.get("content", {}).get("application/json", {})
        shape = type_name(schema, content["schema"]) if content.get("schema") else ""
        yield status, answer.get("description", ""), shape


def resolve(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """Follow a ``$ref``, and the only real choice of an optional."""
    if "$ref" in shape:
        found: dict[str, Any] = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        return found
    real = [choice for choice in shape.get("anyOf", ()) if choice.get("type") != "null"]
    return resolve(schema, real[0]) if real else shape


def type_name(schema: dict[str, Any], shape: dict[str, Any]) -> str:
    """``string``, ``[Shown]``, ``{"id": integer, ...}`` in one line."""
    shape = resolve(schema, shape)
    if shape.get("type") == "array":
        return f"[{type_name(schema, shape.get('items', {}))}]"
    if "enum" in shape:
        return " | ".join(map(repr, shape["enum"]))
    if "properties" in shape:
        inside = (f"{name}: {type_name(schema, field)}" for name, field in shape["properties"].items())
        return "{" + ", ".join(inside) + "}"
    return str(shape.get("format") or shape.get("type", "any"))
