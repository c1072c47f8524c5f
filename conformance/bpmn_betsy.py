"""betsy's tests of BPMN execution: each model is run as its description asks, and the trace of its scripts compared.

betsy's scripts are words that its adapter for an engine puts into that engine's language. Here each becomes a FEEL expression; those that
take time become the work of an external task with the same id. Conditions become FEEL or JUEL, and the names of messages and signals are
made the case's own. The flow is left as it is. The trace is read from the history: one visit of a script task is one word of it.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from conformance.bpmn_door import OPEN_STATES, Door, Verdict
from conformance.bpmn_worker import Worker

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"

SCRIPTS = {
    "INCREMENT_INTEGER_VARIABLE": ("integerVariable + 1", "integerVariable"),
    "INCREMENT_INTEGER_VARIABLE_AND_LOG": ("integerVariable + 1", "integerVariable"),
    "SET_STRING_DATA": ('"String"', "data"),
    "LOG_DATA": ('data = "String"', "dataIsCorrect"),
}
"""Scripts that do something: the FEEL that does it and the variable it goes to. All others only leave a trace."""

TRACE = {"CREATE_MARKER_FILE": "MARKER_exists", "INCREMENT_INTEGER_VARIABLE_AND_LOG": "INCREMENT"}
"""The word of the expected trace that a script's visit stands for, where it is not the script itself."""

LASTING = {"WAIT_TEN_SECONDS": 10.0, "CREATE_TIMESTAMP_LOG_1": 1.0, "CREATE_TIMESTAMP_LOG_2": 1.0}
"""Scripts that take time, in seconds: an expression takes none, so an external worker does them."""

SILENT = ("CREATE_LOG_FILE", "INCREMENT_INTEGER_VARIABLE", "SET_STRING_DATA", "LOG_DATA", *LASTING)
PARALLEL = ("CREATE_TIMESTAMP_LOG_1", "CREATE_TIMESTAMP_LOG_2")

WORKERS = 24
"""Cases that wait for timers run side by side."""

START_SECONDS = 1.0
"""How long a case without timers is given after its start, and one with timers beyond its time."""

QUIET_SECONDS = 0.4
"""How long several processes that speak to one another are still before they count as done."""

Syntax = Literal["feel", "juel"]


def run_betsy(door: Door, folder: Path, only: str | None = None, syntax: Syntax = "feel") -> list[Verdict]:
    """Every case of `folder`/expected.json, or those whose test's name contains `only`."""
    tests = [test for test in json.loads((folder / "expected.json").read_text("utf-8")) if only is None or only in test["name"]]
    timed = [test for test in tests if any(case["delay_ms"] for case in test["cases"])]
    prompt = [test for test in tests if test not in timed]
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting = [pool.submit(_run_case, door, folder, test, index, syntax) for test in timed for index in range(len(test["cases"]))]
        # Models without timers share process ids; one after the other, each finds its own version to be the latest.
        verdicts = [_run_case(door, folder, test, index, syntax) for test in prompt for index in range(len(test["cases"]))]
        verdicts += [future.result() for future in waiting]
    return sorted(verdicts, key=lambda verdict: verdict.case)


def _run_case(door: Door, folder: Path, test: dict[str, Any], index: int, syntax: Syntax) -> Verdict:
    case = test["cases"][index]
    name = f"{test['name']}#{index + 1}"
    path = folder / test["file"]
    content, scripts = translated(path.read_bytes(), name, syntax)
    deployed = door.deploy([(path.name, content)])
    if deployed.status >= 500:
        return Verdict(name, "error", deployed.body)
    if deployed.status != 201:
        if case["expect"] in (["ERROR"], ["ERROR_deployment"]) and deployed.named:
            return Verdict(name, "passed", deployed.refusal())
        return Verdict(name, "refused" if deployed.named else "wrong", deployed.refusal() or deployed.body)
    variables = {"test": case["input"], "integerVariable": case["integerVariable"], "testCaseNumber": index + 1}
    keys = [*(["ParallelProcess"] if case["parallel_process"] else []), test["name"]]
    answers = [door.start(deployed.of_key(key), variables) for key in keys]
    if any(status >= 500 for status, _ in answers):
        return Verdict(name, "error", str(answers))
    if any(status not in (201, 409) for status, _ in answers):
        return Verdict(name, "wrong", f"cannot be started: {answers}")
    worker = Worker(door, name, {_topic(word, name): LASTING[word] for word in set(scripts.values()) & LASTING.keys()})
    seconds = case["delay_ms"] / 1000 + START_SECONDS
    instances = door.settle(deployed.definition_ids, seconds, QUIET_SECONDS if len(deployed.definition_ids) > 1 else 0, worker.look)
    try:
        return _judged(door, name, case["expect"], instances, scripts)
    finally:
        for instance in instances:
            if instance["state"] in OPEN_STATES:
                door.cancel(instance["id"])


