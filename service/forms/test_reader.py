import json
from typing import Any

import pytest

from service.forms import FormFinding, FormRefused, read_form


def document(*components: Any, **more: Any) -> bytes:
    whole = {"id": "f", "type": "default", "schemaVersion": 16, "components": list(components)} | more
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def refused(data: bytes) -> tuple[FormFinding, ...]:
    with pytest.raises(FormRefused) as caught:
        read_form(data, "f.form")
    return caught.value.findings


def codes(*components: Any, **more: Any) -> list[str]:
    return [finding.code for finding in refused(document(*components, **more))]


def field(**more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "a", **more}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'"form"',
        b'{"id": NaN}',
        b'{"id": "a", "id": "b"}',
        b'{"id": 1e99999999999999999999}',
        b"[" * 100_000,
        b'{"a": ' * 50 + b"1" + b"}" * 50,
        b'{"id": "' + b"x" * 1_000_001 + b'"}',
    ],
)
def test_what_is_no_json_object(data: bytes) -> None:
    assert [finding.code for finding in refused(data)] == ["not-json"]


def test_the_line_of_broken_json() -> None:
    assert refused(b'{\n "id": "f",\n oops')[0].line == 3


def test_a_form_as_given() -> None:
    form = read_form(document(field(type="text", text="# 说明"), field(label="名称"), {"type": "spacer"}), "f.form")
    assert form.id == "f"
    assert form.keys == (("a",),)
    assert form.findings == ()
    components = form.schema["components"]
    assert isinstance(components, list)
    assert components[0] == {"type": "text", "key": "a", "text": "# 说明"}


def test_all_findings_at_once_with_component_key_and_line() -> None:
    data = document(
        field(id="one", type="hologram"),
        field(id="two", key="x", conditional={"hide": "= 1 +"}),
        field(id="three", key="y", validate={"pattern": "(?=a)"}),
        id="",
    )
    findings = refused(data)
    assert [(finding.code, finding.component_id, finding.key) for finding in findings] == [
        ("no-id", None, None),
        ("unknown-type", "one", "a"),
        ("bad-feel", "two", "x"),
        ("bad-pattern", "three", "y"),
    ]
    lines = data.decode().split("\n")
    assert ['"id": "two"' in lines[finding.line - 1] for finding in findings if finding.component_id == "two" and finding.line] == [True]


@pytest.mark.parametrize(
    "more",
    [
        {"properties": {"requiredWhen": "nosuch(b) = true"}},
        {"conditional": {"hide": "=if b then nosuch(b) else true"}},
        {"readonly": "=rows[nosuch(item)] = []"},
        {"validate": {"min": "=nosuch(1)"}},
        {"conditional": {"hide": '=nosuch.more("x")'}},
    ],
)
def test_a_function_nobody_knows_is_an_error_at_its_component(more: dict[str, Any]) -> None:
    findings = refused(document(field(key="b"), field(id="here", **more)))
    assert [(finding.code, finding.severity, finding.component_id, finding.key) for finding in findings] == [
        ("unknown-function", "error", "here", "a")
    ]
    assert "nosuch" in findings[0].message


def test_functions_of_feel_of_the_service_and_of_the_expression_are_known() -> None:
    for condition in (
        'setting("on") = true and now() < deadline("T_X")',
        "count(rows[string length(name) > 3]) > 0",
        "{f: function(x) x > 1, y: f(2)}.y",
        "some f in [function(x) x] satisfies f(true)",
    ):
        assert read_form(document(field(properties={"requiredWhen": condition})), "f").findings == ()


@pytest.mark.parametrize("identifier", [None, "", 7, "a b", "a/b"])
def test_ids(identifier: Any) -> None:
    assert codes(id=identifier) == ["no-id"]


def test_the_file_must_be_a_form() -> None:
    assert codes(type="process") == ["not-a-form"]
    assert codes(components=None) == ["no-components"]
    assert codes("x") == ["bad-component"]
    assert [finding.code for finding in read_form(document(schemaVersion=None), "f").findings] == ["schema-version"]


