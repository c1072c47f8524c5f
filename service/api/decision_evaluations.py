"""/decision-evaluations: the decisions as they were taken in process instances."""

from typing import Annotated

from fastapi import Query, Response

from service.actions import views
from service.api.exact_json import ExactResponse
from service.api.noun import noun_router
from service.api.paging import ListQuery, Text, page_json
from service.api.principal import Caller, GivenServices
from service.api.schemas.decisions import RecordedEvaluationPage

router = noun_router("decision-evaluations")


class EvaluationList(ListQuery):
    """Filters of recorded evaluations; all that are given must hold."""

    process_instance_id: Text | None = None
    decision_key: Text | None = None


@router.get("", operation_id="listDecisionEvaluations", summary="List decision evaluations", response_model=RecordedEvaluationPage)
def list_evaluations(services: GivenServices, principal: Caller, query: Annotated[EvaluationList, Query()]) -> Response:
    """Every decision taken, with its inputs and the rules that matched, as it was then."""
    page = views.page(services, principal, "decision-evaluations", query.filters(), [], query.limit, query.cursor)
    return ExactResponse(page_json(page))
