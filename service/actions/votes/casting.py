"""A ballot on its way into the box: taken out of what is submitted before anything else sees it."""

from collections.abc import Sequence

from service.actions.answer import Repeat, fingerprint
from service.actions.incidents.open_incidents import operation_of
from service.actions.ports import Transaction
from service.actions.tasks.form_submission import Values
from service.domain.ballot import MAX_CHOICE, Ballot, require_not_voted
from service.domain.errors import Conflict
from service.domain.principal import Principal
from service.domain.task import Task
from service.forms import Form

BOX = "boxId"
"""In the kept act and the audit event of a completed vote: the box. That its ballot was cast follows from it; what was chosen, never."""


def without_choice(repeat: Repeat, task: Task, principal: Principal) -> Repeat:
    """How a repeated vote is known: by its key alone. The digest of a body with few possible contents would tell which it was."""
    return Repeat(repeat.key, fingerprint("vote", task.id, principal.key_id, principal.person))


def require_not_cast(tx: Transaction, task: Task, principal: Principal) -> None:
    """Raise Conflict("ballot-cast") when the ballot of this task lies in its box: the task is done, or the step after it is an incident."""
    require_not_voted(task, principal.person)
    for incident in tx.open_incidents(task.process_instance_id):
        operation = operation_of(incident)
        if operation.get("taskId") == task.id and operation.get(BOX) is not None:
            message = f"the ballot was cast, and the step after it failed: retry the incident {incident.id}; nobody votes twice"
            raise Conflict(message, "ballot-cast")


def ballot_of(task: Task, form: Form | None, values: Values) -> Ballot:
    """The ballot that the values accepted by the form are. Raises Conflict("ballot-form") for a form that is none of a ballot."""
    choices: Sequence[str] = () if form is None else form.choices
    chosen = [value for _, value in values]
    if task.ballot_box is None or len(chosen) != 1 or chosen[0] not in choices or len(str(chosen[0])) > MAX_CHOICE:
        raise Conflict("the form is not that of a secret ballot: it must ask for one thing and list the answers", "ballot-form")
    return Ballot(task.ballot_box, str(chosen[0]))
