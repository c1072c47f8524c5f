"""`rongjiu demo`: the four real cases of the report travel through Hubei's procedure, told step by step."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from rich.console import Console

from service.cli.case_files import Case, read_case_file
from service.cli.case_runner import Difference, ensure_users, run_case
from service.cli.client import Client
from service.domain.json_values import Json

DEMO_CASES = ("C01", "C02", "C03", "C04")


def run_demo(client: Client, case_file: Path, console: Console) -> bool:
    """Play C01–C04 and print each step, who acted, the advice with rule and source, the decision, the audit check.

    False when a case came out otherwise.
    """
    file = read_case_file(case_file)
    ensure_users(client, file)
    good = True
    for case in file.cases:
        if case.name.split(" ")[0].rstrip("：:") in DEMO_CASES or case.name[:3] in DEMO_CASES:
            good = _tell_case(client, case, console) and good
    return good


def _tell_case(client: Client, case: Case, console: Console) -> bool:
    console.rule(f"[bold]{case.name}")
    try:
        run_case(client, case, lambda what, happened: _tell(console, what, happened))
    except Difference as difference:
        console.print(f"[red]not as expected:[/red] {difference}")
        return False
    return True


def _tell(console: Console, what: str, happened: Mapping[str, Json]) -> None:
    {"start": _tell_start, "step": _tell_step, "end": _tell_end, "audit": _tell_audit}[what](console, happened)


def _tell_start(console: Console, happened: Mapping[str, Json]) -> None:
    instance = cast(Mapping[str, Json], happened["instance"])
    console.print(f"来源 source: {happened['source']}", markup=False)
    line = f"启动 start: message {happened['message']} → {instance['id']} by {instance['startedBy']}; waits: {_waiting(instance)}"
    console.print(line, markup=False)


def _waiting(instance: Mapping[str, Json]) -> str:
    tasks = cast(list[Mapping[str, Json]], instance.get("openTasks") or [])
    return "、".join(f"{task['name']} ({task['taskDefinitionKey']}{_due(task)})" for task in tasks) or "—"


def _due(task: Mapping[str, Json]) -> str:
    return "" if task["dueDate"] is None else f", due {str(task['dueDate'])[:10]} [{task['dueBasis']}]"


def _tell_step(console: Console, happened: Mapping[str, Json]) -> None:
    answer = cast(Mapping[str, Json], happened["answer"] or {})
    instance = cast(Mapping[str, Json], answer.get("processInstance") or answer)
    name = cast(Mapping[str, Json], answer.get("task") or {}).get("name", "")
    what = happened["task"] or f"message {happened['message']}"
    line = f"  {happened['number']:>2}. {what} {name} · by {happened['as']} → {happened['status']}; waits: {_waiting(instance)}"
    console.print(line, markup=False)


def _tell_end(console: Console, happened: Mapping[str, Json]) -> None:
    instance = cast(Mapping[str, Json], happened["instance"])
    advice, decision = cast(Mapping[str, Json], happened["advice"]), cast(Mapping[str, Json], happened["decision"])
    if advice:
        console.print(
            f"[bold]建议 advice:[/bold] {advice['outcome']} ({advice['modality'] or '—'}), first rule {advice['reasonRule'] or '—'}"
        )
        for reason in cast(list[Mapping[str, Json]], advice["reasons"] or []):
            console.print(f"      · {reason['rule']} [{reason['force']}] {reason['basis']}", markup=False)
        if advice["missing"]:
            console.print(f"      缺少 missing: {', '.join(cast(list[str], advice['missing']))}")
    if decision:
        console.print(f"[bold]决定 decision:[/bold] {decision['outcome']}" + (f" — {decision['reason']}" if decision.get("reason") else ""))
    console.print(f"状态 state: {instance['state']} ({instance.get('endReason') or '—'})")


def _tell_audit(console: Console, verification: Mapping[str, Json]) -> None:
    console.print(f"审计 audit: {'ok' if verification['ok'] else 'BROKEN'}, {verification['events']} events recomputed")
