"""What /metrics counts about the web side."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from handlers.web.streams import Streams

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Meters:
    def __init__(self, registry: CollectorRegistry, streams: Streams) -> None:
        labels = ("method", "route")
        self._requests = Counter("lianxin_http_requests", "Answered requests", (*labels, "status"), registry=registry)
        self._seconds = Histogram(
            "lianxin_http_seconds", "Seconds until the answer began", labels, registry=registry, buckets=BUCKETS
        )
        open_streams = Gauge("lianxin_chat_streams", "Chat pages listening now", registry=registry)
        open_streams.set_function(lambda: len(streams))

    def answered(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; ``route`` is the pattern, never the address, so that the label stays small."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)
