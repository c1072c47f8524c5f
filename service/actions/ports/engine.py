"""What the actions need from the engine: reading diagrams, bringing instances to life, and what these ask of the law."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.dmn import Model
from service.domain.ballot import BallotBox
from service.domain.errors import Finding
from service.domain.event import StartTimer
from service.domain.json_values import Json
from service.domain.law import ClockStops, DueDate, TimeLimit
from service.domain.operations import Instruction, Migrated, Modified, MoveBackPlace
from service.domain.signature import Signature
from service.domain.standing import Standing
from service.domain.step import CalledProcess, Step


@dataclass(frozen=True, slots=True)
class StartEvent:
    """A start of a process. `event_kind`: none (a plain start), message, signal, timer; `event_name` that of the message or signal.

    `correlation_keys` name the variables that identify a case. `reserved_variables` are set by the steps of the process only: no start
    and no message may bring them. A start event with several event definitions is several starts. `form_key`, `form_binding` and
    `form_version` name the form of a plain start, as they do for an OpenedTask. `for_calls`: a plain start that is meant for call
    activities; a person's start takes it only by its id.
    """

    element_id: str
    name: str
    event_kind: str = "none"
    event_name: str | None = None
    correlation_keys: tuple[str, ...] = ()
    reserved_variables: tuple[str, ...] = ()
    form_key: str | None = None
    form_binding: str | None = None
    form_version: int | None = None
    for_calls: bool = False

    @property
    def message_name(self) -> str | None:
        """The message that starts the process here, None when something else does."""
        return self.event_name if self.event_kind == "message" else None


@dataclass(frozen=True, slots=True)
class MessageRoute:
    """Where a message thrown at `element_id` goes inside the service: a process, and the elements that may take it there.

    Without `receivers` the process stands in another file: whatever takes the message in its latest version.

    `correlation_keys` are those that the one receiving element names.
    """

    element_id: str
    message_name: str
    definition_key: str
    receivers: tuple[str, ...]
    correlation_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A named thing a diagram uses. `kind`: decision, form, process or document; `binding` None/latest/deployment/version/versionTag.

    `version` and `version_tag` belong to the bindings of their names.
    """

    kind: str
    key: str
    element_id: str
    line: int | None
    binding: str | None = None
    version: int | None = None
    version_tag: str | None = None
    secret_ballot: bool = False
    """The form is that of a secret ballot."""


@dataclass(frozen=True, slots=True)
class LawQuestion:
    """What an element asks of its place by a key that is written out. `section` of jurisdiction.yaml: deadlines, settings, facts."""

    section: str
    key: str
    element_id: str
    line: int | None


