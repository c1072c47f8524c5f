"""What a jurisdiction.yaml may hold: all else is told, each fault where it is."""

from pathlib import Path

import pytest

from service.actions.deployments.jurisdiction_files import jurisdiction_faults
from service.actions.yaml_values import read_yaml

PLACE = "id: town\nname: 某镇\nparent: null\n"
SHIPPED = sorted((Path(__file__).parents[3] / "bpmn").rglob("jurisdiction.yaml"))
WHOLE = """
code: "420000"
placeCode: XX-Y
level: county
aliases: [某地]
procedure: none
force: RECOMMENDATION
notLoaded: [{about: 条件, text: x, source: "[U1]", note: y}]
contradictions: [{about: 条数, text: 9 与 10, handling: 两个版本都展示, source: "[S3]"}, {about: a, text: b, handling: c}]
documents:
  - {title: 办法, date: 2018-05, issuer: 某镇, textKnown: false, note: x, source: y}
  - {title: 条例, scope: 新区, status: 未核实, textKnown: partial, url: "https://example.org/"}
lists: [{list: tolerable, name: 可容错情形, count: 8, textKnown: 0, note: x}, {name: 清单, count: null}]
groups: [{id: a, name: 甲, source: x}, {id: b, name: 乙, source: null}]
deadlines: {T_X: {workingDays: 5, basis: rule, name: 受理, source: x, note: y}}
settings: {x: {value: {any: [1]}, basis: practice, name: x, source: null, note: y, markedDefault: true}}
"""

FAULTS = [
    ("setings: {x: {value: 1, basis: default}}", "setings", "a jurisdiction has no 'setings'; it has id, name, aliases,"),
    ("Groups: []", "Groups", "a jurisdiction has no 'Groups'"),
    ("code: 420000", "code", "code is text"),
    ("placeCode: 1", "placeCode", "placeCode is text"),
    ("level: village", "level", "level is one of national, province,"),
    ("procedure: five steps", "procedure", "procedure is 'none' where the sources have none"),
    ("aliases: [1]", "aliases[0]", "another name is text"),
    ("aliases: XX", "aliases", "aliases is a list"),
    ("notLoaded: [{about: a, text: b}]", "notLoaded[0]", "a provision that is not loaded has about, text and source"),
    ("notLoaded: [{about: a, text: b, source: c, force: d}]", "notLoaded[0]", "a provision that is not loaded has no 'force'"),
    ("contradictions: [{about: a, text: b}]", "contradictions[0]", "a contradiction has about, text and handling"),
    ("contradictions: [{about: a, text: b, handling: ''}]", "contradictions[0]", "a contradiction has about, text and handling"),
    ("contradictions: [{about: a, text: b, handling: c, sorce: d}]", "contradictions[0]", "a contradiction has no 'sorce'"),
    ("contradictions: {about: a}", "contradictions", "contradictions is a list"),
    ("parent: 1", "parent", "parent is the id"),
    ("settings: {y: {value: 1, basis: wish}}", "settings.y", "basis must be one of law, rule, practice, recommendation, default"),
    ("settings: {y: {value: 1, basis: rule, nmae: a}}", "settings.y", "a setting has no 'nmae'; it has basis,"),
    ("settings: {y: {basis: rule}}", "settings.y", "a setting has value and basis"),
    ("settings: []\nfacts: [x]", "facts", "facts is a mapping"),
    ("deadlines: {T: {days: 1, basis: rule, nmae: a}}", "deadlines.T", "a deadline has no 'nmae'; it has basis, days,"),
    ("deadlines: {T: {days: 1, basis: practice}}", "deadlines.T", "basis must be one of law, rule, recommendation, default"),
    ("facts: {f: {of: instances, same: x, basis: rule, moths: 1}}", "facts.f", "a fact has no 'moths'"),
    ("groups: [{id: g, name: a}, {id: h, name: b}, {id: g, name: c}]", "groups[2]", "the group 'g' is groups[0] already"),
    ("groups: [{id: g, name: a, nmae: b}]", "groups[0]", "a group has no 'nmae'"),
    ("groups: [{id: g}]", "groups[0]", "a group has id and name"),
    ("groups: {id: g}", "groups", "groups is a list"),
    ("documents: [{title: a, isuer: b}]", "documents[0]", "a document has no 'isuer'"),
    ("documents: [{name: a}]", "documents[0]", "a document has a title"),
    ("documents: [{title: a, textKnown: 1}]", "documents[0]", "textKnown of a document is true, false or partial"),
    ("documents: [{title: a, textKnown: some}]", "documents[0]", "textKnown of a document is true, false or partial"),
    ("documents: [{title: a, url: 1}]", "documents[0]", "url of a document is text"),
    ("documents: 办法", "documents", "documents is a list"),
    ("lists: [{name: a, number: 3}]", "lists[0]", "a list has no 'number'"),
    ("lists: [{name: a, count: some}]", "lists[0]", "count of a list is a whole number or null"),
    ("lists: [{name: a, textKnown: 1.5}]", "lists[0]", "textKnown of a list is a whole number or null"),
    ("lists: [a]", "lists[0]", "a list has a name"),
]


def faults(text: str) -> list[tuple[str, str]]:
    document = read_yaml(text.encode())
    assert isinstance(document, dict)
    return list(jurisdiction_faults(document))


@pytest.mark.parametrize(("text", "where", "what"), FAULTS, ids=[text[:50] for text, _, _ in FAULTS])
def test_each_fault_is_told_where_it_is(text: str, where: str, what: str) -> None:
    place = PLACE.replace("parent: null\n", "") if text.startswith("parent") else PLACE
    ((pointer, message),) = faults(place + text)

    assert pointer == where
    assert message.startswith(what)


def test_all_faults_are_told_at_once() -> None:
    found = faults(
        "name: ''\nsetings: {}\nsettings: {x: 1}\ndeadlines: {T: 1}\ngroups: [1, {id: a, name: b}, {id: a, name: c}]\nlists: 1\n"
    )

    assert [where for where, _ in found] == ["setings", "id", "name", "id", "settings.x", "deadlines.T", "groups[0]", "lists", "groups[2]"]


def test_whatever_may_stand_there_is_no_fault() -> None:
    assert faults(PLACE) == []
    assert faults(PLACE + WHOLE) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_places_that_come_with_the_service_are_without_fault(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []
