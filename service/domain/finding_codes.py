"""Every code a finding on a diagram or a deployment can have: what it means, how to mend it, and where the rule comes from.

The page docs/findings.md is made from this list; a test compares both with the codes the service uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ERROR, WARNING = "error", "warning"
OWN = "own rule"


@dataclass(frozen=True, slots=True)
class FindingCode:
    """One code. `severity` is error or warning, `source` the section of BPMN 2.0.2 (§…), Camunda 7's documentation or an own rule."""

    code: str
    severity: str
    meaning: str
    hint: str
    source: str


def _section(*rows: tuple[str, str, str, str, str]) -> tuple[FindingCode, ...]:
    return tuple(FindingCode(*row) for row in rows)


SECTIONS: Mapping[str, tuple[FindingCode, ...]] = {
    "The file": _section(
        ("xml", ERROR, "The file is not well-formed XML.", "Export it again; an editor shows the line.", "XML 1.0"),
        ("doctype", ERROR, "The file has a document type declaration.", "Delete the <!DOCTYPE …> lines.", OWN),
        ("too-large", ERROR, "The file is larger, deeper or has more elements than is read.", "Split it into called processes.", OWN),
        ("not-bpmn", ERROR, "The root element is not BPMN 2.0 definitions.", "Save it as BPMN 2.0.", "§15.1"),
        ("no-process", ERROR, "No process of the file runs.", 'Set isExecutable="true" on the process.', "§10.1"),
        (
            "assumed-executable",
            WARNING,
            "No process of the file says isExecutable; those that do not deny it run, as in Camunda 7.",
            'Set isExecutable="true" or "false".',
            "§10.1, Camunda",
        ),
        ("public-process", ERROR, "A public process is a view for partners.", "Make it private, or not executable.", "§10.1"),
        ("duplicate-id", ERROR, "Two elements have the same id.", "Give one of them another id.", "§8.3.1"),
        ("missing-id", ERROR, "An element that runs has no id.", "Give it an id; history and tasks name it by that.", OWN),
        ("id-not-a-name", WARNING, "An id is no XML name.", "Begin it with a letter or _, without spaces or colons.", "§15.1 (xsd:ID)"),
        ("too-long", ERROR, "An id, name or group is longer than can be kept.", "Shorten it.", OWN),
    ),
    "The schema": _section(
        ("unexpected-element", ERROR, "BPMN has no such element there.", "Move it, or put it into extensionElements.", "§15.1"),
        ("missing-element", ERROR, "An element that must be there is missing.", "Add it.", "§15.1"),
        ("too-many-elements", ERROR, "An element stands more often than it may.", "Keep one of them.", "§15.1"),
        ("element-order", WARNING, "Elements stand in another order than the schema's.", "Save the file with a modeler.", "§15.1"),
        ("unknown-attribute", ERROR, "BPMN has no such attribute there.", "Write the prefix, as in camunda:assignee.", "§15.1"),
        ("missing-attribute", ERROR, "An attribute that must be there is missing.", "Add it.", "§15.1"),
        ("invalid-value", ERROR, "A value is not of its kind.", "Use one of the values the message names.", "§15.1"),
        ("empty-expression", ERROR, "An expression of a process that runs is empty.", "Write it, or delete its element.", "§8.3.7"),
    ),
    "References": _section(
        ("dangling-reference", ERROR, "A reference leads to no element.", "Correct the id, or add what it names.", "§8.3.1"),
        (
            "wrong-reference",
            ERROR,
            "A reference leads to an element of the wrong kind.",
            "Name an element of the kind it must be.",
            "§8.3.1",
        ),
        ("external-reference", ERROR, "A reference leads into another file.", "Copy what it names into this file.", OWN),
        (
            "unknown-type",
            WARNING,
            "The type of a signal, error or escalation is not in the file.",
            "Nothing to do: no run uses it.",
            "§8.4.10",
        ),
    ),
    "Sequence and message flows": _section(
        ("dangling-flow", ERROR, "A flow begins or ends at nothing it can connect.", "Connect both ends again.", "§8.4.13"),
        (
            "flow-crosses-scope",
            ERROR,
            "A sequence flow crosses the border of a sub-process.",
            "End it at the sub-process itself.",
            "§7.6.1",
        ),
        ("inconsistent-flow", ERROR, "An element lists its flows and leaves some out.", "List all, or none.", "§10.2"),
        ("incoming-not-allowed", ERROR, "A flow leads into an element that nothing leads to.", "Delete the flow.", "§10.5.2"),
        ("outgoing-not-allowed", ERROR, "A flow leads out of an element that nothing follows.", "Delete the flow.", "§10.5.3"),
        ("dead-end", ERROR, "Nothing follows an element that must lead on.", "Draw a sequence flow out of it.", "§10.5.4, §10.6"),
        ("implicit-end", WARNING, "A way ends without an end event beside others that have one.", "Draw an end event.", "§10.5.3"),
        ("condition-not-allowed", ERROR, "A flow has a condition where none can be.", "Delete the condition.", "§8.4.13, §10.6"),
        ("condition-on-event", WARNING, "A flow out of an event has a condition.", "Put an exclusive gateway behind the event.", "§10.5.2"),
        (
            "only-conditional-flow",
            ERROR,
            "The only flow out of an activity has a condition.",
            "Draw another flow, or drop the condition.",
            "§13.2.1",
        ),
        ("missing-condition", ERROR, "A condition is missing.", "Write it, or make the flow the default.", "§10.6.2"),
        ("default-not-allowed", ERROR, "An element has a default flow but does not choose.", "Remove the default.", "§8.4.13"),
        ("link-with-flow", ERROR, "A flow leads out of a throwing or into a catching link.", "Delete the flow.", "§10.5.5"),
        ("dangling-link", ERROR, "A link event has no partner of its name.", "Give both the same name, on one level.", "§10.5.5"),
        ("several-link-targets", ERROR, "Two events catch the same link.", "Rename one of them.", "§10.5.5"),
        (
            "message-flow",
            ERROR,
            "A message flow does not lead from a sender to a receiver.",
            "Connect two pools, or events with messages.",
            "§9.4",
        ),
        (
            "message-to-nobody",
            WARNING,
            "A message flow leads to what takes another message.",
            "Let both ends name the same message.",
            "§9.4",
        ),
    ),
    "Starts and ends": _section(
        ("empty-scope", ERROR, "A process or sub-process has no elements.", "Draw them, or delete it.", "§10.3.5"),
        ("no-start", ERROR, "There is no start event.", "Draw one.", "§10.5.2"),
        (
            "several-starts",
            ERROR,
            "Several start events cannot be told apart.",
            "Keep one, or give each its own message or signal.",
            "§10.5.2",
        ),
        ("no-end", WARNING, "There is no end event; the way ends where nothing follows.", "Draw one.", "§10.5.3"),
        ("unreachable", ERROR, "No way from a start leads to the element.", "Connect it, or delete it.", "§10.5.2"),
        (
            "instantiating-gateway",
            ERROR,
            "A gateway or receive task that starts the process is drawn wrongly.",
            "Only messages follow it, nothing leads in.",
            "§10.6.6",
        ),
        (
            "instantiating-element",
            ERROR,
            "What starts the process stands elsewhere, or repeats.",
            "Put it at the beginning of the process, once.",
            "§13.2",
        ),
    ),
    "Gateways": _section(
        ("gateway-direction", ERROR, "gatewayDirection contradicts the flows.", "Set it to Unspecified, or correct the flows.", "§10.6.1"),
        ("superfluous-gateway", WARNING, "A gateway neither splits nor joins.", "Delete it.", "§10.6.1"),
        (
            "not-an-event",
            ERROR,
            "What follows an event-based gateway is no event to wait for.",
            "Put a catching event or receive task there.",
            "§10.6.6",
        ),
        ("complex-gateway", ERROR, "A complex gateway does not say when it opens.", "Write its activationCondition.", "§10.6.5"),
        ("no-default-flow", WARNING, "No default flow: without a true condition the instance stops.", "Make one flow the default.", OWN),
    ),
    "Events": _section(
        (
            "missing-event-definition",
            ERROR,
            "An event does not say what it is about.",
            "Add a message, timer or other definition.",
            "§10.5",
        ),
        ("event-not-allowed", ERROR, "BPMN has no such event there.", "Use one of the kinds of its table.", "§10.5, tables 10.84–10.93"),
        (
            "not-interrupting",
            ERROR,
            "An event that always interrupts says it does not.",
            "Delete isInterrupting or cancelActivity.",
            "§10.5.2, §10.5.4",
        ),
        ("event-sub-process", ERROR, "An event sub-process is drawn wrongly.", "No flows, no repetition, one start event.", "§10.3.5"),
        ("several-boundary-events", ERROR, "An activity has two boundary events for one thing.", "Keep one of them.", OWN),
        ("never-happens", WARNING, "An event or its repetition can never happen.", "Delete it, or let the activity wait.", OWN),
        ("missing-message", ERROR, "A message is not named.", "Name one with messageRef; it needs a name.", "§10.5.5"),
        ("missing-signal", ERROR, "A signal is not named.", "Name one with signalRef; it needs a name.", "§10.5.5"),
        ("missing-error", ERROR, "An error is not named.", "Name one with errorRef.", "§10.5.5"),
        ("missing-escalation", ERROR, "An escalation is not named.", "Name one with escalationRef.", "§10.5.5"),
        (
            "missing-code",
            ERROR,
            "An error or escalation that is thrown has no code.",
            "Write its errorCode or escalationCode.",
            "§8.4.3, §10.5.3",
        ),
        (
            "invalid-timer",
            ERROR,
            "A timer is no ISO 8601 date, duration or repetition.",
            "For example PT1H, R3/P1D, 2026-05-01.",
            "§10.5.5",
        ),
    ),
    "Compensation and transactions": _section(
        (
            "compensation-handler",
            ERROR,
            "What undoes an activity is not clear.",
            "One association to one activity for compensation.",
            "§10.7",
        ),
        (
            "cancel-outside-transaction",
            ERROR,
            "A cancel event belongs to no transaction.",
            "Use it only in or at a transaction.",
            "§10.3.5",
        ),
        ("cancel-event", ERROR, "A transaction is cancelled, but nothing says what comes then.", "Attach a cancel event to it.", "§10.3.5"),
    ),
    "Activities": _section(
        (
            "multi-instance",
            ERROR,
            "A multi-instance does not say how often or over what.",
            "Give a collection or a loopCardinality.",
            "§10.3.8",
        ),
        (
            "behavior-not-interrupting",
            WARNING,
            "An event of a multi-instance's behavior does not interrupt.",
            "Nothing to do if that is meant.",
            "§13.3.7",
        ),
        ("loop", ERROR, "It cannot be told when a loop ends.", "Give it a loopCondition; keep one loop marker.", "§10.3.8"),
        ("invalid-quantity", ERROR, "A quantity or loopMaximum is no number it can be.", "Write a whole number from 1.", "§10.3"),
        ("start-quantity", ERROR, "An activity waits for more tokens than can come.", "Delete startQuantity.", "§10.3"),
        ("ad-hoc", ERROR, "An ad hoc sub-process has what it cannot have.", "Only activities and flows between them.", "§10.3.5"),
        ("resource-role", ERROR, "A role names a resource and an expression at once.", "Keep one of them.", "§10.3.1"),
        ("missing-script", ERROR, "A script task has no script.", "Write a FEEL expression.", "§10.3.3"),
        ("script-language", ERROR, "A script is not FEEL.", 'Write it in FEEL, with scriptFormat="feel".', OWN),
        ("missing-result-variable", ERROR, "A result goes nowhere.", "Write camunda:resultVariable.", OWN),
        (
            "missing-decision",
            ERROR,
            "A business rule task names no decision.",
            "Write camunda:decisionRef.",
            "Camunda 7: business rule task",
        ),
        ("missing-process", ERROR, "A call activity names no process.", "Write calledElement.", "§10.3.6"),
        (
            "missing-implementation",
            ERROR,
            "Nothing says who does the work.",
            'Write camunda:type="external" with a topic.',
            "Camunda 7: service task",
        ),
        ("missing-topic", ERROR, "An external task has no topic.", "Write camunda:topic.", "Camunda 7: external tasks"),
        ("ambiguous-implementation", ERROR, "Two things say who does the work.", "Keep one of them.", "Camunda 7: service task"),
    ),
    "Data": _section(
        (
            "item-differs",
            ERROR,
            "Two things that hold the same data have different items.",
            "Give both the same itemDefinition.",
            "§10.4.1",
        ),
        (
            "data-set",
            ERROR,
            "Inputs or outputs and their sets contradict each other.",
            "List each in a set; name sets both ways.",
            "§10.4.1",
        ),
        ("data-association", ERROR, "Data flow the wrong way.", "Inputs are read, outputs are written.", "§10.4.1"),
        ("data-in-sub-process", ERROR, "A sub-process has data inputs or outputs.", "Delete them: it sees the data around it.", "§10.4.1"),
        ("data-state-name", ERROR, "The name of a data object reference contradicts its state.", "Call it `object [state]`.", "§10.4.1"),
        (
            "operation-data",
            ERROR,
            "A task has other data than its operation's message.",
            "One input, one output, one set of each.",
            "§10.3.3",
        ),
        ("call-data", ERROR, "A call has other data than what it calls.", "The same inputs and outputs, in the same order.", "§10.3.6"),
        ("event-data", ERROR, "An event has other data than it carries.", "One per event definition, with its item.", "§10.5.1"),
    ),
    "Dialect and expressions": _section(
        ("unsupported-element", ERROR, "The element is not executed here.", "See the dialect page for what is.", OWN),
        ("unsupported-attribute", ERROR, "The attribute is not executed here.", "See the dialect page for what is.", OWN),
        ("unsupported-extension", ERROR, "The extension is not executed here.", "See the dialect page for what is.", OWN),
        ("unsupported-expression", ERROR, "An expression stands where only fixed text can.", "Write the text itself.", OWN),
        ("without-effect", WARNING, "The setting changes nothing here.", "Nothing to do.", OWN),
        (
            "business-key",
            WARNING,
            "A business key other than that of the case is passed to a called process, and has no effect.",
            "Pass a variable: expressions, tasks and messages of the called process have the key of the case.",
            OWN,
        ),
        ("invalid-expression", ERROR, "An expression does not compile.", "The message names line and column in it.", OWN),
        (
            "unknown-variable",
            WARNING,
            "An expression writes the name of a variable otherwise than what sets it.",
            "Write the name the same way in both places.",
            OWN,
        ),
        (
            "invalid-form",
            ERROR,
            "A form written into the diagram is not complete.",
            "See the dialect page for its fields.",
            "Camunda 7: formData",
        ),
        (
            "invalid-mapping",
            ERROR,
            "An input, output or variable mapping is not complete.",
            "Write name or target, and a value.",
            "Camunda 7: mappings",
        ),
        (
            "invalid-binding",
            ERROR,
            "A binding and its version do not go together.",
            "latest, deployment, or version with a number.",
            "Camunda 7: binding",
        ),
        ("binding-latest", WARNING, "A running instance follows later versions.", "Drop the binding to keep its law.", OWN),
        ("invalid-variable", ERROR, "That is not the name of a variable.", "A plain name without dots or braces.", OWN),
    ),
    "Soundness": _section(
        (
            "never-completes",
            ERROR,
            "No run of the process or sub-process reaches its end.",
            "Join what was split, by the same kind of gateway.",
            "§13.4",
        ),
        ("deadlock", WARNING, "A join waits for a token that does not come.", "Join by the kind of gateway that split.", "§13.4.1"),
        (
            "lack-of-synchronisation",
            WARNING,
            "Branches that run together are not joined.",
            "Join them by a parallel or inclusive gateway.",
            "§13.4.1",
        ),
        ("may-never-end", WARNING, "A part has no way out.", "Draw a way to an end.", "§13.2"),
        ("soundness-undecided", WARNING, "Soundness could not be decided.", "Draw blocks, or smaller sub-processes.", OWN),
    ),
    "Own rules": _section(
        ("no-performer", WARNING, "Nobody is named to do a user task.", "Write assignee, candidateUsers or candidateGroups.", OWN),
        ("no-due-date", WARNING, "A user task has no due date.", "Write camunda:dueDate; limits come from deadline('…').", OWN),
        ("no-name", WARNING, "A user task has no name for people to read.", "Give it a name.", OWN),
        (
            "secret-ballot",
            ERROR,
            "A secret ballot is drawn so that its votes would not be secret, or not one of each voter.",
            "A user task, parallel multi-instance over the ids of the voters, with assignee and a form of one choice; nothing else.",
            OWN,
        ),
        ("misplaced-vote", ERROR, "secretBallot or signature stands at no user task.", "Write it at the user task.", OWN),
        (
            "misspelt-property",
            WARNING,
            "A camunda:property has almost the name of one of ours, and does nothing.",
            "Write it as the message names it; another name, if it is for readers only.",
            OWN,
        ),
        (
            "misplaced-property",
            WARNING,
            "One of our properties stands where it does nothing.",
            "Move it to an element the message names.",
            OWN,
        ),
    ),
    "The deployment": _section(
        (
            "unknown-kind",
            ERROR,
            "The name promises no kind of file that is deployed.",
            "Use .bpmn, .dmn, .form, .docx, .cases.yaml, jurisdiction.yaml, precedents.yaml.",
            OWN,
        ),
        ("file-too-large", ERROR, "A file is larger than is taken.", "Split it.", OWN),
        ("bad-id", ERROR, "An id cannot be stored or written into an address.", "A letter or _, then letters, digits, . - _.", OWN),
        ("duplicate", ERROR, "A file or key is given twice.", "Give it once.", OWN),
        ("missing-decision-reference", ERROR, "A decision is neither given nor deployed.", "Deploy it before or together.", OWN),
        ("missing-form-reference", ERROR, "A form is neither given nor deployed.", "Deploy it before or together.", OWN),
        ("missing-process-reference", ERROR, "A called process is neither given nor deployed.", "Deploy it before or together.", OWN),
        ("missing-document-reference", ERROR, "A document template is neither given nor deployed.", "Deploy it before or together.", OWN),
        (
            "ballot-form",
            ERROR,
            "The form of a secret ballot asks for more than one choice, or lets write freely.",
            "Give it one required radio or select with fixed texts, without a default or conditions.",
            OWN,
        ),
        ("not-a-decision", ERROR, "A decision service is named instead of a decision.", "Name a decision.", OWN),
        ("no-plain-start", ERROR, "A called process can only be started by an event.", "Give it a start event without one.", "§10.3.6"),
        ("key-taken", ERROR, "The key belongs to another jurisdiction.", "Choose another key.", OWN),
        ("namespace-taken", ERROR, "The namespace belongs to another jurisdiction.", "Choose another namespace.", OWN),
        ("jurisdiction-differs", ERROR, "The deployment names another jurisdiction than its file.", "Name the same one.", OWN),
        ("jurisdiction", ERROR, "jurisdiction.yaml is not as it must be.", "The message names the field.", OWN),
        (
            "unknown-jurisdiction",
            WARNING,
            "The jurisdiction named is not deployed, and no jurisdiction.yaml describes it.",
            "Correct its id, or deploy its jurisdiction.yaml with the files.",
            OWN,
        ),
        (
            "fact-counts-nothing",
            WARNING,
            "A fact across cases counts what the latest processes do not have.",
            "Correct the ids in processes or elements of the fact; leave it when earlier versions had the element.",
            OWN,
        ),
        (
            "fact-not-asked-for",
            WARNING,
            "A rule that decides an outcome needs a fact that the place's …_missing_facts and …_missing_rows never ask for.",
            "Add its row to the table of missing facts the message names (docs/changing-a-table.md); unknown it would count as not so.",
            OWN,
        ),
        (
            "unknown-deadline",
            WARNING,
            "deadline('…') asks for a time limit that neither the place, those above it nor common have: the step would fail.",
            "Correct the key, or add it to deadlines of jurisdiction.yaml.",
            OWN,
        ),
        (
            "unknown-setting",
            WARNING,
            "setting('…') asks for a switch that neither the place, those above it nor common have: the step would fail.",
            "Correct the key, or add it to settings of jurisdiction.yaml.",
            OWN,
        ),
        (
            "unknown-fact",
            WARNING,
            "recorded('…') or records('…') asks for a fact that neither the place, those above it nor common have: the step would fail.",
            "Correct the name, or add it to facts of jurisdiction.yaml.",
            OWN,
        ),
        ("unknown-parent", ERROR, "The jurisdiction above is not deployed.", "Deploy it first.", OWN),
        ("parent-cycle", ERROR, "A jurisdiction lies below itself.", "Correct its parent.", OWN),
        ("cases", ERROR, "A cases file is not as it must be.", "See the page on its format.", OWN),
        ("precedents", ERROR, "precedents.yaml is not as it must be.", "The message names the precedent and the member.", OWN),
        ("yaml", ERROR, "A YAML file cannot be read.", "The message names the place.", OWN),
    ),
}

CATALOGUE: Mapping[str, FindingCode] = {entry.code: entry for entries in SECTIONS.values() for entry in entries}


def hint_for(code: str) -> str | None:
    """How to mend a finding of this code; None for codes of decision tables and forms, which are listed elsewhere."""
    entry = CATALOGUE.get(code)
    return None if entry is None else entry.hint