def _judged(door: Door, name: str, expect: list[str], instances: Sequence[dict[str, Any]], scripts: dict[str, str]) -> Verdict:
    visits = [visit for row in instances for visit in door.activities(row["id"]) if _ran(visit, scripts)]
    words = [scripts[visit["elementId"]] for visit in visits]
    # Markers are files: written twice they are there once, and where a test does not ask for one nobody looks.
    trace = [TRACE.get(word, word) for word in words if word not in (*SILENT, "CREATE_MARKER_FILE")]
    if "MARKER_exists" in expect and "CREATE_MARKER_FILE" in words:
        trace.append("MARKER_exists")
    if any(door.variables(row["id"]).get("dataIsCorrect") is True for row in instances if "LOG_DATA" in words):
        trace.append("DATA_correct")
    spans = [(visit["startedAt"], visit["endedAt"]) for word in PARALLEL for visit in visits if scripts[visit["elementId"]] == word]
    if len(spans) == len(PARALLEL) and max(start for start, _ in spans) < min(end for _, end in spans):
        trace.append("EXECUTION_parallel")
    incidents = [incident for row in instances for incident in door.incidents(row["id"])]
    # Where a model comes to rest betsy expects silence, and not that somebody is told.
    trace += [_error_word(incident["kind"], expect) for incident in incidents if incident["kind"] != "stalled"]
    if Counter(trace) == Counter(expect):
        return Verdict(name, "passed")
    told = " ".join(sorted(trace)) + "".join(f" [{incident['elementId']}: {incident['message']}]" for incident in incidents)
    told += "".join(f" ({row['state']})" for row in instances if row["state"] != "completed")
    return Verdict(name, "wrong", f"{told or 'nothing'} instead of {' '.join(expect) or 'nothing'}")


def _ran(visit: dict[str, Any], scripts: dict[str, str]) -> bool:
    """Whether a script was run: a multi-instance task is in the history once more, as the body of its iterations."""
    return visit["state"] == "completed" and visit["elementId"] in scripts and not visit["type"].endswith("multiInstanceBody")


def _error_word(kind: str, expect: Sequence[str]) -> str:
    if "ERROR" in expect:
        return "ERROR"
    return "ERROR_thrownErrorEvent" if kind == "error-event" else "ERROR_runtime"


def translated(content: bytes, case: str, syntax: Syntax) -> tuple[bytes, dict[str, str]]:
    """The model in this engine's languages, and by the ids of the tasks that run them the scripts."""
    root = etree.fromstring(content)
    scripts: dict[str, str] = {}
    for element in [*root.iter(etree.Element)]:
        kind = etree.QName(element).localname
        if kind in ("scriptTask", "globalScriptTask"):
            scripts[element.get("id")] = _put_script(element, case)
        elif kind in ("conditionExpression", "condition", "loopCondition", "activationCondition", "completionCondition") and element.text:
            element.text = _condition(element.text.strip(), syntax)
        elif kind in ("message", "signal") and element.get("name"):
            element.set("name", f"{element.get('name')} of {case}")
    # A called global task has no instance of its own: its script is run where it is called.
    for call in root.iter(f"{{{BPMN}}}callActivity"):
        if call.get("calledElement") in scripts:
            scripts[call.get("id")] = scripts[call.get("calledElement")]
    # Every case is a version of its own, so that its instances are told from those of other cases.
    root.append(etree.Comment(case))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), scripts


def _put_script(task: etree._Element, case: str) -> str:
    body = task.find(f"{{{BPMN}}}script")
    word: str = body.text.strip()
    if word in LASTING:
        task.remove(body)
        task.tag = f"{{{BPMN}}}serviceTask"
        task.set(f"{{{CAMUNDA}}}type", "external")
        task.set(f"{{{CAMUNDA}}}topic", _topic(word, case))
        return word
    body.text, variable = SCRIPTS.get(word, (f'"{word}"', "lastScript"))
    task.set("scriptLanguage" if etree.QName(task).localname == "globalScriptTask" else "scriptFormat", "feel")
    task.set(f"{{{CAMUNDA}}}resultVariable", variable)
    return word


def _topic(word: str, case: str) -> str:
    return f"{word} of {case}"


def _condition(text: str, syntax: Syntax) -> str:
    if syntax == "juel":
        return f"${{{text}}}"
    feel = re.sub(r'test\.contains\(("[^"]*")\)', r"contains(test, \1)", text)
    return "=" + (f"not({feel[1:]})" if feel.startswith("!") else feel)
