"""Numbers for Prometheus: how many requests, how long they took, what waits."""

import re
from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


# When a series began is of no use here and doubles the text.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("rongjiu_http_requests", "Requests answered.", labels, registry=self.registry)
        self._durations = Histogram(
            "rongjiu_http_request_duration_seconds",
            "Time until the answer was sent.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._gauges: dict[str, Gauge] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the template (`/api/v1/tasks/{id}`), never the address itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._durations.labels(method, route).observe(seconds)

    def show(self, numbers: Mapping[str, int]) -> None:
        """Set the gauges (camelCase names become rongjiu_snake_case)."""
        for name, value in numbers.items():
            gauge = self._gauges.get(name)
            if gauge is None:
                metric = "rongjiu_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
                gauge = self._gauges.setdefault(name, Gauge(metric, f"Now: {name}.", registry=self.registry))
            gauge.set(value)


def metrics_of(request: Request) -> Metrics:
    """The metrics that the composition root put into the application."""
    return cast(Metrics, request.app.state.metrics)


GivenMetrics = Annotated[Metrics, Depends(metrics_of)]
