"""What can go wrong, in the words of the domain; the HTTP door gives each its status.

RongjiuError
├── NotFound          nothing of that kind has that id
├── Conflict          the thing is in a state in which the request cannot be done
│   ├── StepIncident  the step failed while running; an incident was recorded, the state before it is kept
│   └── OperationRefused  an operation on an instance cannot be safe; every objection is listed
├── Forbidden         this caller or person may not do it
├── Unauthenticated   no caller, or one that is not known
├── Invalid           the data given is wrong; every fault is listed with its JSON pointer
│   └── EvaluationWarned  a strict evaluation met faults; each is listed with its place
├── Malformed         the request is not readable at all (not JSON, not a number …)
├── Unavailable       the database does not answer now
├── NotSupported      a program that this needs is not installed beside the service
└── Refused           files were refused at deployment; every finding is listed
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in given data. `pointer` is an RFC 6901 JSON pointer into the request body, `code` a stable word."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a file. `severity` is "error" (blocks the deployment), "warning" (recorded and shown) or "info" (of an analysis).

    `hint` says how to mend it, where the code alone tells that. `line` is that of the element, `column` counts from 1 inside the expression
    that is meant.
    """

    file: str
    element_id: str | None
    line: int | None
    code: str
    message: str
    severity: str = "error"
    hint: str | None = None
    column: int | None = None


class RongjiuError(Exception):
    """Base of all errors a caller can be told about. `code` is stable and names the problem type."""

    code = "error"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class NotFound(RongjiuError):
    """Nothing of `kind` has `identifier`."""

    code = "not-found"

    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__(f"no {kind} with the id or key {identifier!r}")
        self.kind = kind
        self.identifier = identifier


class Conflict(RongjiuError):
    """The state of the thing does not allow the request; nothing was changed."""

    code = "conflict"


class Overtaken(Conflict):
    """What the step asked about other cases, or about recusals, was changed by a request of the same moment: it has to be done anew."""

    code = "stale"

    def __init__(self) -> None:
        super().__init__("what this step asked about other cases was changed by a request of the same moment; try again")


class StepIncident(Conflict):
    """The step failed while running: nothing of it was kept except the incident, which names element and cause."""

    code = "step-incident"

    def __init__(self, incident_id: str, process_instance_id: str, element_id: str | None, message: str) -> None:
        super().__init__(f"the step failed at element {element_id!r}: {message}")
        self.incident_id = incident_id
        self.process_instance_id = process_instance_id
        self.element_id = element_id


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an operation on an instance cannot be done. `pointer`: the part of the request it is about ("" = the whole); `code` is stable."""

    element_id: str | None
    code: str
    message: str
    pointer: str = ""


class OperationRefused(Conflict):
    """An operation on an instance would not be safe; `objections` are all reasons, nothing was changed."""

    code = "operation-refused"

    def __init__(self, message: str, objections: Sequence[Objection]) -> None:
        super().__init__(message)
        self.objections = tuple(objections)


class Forbidden(RongjiuError):
    """The caller is known but may not do this."""

    code = "forbidden"


class Unauthenticated(RongjiuError):
    """No API key, or one that is unknown, revoked or expired."""

    code = "unauthenticated"


class Invalid(RongjiuError):
    """The data given breaks rules; all faults are listed, nothing was changed."""

    code = "invalid"

    def __init__(self, message: str, errors: Sequence[FieldError] = (), code: str | None = None) -> None:
        super().__init__(message, code)
        self.errors = tuple(errors)


class EvaluationWarned(Invalid):
    """A strict evaluation met faults that would have become null; `warnings` says of each its kind, place and words."""

    code = "evaluation-warned"

    def __init__(self, message: str, errors: Sequence[FieldError], warnings: Sequence[Mapping[str, object]]) -> None:
        super().__init__(message, errors)
        self.warnings = tuple(warnings)


class Malformed(RongjiuError):
    """The request cannot be read (RFC 8259 JSON, a cursor, a number out of range)."""

    code = "malformed"


class Unavailable(RongjiuError):
    """The database does not answer (not reachable, connection lost, overloaded); nothing of the transaction was kept."""

    code = "store-unavailable"


class NotSupported(RongjiuError):
    """What is asked for needs a program that is not installed beside the service."""

    code = "not-supported"


class Refused(RongjiuError):
    """A deployment was refused as a whole; `findings` holds every error and warning of every file."""

    code = "deployment-refused"

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [finding for finding in findings if finding.severity == "error"]
        super().__init__(f"{len(errors)} error(s) in the files; nothing was stored")
        self.findings = tuple(findings)


class StepFailed(Exception):
    """Raised by the engine: a step cannot go on. `kind`: expression, decision, budget, data or definition."""

    def __init__(self, element_id: str | None, kind: str, message: str) -> None:
        super().__init__(message)
        self.element_id = element_id
        self.kind = kind
        self.message = message
