"""Judging single elements: references, bindings, scripts, timers, multi-instance and every expression in their attributes."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from service.domain.china_time import ZONE
from service.engine.findings import Report
from service.engine.language import timers
from service.engine.language.assignment import RECUSAL_EXEMPT, Assignment, split_list
from service.engine.language.expressions import (
    FEEL_NAMES,
    ExpressionFault,
    compile_condition,
    compile_feel,
    compile_reference,
    compile_text,
    is_expression,
)
from service.engine.mappings import compile_parameter
from service.engine.reading.clocks import STOPS_CLOCK_OF, stopped_by
from service.engine.reading.diagram import EventDefinition, Node, ProcessDiagram, Work
from service.engine.reading.vocabulary import BINDINGS, MAPPINGS, TAGGED_BINDINGS
from service.engine.work import compile_work, work_of

MAX_ID = 255
"""Ids, message names and groups are indexed; what is longer could be deployed but never stored."""
MAX_NAME = 1_000

_CORRELATING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_SOME_MOMENT = datetime(2026, 1, 1, tzinfo=ZONE)


class ElementLinter:
    """Judges the elements of one process, one at a time."""

    def __init__(self, process: ProcessDiagram, report: Report) -> None:
        self.report = report
        self.user_tasks = frozenset(node.id for node in process.nodes if node.kind == "userTask")
        self.level = process.key

    def check(self, node: Node) -> None:
        """Put everything that is wrong with `node` itself into the report."""
        self._lengths(node)
        for other in stopped_by(node):
            if other not in self.user_tasks:
                message = f"{STOPS_CLOCK_OF} of {node.id!r} names {other!r}, which is no user task of the process"
                self._error(node, "dangling-reference", message)
        match node.kind:
            case "userTask":
                self._user_task(node)
            case "startEvent":
                self._binding(node, "formRef")
            case "scriptTask":
                self._script(node)
            case "businessRuleTask" if node.work is None:
                self._decision(node)
            case "callActivity":
                self._call(node)
        for event in node.events:
            if event.kind == "timer":
                self._timer(node, event)
            elif event.name is not None:
                self._compiles(node, f"the {event.kind} name", partial(compile_text, event.name))
            elif event.text:
                self._compiles(node, "the error message", partial(compile_text, event.text))
            elif event.kind == "conditional":
                self._compiles(node, "the condition", partial(compile_condition, event.condition, event.language))
            for passed in event.payload:
                if passed.expression is not None:
                    self._compiles(node, f"the value of {passed.target!r}", partial(compile_text, passed.expression))
        if node.mapping is not None:
            for which, parameters in (("input", node.mapping.inputs), ("output", node.mapping.outputs)):
                for parameter in parameters:
                    self._compiles(node, "the mapping", partial(compile_parameter, which, parameter))
        work = work_of(node)
        if work is not None:
            self._work(node, work)
        if node.multi_instance is not None:
            self._multi_instance(node)
        if "correlationKeys" in node.properties and not (
            node.kind in _CORRELATING and any(event.kind == "message" for event in node.events)
        ):
            self._error(node, "unsupported-attribute", f"correlationKeys on {node.id!r}: only what takes a message has them")

    def _lengths(self, node: Node) -> None:
        groups = split_list(node.attributes.get("candidateGroups", ""))
        for what, text, most in [
            ("id", node.id, MAX_ID),
            ("name", node.name, MAX_NAME),
            *(("message or signal name", event.name or "", MAX_ID) for event in node.events),
            *(("candidate group", group, MAX_ID) for group in groups),
        ]:
            if len(text) > most:
                self._error(node, "too-long", f"the {what} {text[:40]!r}… has more than {most} characters")

    def _error(self, node: Node, code: str, message: str) -> None:
        self.report.error(node.id, node.line, code, message)

    def _compiles(self, node: Node, what: str, attempt: Callable[[], object]) -> bool:
        try:
            attempt()
        except ExpressionFault as fault:
            self.report.error(node.id, node.line, "invalid-expression", f"{what} of {node.id!r}: {fault}", fault.column)
            return False
        return True

    def _binding(self, node: Node, attribute: str) -> None:
        binding = node.attributes.get(attribute + "Binding")
        version = node.attributes.get(attribute + "Version")
        bindings = BINDINGS if attribute == "formRef" else TAGGED_BINDINGS
        if binding is not None and binding not in bindings:
            self._error(
                node,
                "invalid-binding",
                f"camunda:{attribute}Binding={binding!r} on {node.id!r}; possible are {', '.join(sorted(bindings))}",
            )
        if version is not None and not (version.isascii() and version.isdigit() and int(version[:9]) > 0 and len(version) < 10):
            self._error(node, "invalid-binding", f"camunda:{attribute}Version={version!r} on {node.id!r} is not a version number")
        if (binding == "version") != (version is not None):
            self._error(
                node,
                "invalid-binding",
                f'camunda:{attribute}Binding="version" and camunda:{attribute}Version belong together ({node.id!r})',
            )
        if (binding == "versionTag") != bool(node.attributes.get(f"{attribute}VersionTag", "").strip()):
            self._error(
                node,
                "invalid-binding",
                f'camunda:{attribute}Binding="versionTag" and camunda:{attribute}VersionTag belong together ({node.id!r})',
            )
        key = node.call.key if node.call is not None else node.attributes.get(attribute, "")
        if attribute == "calledElement" and is_expression(key):
            self._compiles(node, "calledElement", partial(compile_text, key))
        elif is_expression(key):
            self._error(node, "unsupported-expression", f"{attribute} of {node.id!r} must be a fixed key, not an expression")
        if binding == "latest":
            message = f"{attribute} of {node.id!r} follows the latest version, also while an instance is running"
            self.report.warn(node.id, node.line, "binding-latest", message)

    def _user_task(self, node: Node) -> None:
        self._compiles(node, "an attribute", lambda: Assignment.compile(node))
        self._binding(node, "formRef")
        for other in split_list(node.properties.get("notCompletedBy", "")):
            if not is_expression(other) and other not in self.user_tasks:
                self._error(
                    node, "dangling-reference", f"notCompletedBy of {node.id!r} names {other!r}, which is no user task of the process"
                )
        exempt = node.properties.get(RECUSAL_EXEMPT)
        if exempt is not None and exempt.strip() not in ("true", "false"):
            self._error(node, "invalid-value", f"{RECUSAL_EXEMPT} of {node.id!r} is {exempt!r}, neither true nor false")
        for attribute in ("dueDate", "followUpDate"):
            text = node.attributes.get(attribute, "").strip()
            try:
                if text and compile_text(text).is_fixed:
                    timers.schedule("date", text, _SOME_MOMENT)
            except timers.TimerFault as fault:
                self._error(node, "invalid-timer", f"camunda:{attribute} of {node.id!r}: {fault}")
            except ExpressionFault:
                continue  # Assignment.compile has told it.

    def _script(self, node: Node) -> None:
        assert node.script is not None, "the reader gives every script task a script"
        if node.script.language.lower() not in FEEL_NAMES:
            language = node.script.language or "none"
            self._error(node, "script-language", f"the script of {node.id!r} is in the language {language!r}; only FEEL is run")
        elif not node.script.text:
            self._error(node, "missing-script", f"the script task {node.id!r} has no script")
        else:
            text = node.script.text
            self._compiles(node, "the script", lambda: compile_feel(text))
        self._variable(node, required=True)

    def _variable(self, node: Node, required: bool) -> None:
        name = node.attributes.get("resultVariable")
        if name is None or not name.strip():
            if required:
                self._error(node, "missing-result-variable", f"{node.id!r} does not say where its result goes (camunda:resultVariable)")
        elif "${" in name or "." in name:
            self._error(node, "invalid-variable", f"camunda:resultVariable={name!r} of {node.id!r} is not the name of a variable")

    def _work(self, node: Node, work: Work) -> None:
        self._compiles(node, "the work", partial(compile_work, work))
        if len(work.topic or "") > MAX_ID:
            self._error(node, "too-long", f"the topic {(work.topic or '')[:40]!r}… has more than {MAX_ID} characters")
        if len(node.events) > 1:
            self._error(
                node, "ambiguous-implementation", f"{node.id!r} throws several events; a message sent by others must be the only one"
            )
        if node.attributes.get("decisionRef"):
            self._error(node, "ambiguous-implementation", f"{node.id!r} names a decision and something else that does the work")
        if work.expression is not None and not (work.result_variable or "").strip():
            message = f"the expression of {node.id!r} has no effect without camunda:resultVariable: nothing here can be called"
            self._error(node, "missing-result-variable", message)

    def _decision(self, node: Node) -> None:
        if not node.attributes.get("decisionRef"):
            self._error(node, "missing-decision", f"the business rule task {node.id!r} names no decision (camunda:decisionRef)")
        self._binding(node, "decisionRef")
        mapping = node.attributes.get("mapDecisionResult")
        if mapping is not None and mapping not in MAPPINGS:
            self._error(
                node, "invalid-mapping", f"camunda:mapDecisionResult={mapping!r} of {node.id!r}; possible are {', '.join(sorted(MAPPINGS))}"
            )
        self._variable(node, required=False)
        if "resultVariable" not in node.attributes:
            self.report.warn(
                node.id, node.line, "missing-result-variable", f"the result of {node.id!r} is recorded but goes into no variable"
            )

    def _call(self, node: Node) -> None:
        assert node.call is not None, "the reader gives every call activity a call"
        if not node.call.key:
            self._error(node, "missing-process", f"the call activity {node.id!r} names no process (calledElement)")
        self._binding(node, "calledElement")
        for passed in (*node.call.inputs, *node.call.outputs):
            if passed.expression is not None:
                self._compiles(node, f"the value of {passed.target!r}", partial(compile_text, passed.expression))

    def _timer(self, node: Node, event: EventDefinition) -> None:
        text = event.timer_text
        if not text:
            self._error(node, "invalid-timer", f"the timer {node.id!r} is empty")
            return
        if not self._compiles(node, "the timer", lambda: compile_text(text)):
            return
        if compile_text(text).is_fixed:
            kind = event.timer_kind or "duration"
            try:
                timers.schedule(kind, text, _SOME_MOMENT)
            except timers.TimerFault as fault:
                self._error(node, "invalid-timer", f"the timer {node.id!r}: {fault}")
                return
            if kind != "cycle" and (kind == "duration") != text.startswith(("P", "-P")):
                self._error(node, "invalid-timer", f"the timer {node.id!r}: {text!r} is no {kind}")
        if event.timer_kind == "cycle" and node.kind == "intermediateCatchEvent":
            self._error(node, "invalid-timer", f"the catching event {node.id!r} happens once and cannot have a cycle")

    def _multi_instance(self, node: Node) -> None:
        plan = node.multi_instance
        assert plan is not None, "asked only for multi-instance activities"
        if (plan.collection is None) == (plan.cardinality is None):
            self._error(node, "multi-instance", f"the multi-instance {node.id!r} needs either a collection or a loopCardinality")
        if plan.element_variable is not None and plan.collection is None:
            self._error(node, "multi-instance", f"the multi-instance {node.id!r} has an element variable but no collection")
        if (plan.output_collection is None) != (plan.output_item is None):
            self._error(node, "multi-instance", f"loopDataOutputRef and outputDataItem of {node.id!r} belong together")
        collection, cardinality, condition = plan.collection, plan.cardinality, plan.completion_condition
        if collection is not None:
            self._compiles(node, "the collection", lambda: compile_reference(collection))
        if cardinality is not None and self._compiles(node, "the cardinality", lambda: compile_text(cardinality)):
            formula = compile_text(cardinality)
            if formula.is_fixed and not (formula.text.isascii() and formula.text.isdigit()):
                self._error(node, "multi-instance", f"the cardinality {cardinality!r} of {node.id!r} is not a whole number from 0")
        if condition is not None:
            self._compiles(node, "the completion condition", lambda: compile_condition(condition, plan.completion_language))