@dataclass(frozen=True, slots=True)
class ProcessDescription:
    """What a diagram declares: one executable process of a file."""

    key: str
    name: str
    starts: tuple[StartEvent, ...]
    references: tuple[Reference, ...]
    candidate_groups: tuple[str, ...] = ()
    version_tag: str | None = None
    forms: tuple[tuple[str, str], ...] = ()
    """Key and form-js schema (JSON) of each form that is written into the diagram itself."""
    routes: tuple[MessageRoute, ...] = ()
    precedent: str | None = None
    """The variable whose value becomes a precedent when a case of the process ends."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The engine's reading of one BPMN file at deployment: findings (all of them) and the processes, empty when it has errors.

    `references` are those of all its elements without errors, so that what is missing is told with the errors of the others; `questions`
    those of all its elements.
    """

    findings: tuple[Finding, ...]
    processes: tuple[ProcessDescription, ...]
    references: tuple[Reference, ...] = ()
    questions: tuple[LawQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessSource:
    """A deployed diagram as the engine needs it: compiled once per digest and key, then kept."""

    key: str
    version: int
    digest: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class DecisionSource:
    """A decision in force: the compiled model, the decision's key in it and its version."""

    key: str
    version: int
    model: Model


class PlaceLaw(Protocol):
    """What a timer that starts a process may ask, where there is no case yet. Unknown keys raise StepFailed(kind="definition")."""

    def setting(self, element_id: str, key: str) -> Json: ...


class Law(Protocol):
    """What a step may ask of the law of its instance. Unknown keys raise StepFailed(kind="definition").

    `version` is a number with the binding `version`, a tag with `versionTag`.
    """

    def decision(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> DecisionSource: ...
    def deadline(self, element_id: str, key: str, now_ms: int, clock: ClockStops | None = None) -> DueDate:
        """The end of the configured limit that begins now, or with a `clock` goes on from an earlier visit."""
        ...

    def counted(self, element_id: str, limit: TimeLimit) -> DueDate:
        """The moment the limit ends, by what is known of working days now."""
        ...

    def setting(self, element_id: str, key: str) -> Json: ...
    def recorded(self, element_id: str, name: str, key: Json, now_ms: int) -> int | None:
        """How often the fact `name` was recorded for `key` in other cases; None when (a part of) the key is not known."""
        ...

    def records(self, element_id: str, name: str, key: Json, now_ms: int) -> list[Json] | None:
        """What `recorded` counts, the newest first, at most MAX_ENTRIES of them."""
        ...

    def precedents(self, element_id: str, facts: Json, advice: Json) -> Json:
        """The precedents nearest to a case with these facts and this advice, and which outcomes depart from them."""
        ...

    def subject(self, element_id: str, subject_id: Json, day: Json, now_ms: int) -> Json:
        """What is registered of a person or unit on that day (None: that of the moment); None where nobody registered it."""
        ...

    def ballots(self, element_id: str, box: BallotBox) -> Json:
        """The count of a secret ballot that is closed: voters, returned, absent, choices."""
        ...

    def signatures(self, element_id: str, task_definition_key: str) -> list[Json]:
        """The signatures given at that user task in earlier steps of the case, in their order."""
        ...

    def process(self, element_id: str, key: str, binding: str | None, version: int | str | None) -> ProcessSource: ...
    def within(self, called: CalledProcess | None) -> "Law":
        """The same law for the elements of a called process: the binding `deployment` means the deployment of that process."""
        ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The moment (epoch milliseconds), the law, and who acts (recorded as the actor of the activities that a person ends).

    `business_key` is that of the instance, which expressions may ask for.
    """

    now: int
    law: Law
    actor: str
    business_key: str | None = None
    signature: Signature | None = None
    """With which the person does the step."""


class Execution(Protocol):
    """One instance brought to life from its state. Used for one step and thrown away; a failed step leaves the stored state as it was.

    Every method that runs raises StepFailed (element, kind, message) when an expression, a decision or a limit fails.
    """

    def task_variables(self, task_id: str) -> Mapping[str, Json]: ...
    def message_variables(self, subscription_id: str) -> Mapping[str, Json]:
        """All variables seen from where a message that arrives at the subscription sets its own."""
        ...

    def called_process(self, waiting_id: str) -> CalledProcess | None:
        """The called process in which an open task, timer or subscription stands; None: the process of the instance."""
        ...

    def complete_task(self, task_id: str, variables: Sequence[tuple[tuple[str, ...], Json]], circumstances: Circumstances) -> Step:
        """Set each path (a path of one name is a top-level variable; lists and scalars are replaced whole), then go on."""
        ...

    def deliver_message(self, subscription_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step: ...
    def fire_timer(self, timer_id: str, circumstances: Circumstances) -> Step: ...
    def throw_error(self, task_id: str, code: str, message: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """A BPMN error comes out of an open user or external task. Nothing catches it: StepFailed(kind="error-event")."""
        ...

    def external_variables(self, task_id: str) -> Mapping[str, Json] | None:
        """All variables seen from an external task; None when it does not wait."""
        ...

    def throw_again(self, event_id: str, circumstances: Circumstances) -> Step:
        """An error end event throws once more the error that nothing caught."""
        ...

    def complete_external(
        self,
        task_id: str,
        variables: Mapping[str, Json],
        local_variables: Mapping[str, Json],
        report: Mapping[str, Json],
        circumstances: Circumstances,
    ) -> Step:
        """A worker is done: set `variables`, and `local_variables` at the task itself, then go on.

        `report` is what the error events of the task (camunda:errorEventDefinition) see as `externalTask`; one that fits is thrown instead.
        """
        ...

    def fail_external(self, task_id: str, report: Mapping[str, Json], circumstances: Circumstances) -> Step | None:
        """A worker could not do it. None, and nothing is changed, unless an error event of the task makes a business error of it."""
        ...

    def change_variables(self, waiting_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step:
        """Set top-level variables of the process in which the waiting thing stands, and nothing else; conditional events look at them."""
        ...

    def set_variables(self, variables: Mapping[str, Json], waiting_id: str) -> None:
        """Before a retry, set top-level variables of the process, called or not, in which the task, timer or subscription stands."""
        ...

    def modify(self, instructions: Sequence[Instruction], variables: Mapping[str, Json], circumstances: Circumstances) -> Modified:
        """Set top-level variables, cancel what is named, start what is named, and go on. Raises OperationRefused."""
        ...

    def move_back(
        self, task_id: str | None, activity_id: str | None, target: str, been_through: Sequence[str], circumstances: Circumstances
    ) -> Modified:
        """Go back from an open task, or from the one token at an element, to an activity among those the instance has `been_through`.

        Raises OperationRefused.
        """
        ...

    def move_back_places(self, been_through: Sequence[str]) -> Sequence[MoveBackPlace]:
        """Where one may go back to, from every element at which the instance stands."""
        ...

    def migrate(self, target: ProcessSource, mapping: Mapping[str, str], same_ids: bool, circumstances: Circumstances) -> Migrated:
        """Go over to another version of the diagram; `same_ids`: elements not in `mapping` keep their id. Raises OperationRefused.

        The execution is of no use afterwards: the next one is made with the target.
        """
        ...

    def move_timers(self, moved: Mapping[str, tuple[int, TimeLimit]]) -> bytes:
        """The state in which these timers, by id, are due at other moments (epoch milliseconds) by these limits; nothing runs."""
        ...

    def standing(self) -> Standing:
        """What the state says stands open: with this the rows of the instance have to agree."""
        ...


class Engine(Protocol):
    """The only room that knows SpiffWorkflow."""

    def inspect(self, file_name: str, xml: bytes) -> Inspection: ...
    def start_timers(self, source: ProcessSource, now: int, place: PlaceLaw) -> Sequence[StartTimer]:
        """The timers that start the process, deployed at `now` (epoch ms). Raises StepFailed when one has no moment to be computed."""
        ...

    def following_start(self, source: ProcessSource, timer: StartTimer, now: int, place: PlaceLaw) -> StartTimer | None:
        """What is to wait for after the timer has started the process at `now`; None when that was the last time.

        The distance is what its expression gives by now. Raises StepFailed when that is none.
        """
        ...

    def rearmed_start(self, source: ProcessSource, timer: StartTimer, place: PlaceLaw) -> StartTimer:
        """The timer as its expression gives it by now, counted from the same moment. Raises StepFailed when it gives none."""
        ...

    def worked_out_again(self, element_id: str, limit: TimeLimit, law: Law) -> DueDate:
        """A derived moment by what the limits of its derivation come to now. Raises StepFailed when it can no longer be worked out."""
        ...

    def start(self, source: ProcessSource, start_element_id: str, variables: Mapping[str, Json], circumstances: Circumstances) -> Step: ...
    def references(self, source: ProcessSource) -> Sequence[Reference]:
        """The decisions, forms and processes that the elements of a deployed process use."""
        ...

    def set_days(self, source: ProcessSource) -> frozenset[tuple[str, ...]]:
        """The paths of the variables that the process hands to deadline() as days set in place of a limit."""
        ...

    def element_ids(self, source: ProcessSource) -> frozenset[str]:
        """The ids of the elements of a process that visits are recorded of. Raises StepFailed for a diagram that is refused."""
        ...

    def resume(self, source: ProcessSource, state_data: bytes, law: Law) -> Execution:
        """`law` gives the diagrams of the calls in progress, each in the version that the state names."""
        ...
