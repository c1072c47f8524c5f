"""The properties that mean something here, and where: all else in camunda:properties is kept for readers and does nothing."""

from collections.abc import Mapping

from service.engine.reading.vocabulary import FLOW_NODES

_USER_TASK = frozenset({"userTask"})
_STEPS = frozenset({"userTask", "task", "manualTask", "scriptTask", "businessRuleTask", "receiveTask", "serviceTask", "sendTask"})
_STEPS |= {"subProcess", "transaction", "callActivity", "intermediateCatchEvent"}

RECEIVED_AS = "receivedAs"

OWN_PROPERTIES: Mapping[str, frozenset[str]] = {
    "notCompletedBy": _USER_TASK,
    "recusalExempt": _USER_TASK,
    "secretBallot": _USER_TASK,
    "signature": _USER_TASK,
    "stopsClockOf": _STEPS,
    "document": FLOW_NODES,
    "precedentVariable": FLOW_NODES,
    "correlationKeys": frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask", "participant"}),
    "reservedVariables": frozenset({"startEvent", "intermediateCatchEvent", "receiveTask"}),
    "forCalls": frozenset({"startEvent"}),
    RECEIVED_AS: frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"}),
    "definitionKey": frozenset({"participant"}),
}
"""Name → the BPMN elements at which it has an effect. A boundary event or gateway begins no step, so stops no clock."""


def meant_by(name: str) -> str | None:
    """The property that a name which is none of ours almost is: in other capitals, or one or two letters off."""
    plain = _plain(name)
    return next((own for own in OWN_PROPERTIES if _is_near(plain, _plain(own))), None)


def _plain(name: str) -> str:
    return name.strip().replace("_", "").replace("-", "").lower()


def _is_near(one: str, other: str) -> bool:
    """At most one letter wrong, missing, too much or exchanged with its neighbour; two in names of nine letters and more."""
    most = 2 if len(other) > 8 else 1
    return abs(len(one) - len(other)) <= most and _distance(one, other) <= most


def _distance(one: str, other: str) -> int:
    """Edits that make one text the other (optimal string alignment)."""
    before, last = list[int](), list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, wanted in enumerate(other, 1):
            edits = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], wanted):
                edits = min(edits, before[column - 2] + 1)
            now.append(edits)
        before, last = last, now
    return last[-1]
