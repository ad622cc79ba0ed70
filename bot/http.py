"""The web server inside our own process: it starts when told, and stops within seconds even while pages listen."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.footing import bind
from handlers.web.streams import Streams

GRACE = 4
"""Seconds that requests in hand may still take when the service stops."""
KEEP_ALIVE = 30


class HttpServer:
    """``open`` binds, so that a taken port is an OSError at once; ``run`` serves until ``stop``."""

    def __init__(self, app: ASGIApp, *, streams: Streams, host: str, port: int) -> None:
        self._streams = streams
        self._address = (host, port)
        self.port = port
        self._socket: socket.socket | None = None
        self._server = _Quiet(
            uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=True,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )

    def open(self) -> int:
        """Take the address; the port that was taken (port 0 lets the system choose)."""
        self._socket = bind(*self._address)
        # Connections inherit it; without it a short answer waits 40 ms for the browser's delayed acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = int(self._socket.getsockname()[1])
        return self.port

    async def run(self) -> None:
        """Serve until ``stop``; then finish the requests in hand."""
        if self._socket is None:
            self.open()
        assert self._socket is not None
        with contextlib.closing(self._socket):
            await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        self._streams.close()
        self._server.should_exit = True

    @property
    def started(self) -> bool:
        return self._server.started


class _Quiet(uvicorn.Server):
    """Leaves the signals to whoever runs the whole service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
