"""What must be known of a file before it can be read: its namespace and those of the models it imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.dmn.findings import Findings
from service.dmn.reading.document import attribute, children, parse_document


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """`imports` maps the namespace of each imported model to the line of the import (DMN 1.5, 6.3.3)."""

    namespace: str
    imports: Mapping[str, int]


def read_header(source: bytes) -> ModelHeader | None:
    """The header of a DMN file; None when it is no readable DMN (`read_model` says why)."""
    root = parse_document(source, Findings())
    if root is None:
        return None
    named = [(attribute(found, "namespace"), found.sourceline or 0) for found in children(root, "import")]
    return ModelHeader(attribute(root, "namespace") or "", {name: line for name, line in reversed(named) if name})
