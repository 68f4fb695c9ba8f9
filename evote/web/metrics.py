"""What a server counted, in the text form of Prometheus (version 0.0.4), written by hand.

Rules: labels are names of operations, gates and units and never anything that a client sent, so that nobody
can make a server hold more lines.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Upper ends of the classes of durations, in seconds."""


class Metrics:
    """Counts requests; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._classes: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self._taken: Counter[str] = Counter()
        self._received = 0

    def request(self, operation: str, method: str, status: int, seconds: float, received: int) -> None:
        """Count an answer that was given."""
        with self._lock:
            self._requests[operation, method, status] += 1
            self._received += received
            self._taken[operation] += 1
            self._seconds[operation] = self._seconds.get(operation, 0.0) + seconds
            for most in BUCKETS:
                if seconds <= most:
                    self._classes[operation, most] += 1

    def write(self, gauges: Iterable[tuple[str, str, Mapping[str, str], float]]) -> bytes:
        """The text; ``gauges`` are further values: name, help, labels, value, those of one name together."""
        with self._lock:
            lines = _head("evote_http_requests_total", "Answers by operation and status.", "counter")
            for (operation, method, status), count in sorted(self._requests.items()):
                labels = {"operation": operation, "method": method, "status": str(status)}
                lines.append(_line("evote_http_requests_total", labels, count))
            lines += _head("evote_http_request_seconds", "Duration of requests.", "histogram")
            for operation in sorted(self._taken):
                for most in BUCKETS:
                    labels = {"operation": operation, "le": f"{most:g}"}
                    count = self._classes[operation, most]
                    lines.append(_line("evote_http_request_seconds_bucket", labels, count))
                total = self._taken[operation]
                name = {"operation": operation}
                lines.append(_line("evote_http_request_seconds_bucket", {**name, "le": "+Inf"}, total))
                lines.append(_line("evote_http_request_seconds_sum", name, self._seconds[operation]))
                lines.append(_line("evote_http_request_seconds_count", name, total))
            lines += _head("evote_http_received_bytes_total", "Bytes of bodies that came in.", "counter")
            lines.append(_line("evote_http_received_bytes_total", {}, self._received))
        last = ""
        for gauge, about, own, value in gauges:
            if gauge != last:
                lines += _head(gauge, about, "counter" if gauge.endswith("_total") else "gauge")
                last = gauge
            lines.append(_line(gauge, own, value))
        return ("\n".join(lines) + "\n").encode("utf-8")


def _head(name: str, about: str, kind: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    number = str(value) if isinstance(value, int) else f"{value:.9g}"
    return f"{name}{{{inside}}} {number}" if inside else f"{name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
