"""Every attribute and extension element of Camunda 7, judged once: for the check at deployment and for docs/dialect.md."""

from collections.abc import Iterable
from dataclasses import dataclass

APPLIED, WITHOUT_EFFECT, REFUSED = "applied", "without effect", "refused"

ANYWHERE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `on`: the BPMN elements it is judged on so (ANYWHERE: all); `note` says what it does, or why it is refused."""

    name: str
    effect: str
    on: frozenset[str]
    note: str


def _on(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


_USER = _on("userTask")
_START = _on("startEvent")
_FORMED = _USER | _START
_PLAIN = "at a start by message, signal or timer, or of a sub-process, without effect (a warning says so)"
_DECISION = _on("businessRuleTask")
_CALL = _on("callActivity")
_LOOP = _on("multiInstanceLoopCharacteristics")
_SERVICE = _on("serviceTask", "sendTask", "businessRuleTask", "messageEventDefinition")
_CODE = "runs code of a Java program; nothing but FEEL and `${…}` runs here"
_CMMN = "calls a CMMN case; there is no CMMN here"
_TENANT = "names a tenant; jurisdictions take the place of tenants here"
_JOB = "a setting of Camunda's job executor: the way through the diagram is the same without it"
_TEMPLATE = "a note of the modeler"

ATTRIBUTES: tuple[Word, ...] = (
    Word("assignee", APPLIED, _USER, "the person the task is given to; expression or fixed text"),
    Word("candidateUsers", APPLIED, _USER, "who may claim the task; comma-separated texts and expressions, an expression may give a list"),
    Word("candidateGroups", APPLIED, _USER, "which groups may claim the task; as candidateUsers"),
    Word("dueDate", APPLIED, _USER, "date, duration or expression; a date without time is the end of that day"),
    Word("followUpDate", APPLIED, _USER, "date, duration or expression"),
    Word("priority", APPLIED, _USER, "whole number or expression; 50 where none is given"),
    Word("formRef", APPLIED, _USER, "key of a deployed form, which the server enforces"),
    Word("formRef", APPLIED, _START, f"key of a deployed form, by which the server judges what a case is started with; {_PLAIN}"),
    Word("formRefBinding", APPLIED, _FORMED, "`latest`, `deployment`, `version`; without it the latest when the instance started"),
    Word("formRefVersion", APPLIED, _FORMED, "with the binding `version`"),
    Word("formKey", APPLIED, _USER, "given to the caller as it is; nothing is validated (`external`)"),
    Word("formKey", APPLIED, _START, f"shown with the process definition as it is; nothing is validated; {_PLAIN}"),
    Word("formHandlerClass", REFUSED, ANYWHERE, _CODE),
    Word("initiator", APPLIED, _START, "the variable that takes the id of who started"),
    Word("decisionRef", APPLIED, _DECISION, "key of a decision; fixed text, in which `{jurisdiction}` is the place of the case (our own)"),
    Word(
        "decisionRefBinding",
        APPLIED,
        _DECISION,
        "`latest`, `deployment`, `version`, `versionTag`; without it the latest when the instance started",
    ),
    Word("decisionRefVersion", APPLIED, _DECISION, "with the binding `version`"),
    Word("decisionRefVersionTag", APPLIED, _DECISION, "with the binding `versionTag`"),
    Word("decisionRefTenantId", REFUSED, ANYWHERE, _TENANT),
    Word(
        "mapDecisionResult",
        APPLIED,
        _DECISION,
        "`singleEntry`, `singleResult`, `collectEntries`, `resultList` (as in Camunda, if none is given)",
    ),
    Word("resultVariable", APPLIED, _SERVICE | {"scriptTask"}, "the variable that takes the result"),
    Word(
        "calledElementBinding",
        APPLIED,
        _CALL,
        "`latest`, `deployment`, `version`, `versionTag`; without it the latest when the instance started",
    ),
    Word("calledElementVersion", APPLIED, _CALL, "with the binding `version`"),
    Word("calledElementVersionTag", APPLIED, _CALL, "with the binding `versionTag`"),
    Word("calledElementTenantId", REFUSED, ANYWHERE, _TENANT),
    Word("variableMappingClass", REFUSED, ANYWHERE, _CODE),
    Word("variableMappingDelegateExpression", REFUSED, ANYWHERE, _CODE),
    Word("caseRef", REFUSED, ANYWHERE, _CMMN),
    Word("caseBinding", REFUSED, ANYWHERE, _CMMN),
    Word("caseVersion", REFUSED, ANYWHERE, _CMMN),
    Word("caseTenantId", REFUSED, ANYWHERE, _CMMN),
    Word("collection", APPLIED, _LOOP, "expression or name of a variable holding a list"),
    Word("elementVariable", APPLIED, _LOOP, "the variable that takes the element of the iteration"),
    Word("type", APPLIED, _SERVICE, "`external`: an external worker does the work"),
    Word("topic", APPLIED, _SERVICE, "the topic of the external task; expression or fixed text"),
    Word("taskPriority", APPLIED, _SERVICE, "priority of the external task; expression or number"),
    Word("taskPriority", APPLIED, _on("process"), "priority of its external tasks that have none of their own"),
    Word("expression", APPLIED, _SERVICE, "`${…}` or FEEL, evaluated when the element runs; resultVariable takes its value"),
    Word("class", REFUSED, ANYWHERE, _CODE),
    Word("delegateExpression", REFUSED, ANYWHERE, _CODE),
    Word("resource", REFUSED, ANYWHERE, "takes a script from elsewhere; write FEEL into the diagram"),
    Word("errorCodeVariable", APPLIED, _on("errorEventDefinition"), "the variable that takes the code of the error that was caught"),
    Word("errorMessageVariable", APPLIED, _on("errorEventDefinition"), "the variable that takes its message"),
    Word("errorMessage", APPLIED, _on("error"), "the message of the error that is thrown"),
    Word(
        "escalationCodeVariable",
        APPLIED,
        _on("escalationEventDefinition"),
        "the variable that takes the code of the escalation that was caught",
    ),
    Word(
        "variableName",
        APPLIED,
        _on("conditionalEventDefinition"),
        "the condition is looked at when the wait begins and when this variable is set, and happens each time it is true then",
    ),
    Word(
        "variableEvents",
        APPLIED,
        _on("conditionalEventDefinition"),
        "`create`, `update`: which changes count; `delete` may stand beside them, though nothing here deletes a variable",
    ),
    Word("versionTag", APPLIED, _on("process"), "kept with the definition, shown in the API, meant by the binding `versionTag`"),
    Word("historyTimeToLive", WITHOUT_EFFECT, ANYWHERE, "history is never deleted by itself"),
    Word("isStartableInTasklist", WITHOUT_EFFECT, ANYWHERE, "whether a start is offered is the caller's affair"),
    Word("candidateStarterUsers", WITHOUT_EFFECT, ANYWHERE, "who may start is decided by the scopes of API keys"),
    Word("candidateStarterGroups", WITHOUT_EFFECT, ANYWHERE, "who may start is decided by the scopes of API keys"),
    Word("async", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("asyncBefore", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("asyncAfter", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("exclusive", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("jobPriority", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("diagramRelationId", WITHOUT_EFFECT, ANYWHERE, _TEMPLATE),
    Word("modelerTemplate", WITHOUT_EFFECT, ANYWHERE, _TEMPLATE),
    Word("modelerTemplateVersion", WITHOUT_EFFECT, ANYWHERE, _TEMPLATE),
    Word("modelerTemplateIcon", WITHOUT_EFFECT, ANYWHERE, _TEMPLATE),
)

_MAPPED = _on(
    "task",
    "manualTask",
    "userTask",
    "scriptTask",
    "businessRuleTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "subProcess",
    "transaction",
    "callActivity",
    "startEvent",
    "endEvent",
    "boundaryEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
)
_LISTENER = "listeners run code beside the diagram; draw what shall happen"
_FIELD = "a value for a Java class"

ELEMENTS: tuple[Word, ...] = (
    Word("inputOutput", APPLIED, _MAPPED, "inputs become variables of the element itself, outputs variables around it"),
    Word(
        "inputParameter",
        APPLIED,
        _on("inputOutput"),
        "text, expression, list, map or FEEL script; at a message that is thrown also its payload",
    ),
    Word("outputParameter", APPLIED, _on("inputOutput"), "as inputParameter; not at end events and multi-instance activities"),
    Word("list", APPLIED, _on("inputParameter", "outputParameter", "entry", "list"), "a list of values"),
    Word("map", APPLIED, _on("inputParameter", "outputParameter", "entry", "list"), "entries by key"),
    Word("entry", APPLIED, _on("map"), "one entry; its key is fixed text"),
    Word("value", APPLIED, _on("list", "formField"), "a text or expression; a choice of a form field"),
    Word(
        "script",
        APPLIED,
        _on("inputParameter", "outputParameter", "entry", "list"),
        '`scriptFormat="feel"` only; all other languages are refused',
    ),
    Word("in", APPLIED, _CALL | {"signalEventDefinition"}, "what goes into the called process, or with the signal"),
    Word("out", APPLIED, _CALL, "what comes out of the called process"),
    Word(
        "properties",
        APPLIED,
        ANYWHERE,
        "`notCompletedBy` (keys of user tasks, and expressions that give ids of persons), `recusalExempt` (`true`: who is"
        " recused may do the user task all the same), `stopsClockOf` (keys of user tasks whose time limits stand still while this user task"
        " is open: they go on when the case comes back to them),"
        " `secretBallot` (`true`: each iteration of the user task is the secret vote of"
        " its assignee), `signature` (`true`: who completes the user task signs what is submitted), `correlationKeys`, `reservedVariables`,"
        " `document` (templates of a step's documents),"
        " `forCalls` (a plain start that is not taken unless it is named), `precedentVariable` (its value becomes a precedent when the"
        " case ends), `receivedAs` (one variable takes all that a message or signal brings to a waiting event, instead of its being laid"
        " over the case's own) and, at a pool, `definitionKey` (in which `{jurisdiction}` is the place of the sender) are ours; others are"
        " kept for readers (a warning tells of one that is almost ours, or stands where it does nothing)",
    ),
    Word("property", APPLIED, _on("properties", "formField"), "one name and value"),
    Word("formData", APPLIED, _USER, "becomes a form that the server enforces"),
    Word("formData", APPLIED, _START, f"becomes a form by which the server judges what a case is started with; {_PLAIN}"),
    Word("formField", APPLIED, _on("formData"), "types `string`, `long`, `double`, `boolean`, `date`, `enum`"),
    Word("validation", APPLIED, _on("formField"), "holds constraints"),
    Word(
        "constraint", APPLIED, _on("validation"), "`required`, `readonly`, `min`, `max`, `minlength`, `maxlength`; `validator` is refused"
    ),
    Word(
        "errorEventDefinition",
        APPLIED,
        _SERVICE,
        "of an external task: which report of a worker is which BPMN error",
    ),
    Word("failedJobRetryTimeCycle", WITHOUT_EFFECT, ANYWHERE, _JOB),
    Word("potentialStarter", WITHOUT_EFFECT, ANYWHERE, "who may start is decided by the scopes of API keys"),
    Word("executionListener", REFUSED, ANYWHERE, _LISTENER),
    Word("taskListener", REFUSED, ANYWHERE, _LISTENER),
    Word("connector", REFUSED, ANYWHERE, "calls the outside from within a step; use an external task"),
    Word("connectorId", REFUSED, ANYWHERE, "see connector"),
    Word("field", REFUSED, ANYWHERE, _FIELD),
    Word("string", REFUSED, ANYWHERE, _FIELD),
    Word("expression", REFUSED, ANYWHERE, _FIELD),
    Word("formProperty", REFUSED, ANYWHERE, "the forerunner of formField; use formData"),
)


def judge(words: Iterable[Word], name: str, kind: str) -> Word:
    """What becomes of a word on an element of that kind. One that Camunda does not have, or not there, is refused."""
    known = [word for word in words if word.name == name]
    for word in known:
        if not word.on or kind in word.on:
            return word
    if not known:
        return Word(name, REFUSED, ANYWHERE, "is no word of Camunda 7")
    places = ", ".join(sorted({place for word in known for place in word.on}))
    return Word(name, REFUSED, ANYWHERE, f"has no meaning there; it belongs to {places}")