@pytest.mark.parametrize(
    ("component", "code"),
    [
        (field(key=None), "no-key"),
        (field(key="a..b"), "bad-key"),
        (field(key=".a"), "bad-key"),
        (field(type="filepicker"), "unsupported-type"),
        (field(type=None), "unknown-type"),
        (field(validate={"required": "yes"}), "bad-attribute"),
        (field(validate="required"), "bad-attribute"),
        (field(readonly=3), "bad-attribute"),
        (field(readonly="= ("), "bad-feel"),
        (field(properties={"requiredWhen": "if"}), "bad-feel"),
        (field(properties={"keepsValue": "yes"}), "bad-property"),
        (field(conditional={"hide": 3}), "bad-feel"),
        (field(conditional={"hide": "(" * 5_000}), "bad-feel"),
        (field(conditional={"hide": "x" * 20_000}), "bad-feel"),
        (field(validate={"minLength": "many"}), "bad-validate"),
        (field(validate={"minLength": 5, "maxLength": 4}), "bad-validate"),
        (field(validate={"validationType": "iban"}), "bad-validate"),
        (field(validate={"pattern": "a{"}), None),
        (field(validate={"pattern": "[a"}), "bad-pattern"),
        (field(validate={"pattern": r"(a)\1"}), "bad-pattern"),
        (field(validate={"pattern": "a" * 2_000}), "bad-pattern"),
        (field(type="number", decimalDigits=1.5), "bad-validate"),
        (field(type="number", defaultValue="x"), "bad-default"),
        (field(type="number", defaultValue="5"), None),
        (field(type="checkbox", defaultValue="true"), "bad-default"),
        (field(type="select"), "no-values"),
        (field(type="select", values=[]), "no-values"),
        (field(type="select", values=[{"label": "x"}, {"value": "y"}]), "bad-values"),
        (field(type="select", values=["y", {"value": "y"}]), "bad-values"),
        (field(type="select", values=[{"value": 1}, {"value": True}]), None),
        (field(type="radio", values=[{"value": "y"}], defaultValue="z"), "bad-default"),
        (field(type="select", valuesExpression="=["), "bad-feel"),
        (field(type="select", valuesKey=3), "bad-values"),
        (field(type="datetime", subtype="week"), "bad-attribute"),
        (field(type="expression"), "bad-feel"),
        (field(type="expression", expression="=a + 1"), "bad-feel"),
        ({"type": "dynamiclist", "components": []}, "no-key"),
        ({"type": "group"}, "no-components"),
        ({"type": "group", "path": 3, "components": []}, "no-key"),
    ],
)
def test_faults_of_one_component(component: dict[str, Any], code: str | None) -> None:
    if code is None:
        assert read_form(document(component), "f.form").findings == ()
    else:
        assert code in codes(component)


def test_keys_are_unique_within_their_scope() -> None:
    assert codes(field(), field()) == ["duplicate-key"]
    assert codes(field(key="g.a"), {"type": "group", "path": "g", "components": [field()]}) == ["duplicate-key"]
    assert codes(field(), field(key="a.b")) == ["key-conflict"]
    assert codes({"type": "dynamiclist", "path": "l", "components": [field(), field()]}) == ["duplicate-key"]
    assert read_form(document(field(), {"type": "dynamiclist", "path": "l", "components": [field()]}), "f").keys == (("a",), ("l",))


def test_component_ids_are_unique() -> None:
    assert codes(field(id="x"), field(id="x", key="b")) == ["duplicate-id"]


def test_warnings_do_not_refuse() -> None:
    form = read_form(
        document(field(readonly=True, validate={"required": True}), {"type": "text", "properties": {"requiredWhen": "x"}}), "f.form"
    )
    assert [(finding.code, finding.severity) for finding in form.findings] == [
        ("required-read-only", "warning"),
        ("rules-ignored", "warning"),
    ]


def test_limits() -> None:
    assert "too-many-components" in codes(*(field(key=f"k{index}") for index in range(1_001)))
    nested: dict[str, Any] = field()
    for _ in range(12):
        nested = {"type": "group", "components": [nested]}
    assert "too-deep" in codes(nested)
    nested = field()
    for _ in range(4):
        nested = {"type": "dynamiclist", "path": "l", "components": [nested]}
    assert "too-deep" in codes(nested)
