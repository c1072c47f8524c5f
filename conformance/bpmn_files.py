"""Every model of a folder, as its tool wrote it: answered with 201 or with a 422 that names elements, and given back byte for byte."""

from pathlib import Path

from conformance.bpmn_door import Door, Verdict

SUFFIXES = (".bpmn", ".bpmn20.xml")


def run_files(door: Door, folder: Path, only: str | None = None) -> list[Verdict]:
    """Every model below `folder`, or those whose path contains `only`."""
    paths = sorted(path for path in folder.rglob("*") if path.name.endswith(SUFFIXES))
    named = [(path, path.relative_to(folder).as_posix()) for path in paths]
    return [_run_file(door, path, name) for path, name in named if only is None or only in name]


def _run_file(door: Door, path: Path, name: str) -> Verdict:
    content = path.read_bytes()
    deployed = door.deploy([(path.name, content)])
    if deployed.status == 422:
        return Verdict(name, "refused" if deployed.named else "not-named", deployed.refusal())
    if deployed.status != 201:
        return Verdict(name, "error", f"{deployed.status}: {deployed.body}")
    processes = [found for found in deployed.definition_ids if door.client.call("GET", f"/process-definitions/{found}").status_code == 200]
    for definition_id in processes:
        given = door.client.call("GET", f"/process-definitions/{definition_id}/xml")
        if given.status_code != 200 or given.content != content:
            return Verdict(name, "wrong", f"GET xml of {definition_id}: {given.status_code}, other bytes")
    return Verdict(name, "passed") if processes else Verdict(name, "wrong", "deployed without a process")
