"""The form of a plain start: shown before it is filled in, enforced when a process is started with it."""

from collections.abc import Mapping
from typing import cast

from service.actions.instances.case_law import CaseLaw
from service.actions.instances.process_starts import choose_start
from service.actions.instances.published import definition_named, form_of
from service.actions.ports import Lookups, Services, StartEvent
from service.actions.tasks.form_submission import form_values, variables_after
from service.domain.access import require_may
from service.domain.definition import KIND_FORM, Definition
from service.domain.errors import Conflict, NotFound
from service.domain.json_values import Json
from service.domain.principal import Principal
from service.domain.step import EXTERNAL_FORM


def start_form(services: Services, principal: Principal, id_or_key: str, start_element_id: str | None) -> dict[str, Json]:
    """The form a start of now is held to: {formKey, version, schema, data, startElementId}.

    Without `start_element_id` the start is chosen as for a new instance. NotFound for an unknown process and for a start without a form of
    this service; Invalid for an unknown start, or one of several.
    """
    require_may(principal, "read")
    with services.store.read() as questions:
        definition = definition_named(questions, id_or_key)
        if definition is None:
            raise NotFound("process definition", id_or_key)
        start = choose_start(definition, start_element_id)
        law = CaseLaw(services, questions, definition, questions.latest_deployment_seq(), definition.jurisdiction)
        found = _form(law, start)
        if found is None:
            raise NotFound("form of the start", f"{definition.id} {start.element_id}")
        form = form_of(services, questions, found)
    return {
        "formKey": found.key,
        "version": found.version,
        "schema": cast(Json, form.schema),
        "data": {},
        "startElementId": start.element_id,
    }


def _form(law: CaseLaw, start: StartEvent) -> Definition | None:
    if start.form_key is None or start.form_binding == EXTERNAL_FORM:
        return None
    return law.find(KIND_FORM, start.form_key, start.form_binding, start.form_version)


def variables_by_form(
    services: Services, lookups: Lookups, law: CaseLaw, start: StartEvent, submitted: Mapping[str, Json]
) -> Mapping[str, Json]:
    """The variables that an instance begins with: what its start's form makes of those submitted, or these where it has none.

    Raises Invalid with every fault and its pointer.
    """
    form = _form(law, start)
    if form is None:
        if start.form_key is not None and start.form_binding != EXTERNAL_FORM:
            raise Conflict(f"the form {start.form_key!r} of the start {start.element_id!r} is missing", "form-missing")
        return submitted
    return variables_after({}, form_values(services, lookups, law, start.element_id, form, submitted, {}))
