"""Every place of the registry is described once, below the place it belongs to, and nothing that is only compared decides."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from conformance.policy_files import ROOT
from service.actions.yaml_values import read_yaml
from service.domain.divisions import lies_in

PLACES = {
    path.parent.name: (path.parent, cast(dict[str, Any], read_yaml(path.read_bytes())))
    for path in sorted((ROOT.parent / "bpmn").rglob("jurisdiction.yaml"))
}
CODES = re.findall(
    r'"([A-Z0-9-]+)"', (ROOT / "common" / "places.dmn").read_text("utf-8").split("</itemDefinition>")[0].split("tPlace_values")[1]
)


def test_every_code_of_the_registry_has_one_folder() -> None:
    given = Counter(document.get("placeCode") for place, (_folder, document) in PLACES.items() if place != "common")
    assert [code for code in CODES if given[code] != 1] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_place_lies_below_one_that_is_there(place: str) -> None:
    folder, document = PLACES[place]
    assert document["id"] == folder.name == place
    assert document.get("parent") is None or document["parent"] in PLACES
    code, parent = document.get("code"), PLACES.get(str(document.get("parent")), (folder, {}))[1].get("code")
    assert code is None or re.fullmatch(r"[1-9]\d{5}", code)
    if code is not None and parent is not None:
        assert lies_in(code, parent), "the code of a place begins as that of the place above"


@pytest.mark.parametrize("place", [place for place, (_folder, document) in PLACES.items() if document.get("procedure") == "none"])
def test_where_the_sources_have_no_procedure_none_is_drawn(place: str) -> None:
    folder, _document = PLACES[place]
    assert list(folder.glob("*.bpmn")) == []


@pytest.mark.parametrize("place", [place for place, (_folder, document) in PLACES.items() if document.get("level") == "comparator"])
def test_what_is_only_compared_decides_nothing(place: str) -> None:
    folder, document = PLACES[place]
    assert folder.parent == Path(ROOT.parent / "bpmn" / "comparators")
    assert [path.name for path in folder.iterdir()] == ["jurisdiction.yaml"]
    assert not (ROOT / place).exists()
    assert {"settings", "deadlines", "facts", "groups"} & document.keys() == set()
    assert document["procedure"] == "none"
    assert all(entry["status"] == "未核实" and entry["textKnown"] is not True for entry in document["documents"])


def test_known_texts_are_never_more_than_there_are() -> None:
    for place, (_folder, document) in PLACES.items():
        for entry in document.get("lists") or []:
            assert entry["count"] is None or entry["textKnown"] <= entry["count"], (place, entry)
