"""/livez, /readyz and /metrics: for whoever runs the service. They need no API key and tell nothing of any case."""

from typing import Any

from fastapi import APIRouter, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from service.actions import views
from service.api.exact_json import ExactResponse, ExactRoute
from service.api.metrics import GivenMetrics
from service.api.principal import GivenServices
from service.api.problems import NotReady, problem_responses
from service.api.schemas.health import Alive, Ready
from service.domain.errors import Invalid, Malformed

router = APIRouter(
    tags=["health"], route_class=ExactRoute, default_response_class=ExactResponse, responses=problem_responses(Malformed, Invalid)
)

METRICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."}
}


@router.get("/livez", operation_id="livez", summary="Is the process alive?", response_model=Alive)
def livez() -> Response:
    """200 as long as the process answers."""
    return ExactResponse({"status": "alive"})


@router.get(
    "/readyz", operation_id="readyz", summary="Can requests be served?", response_model=Ready, responses=problem_responses(NotReady)
)
def readyz(services: GivenServices) -> Response:
    """200 when the database answers and has this version's schema, else 503 with the reason."""
    reason = views.ready(services)
    if reason is not None:
        raise NotReady(reason)
    return ExactResponse({"status": "ready"})


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses=METRICS | problem_responses(NotReady),
)
def metrics(services: GivenServices, collected: GivenMetrics) -> Response:
    """Requests by route, and what waits: open and overdue tasks, timers, incidents, events to be sent."""
    collected.show(views.gauges(services))
    return Response(generate_latest(collected.registry), media_type=CONTENT_TYPE_LATEST)
