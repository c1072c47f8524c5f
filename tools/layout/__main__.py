"""`python -m tools.layout FILE…`: lays each BPMN file out anew, in place."""

import sys
from pathlib import Path

import yaml

from . import NotLaidOut, laid_out


def group_names(diagram: Path) -> dict[str, str]:
    """Names of candidate groups: of the diagram's own place first, then of all places beside it."""
    names: dict[str, str] = {}
    for file in [diagram.parent / "jurisdiction.yaml", *sorted(diagram.parent.parent.glob("*/jurisdiction.yaml"))]:
        if file.exists():
            for group in yaml.safe_load(file.read_text(encoding="utf-8")).get("groups") or []:
                names.setdefault(group["id"], group["name"])
    return names


def main(files: list[str]) -> int:
    if not files:
        sys.stderr.write("usage: python -m tools.layout FILE…\n")
        return 2
    for name in files:
        diagram = Path(name).resolve()
        try:
            text = laid_out(diagram.read_text(encoding="utf-8"), diagram.stem, group_names(diagram))
        except NotLaidOut as problem:
            sys.stderr.write(f"{name}: {problem}\n")
            return 1
        diagram.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
