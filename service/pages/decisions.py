"""The section of decisions: each table as it stands in the file, every rule with its basis; also those kept in another place's folder."""

import re
from collections.abc import Iterator

from service.dmn.reading.syntax import Boxed, DecisionTable, Definitions
from service.pages.library import DecisionFile, Library
from service.pages.markdown import anchor, code, prose, table
from service.pages.place import Place

EMPTY = ("", "-")
_FILE = re.compile(r"(?<![A-Za-z0-9_/`\[])[A-Za-z0-9_]+\.dmn(?![A-Za-z0-9_])")


def decisions(place: Place, library: Library) -> list[str]:
    """Every decision file of the place with its tables; what a decision is made of otherwise is told in its own words."""
    own, borrowed = library.own(place), library.borrowed(place)
    lines = ["## 决策表 · Decisions", ""]
    shown = {file.path for file in (*own, *borrowed)}

    def link(file: DecisionFile) -> str:
        return f"[{file.path.name}]({'' if file.path in shown else f'{file.place.id}.md'}#{anchor(file.path.name)})"

    def linked(text: str) -> str:
        return _FILE.sub(lambda found: link(file) if (file := library.named(found[0])) is not None else found[0], prose(text.strip()))

    for file in (*borrowed, *own):
        lines += [f"### {file.path.name}", ""]
        folder = f"../../dmn/{file.place.id}"
        written = file.path.with_suffix(".md")
        lines += [f"[文件]({folder}/{file.path.name})" + (f" · [逐条依据]({folder}/{written.name})" if written.exists() else ""), ""]
        users = "、".join(f"[{user.name}]({user.id}.md)" for user in library.only_for(file))
        if file.place.id != place.id:
            lines += [f"**{place.name}的规则**，与其他地方共用一份（{users}），存放在 `{file.place.id}`。", ""]
        elif users:
            lines += [f"**只适用于{users}**；{place.name}自己不用，只是存放在这里。", ""]
        lines += [linked(file.definitions.description), ""] if file.definitions.description else []
        imports = [link(imported) for imported in library.imports(file)]
        lines += [f"引用的决策文件：{'、'.join(imports)}", ""] if imports else []
        for name, decision_id, documentation, logic in _told(file.definitions):
            lines += [f"#### {prose(name)} {code(decision_id)}", ""]
            lines += [linked(documentation), ""] if documentation else []
            lines += _table(logic) if isinstance(logic, DecisionTable) else []
    return lines if own or borrowed else [*lines, "没有本地的决策表。No tables of its own.", ""]


def _told(definitions: Definitions) -> Iterator[tuple[str, str, str | None, Boxed | None]]:
    for decision in definitions.decisions:
        yield decision.name, decision.id, decision.documentation, decision.logic
    for knowledge in definitions.knowledge:
        if isinstance(body := getattr(knowledge.logic, "body", None), DecisionTable):
            yield knowledge.name, knowledge.id, None, body


def _table(logic: DecisionTable) -> list[str]:
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
    return [f"命中策略 hit policy：{policy}", "", *table(["规则", *head, "依据"], rows)]
