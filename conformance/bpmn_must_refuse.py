"""Models that break one constraint of BPMN each: the refusal must name an element that breaks it.

Many are fragments that would be refused for other reasons as well, so what says that a process has no start or no end counts only where
that is the constraint.
"""

from pathlib import Path

import yaml

from conformance.bpmn_door import Door, Verdict

ELEMENTS = Path(__file__).parent / "scores" / "must-refuse-elements.yaml"

FRAGMENT_CODES = frozenset({"no-start", "no-end", "no-process"})
FRAGMENT_CONSTRAINTS = ("EXT096", "EXT097", "EXT105", "EXT109")
"""The constraints that are about starts and ends."""


def offending_elements() -> dict[str, list[str]]:
    """Model (file name without suffix) → ids of which a refusal names one."""
    found: dict[str, list[str]] = yaml.safe_load(ELEMENTS.read_text("utf-8"))
    return found


def run_must_refuse(door: Door, folder: Path, only: str | None = None) -> list[Verdict]:
    """Every model below `folder`, or those whose name contains `only`."""
    offending = offending_elements()
    paths = [path for path in sorted(folder.rglob("*.bpmn")) if only is None or only in path.stem]
    return [_run_model(door, path, offending.get(path.stem, [])) for path in paths]


def _run_model(door: Door, path: Path, offending: list[str]) -> Verdict:
    case = f"{path.parent.name}/{path.stem}"
    deployed = door.deploy([(path.name, path.read_bytes())], dryRun="true")
    if deployed.status in (200, 201):
        return Verdict(case, "accepted", f"{' or '.join(offending)} must be refused")
    if deployed.status != 422:
        return Verdict(case, "error", deployed.body)
    about_ends = path.stem.startswith(FRAGMENT_CONSTRAINTS)
    named = {error["elementId"] for error in deployed.errors if about_ends or error["code"] not in FRAGMENT_CODES}
    if named.intersection(offending):
        return Verdict(case, "passed", deployed.refusal())
    return Verdict(case, "not-named", f"{' or '.join(offending)} not in: {deployed.refusal()}")
