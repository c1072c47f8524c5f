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
        "serviceTask",
        "sendTask",
        "subProcess",
        "transaction",
        "callActivity",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
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
    {"documentation", "extensionElements", "incoming", "outgoing", "multiInstanceLoopCharacteristics"}
    | {"standardLoopCharacteristics", "script"},
)
"""Children of a flow node that are read, or need no reading."""

DATA_PARTS = frozenset({"dataInputAssociation", "dataOutputAssociation", "property"})
"""Data flow as drawn: allowed as drawing; copying (assignment, transformation) is refused."""

DEFINITIONS_PARTS = frozenset(
    {
        "process",
        "globalTask",
        "globalManualTask",
        "globalScriptTask",
        "globalUserTask",
        "globalBusinessRuleTask",
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
        "messageEventDefinition",
        "signalEventDefinition",
        "timerEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "conditionalEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
        "linkEventDefinition",
        "terminateEventDefinition",
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
    "startEvent": frozenset(
        {
            "messageEventDefinition",
            "signalEventDefinition",
            "timerEventDefinition",
            "errorEventDefinition",
            "escalationEventDefinition",
            "conditionalEventDefinition",
            "compensateEventDefinition",
        }
    ),
    "endEvent": frozenset(
        {
            "messageEventDefinition",
            "signalEventDefinition",
            "errorEventDefinition",
            "escalationEventDefinition",
            "compensateEventDefinition",
            "cancelEventDefinition",
            "terminateEventDefinition",
        }
    ),
    "intermediateCatchEvent": frozenset(
        {
            "messageEventDefinition",
            "signalEventDefinition",
            "timerEventDefinition",
            "conditionalEventDefinition",
            "linkEventDefinition",
        }
    ),
    "intermediateThrowEvent": frozenset(
        {
            "messageEventDefinition",
            "signalEventDefinition",
            "escalationEventDefinition",
            "compensateEventDefinition",
            "linkEventDefinition",
        }
    ),
    "boundaryEvent": frozenset(
        {
            "compensateEventDefinition",
            "cancelEventDefinition",
            "messageEventDefinition",
            "signalEventDefinition",
            "timerEventDefinition",
            "errorEventDefinition",
            "escalationEventDefinition",
            "conditionalEventDefinition",
        }
    ),
}
"""The event definitions that each event may have."""

NEEDS_DEFINITION = frozenset({"intermediateCatchEvent", "boundaryEvent"})

PASSED_ATTRIBUTES = frozenset({"source", "sourceExpression", "target", "variables", "businessKey", "local"})
"""The attributes of camunda:in and camunda:out."""

XML_NAMESPACES = frozenset({"http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"})
"""Namespaces of XML itself, which say nothing about a process."""

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
    "serviceTask": _NODE_ATTRIBUTES | {"implementation", "operationRef"},
    "sendTask": _NODE_ATTRIBUTES | {"implementation", "messageRef", "operationRef"},
    "subProcess": _NODE_ATTRIBUTES | {"triggeredByEvent"},
    "transaction": _NODE_ATTRIBUTES | {"triggeredByEvent", "method"},
    "complexGateway": frozenset({"id", "name", "gatewayDirection", "default"}),
    "standardLoopCharacteristics": frozenset({"id", "testBefore", "loopMaximum"}),
    "callActivity": _NODE_ATTRIBUTES | {"calledElement"},
    "exclusiveGateway": frozenset({"id", "name", "gatewayDirection", "default"}),
    "inclusiveGateway": frozenset({"id", "name", "gatewayDirection", "default"}),
    "parallelGateway": frozenset({"id", "name", "gatewayDirection"}),
    "eventBasedGateway": frozenset({"id", "name", "gatewayDirection", "instantiate", "eventGatewayType"}),
}
"""The attributes BPMN 2.0 itself gives these elements (a camunda: attribute written without its prefix is none of them)."""

MAPPINGS = frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"})
BINDINGS = frozenset({"latest", "deployment", "version"})
TAGGED_BINDINGS = BINDINGS | {"versionTag"}
"""Forms have no version tag, decisions and processes may."""
