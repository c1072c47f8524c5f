"""docs/documents.md, "What ships": every step that makes a document, every place that shares the diagram, every template, and no other.

Places that `rongjiu new-jurisdiction` copied do not ship: theirs are those of where they come from, until they are verified.
"""

import re
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from docx import Document

from service.actions.yaml_values import read_yaml

ROOT = Path(__file__).parent.parent
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
SHIPS = (ROOT / "docs" / "documents.md").read_text("utf-8").split("## What ships")[1].split("## Proof")[0]
ABOUT = {path.parent: cast(Any, read_yaml(path.read_bytes())) for path in sorted((ROOT / "bpmn").glob("*/jurisdiction.yaml"))}
NAMES = {folder.name: about["name"] for folder, about in ABOUT.items() if about.get("copiedFrom") is None}
SHIPPED = [folder for folder in ABOUT if folder.name in NAMES]
TITLES = {path.stem: Document(str(path)).core_properties.title for folder in SHIPPED for path in folder.glob("documents/*.docx")}
PROCESSES = [
    (folder.name, process)
    for folder in SHIPPED
    for path in sorted(folder.glob("*.bpmn"))
    for process in ElementTree.parse(path).getroot().iter(f"{BPMN}process")
]


def documents_of(process: ElementTree.Element) -> dict[str, list[str]]:
    """The titles of the documents by user task."""
    return {
        task.attrib["id"]: [TITLES[key.strip()] for key in said.attrib["value"].split(",")]
        for task in process.iter(f"{BPMN}userTask")
        for said in task.iter(f"{CAMUNDA}property")
        if said.attrib["name"] == "document"
    }


MADE = {process.attrib["id"]: found for _folder, process in PROCESSES if (found := documents_of(process))}
ROWS = re.findall(r"^\| `(\w+)`(?: \(([^)]*)\))? \| (.*) \|$", SHIPS, re.MULTILINE)


def test_every_procedure_that_makes_documents_has_one_row() -> None:
    assert sorted(key for key, _places, _steps in ROWS) == sorted(MADE)


@pytest.mark.parametrize(("key", "steps"), [(key, steps) for key, _places, steps in ROWS], ids=[key for key, *_ in ROWS])
def test_a_row_says_the_documents_of_the_steps_and_no_others(key: str, steps: str) -> None:
    written = dict(re.findall(r"`(\w+)`: ([^;]+)", steps))
    assert {task: sorted(titles.split("、")) for task, titles in written.items()} == {
        task: sorted(titles) for task, titles in MADE[key].items()
    }


@pytest.mark.parametrize(
    ("key", "places"), [(key, places) for key, places, _steps in ROWS if places], ids=[key for key, places, _ in ROWS if places]
)
def test_the_places_in_brackets_are_those_that_call_the_diagram(key: str, places: str) -> None:
    callers = {folder for folder, process in PROCESSES for call in process.iter(f"{BPMN}callActivity") if call.get("calledElement") == key}
    names = [NAMES[folder] for folder in callers]
    written = places.split(", ")

    assert len(written) == len(names)
    assert [name for name in names if not any(place in name for place in written)] == []


def test_diagrams_of_a_place_that_others_call_name_them() -> None:
    called = {
        call.get("calledElement")
        for folder, process in PROCESSES
        for call in process.iter(f"{BPMN}callActivity")
        if not str(call.get("calledElement")).startswith((f"{folder}_", "common_"))
    }
    assert {key for key, places, _steps in ROWS if not places} & called == set()


def test_every_template_is_listed_with_its_title() -> None:
    listed = {
        prefix + kind: title
        for prefix, kinds in re.findall(r"^\| of [^|]*?`(\w+_)` \| (.*) \|$", SHIPS, re.MULTILINE)
        for title, kind in re.findall(r"([^、`]+) `(\w+)`", kinds)
    }
    assert listed == TITLES
