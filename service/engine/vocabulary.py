"""Which words of BPMN 2.0 and of Camunda 7's extension the engine executes, which are drawing, and which change nothing here."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

FLOW_NODES = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "manualTask",
        "userTask",
        "scriptTask",
        "businessRuleTask",
        "receiveTask",
        "subProcess",
        "callActivity",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
    }
)

DRAWING = frozenset(
    {
        "documentation",
        "laneSet",
        "textAnnotation",
        "group",
        "association",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "extensionElements",
    }
)
"""Parts of a process that are for readers only."""

NODE_PARTS = frozenset(
    {"documentation", "extensionElements", "incoming", "outgoing", "multiInstanceLoopCharacteristics", "script"},
)
"""Children of a flow node that are read, or need no reading."""

DATA_PARTS = frozenset({"dataInputAssociation", "dataOutputAssociation", "property"})
"""Data flow as drawn: allowed as drawing; copying (assignment, transformation) is refused."""

DEFINITIONS_PARTS = frozenset(
    {
        "process",
        "collaboration",
        "message",
        "error",
        "signal",
        "escalation",
        "itemDefinition",
        "dataStore",
        "category",
        "extension",
        "documentation",
        "extensionElements",
        "relationship",
        "resource",
        "interface",
        "endPoint",
        "partnerEntity",
        "partnerRole",
    }
)
"""Root elements that are read or mean nothing to one process."""

EVENTS = {
    "startEvent": frozenset({"messageEventDefinition"}),
    "endEvent": frozenset({"messageEventDefinition", "terminateEventDefinition"}),
    "intermediateCatchEvent": frozenset({"messageEventDefinition", "timerEventDefinition", "linkEventDefinition"}),
    "intermediateThrowEvent": frozenset({"messageEventDefinition", "linkEventDefinition"}),
    "boundaryEvent": frozenset({"messageEventDefinition", "timerEventDefinition"}),
}
"""The event definitions that each event may have."""

NEEDS_DEFINITION = frozenset({"intermediateCatchEvent", "boundaryEvent"})

_FORM = frozenset({"formRef", "formRefBinding", "formRefVersion"})
CAMUNDA_ATTRIBUTES = {
    "startEvent": frozenset({"initiator"}),
    "userTask": frozenset({"assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority"}) | _FORM,
    "scriptTask": frozenset({"resultVariable"}),
    "businessRuleTask": frozenset({"decisionRef", "decisionRefBinding", "decisionRefVersion", "resultVariable", "mapDecisionResult"}),
    "callActivity": frozenset({"calledElementBinding", "calledElementVersion"}),
    "multiInstanceLoopCharacteristics": frozenset({"collection", "elementVariable"}),
}
"""The camunda: attributes that are executed, by element."""

PASSED_ATTRIBUTES = frozenset({"source", "sourceExpression", "target", "variables", "businessKey", "local"})
"""The attributes of camunda:in and camunda:out."""

CAMUNDA_WITHOUT_EFFECT = frozenset(
    {
        "historyTimeToLive",
        "versionTag",
        "isStartableInTasklist",
        "candidateStarterUsers",
        "candidateStarterGroups",
        "asyncBefore",
        "asyncAfter",
        "async",
        "exclusive",
        "jobPriority",
        "taskPriority",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
    }
)
"""Settings of Camunda's own machinery: the way through the diagram is the same without them."""

CAMUNDA_ELEMENTS_WITHOUT_EFFECT = frozenset({"failedJobRetryTimeCycle"})

OTHER_ENGINES = {
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://www.jboss.org/drools": "jBPM",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}
"""Dialects whose words say who may do what: leaving them out would open tasks to everybody, so they are refused."""

_NODE_ATTRIBUTES = frozenset({"id", "name", "default", "startQuantity", "completionQuantity", "isForCompensation"})
BPMN_ATTRIBUTES = {
    "process": frozenset({"id", "name", "isExecutable", "processType", "isClosed", "definitionalCollaborationRef"}),
    "sequenceFlow": frozenset({"id", "name", "sourceRef", "targetRef", "isImmediate"}),
    "multiInstanceLoopCharacteristics": frozenset(
        {"id", "isSequential", "behavior", "oneBehaviorEventRef", "noneBehaviorEventRef"},
    ),
    "startEvent": frozenset({"id", "name", "isInterrupting", "parallelMultiple"}),
    "endEvent": frozenset({"id", "name"}),
    "intermediateCatchEvent": frozenset({"id", "name", "parallelMultiple"}),
    "intermediateThrowEvent": frozenset({"id", "name"}),
    "boundaryEvent": frozenset({"id", "name", "attachedToRef", "cancelActivity", "parallelMultiple"}),
    "task": _NODE_ATTRIBUTES,
    "manualTask": _NODE_ATTRIBUTES,
    "userTask": _NODE_ATTRIBUTES | {"implementation"},
    "scriptTask": _NODE_ATTRIBUTES | {"scriptFormat"},
    "businessRuleTask": _NODE_ATTRIBUTES | {"implementation"},
    "receiveTask": _NODE_ATTRIBUTES | {"implementation", "messageRef", "operationRef", "instantiate"},
    "subProcess": _NODE_ATTRIBUTES | {"triggeredByEvent"},
    "callActivity": _NODE_ATTRIBUTES | {"calledElement"},
    "exclusiveGateway": frozenset({"id", "name", "gatewayDirection", "default"}),
    "inclusiveGateway": frozenset({"id", "name", "gatewayDirection", "default"}),
    "parallelGateway": frozenset({"id", "name", "gatewayDirection"}),
    "eventBasedGateway": frozenset({"id", "name", "gatewayDirection", "instantiate", "eventGatewayType"}),
}
"""The attributes BPMN 2.0 itself gives these elements (a camunda: attribute written without its prefix is none of them)."""

MAPPINGS = frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"})
BINDINGS = frozenset({"latest", "deployment", "version"})
