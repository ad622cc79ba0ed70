"""For those who run the service: alive, ready, and the figures."""

from __future__ import annotations

import asyncio

import sqlalchemy
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from handlers.web.errors import RETRY_AFTER, UNAVAILABLE
from handlers.web.parts import Check, Parts, WebParts
from storage.transaction import Tx

PATIENCE = 3.0
"""Seconds a check may take."""
router = APIRouter(tags=["service"])


class Alive(BaseModel):
    status: str
    version: str


@router.get("/healthz")
async def healthz(parts: Parts) -> Alive:
    """The process answers. Says nothing about the database."""
    return Alive(status="ok", version=parts.version)


@router.get("/readyz")
async def readyz(parts: Parts) -> Response:
    """The service can take messages: 200, or 503 with what does not work."""
    checks = {"database": lambda: _database(parts), **parts.checks}
    found = {name: await _passes(check) for name, check in checks.items()}
    if parts.streams.closing:
        found["running"] = False
    ready = all(found.values())
    body = {"status": "ready" if ready else "not ready", "checks": found}
    return JSONResponse(body, 200 if ready else 503, None if ready else {"Retry-After": str(RETRY_AFTER)})


@router.get("/metrics", response_class=Response)
async def metrics(parts: Parts) -> Response:
    """Figures for Prometheus; no words of residents, no names."""
    return Response(generate_latest(parts.registry), media_type=CONTENT_TYPE_LATEST)


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), PATIENCE)
    except (*UNAVAILABLE, TimeoutError):
        return False


async def _database(parts: WebParts) -> bool:
    return await parts.storage.read(_one) == 1


def _one(tx: Tx) -> int:
    return int(tx.scalar(sqlalchemy.text("SELECT 1")))
