"""BPMN 2.0.2's own schema as a table: which attributes and children each type of element has.

One line is one type: `Name < Base | attributes | children`, both as the OMG's Semantic.xsd gives them, in its order. A `!` marks a required
attribute, `:type` one that is not plain text; `?`, `*` and `+` count children, `a|b` is a choice.
A test compares the table with the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_TABLE = """
Activity < FlowNode | isForCompensation:boolean startQuantity:integer completionQuantity:integer default:IDREF | ioSpecification?
    property* dataInputAssociation* dataOutputAssociation* resourceRole* standardLoopCharacteristics|multiInstanceLoopCharacteristics?
AdHocSubProcess < SubProcess | cancelRemainingInstances:boolean ordering:tAdHocOrdering | completionCondition?
Artifact < BaseElement |  |
Assignment < BaseElement |  | from to
Association < Artifact | sourceRef!:QName targetRef!:QName associationDirection:tAssociationDirection |
Auditing < BaseElement |  |
BaseElement | id:ID | documentation* extensionElements?
BoundaryEvent < CatchEvent | cancelActivity:boolean attachedToRef!:QName |
BusinessRuleTask < Task | implementation |
CallActivity < Activity | calledElement:QName |
CallChoreography < ChoreographyActivity | calledChoreographyRef:QName | participantAssociation*
CallConversation < ConversationNode | calledCollaborationRef:QName | participantAssociation*
CallableElement < BaseElement | name | supportedInterfaceRef* ioSpecification? ioBinding*
CancelEventDefinition < EventDefinition |  |
CatchEvent < Event | parallelMultiple:boolean | dataOutput* dataOutputAssociation* outputSet? eventDefinition* eventDefinitionRef*
Category < BaseElement | name | categoryValue*
CategoryValue < BaseElement | value |
Choreography < Collaboration |  | flowElement*
ChoreographyActivity < FlowNode | initiatingParticipantRef!:QName loopType:tChoreographyLoopType | participantRef+ correlationKey*
ChoreographyTask < ChoreographyActivity |  | messageFlowRef+
Collaboration < BaseElement | name isClosed:boolean | participant* messageFlow* artifact* conversationNode* conversationAssociation*
    participantAssociation* messageFlowAssociation* correlationKey* choreographyRef* conversationLink*
CompensateEventDefinition < EventDefinition | waitForCompletion:boolean activityRef:QName |
ComplexBehaviorDefinition < BaseElement |  | condition event?
ComplexGateway < Gateway | default:IDREF | activationCondition?
ConditionalEventDefinition < EventDefinition |  | condition
Conversation < ConversationNode |  |
ConversationAssociation < BaseElement | innerConversationNodeRef!:QName outerConversationNodeRef!:QName |
ConversationLink < BaseElement | name sourceRef!:QName targetRef!:QName |
ConversationNode < BaseElement | name | participantRef* messageFlowRef* correlationKey*
CorrelationKey < BaseElement | name | correlationPropertyRef*
CorrelationProperty < BaseElement | name type:QName | correlationPropertyRetrievalExpression+
CorrelationPropertyBinding < BaseElement | correlationPropertyRef!:QName | dataPath
CorrelationPropertyRetrievalExpression < BaseElement | messageRef!:QName | messagePath
CorrelationSubscription < BaseElement | correlationKeyRef!:QName | correlationPropertyBinding*
DataAssociation < BaseElement |  | sourceRef* targetRef transformation? assignment*
DataInput < BaseElement | name itemSubjectRef:QName isCollection:boolean | dataState?
DataInputAssociation < DataAssociation |  |
DataObject < FlowElement | itemSubjectRef:QName isCollection:boolean | dataState?
DataObjectReference < FlowElement | itemSubjectRef:QName dataObjectRef:IDREF | dataState?
DataOutput < BaseElement | name itemSubjectRef:QName isCollection:boolean | dataState?
DataOutputAssociation < DataAssociation |  |
DataState < BaseElement | name |
DataStore < BaseElement | name capacity:integer isUnlimited:boolean itemSubjectRef:QName | dataState?
DataStoreReference < FlowElement | itemSubjectRef:QName dataStoreRef:QName | dataState?
Definitions | id:ID name targetNamespace!:anyURI expressionLanguage:anyURI typeLanguage:anyURI exporter exporterVersion | import*
    extension* rootElement* BPMNDiagram* relationship*
