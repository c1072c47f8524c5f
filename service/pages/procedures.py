"""The section of procedures: each diagram as a picture and its steps with who does them and why."""

import re
from pathlib import Path

from service.drawing import Step, Told, tell
from service.pages.limits import limit_at
from service.pages.markdown import code, prose, table
from service.pages.place import Entry, Place

KINDS = {
    "userTask": "人办理",
    "businessRuleTask": "决策表",
    "callActivity": "调用程序",
    "serviceTask": "外部任务",
    "sendTask": "发送",
    "receiveTask": "等待消息",
}


def procedures(place: Place, names: dict[str, str], limits: dict[str, tuple[Entry, Place]]) -> list[str]:
    """Every diagram of the place; `names` are the groups' display names, `limits` the time limits that apply there. Pictures stand
    beside the page, named after the file.
    """
    lines = ["## 程序 · Procedures", ""]
    diagrams = place.files("bpmn", "*.bpmn")
    if not diagrams:
        return [*lines, "来源没有本地的程序，本系统不画。No procedure of its own in the sources.", ""]
    for path in diagrams:
        for told in tell(path.read_bytes()):
            lines += _procedure(place, path, told, [_step(step, place, names, limits) for step in told.steps])
    return lines


def _procedure(place: Place, path: Path, told: Told, steps: list[tuple[str, ...]]) -> list[str]:
    name, picture = prose(told.name or told.id), f"{place.id}/{path.stem}.svg"
    lines = [f"### {name}", "", f"`{told.id}` · [{path.name}](../../bpmn/{place.id}/{path.name})"]
    written = path.with_suffix(".md")
    if written.exists():
        lines[-1] += f" · [逐条依据](../../bpmn/{place.id}/{written.name})"
    lines += ["", f"![{name}]({picture})", "", f"[原大 · full size]({picture})", ""]
    for words in (told.documentation, f"依据：{told.basis}" if told.basis else ""):
        lines += [prose(words), ""] if words else []
    return [*lines, *table(("步骤", "谁", "做什么", "时限", "文书", "依据"), steps)]


def _step(step: Step, place: Place, names: dict[str, str], limits: dict[str, tuple[Entry, Place]]) -> tuple[str, ...]:
    who = "、".join(names.get(group, code(group)) for group in re.split(r"\s*,\s*", step.groups) if group)
    does = f"{KINDS[step.kind]} {code(step.refers)}".strip()
    limit = limit_at(step.limits, place, limits)
    return f"{step.name} {code(step.id)}", who, does, limit, code(step.document), step.basis or step.documentation
