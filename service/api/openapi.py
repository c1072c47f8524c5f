"""The OpenAPI document: FastAPI's own, with the description, the nouns and the shape of problems added."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api.schemas.model import Problem

DESCRIPTION = """
The service in which a jurisdiction's 容错纠错 procedure runs.

* **Caller:** `Authorization: Bearer <api key>`; a key with the scope `actAs` names the person it acts for with `On-Behalf-Of`.
* **Numbers** are exact decimals: their digits are kept as given. **Times** are RFC 3339; answers give UTC.
* **Lists** take `limit` (≤ 200) and `cursor`, and answer `{items, nextCursor}`; an unknown or repeated query parameter is refused (422).
* **Problems** are RFC 9457 documents, `application/problem+json`; `type` is stable.
* **Repeating** a request with the same `Idempotency-Key` gives the same answer again and does nothing twice.
""".strip()

TAGS = {
    "deployments": "Files go in together or not at all.",
    "process-definitions": "The diagrams.",
    "process-instances": "The cases: start them and see where they stand.",
    "messages": "Something happened outside.",
    "signals": "Something all who wait for it are to be told.",
    "tasks": "What waits for a person, and working on it.",
    "external-tasks": "What waits for a worker outside.",
    "decision-definitions": "The decision tables.",
    "decision-evaluations": "Decisions as they were taken.",
    "incidents": "Steps that failed.",
    "pending-events": "Signals and messages on their way.",
    "start-timers": "Starts by the clock.",
    "timers": "Timers of cases.",
    "audit-events": "What happened.",
    "audit": "The proof that nothing of it was changed.",
    "jurisdictions": "The places.",
    "precedents": "Published cases and how they ended: shown beside others, never deciding.",
    "working-days": "Which days of a year are worked: what due dates are counted by.",
    "recusals": "Who may not work on which cases.",
    "users": "The persons.",
    "groups": "Roles and units.",
    "api-keys": "The callers.",
    "health": "For whoever runs the service.",
}


def describe(app: FastAPI) -> None:
    """Make `app.openapi()` give the complete document (made once)."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
