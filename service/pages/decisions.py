"""The section of decisions: each table as it stands in the file, every rule with its basis."""

from pathlib import Path

from service.dmn.findings import Findings
from service.dmn.reading.document import parse_document
from service.dmn.reading.graph_reader import read_definitions
from service.dmn.reading.syntax import Boxed, DecisionTable, Definitions
from service.pages.markdown import code, table
from service.pages.place import Place

EMPTY = ("", "-")


def decisions(place: Place) -> list[str]:
    """Every decision file of the place with its tables; what a decision is made of otherwise is told in its own words."""
    lines = ["## 决策表 · Decisions", ""]
    files = place.files("dmn", "*.dmn")
    for path in files:
        lines += _file(place, path)
    return lines if files else [*lines, "没有本地的决策表。No tables of its own.", ""]


def _file(place: Place, path: Path) -> list[str]:
    findings = Findings()
    root = parse_document(path.read_bytes(), findings)
    if root is None:
        raise ValueError(f"{path}: {findings.all()[0].message}")
    definitions = read_definitions(root, findings)
    lines = [f"[{path.name}](../../dmn/{place.id}/{path.name})" + _basis(place, path), ""]
    lines += _inherited(definitions)
    for decision in definitions.decisions:
        lines += _decision(decision.name, decision.id, decision.documentation, decision.logic)
    for knowledge in definitions.knowledge:
        if isinstance(body := getattr(knowledge.logic, "body", None), DecisionTable):
            lines += _decision(knowledge.name, knowledge.id, None, body)
    return lines


def _basis(place: Place, path: Path) -> str:
    written = path.with_suffix(".md")
    return f" · [逐条依据](../../dmn/{place.id}/{written.name})" if written.exists() else ""


def _inherited(definitions: Definitions) -> list[str]:
    names = [imported.name or imported.namespace for imported in definitions.imports]
    return [f"引用的决策文件：{'、'.join(map(code, names))}", ""] if names else []


def _decision(name: str, decision_id: str, documentation: str | None, logic: Boxed | None) -> list[str]:
    lines = [f"#### {name} {code(decision_id)}", ""]
    if documentation:
        lines += [documentation.strip(), ""]
    if isinstance(logic, DecisionTable):
        policy = logic.hit_policy + (f" ({logic.aggregation})" if logic.aggregation else "")
        head = [f"{clause.label or clause.expression.text} →" for clause in logic.inputs]
        head += [clause.label or clause.name or "结果" for clause in logic.outputs]
        rows = [
            [
                rule.id or str(rule.index + 1),
                *(code("" if cell.text in EMPTY else cell.text) for cell in (*rule.inputs, *rule.outputs)),
                rule.description or "",
            ]
            for rule in logic.rules
        ]
        lines += [f"命中策略 hit policy：{policy}", "", *table(["规则", *head, "依据"], rows)]
    return lines