Documentation | id:ID textFormat |
EndEvent < ThrowEvent |  |
EndPoint < BaseElement |  |
Error < BaseElement | name errorCode structureRef:QName |
ErrorEventDefinition < EventDefinition | errorRef:QName |
Escalation < BaseElement | name escalationCode structureRef:QName |
EscalationEventDefinition < EventDefinition | escalationRef:QName |
Event < FlowNode |  | property*
EventBasedGateway < Gateway | instantiate:boolean eventGatewayType:tEventBasedGatewayType |
EventDefinition < BaseElement |  |
ExclusiveGateway < Gateway | default:IDREF |
Expression < BaseElement | language:anyURI evaluatesToTypeRef:QName |
Extension | definition:QName mustUnderstand:boolean | documentation*
ExtensionElements |  |
FlowElement < BaseElement | name | auditing? monitoring? categoryValueRef*
FlowNode < FlowElement |  | incoming* outgoing*
FormalExpression < Expression |  |
Gateway < FlowNode | gatewayDirection:tGatewayDirection |
GlobalBusinessRuleTask < GlobalTask | implementation |
GlobalChoreographyTask < Choreography | initiatingParticipantRef:QName |
GlobalConversation < Collaboration |  |
GlobalManualTask < GlobalTask |  |
GlobalScriptTask < GlobalTask | scriptLanguage:anyURI | script?
GlobalTask < CallableElement |  | resourceRole*
GlobalUserTask < GlobalTask | implementation | rendering*
Group < Artifact | categoryValueRef:QName |
HumanPerformer < Performer |  |
ImplicitThrowEvent < ThrowEvent |  |
Import | namespace!:anyURI location! importType!:anyURI |
InclusiveGateway < Gateway | default:IDREF |
InputOutputBinding < BaseElement | operationRef!:QName inputDataRef!:IDREF outputDataRef!:IDREF |
InputOutputSpecification < BaseElement |  | dataInput* dataOutput* inputSet+ outputSet+
InputSet < BaseElement | name | dataInputRefs* optionalInputRefs* whileExecutingInputRefs* outputSetRefs*
Interface < BaseElement | name! implementationRef:QName | operation+
IntermediateCatchEvent < CatchEvent |  |
IntermediateThrowEvent < ThrowEvent |  |
ItemDefinition < BaseElement | structureRef:QName isCollection:boolean itemKind:tItemKind |
Lane < BaseElement | name partitionElementRef:QName | partitionElement? flowNodeRef* childLaneSet?
LaneSet < BaseElement | name | lane*
LinkEventDefinition < EventDefinition | name! | source* target?
LoopCharacteristics < BaseElement |  |
ManualTask < Task |  |
Message < BaseElement | name itemRef:QName |
MessageEventDefinition < EventDefinition | messageRef:QName | operationRef?
MessageFlow < BaseElement | name sourceRef!:QName targetRef!:QName messageRef:QName |
MessageFlowAssociation < BaseElement | innerMessageFlowRef!:QName outerMessageFlowRef!:QName |
Monitoring < BaseElement |  |
MultiInstanceLoopCharacteristics < LoopCharacteristics | isSequential:boolean behavior:tMultiInstanceFlowCondition
    oneBehaviorEventRef:QName noneBehaviorEventRef:QName | loopCardinality? loopDataInputRef? loopDataOutputRef? inputDataItem?
    outputDataItem? complexBehaviorDefinition* completionCondition?
