"""The decision files of the project, each read with the files it imports (found by namespace)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from service.actions.yaml_values import read_yaml
from service.dmn import Model, read_header, read_model

ROOT = Path(__file__).resolve().parent.parent / "dmn"
FILES = sorted(ROOT.rglob("*.dmn"))
PLACES = tuple(sorted({path.parent.name for path in FILES} - {"common"}))


def _whole(suffix: str) -> tuple[str, ...]:
    """The places that have this file, its cases and a description of themselves; test_policy_cases tells of a place that lacks any."""
    about_it = (ROOT.parent / "bpmn" / place / "jurisdiction.yaml" for place in PLACES)
    files = (ROOT / place / f"{place}_{suffix}.dmn" for place in PLACES)
    return tuple(
        place
        for place, path, described in zip(PLACES, files, about_it, strict=True)
        if path.exists() and path.with_suffix(".cases.yaml").exists() and described.exists()
    )


WITH_OUTCOME = _whole("tolerance")
"""The places with an outcome of their own."""
WITH_SHARED = _whole("common")
"""The places that ask the shared decisions with their own code."""


@cache
def about(place: str) -> Mapping[str, Any]:
    """The jurisdiction.yaml of a place."""
    return cast(Mapping[str, Any], read_yaml((ROOT.parent / "bpmn" / place / "jurisdiction.yaml").read_bytes()))


@cache
def _by_namespace() -> dict[str, Path]:
    headers = {path: read_header(path.read_bytes()) for path in FILES}
    return {header.namespace: path for path, header in headers.items() if header is not None}


@cache
def imports_of(path: Path) -> tuple[Model, ...]:
    """The models the file at `path` imports."""
    header = read_header(path.read_bytes())
    return () if header is None else tuple(model_of(_by_namespace()[namespace]) for namespace in header.imports)


@cache
def model_of(path: Path) -> Model:
    """The model in the file at `path`; KeyError if an imported namespace is in none of the files."""
    return read_model(path.read_bytes(), path.name, imports=imports_of(path))
