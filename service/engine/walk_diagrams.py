"""Small diagrams for the random walks: together they have every element and every event that the engine executes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from service.domain.json_values import Json

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="walks">'
    '<message id="ask" name="question"/><message id="tell" name="answer"/><signal id="sig" name="alarm"/><signal id="calm" name="calm"/>'
    '<error id="err" errorCode="E1"/><error id="err2" errorCode="E2"/><escalation id="esc" escalationCode="up"/>'
)
CODES = ("E1", "E2", "unknown")
"""Error codes that the walks throw at tasks."""

MESSAGE = '<messageEventDefinition messageRef="ask"/>'
ANSWER = '<messageEventDefinition messageRef="tell"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
CALM = '<signalEventDefinition signalRef="calm"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ANY_ERROR = '<errorEventDefinition camunda:errorCodeVariable="code" camunda:errorMessageVariable="said"/>'
UP = '<escalationEventDefinition escalationRef="esc"/>'
UNDO = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
THRICE = "<timerEventDefinition><timeCycle>R3/PT2H</timeCycle></timerEventDefinition>"
DATE = "<timerEventDefinition><timeDate>2026-12-01T08:00:00+08:00</timeDate></timerEventDefinition>"


def condition(text: str, words: str = "") -> str:
    return f'<conditionalEventDefinition {words}><condition xsi:type="tFormalExpression">{text}</condition></conditionalEventDefinition>'


def node(kind: str, name: str, inside: str = "", attributes: str = "") -> str:
    return f'<{kind} id="{name}" {attributes}>{inside}</{kind}>'


def start(name: str = "start", inside: str = "", attributes: str = "") -> str:
    return node("startEvent", name, inside, attributes)


def end(name: str = "end", inside: str = "") -> str:
    return node("endEvent", name, inside)


def user(*names: str) -> str:
    return "".join(node("userTask", name, "", 'camunda:candidateGroups="clerks"') for name in names)


def script(name: str, text: str, variable: str) -> str:
    return node("scriptTask", name, f"<script>{text}</script>", f'scriptFormat="feel" camunda:resultVariable="{variable}"')


def flow(source: str, target: str, text: str = "") -> str:
    inside = f"<conditionExpression>{text}</conditionExpression>" if text else ""
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def chain(*names: str) -> str:
    return "".join(flow(source, target) for source, target in pairwise(names))


def boundary(name: str, host: str, event: str, interrupting: bool = True) -> str:
    return node("boundaryEvent", name, event, f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"')


def aside(name: str, host: str, event: str, interrupting: bool = True) -> str:
    """A boundary event with a task of its own and an end of its own behind it."""
    behind = user(f"{name}_work") + end(f"{name}_end") + chain(name, f"{name}_work", f"{name}_end")
    return boundary(name, host, event, interrupting) + behind


HANDLER = 'isForCompensation="true"'


def undone_by(host: str, handler: str) -> str:
    """The compensation boundary event on `host` with its way to `handler`."""
    way = f'<association associationDirection="One" sourceRef="undo_{host}" targetRef="{handler}"/>'
    return boundary(f"undo_{host}", host, UNDO) + way


def event_sub(name: str, event: str, interrupting: bool = True) -> str:
    inside = start(f"{name}_start", event, f'isInterrupting="{str(interrupting).lower()}"') + user(f"{name}_work") + end(f"{name}_end")
    return node("subProcess", name, inside + chain(f"{name}_start", f"{name}_work", f"{name}_end"), 'triggeredByEvent="true"')


def sub(name: str, *parts: str, inside: str = "", kind: str = "subProcess") -> str:
    """A sub-process of one line: its start, the ids of `parts` one after the other, its end."""
    ids = [part.split('id="', 1)[1].split('"', 1)[0] for part in parts]
    body = start(f"{name}_start") + "".join(parts) + end(f"{name}_done") + chain(f"{name}_start", *ids, f"{name}_done")
    return node(kind, name, body + inside)


def many(collection: str = "organs", sequential: bool = False, more: str = "") -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" camunda:collection="{collection}"'
        f' camunda:elementVariable="organ">{more}</multiInstanceLoopCharacteristics>'
    )


def external(kind: str, name: str, topic: str, inside: str = "") -> str:
    return node(kind, name, inside, f'camunda:type="external" camunda:topic="{topic}" camunda:taskPriority="${{round + 5}}"')


def call(name: str, key: str, passed: str = "", inside: str = "") -> str:
    return node("callActivity", name, f"<extensionElements>{passed}</extensionElements>{inside}", f'calledElement="{key}"')


def link(kind: str, name: str, target: str) -> str:
    return node(kind, name, f'<linkEventDefinition name="{target}"/>')


RESULTS = "<loopDataOutputRef>opinions</loopDataOutputRef><outputDataItem name='opinion'/>"


@dataclass(frozen=True)
class Walked:
    """A process (and those it calls, by key) with the variables it starts with. `round` and `box` are what the walks change."""

    body: str
    variables: Mapping[str, Json] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)
    start: str = "start"


JOIN_IN_LOOP = (
    start() + node("exclusiveGateway", "m") + node("parallelGateway", "f") + user("a", "b") + node("exclusiveGateway", "mb")
    + node("parallelGateway", "j") + node("exclusiveGateway", "x", "", 'default="x_end"') + end()
    + chain("start", "m", "f", "a", "j", "x", "end") + chain("f", "b", "mb", "j") + flow("x", "m", "${round != 3}")
    + aside("nudge", "a", THRICE, interrupting=False) + boundary("late", "b", HOUR) + flow("late", "mb")
)  # fmt: skip
INCLUSIVE = (
    start() + node("inclusiveGateway", "f", "", 'default="f_d"') + user("a", "b", "d") + node("inclusiveGateway", "j") + user("after")
    + end() + flow("start", "f") + flow("f", "a", "${round >= 1}") + flow("f", "b", "${round >= 2}") + flow("f", "d")
    + chain("a", "j", "after", "end") + flow("b", "j") + flow("d", "j")
)  # fmt: skip
COMPLEX = (
    start() + node("parallelGateway", "f") + user("a", "b", "c", "after") + end()
    + node("complexGateway", "j", "<activationCondition>${activationCount >= 2}</activationCondition>")
    + chain("start", "f", "a", "j", "after", "end") + chain("f", "b", "j") + chain("f", "c", "j")
)  # fmt: skip
ORGANS = (
    start("start", "", 'camunda:initiator="starter"')
    + node(
        "subProcess", "ask_organs",
        many(more=RESULTS) + start("s") + user("answer", "silent") + end("e") + chain("s", "answer", "e")
        + boundary("close", "answer", HOUR) + boundary("remind", "answer", THRICE, interrupting=False)
        + node("intermediateThrowEvent", "reminder", MESSAGE) + end("reminded") + chain("remind", "reminder", "reminded")
        + chain("close", "silent", "e"),
    )
    + aside("withdrawn", "ask_organs", MESSAGE) + user("decide") + end() + chain("start", "ask_organs", "decide", "end")
)  # fmt: skip
VOTES = (
    start() + node("userTask", "vote", many(more=RESULTS + "<completionCondition>${nrOfCompletedInstances >= 3}</completionCondition>"))
    + node("userTask", "confirm", many(sequential=True, more=RESULTS)) + aside("hurry", "confirm", SIGNAL, interrupting=False)
    + end() + chain("start", "vote", "confirm", "end")
)  # fmt: skip
CALLING = (
    start()
    + call("outer", "middle", '<camunda:in source="organ" target="organ"/><camunda:in source="round" target="round"/>'
           '<camunda:out source="box" target="opinion"/>', many(more=RESULTS))
    + aside("late", "outer", DATE) + aside("heard", "outer", ANY_ERROR) + end() + chain("start", "outer", "end")
)  # fmt: skip
MIDDLE = (
    start() + call("down", "innermost", '<camunda:in variables="all"/><camunda:out source="box" target="box"/>')
    + call("again", "looping", '<camunda:in source="round" target="round"/><camunda:out variables="all"/>') + end()
    + chain("start", "down", "again", "end")
)  # fmt: skip
INNERMOST = (
    start() + user("deep") + node("exclusiveGateway", "x", "", 'default="x_end"') + end() + end("fails", ERROR)
    + chain("start", "deep", "x", "end") + flow("x", "fails", "${round == 2}") + aside("peek", "deep", MESSAGE, interrupting=False)
)  # fmt: skip
EVENTS = (
    start() + node("parallelGateway", "f") + node("parallelGateway", "j") + user("after") + end()
    + node("eventBasedGateway", "choose") + node("exclusiveGateway", "m")
    + node("intermediateCatchEvent", "asked", MESSAGE) + node("intermediateCatchEvent", "patience", HOUR)
    + node("intermediateCatchEvent", "alarmed", SIGNAL)
    + node("intermediateCatchEvent", "enough", condition("${round == 3}", 'camunda:variableName="round"'))
    + node("receiveTask", "hear", "", 'messageRef="tell"') + node("intermediateCatchEvent", "pause", DATE)
    + node("intermediateCatchEvent", "ready", condition("${round >= 1}")) + node("intermediateCatchEvent", "told", ANSWER)
    + node("intermediateCatchEvent", "quiet", CALM)
    + chain("start", "f", "choose", "asked", "m", "j", "after", "end") + chain("choose", "patience", "m") + chain("choose", "alarmed", "m")
    + chain("choose", "enough", "m") + chain("f", "hear", "j") + chain("f", "pause", "j") + chain("f", "ready", "j")
    + chain("f", "told", "quiet", "j")
)  # fmt: skip
SEVERAL = (
    start() + node("parallelGateway", "f") + node("intermediateCatchEvent", "any", MESSAGE + HOUR + SIGNAL)
    + node("intermediateCatchEvent", "all", ANSWER + HOUR + CALM, 'parallelMultiple="true"') + user("work") + end() + end("end2")
    + aside("either", "work", MESSAGE + SIGNAL, interrupting=False) + node("intermediateThrowEvent", "both", SIGNAL + UP)
    + end("both_end") + boundary("then", "work", UP + HOUR) + chain("then", "both", "both_end")
    + chain("start", "f", "any", "end") + chain("f", "all", "end2") + chain("f", "work", "end2")
)  # fmt: skip
THROWN = (
    start() + node("parallelGateway", "f") + end("end", SIGNAL) + end("end2")
    + sub("part", user("one"), node("intermediateThrowEvent", "rise", UP), user("two"), node("intermediateThrowEvent", "cry", SIGNAL),
          inside=event_sub("hear_up", UP, interrupting=False) + event_sub("hear_calm", CALM) + event_sub("hear_hour", HOUR))
    + sub("other", user("three"), inside=event_sub("fault", ANY_ERROR) + event_sub("soon", condition("${round == 2}"), interrupting=False)
          + event_sub("message", MESSAGE, interrupting=False))
    + aside("alarm", "other", SIGNAL, interrupting=False) + aside("up", "part", UP) + aside("broken", "part", ERROR)
    + aside("round", "part", condition("${round == 1}"), interrupting=False) + aside("off", "other", ERROR)
    + chain("start", "f", "part", "end") + chain("f", "other", "end2")
)  # fmt: skip
ENDS = (
    start() + sub("part", user("one"), inside=node("parallelGateway", "g") + "".join(
        end(name, event) for name, event in (("err_end", ERROR), ("up_end", UP), ("stop", TERMINATE), ("sent", MESSAGE)))
        + node("exclusiveGateway", "x", "", 'default="x_sent"') + user("idle") + end("idle_end") + boundary("fork", "one", ANSWER)
        + chain("fork", "g", "idle", "idle_end") + chain("g", "x", "sent") + flow("x", "err_end", "${round == 1}")
        + flow("x", "up_end", "${round == 2}") + flow("x", "stop", "${round == 3}"))
    + aside("caught", "part", ERROR) + aside("raised", "part", UP) + end() + chain("start", "part", "end")
)  # fmt: skip
COMPENSATION = (
    start() + node("serviceTask", "book", "", 'camunda:expression="${round}" camunda:resultVariable="booked"') + user("pay", "unpay")
    + node("userTask", "each", many()) + node("userTask", "undo_each_one", "", HANDLER)
    + node("scriptTask", "unbook", "<script>round + 1</script>", f'scriptFormat="feel" camunda:resultVariable="unbooked" {HANDLER}')
    + sub("trip", user("ride"), inside=node("userTask", "walk_back", "", HANDLER) + undone_by("ride", "walk_back")
          + event_sub("undo_trip", UNDO))
    + undone_by("book", "unbook") + undone_by("each", "undo_each_one")
    + node("exclusiveGateway", "x", "", 'default="x_undo"') + node("intermediateThrowEvent", "undo", UNDO) + end() + end("undo_end", UNDO)
    + chain("start", "book", "each", "trip", "pay", "x", "undo", "unpay", "end") + flow("x", "undo_end", "${round == 2}")
)  # fmt: skip
TRANSACTION = (
    start()
    + node("transaction", "deal", start("s") + user("sign") + node("userTask", "unsign", "", HANDLER) + user("agree")
           + node("exclusiveGateway", "x", "", 'default="x_done"') + end("done") + end("call_off", CANCEL) + end("fails", ERROR)
           + undone_by("sign", "unsign")
           + chain("s", "sign", "agree", "x", "done") + flow("x", "call_off", "${round == 1}") + flow("x", "fails", "${round == 2}"))
    + aside("called_off", "deal", CANCEL) + aside("failed", "deal", ERROR) + end() + chain("start", "deal", "end")
)  # fmt: skip
LOOPS = (
    start() + node("userTask", "until", '<standardLoopCharacteristics loopMaximum="4"><loopCondition>${round != 3}</loopCondition>'
                   "</standardLoopCharacteristics>")
    + aside("impatient", "until", HOUR)
    + sub("again", user("inside"), inside='<standardLoopCharacteristics testBefore="true"><loopCondition>${round == 1}</loopCondition>'
          "</standardLoopCharacteristics>")
    + node("userTask", "pair", "", 'completionQuantity="2"') + node("userTask", "both", "", 'startQuantity="2"') + end()
    + chain("start", "until", "again", "pair", "both", "end")
)  # fmt: skip
WORK = (
    start() + external("serviceTask", "work", "paper") + external("sendTask", "send", "post-${round}")
    + external("businessRuleTask", "judge", "rules")
    + node("sendTask", "note", "", 'camunda:expression="${round}" camunda:resultVariable="noted"')
    + external("serviceTask", "each", "many", many()) + boundary("late", "work", HOUR) + boundary("wrong", "send", ERROR)
    + aside("asked", "judge", MESSAGE, interrupting=False) + user("mend") + end()
    + chain("start", "work", "send", "judge", "note", "each", "end") + chain("late", "mend", "end") + flow("wrong", "mend")
)  # fmt: skip
STRAIGHT = (
    start() + script("count", '{"n": round, "days": [date("2026-01-01"), 1.50]}', "counted")
    + node("task", "t") + node("manualTask", "by_hand")
    + node("businessRuleTask", "decide", "", 'camunda:decisionRef="risk" camunda:resultVariable="risk"') + user("look", "split")
    + link("intermediateThrowEvent", "away", "there") + link("intermediateCatchEvent", "arrive", "there") + end() + end("end2")
    + chain("start", "count", "t", "by_hand", "decide", "look", "away") + chain("arrive", "split", "end")
    + flow("split", "end2", "${round > 1}")
)  # fmt: skip
MAPPED = (
    start()
    + node("userTask", "fill", '<extensionElements><camunda:inputOutput><camunda:inputParameter name="seen">${box}</camunda:inputParameter>'
           '<camunda:inputParameter name="list"><camunda:list><camunda:value>${round}</camunda:value></camunda:list>'
           "</camunda:inputParameter>"
           '<camunda:outputParameter name="filled">${seen}</camunda:outputParameter></camunda:inputOutput></extensionElements>')
    + end() + chain("start", "fill", "end")
)  # fmt: skip

_ORGANS: Json = ["court", "audit", "press"]
_ROUND: Mapping[str, Json] = {"round": Decimal(0), "box": {"first": [Decimal("1.10")]}}
WALKED: Mapping[str, Walked] = {
    "join in a loop": Walked(JOIN_IN_LOOP, _ROUND),
    "inclusive": Walked(INCLUSIVE, {"round": Decimal(2)}),
    "complex": Walked(COMPLEX, _ROUND),
    "organs": Walked(ORGANS, {**_ROUND, "organs": _ORGANS, "opinion": "outside"}),
    "votes": Walked(VOTES, {**_ROUND, "organs": _ORGANS}),
    "calls": Walked(CALLING, {**_ROUND, "organs": _ORGANS}, {"middle": MIDDLE, "innermost": INNERMOST, "looping": JOIN_IN_LOOP}),
    "events": Walked(EVENTS, _ROUND),
    "several": Walked(SEVERAL, _ROUND),
    "thrown": Walked(THROWN, _ROUND),
    "ends": Walked(ENDS, _ROUND),
    "compensation": Walked(COMPENSATION, {**_ROUND, "organs": _ORGANS}),
    "transaction": Walked(TRANSACTION, _ROUND),
    "loops": Walked(LOOPS, _ROUND),
    "work": Walked(WORK, {**_ROUND, "organs": _ORGANS}),
    "straight": Walked(STRAIGHT, {**_ROUND, "amount": Decimal("0.10")}),
    "mapped": Walked(MAPPED, _ROUND),
    "started by a message": Walked(start("asked", MESSAGE) + start("alarmed", SIGNAL) + user("a") + end() + chain("asked", "a", "end")
                                   + flow("alarmed", "a"), _ROUND, start="asked"),
}  # fmt: skip


def document(body: str, key: str) -> bytes:
    """The body of a process as a whole file."""
    return f'{HEAD}<process id="{key}" isExecutable="true">{body}</process></definitions>'.encode()