Operation < BaseElement | name! implementationRef:QName | inMessageRef outMessageRef? errorRef*
OutputSet < BaseElement | name | dataOutputRefs* optionalOutputRefs* whileExecutingOutputRefs* inputSetRefs*
ParallelGateway < Gateway |  |
Participant < BaseElement | name processRef:QName | interfaceRef* endPointRef* participantMultiplicity?
ParticipantAssociation < BaseElement |  | innerParticipantRef outerParticipantRef
ParticipantMultiplicity < BaseElement | minimum:int maximum:int |
PartnerEntity < BaseElement | name | participantRef*
PartnerRole < BaseElement | name | participantRef*
Performer < ResourceRole |  |
PotentialOwner < HumanPerformer |  |
Process < CallableElement | processType:tProcessType isClosed:boolean isExecutable:boolean definitionalCollaborationRef:QName |
    auditing? monitoring? property* laneSet* flowElement* artifact* resourceRole* correlationSubscription* supports*
Property < BaseElement | name itemSubjectRef:QName | dataState?
ReceiveTask < Task | implementation instantiate:boolean messageRef:QName operationRef:QName |
Relationship < BaseElement | type! direction:tRelationshipDirection | source+ target+
Rendering < BaseElement |  |
Resource < BaseElement | name! | resourceParameter*
ResourceAssignmentExpression < BaseElement |  | expression
ResourceParameter < BaseElement | name type:QName isRequired:boolean |
ResourceParameterBinding < BaseElement | parameterRef!:QName | expression
ResourceRole < BaseElement | name | resourceRef|resourceParameterBinding|resourceAssignmentExpression*
Script |  |
ScriptTask < Task | scriptFormat | script?
SendTask < Task | implementation messageRef:QName operationRef:QName |
SequenceFlow < FlowElement | sourceRef!:IDREF targetRef!:IDREF isImmediate:boolean | conditionExpression?
ServiceTask < Task | implementation operationRef:QName |
Signal < BaseElement | name structureRef:QName |
SignalEventDefinition < EventDefinition | signalRef:QName |
StandardLoopCharacteristics < LoopCharacteristics | testBefore:boolean loopMaximum:integer | loopCondition?
StartEvent < CatchEvent | isInterrupting:boolean |
SubChoreography < ChoreographyActivity |  | flowElement* artifact*
SubConversation < ConversationNode |  | conversationNode*
SubProcess < Activity | triggeredByEvent:boolean | laneSet* flowElement* artifact*
Task < Activity |  |
TerminateEventDefinition < EventDefinition |  |
Text |  |
TextAnnotation < Artifact | textFormat | text?
ThrowEvent < Event |  | dataInput* dataInputAssociation* inputSet? eventDefinition* eventDefinitionRef*
TimerEventDefinition < EventDefinition |  | timeDate|timeDuration|timeCycle?
Transaction < SubProcess | method:tTransactionMethod |
UserTask < Task | implementation | rendering*
"""

ENUMERATIONS = {
    "tAdHocOrdering": ("Parallel", "Sequential"),
    "tAssociationDirection": ("None", "One", "Both"),
    "tChoreographyLoopType": ("None", "Standard", "MultiInstanceSequential", "MultiInstanceParallel"),
    "tEventBasedGatewayType": ("Exclusive", "Parallel"),
    "tGatewayDirection": ("Unspecified", "Converging", "Diverging", "Mixed"),
    "tItemKind": ("Information", "Physical"),
    "tMultiInstanceFlowCondition": ("None", "One", "All", "Complex"),
    "tProcessType": ("None", "Public", "Private"),
    "tRelationshipDirection": ("None", "Forward", "Backward", "Both"),
    "tTransactionMethod": ("##Compensate", "##Image", "##Store"),
}

EXPRESSIONS = frozenset(
    {
        "expression",
        "formalExpression",
        "from",
        "to",
        "condition",
        "conditionExpression",
        "completionCondition",
        "activationCondition",
        "loopCondition",
        "loopCardinality",
        "timeDate",
        "timeDuration",
        "timeCycle",
        "dataPath",
        "messagePath",
        "transformation",
    }
)
"""Elements that hold an expression as their text."""

LOCAL_TYPES = {
    **dict.fromkeys(EXPRESSIONS, "Expression"),
    "ioSpecification": "InputOutputSpecification",
    "ioBinding": "InputOutputBinding",
    "event": "ImplicitThrowEvent",
    "childLaneSet": "LaneSet",
    "inputDataItem": "DataInput",
    "outputDataItem": "DataOutput",
    "partitionElement": "BaseElement",
}
"""Elements whose type does not have their name."""

CHOICES = {
    "flowElement": (
        "adHocSubProcess boundaryEvent businessRuleTask callActivity callChoreography choreographyTask complexGateway dataObject"
        " dataObjectReference dataStoreReference endEvent eventBasedGateway exclusiveGateway implicitThrowEvent inclusiveGateway"
        " intermediateCatchEvent intermediateThrowEvent manualTask parallelGateway receiveTask scriptTask sendTask sequenceFlow"
        " serviceTask startEvent subChoreography subProcess task transaction userTask"
    ),
    "artifact": "association group textAnnotation",
    "conversationNode": "callConversation conversation subConversation",
    "eventDefinition": (
        "cancelEventDefinition compensateEventDefinition conditionalEventDefinition errorEventDefinition escalationEventDefinition"
        " linkEventDefinition messageEventDefinition signalEventDefinition terminateEventDefinition timerEventDefinition"
    ),
    "expression": "expression formalExpression",
    "resourceRole": "resourceRole performer humanPerformer potentialOwner",
}
CHOICES["rootElement"] = (
    "category collaboration choreography globalConversation globalChoreographyTask correlationProperty dataStore endPoint error escalation"
    " globalBusinessRuleTask globalManualTask globalScriptTask globalTask globalUserTask interface itemDefinition message partnerEntity"
    f" partnerRole process resource signal {CHOICES['eventDefinition']}"
)
"""What may stand where the schema names a family of elements."""


@dataclass(frozen=True, slots=True)
class Child:
    """One place among the children of an element: what may stand there, how often (`most` None: any number)."""

    names: tuple[str, ...]
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class ElementType:
    """The attributes of an element with the kinds of their values, those it needs, and its children in their order."""

    attributes: Mapping[str, str]
    required: tuple[str, ...]
    children: tuple[Child, ...]


_COUNTS: Mapping[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}


def element_types() -> Mapping[str, ElementType]:
    """The table as types by name, each with what it has from its base."""
    found: dict[str, ElementType] = {}
    rows = {row.split("|", 1)[0].split("<")[0].strip(): row for row in _TABLE.replace("\n    ", " ").strip().splitlines()}

    def read(name: str) -> ElementType:
        if name not in found:
            title, attributes, parts = (column.strip() for column in (rows[name] + " ").split(" | ", 2))
            base = title.partition("<")[2].strip()
            above = read(base) if base else ElementType({}, (), ())
            own = [word.partition(":") for word in attributes.split()]
            found[name] = ElementType(
                {**above.attributes, **{word.rstrip("!"): kind or "text" for word, _, kind in own}},
                (*above.required, *(word.rstrip("!") for word, _, _ in own if word.endswith("!"))),
                (*above.children, *(_child(part) for part in parts.split())),
            )
        return found[name]

    for name in rows:
        read(name)
    return found


def _child(text: str) -> Child:
    least, most = _COUNTS.get(text[-1], (1, 1))
    names = text.rstrip("?*+").split("|")
    return Child(tuple(word for name in names for word in CHOICES.get(name, name).split()), least, most)
