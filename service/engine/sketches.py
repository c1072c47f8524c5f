"""Small diagrams for the tests of the engine, in few words: elements, flows between them, and sub-processes around them."""

from itertools import pairwise

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def flow(source: str, target: str, condition: str = "", flow_id: str = "") -> str:
    """A sequence flow; its id is `source_target` unless given."""
    inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{flow_id or f"{source}_{target}"}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def chain(*names: str) -> str:
    """Sequence flows from each element to the next."""
    return "".join(flow(source, target) for source, target in pairwise(names))


def user(*names: str, marks: str = "", attributes: str = "") -> str:
    """User tasks."""
    return "".join(f'<userTask id="{name}" {attributes}>{marks}</userTask>' for name in names)


def script(name: str, feel: str, variable: str, marks: str = "", attributes: str = "") -> str:
    """A script task that puts the value of a FEEL expression into a variable."""
    return (
        f'<scriptTask id="{name}" scriptFormat="feel" camunda:resultVariable="{variable}" {attributes}>{marks}'
        f"<script>{feel}</script></scriptTask>"
    )


def sub(name: str, inside: str, marks: str = "", attributes: str = "", kind: str = "subProcess") -> str:
    """A sub-process, transaction or the like."""
    return f'<{kind} id="{name}" {attributes}>{marks}{inside}</{kind}>'


def boundary(name: str, host: str, definition: str, interrupting: bool = True) -> str:
    """A boundary event."""
    word = "" if interrupting else 'cancelActivity="false"'
    return f'<boundaryEvent id="{name}" attachedToRef="{host}" {word}>{definition}</boundaryEvent>'


def timer(text: str) -> str:
    """A timer definition: a duration, or a cycle when it begins with R."""
    kind = "timeCycle" if text.startswith("R") else "timeDuration"
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def thrown(name: str, definition: str, end: bool = False) -> str:
    """A throwing event."""
    kind = "endEvent" if end else "intermediateThrowEvent"
    return f'<{kind} id="{name}">{definition}</{kind}>'


def undone_by(host: str, handler: str) -> str:
    """The compensation boundary event `host_undo` and the association that leads to `handler`."""
    return (
        boundary(f"{host}_undo", host, "<compensateEventDefinition/>")
        + f'<association id="{host}_by" associationDirection="One" sourceRef="{host}_undo" targetRef="{handler}"/>'
    )


COMPENSATE = "<compensateEventDefinition/>"
UNDOES = 'isForCompensation="true"'


def compensate(activity: str, wait: str = "true") -> str:
    """A compensation definition that names an activity."""
    return f'<compensateEventDefinition activityRef="{activity}" waitForCompletion="{wait}"/>'


def noted(name: str, word: str, attributes: str = "", marks: str = "") -> str:
    """A script task that puts a word at the end of the list `log`."""
    return script(name, f'append(log, "{word}")', "log", marks, attributes)


def done_and_undone(name: str, marks: str = "") -> str:
    """A script task that notes its name, and the one that undoes it and notes `un…`."""
    return noted(name, name, marks=marks) + noted(f"un{name}", f"un{name}", UNDOES) + undone_by(name, f"un{name}")
