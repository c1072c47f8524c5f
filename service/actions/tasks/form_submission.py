"""What a person submits by a form, at a task or at a start: judged by the form and by what decisions declare, as values to set."""

from collections.abc import Callable, Mapping, Sequence

from service.actions.instances.case_law import CaseLaw
from service.actions.instances.door_checks import pointer
from service.actions.instances.published import form_of
from service.actions.ports import Lookups, Services
from service.domain.definition import Definition
from service.domain.errors import FieldError, Invalid, StepFailed
from service.domain.json_values import Json
from service.feel import from_python

Values = Sequence[tuple[tuple[str, ...], Json]]
"""What is set: (path, value), lists and scalars whole."""


def plain_values(submitted: Mapping[str, Json]) -> Values:
    """What is submitted where no form of ours is bound: top-level variables."""
    return [((name,), value) for name, value in submitted.items()]


def form_values(
    services: Services,
    lookups: Lookups,
    law: CaseLaw,
    element_id: str,
    form: Definition,
    submitted: Mapping[str, Json],
    standing: Mapping[str, Json],
) -> Values:
    """What the form of that element makes of `submitted`, defaults among it. Raises Invalid with every fault and its pointer."""
    submission = form_of(services, lookups, form).accept(submitted, standing, _form_functions(services, law, element_id))
    if submission.problems:
        raise Invalid(
            "the form is not filled in correctly",
            [FieldError("/variables" + problem.pointer, problem.code, problem.message) for problem in submission.problems],
        )
    return submission.values


def _form_functions(services: Services, law: CaseLaw, element_id: str) -> dict[str, Callable[..., object]]:
    """What a form's conditions may ask of the law. What is not configured is unknown, and an unknown condition is read strictly."""

    def configured(look_up: Callable[[], object]) -> object:
        try:
            return look_up()
        except StepFailed:
            return None

    return {
        "setting": lambda name: configured(lambda: law.setting(element_id, str(name))),
        "deadline": lambda name: configured(lambda: from_python(law.deadline(element_id, str(name), services.clock()).at)),
    }


def variables_after(standing: Mapping[str, Json], values: Values) -> dict[str, Json]:
    """The top-level variables that `values` touch, as they will be. Raises Invalid for a path through what is no object."""
    result: dict[str, Json] = {}
    for path, value in values:
        if len(path) == 1:
            result[path[0]] = value
            continue
        here = result.setdefault(path[0], _copied(standing.get(path[0])))
        for name in path[1:-1]:
            if not isinstance(here, dict):
                break
            inner = here.get(name)
            here[name] = here = dict(inner) if isinstance(inner, dict) else {}
        if not isinstance(here, dict):
            where = pointer(("variables", *path))
            raise Invalid("a path leads through a value that is no object", [FieldError(where, "not-an-object", "no object stands here")])
        here[path[-1]] = value
    return result


def _copied(value: Json) -> Json:
    return dict(value) if isinstance(value, dict) else ({} if value is None else value)
