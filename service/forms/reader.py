"""Reading a form file: everything that cannot be enforced faithfully is found here, all of it at once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from service.feel import Expression
from service.forms.components import DATA_TYPES, SHOWN_TYPES, Field, Scope
from service.forms.field_reader import Component, read_field
from service.forms.json_values import Json, NotJson, Path, measure, read_json
from service.forms.problems import FormFinding, FormRefused

MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
MAX_COMPONENTS = 1_000
MAX_DEPTH = 40
MAX_NESTING = 10
MAX_LISTS = 3
_ID = re.compile(r"[^\s/\\\x00-\x1f]{1,200}")


class Reading:
    """Findings of one file while it is read."""

    def __init__(self, file_name: str, text: str) -> None:
        self.file_name = file_name
        self.findings: list[FormFinding] = []
        self._text = text
        self.components = 0
        self.component_ids: set[str] = set()

    def _line(self, component_id: str | None, key: str | None) -> int | None:
        for name, value in (("id", component_id), ("key", key), ("path", key)):
            if value:
                found = re.search(rf'"{name}"\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}', self._text)
                if found:
                    return self._text.count("\n", 0, found.start()) + 1
        return None

    def add(self, code: str, message: str, component: Component | None = None, severity: str = "error") -> None:
        """Record a finding at a component, or at the file as a whole."""
        component_id = component.text("id") if component else None
        key = (component.text("key") or component.text("path")) if component else None
        self.findings.append(FormFinding(component_id, key, self._line(component_id, key), code, message, severity))

    def stop(self) -> FormRefused:
        """The refusal with what was found so far."""
        return FormRefused(self.file_name, tuple(self.findings))


def read_document(data: bytes, file_name: str) -> tuple[dict[str, Json], Reading]:
    """The JSON of the file. Raises FormRefused where there is none to go on with."""
    reading = Reading(file_name, "")
    try:
        if len(data) > MAX_BYTES:
            raise NotJson(f"the form is larger than {MAX_BYTES} bytes", None)
        text = data.decode("utf-8-sig")
        document = read_json(text)
        reading = Reading(file_name, text)
        size = measure(document, MAX_DEPTH)
        if size < 0 or size > MAX_VALUES:
            raise NotJson(f"the form is nested deeper than {MAX_DEPTH} levels or has more than {MAX_VALUES} values", None)
        if not isinstance(document, dict):
            raise NotJson("a form is a JSON object", 1)
    except UnicodeDecodeError as error:
        reading.findings.append(FormFinding(None, None, None, "not-json", f"not UTF-8 (byte {error.start})"))
        raise reading.stop() from None
    except NotJson as error:
        reading.findings.append(FormFinding(None, None, error.line, "not-json", error.message))
        raise reading.stop() from None
    return document, reading


def read_scope(document: dict[str, Json], reading: Reading) -> Scope:
    """The fields of the form. Findings are added to `reading`; with an error among them the scope is not to be used."""
    if document.get("type") != "default":
        reading.add("not-a-form", 'a form has "type": "default"')
    identifier = document.get("id")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        reading.add("no-id", 'a form has an "id" (text without blanks and slashes): it is the key camunda:formRef names')
    version = document.get("schemaVersion")
    if version is None:
        reading.add("schema-version", "the form states no schemaVersion", severity="warning")
    fields: list[Field] = []
    _read_components(document.get("components"), reading, Place(), fields, None)
    _check_paths(fields, reading)
    return Scope(tuple(fields))


@dataclass(frozen=True, slots=True)
class Place:
    """Where components stand: path of the groups around them, their conditions, how deep in groups, how deep in lists."""

    path: Path = ()
    hide: tuple[Expression, ...] = ()
    depth: int = 0
    lists: int = 0


def _read_components(value: Json, reading: Reading, place: Place, fields: list[Field], around: Component | None) -> None:
    if not isinstance(value, list):
        reading.add("no-components", 'a form and each group has a list "components"', around)
        return
    if place.depth > MAX_NESTING or place.lists > MAX_LISTS:
        reading.add("too-deep", f"groups nest at most {MAX_NESTING} levels deep, dynamic lists {MAX_LISTS}", around)
        return
    for entry in value:
        reading.components += 1
        if reading.components > MAX_COMPONENTS:
            if reading.components == MAX_COMPONENTS + 1:
                reading.add("too-many-components", f"more than {MAX_COMPONENTS} components")
            return
        if not isinstance(entry, dict):
            reading.add("bad-component", "a component is a JSON object", around)
            continue
        _read_component(Component(entry, reading), reading, place, fields)


def _read_component(component: Component, reading: Reading, place: Place, fields: list[Field]) -> None:
    _check_component_id(component, reading)
    kind = component.text("type")
    hide = place.hide
    condition = component.condition()
    if condition is not None:
        hide = (*hide, condition)
    if kind == "group":
        path = place.path
        if component.raw.get("path") not in (None, ""):
            path = (*path, *component.path("path"))
        component.refuse_rules('a group is hidden by "conditional" only')
        _read_components(component.raw.get("components"), reading, Place(path, hide, place.depth + 1, place.lists), fields, component)
    elif kind == "dynamiclist":
        inner: list[Field] = []
        _read_components(component.raw.get("components"), reading, Place((), (), place.depth + 1, place.lists + 1), inner, component)
        _check_paths(inner, reading)
        fields.append(read_field(component, "dynamiclist", (*place.path, *component.path("path")), hide, Scope(tuple(inner))))
    elif kind in DATA_TYPES:
        fields.append(read_field(component, str(kind), (*place.path, *component.path("key")), hide, None))
    elif kind in SHOWN_TYPES:
        component.refuse_rules(f"a {kind} holds no data")
    elif kind == "filepicker":
        reading.add("unsupported-type", "filepicker: files are not part of form data here", component)
    else:
        reading.add("unknown-type", f"the component type {kind!r} is none of form-js", component)


def _check_component_id(component: Component, reading: Reading) -> None:
    identifier = component.raw.get("id")
    if identifier is None:
        return
    if not isinstance(identifier, str) or not identifier:
        reading.add("bad-id", "the id of a component is text", component)
    elif identifier in reading.component_ids:
        reading.add("duplicate-id", f"the component id {identifier!r} is used twice", component)
    else:
        reading.component_ids.add(identifier)


def _check_paths(fields: list[Field], reading: Reading) -> None:
    taken: dict[Path, Field] = {}
    for field in fields:
        if not field.path:
            continue
        component = Component({"id": field.component_id, "key": field.key}, reading)
        if field.path in taken:
            reading.add("duplicate-key", f"the key {field.key!r} is used by two components", component)
            continue
        taken[field.path] = field
    for field in fields:
        for length in range(1, len(field.path)):
            if field.path[:length] in taken:
                component = Component({"id": field.component_id, "key": field.key}, reading)
                outer = ".".join(field.path[:length])
                reading.add("key-conflict", f"the key {field.key!r} lies within the value of the key {outer!r}", component)
