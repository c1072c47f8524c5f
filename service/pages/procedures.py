"""The section of procedures: each diagram as a picture and its steps with who does them and why."""

import re
from pathlib import Path

from service.drawing import Step, Told, tell
from service.pages.markdown import code, table
from service.pages.place import Place, text

KINDS = {
    "userTask": "人办理",
    "businessRuleTask": "决策表",
    "callActivity": "调用程序",
    "serviceTask": "外部任务",
    "sendTask": "发送",
    "receiveTask": "等待消息",
}


def procedures(place: Place, names: dict[str, str]) -> list[str]:
    """Every diagram of the place; `names` are the groups' display names. Pictures stand beside the page, named after the file."""
    lines = ["## 程序 · Procedures", ""]
    diagrams = place.files("bpmn", "*.bpmn")
    if not diagrams:
        return [*lines, "来源没有本地的程序，本系统不画。No procedure of its own in the sources.", ""]
    for path in diagrams:
        for told in tell(path.read_bytes()):
            lines += _procedure(place, path, told, names)
    return lines


def _procedure(place: Place, path: Path, told: Told, names: dict[str, str]) -> list[str]:
    lines = [f"### {told.name or told.id}", "", f"`{told.id}` · [{path.name}](../../bpmn/{place.id}/{path.name})"]
    written = path.with_suffix(".md")
    if written.exists():
        lines[-1] += f" · [逐条依据](../../bpmn/{place.id}/{written.name})"
    lines += ["", f"![{told.name or told.id}]({place.id}/{path.stem}.svg)", ""]
    lines += [line for line in (told.documentation, f"依据：{told.basis}" if told.basis else "") if line]
    lines += ["", *table(("步骤", "谁", "做什么", "时限", "文书", "依据"), [_step(step, names) for step in told.steps])]
    return lines


def _step(step: Step, names: dict[str, str]) -> tuple[str, ...]:
    who = "、".join(names.get(group, code(group)) for group in re.split(r"\s*,\s*", step.groups) if group)
    does = f"{KINDS[step.kind]} {code(step.refers)}".strip()
    return f"{step.name} {code(step.id)}", who, does, code(step.limit), code(step.document), step.basis or step.documentation


def cases(place: Place, files: list[tuple[str, list[dict[str, object]]]]) -> list[str]:
    """The executable cases of the place: what each shows, and what comes out."""
    lines = ["## 案例 · Cases", ""]
    for name, entries in files:
        lines += [f"### {name}", "", *table(("案例", "结果", "来源"), [_case(entry) for entry in entries])]
    return lines if files else [*lines, "—", ""]


def _case(entry: dict[str, object]) -> tuple[str, ...]:
    expect = entry.get("expect")
    shown = []
    if isinstance(expect, dict):
        shown = [f"{key}: {expect[key]}" for key in ("state", "outcome", "result", "decision", "reasonRule") if expect.get(key) is not None]
    return text(entry, "name"), "；".join(shown), text(entry, "source")  # type: ignore[arg-type]
