"""Small diagrams with signals, messages and timers for the tests of events: one file may hold several processes."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions_{name}" targetNamespace="urn:test">
"""


def file_of(name: str, *parts: str) -> tuple[str, bytes]:
    """A file (name, content) of these root elements."""
    return f"{name}.bpmn", (HEAD.format(name=name) + "\n".join(parts) + "\n</bpmn:definitions>").encode()


def process(key: str, *parts: str) -> str:
    """An executable process of these elements."""
    return f'<bpmn:process id="{key}" name="{key}" isExecutable="true" camunda:historyTimeToLive="P30D">{"".join(parts)}</bpmn:process>'


def signal(name: str) -> str:
    return f'<bpmn:signal id="signal_{name}" name="{name}" />'


def message(name: str) -> str:
    return f'<bpmn:message id="message_{name}" name="{name}" />'


def event(kind: str, element_id: str, about: str, extra: str = "", attributes: str = "") -> str:
    """An event (`startEvent`, `intermediateCatchEvent` …) with the event definition `about`."""
    return f'<bpmn:{kind} id="{element_id}" name="{element_id}" {attributes}>{extra}{about}</bpmn:{kind}>'


def of_signal(name: str, passed: str = "") -> str:
    inside = f"<bpmn:extensionElements>{passed}</bpmn:extensionElements>" if passed else ""
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}">{inside}</bpmn:signalEventDefinition>'


def of_message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}" />'


def of_timer(kind: str, text: str) -> str:
    return f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{text}</bpmn:{kind}></bpmn:timerEventDefinition>'


def passed(source: str, target: str) -> str:
    """camunda:in of a thrown signal."""
    return f'<camunda:in source="{source}" target="{target}" />'


def payload(**named: str) -> str:
    """camunda:inputOutput of a thrown message: what goes with it."""
    inputs = "".join(f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in named.items())
    return f"<bpmn:extensionElements><camunda:inputOutput>{inputs}</camunda:inputOutput></bpmn:extensionElements>"


def correlation(keys: str) -> str:
    """The property that names the correlation keys of what takes a message."""
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="correlationKeys" value="{keys}" /></camunda:properties></bpmn:extensionElements>'
    )


def collaboration(pools: dict[str, str | None], flows: list[tuple[str, str]]) -> str:
    """Pools (id → process or None) and message flows between elements or pools."""
    drawn = "".join(
        f'<bpmn:participant id="{pool}" name="{pool}" {"" if key is None else f"processRef={chr(34)}{key}{chr(34)}"} />'
        for pool, key in pools.items()
    )
    drawn += "".join(
        f'<bpmn:messageFlow id="message_flow_{number}" sourceRef="{source}" targetRef="{target}" />'
        for number, (source, target) in enumerate(flows)
    )
    return f'<bpmn:collaboration id="collaboration">{drawn}</bpmn:collaboration>'
