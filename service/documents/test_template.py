"""Templates: what they may say, and what they make."""

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from docx import Document

from service.documents import FieldsMissing, PackageRefused, TemplateFault, read_template, render


def template(*paragraphs: str) -> bytes:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def made(source: str, **variables: Any) -> str:
    content = template(source)
    read_template(content)
    return text(render(content, {"variables": variables}))


def test_each_line_of_a_text_is_a_paragraph_of_the_same_style() -> None:
    document = Document()
    document.add_paragraph("要求：{{ variables.demand }}", style="List Bullet")
    held = io.BytesIO()
    document.save(held)

    result = render(held.getvalue(), {"variables": {"demand": "一、补齐手续\r\n二、完善制度\n三、报告"}})

    paragraphs = Document(io.BytesIO(result)).paragraphs
    assert [paragraph.text for paragraph in paragraphs] == ["要求：一、补齐手续", "二、完善制度", "三、报告"]
    assert {paragraph.style.name for paragraph in paragraphs if paragraph.style is not None} == {"List Bullet"}


def test_lines_count_towards_the_size_of_what_is_made() -> None:
    with pytest.raises(TemplateFault, match="characters"):
        made("{{ variables.text }}", text="一\n" * 5000)


def test_a_template_refuses_only_when_it_comes_to_that() -> None:
    source = template("{% if variables.outcome == 'EXEMPT' %}免责{% else %}{{ '只用于免责的决定' | refuse }}{% endif %}")
    read_template(source)

    assert text(render(source, {"variables": {"outcome": "EXEMPT"}})) == "免责"
    with pytest.raises(FieldsMissing) as refused:
        render(source, {"variables": {"outcome": "REDUCE"}})
    assert refused.value.refusals == ("只用于免责的决定",)
    assert refused.value.missing == ()


@pytest.mark.parametrize(
    ("source", "variables", "expected"),
    [
        ("{{ variables.name }}同志", {"name": "黄某"}, "黄某同志"),
        ("{{ variables.sum }}元", {"sum": Decimal("1E+3")}, "1000元"),
        ("{{ variables.sum }}", {"sum": Decimal("12345678901234567890.10")}, "12345678901234567890.10"),
        ("{{ variables.held }}", {"held": True}, "是"),
        ("{{ variables.on | date }}", {"on": "2026-03-01T18:00:00Z"}, "2026年3月2日"),
        ("{{ variables.on | date }}", {"on": "2026-03-01"}, "2026年3月1日"),
        ("{% if variables.a == 'A' %}甲{% else %}乙{% endif %}", {"a": "B"}, "乙"),
        (
            "{% for one in variables.list %}{{ loop.index }}.{{ one.text }};{% endfor %}",
            {"list": [{"text": "甲"}, {"text": "乙"}]},
            "1.甲;2.乙;",
        ),
        ("{{ variables.list | join }}", {"list": ["甲", "乙"]}, "甲、乙"),
        ("{{ variables.none | default('无') }}", {}, "无"),
        ("{{ variables.deep.none | default('无') }}", {}, "无"),
        ("{{ variables.null | default('无') }}", {"null": None}, "无"),
        ("{% if variables.none is defined %}有{% else %}无{% endif %}", {}, "无"),
        ("{{ variables.items }}", {"items": "一个叫 items 的字段"}, "一个叫 items 的字段"),
        ("{{ variables.xml }}", {"xml": "<w:t>&lt;\"'</w:t>"}, "<w:t>&lt;\"'</w:t>"),
        ("{{ variables.odd }}", {"odd": "a\x00b\ud800c"}, "a\ufffdb\ufffdc"),
        ("{{ variables.lines }}", {"lines": "一\n二"}, "一\n二"),
        ("{{ variables.code }}", {"code": "{{ variables.secret }}{% for %}"}, "{{ variables.secret }}{% for %}"),
    ],
)
def test_what_a_template_makes(source: str, variables: dict[str, Any], expected: str) -> None:
    assert made(source, **variables) == expected


def test_codes_are_told_in_the_words_of_the_form() -> None:
    content = template("{{ variables.facts.nature | label }} {{ variables.facts.several | label }} {{ variables.facts.other | label }}")
    labels = {"variables.facts.nature": {"A": "探索性失误"}, "variables.facts.several": {"B": "乙"}}

    rendered = render(content, {"variables": {"facts": {"nature": "A", "several": ["B", "C"], "other": "X"}}}, labels)

    assert text(rendered) == "探索性失误 乙、C X"


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("{{ variables.a }}{{ variables.b.c.d }}{{ task.name }}", ("variables.a", "variables.b.c.d", "task.name")),
        ("{% if variables.a %}x{% endif %}", ("variables.a",)),
        ("{% if variables.a == 'x' %}x{% endif %}", ("variables.a",)),
        ("{% for one in variables.a %}x{% endfor %}", ("variables.a",)),
        ("{% for one in variables.list %}{{ one.name }}{% endfor %}", ("variables.list[0].name",)),
        ("{{ variables.list[3] }}", ("variables.list[3]",)),
        ("{{ variables.null }}", ("variables.null",)),
        ("{{ variables.a | date }}{{ variables.b | label }}{{ variables.c | join }}", ("variables.a", "variables.b", "variables.c")),
    ],
)
def test_all_missing_fields_are_named(source: str, missing: tuple[str, ...]) -> None:
    content = template(source)

    with pytest.raises(FieldsMissing) as refused:
        render(content, {"variables": {"list": [{}], "null": None}})

    assert refused.value.missing == missing


@pytest.mark.parametrize(
    "source",
    ["{{ variables.a }}", "{{ variables.b | date }}", "{% for x in variables.c %}{% endfor %}", "{{ variables.end | date }}"],
)
def test_what_is_no_text_or_date_or_list_is_not_written(source: str) -> None:
    with pytest.raises(FieldsMissing) as refused:
        render(template(source), {"variables": {"a": {"x": 1}, "b": "gestern", "c": "text", "end": "9999-12-31T23:00:00Z"}})

    assert len(refused.value.unfit) == 1


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ variables.__class__ }}",
        "{{ variables['__class__']['__init__'] }}",
        "{{ variables.a.format }}",
        "{{ variables.keys }}",
        "{% for x in variables.list %}{{ x._undefined_name }}{% endfor %}",
    ],
)
def test_attributes_of_python_objects_are_out_of_reach(source: str) -> None:
    with pytest.raises(FieldsMissing):
        render(template(source), {"variables": {"a": "text", "list": [{}]}})


@pytest.mark.parametrize(
    "source",
    [
        "{{ variables.a() }}",
        "{{ range(10) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ variables.a ~ 'b' }}",
        "{{ variables.a | attr('__class__') }}",
        "{{ variables.a | safe }}",
        "{{ variables.a | map('x') }}",
        "{% set x = 1 %}",
        "{% include 'other' %}",
        "{% import 'os' as os %}",
        "{% macro m() %}{% endmacro %}",
        "{% for a in variables.l %}{% for b in variables.l %}{% for c in variables.l %}{% for d in variables.l %}x"
        "{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ unknown.field }}",
        "{{ variables.a",
        "{% if variables.a %}",
        "{{ variables.a is string }}",
        "{{ self }}",
        "{{ variables.a }} }}",
        "{% if variables.a }}",
        "{{ variables." + "a" * 3_000 + " }}",
        "{{ variables.a | date(1) }}",
        "{{ variables.a | label('x') }}",
        "{{ variables.a | length(other=1) }}",
        "{{ variables.a | join(3) }}",
        "{{ variables.a | join(none) }}",
        "{{ variables.a | join('、', 'x') }}",
        "{{ variables.a | default('x', true) }}",
        "{% if variables.a is defined(1) %}{% endif %}",
        pytest.param("{% if variables.a %}" * 60 + "{% endif %}" * 60, id="deep conditions"),
        pytest.param("{% if variables.a %}" * 1_500 + "{% endif %}" * 1_500, id="bottomless conditions"),
        pytest.param("{{ " + "(" * 900 + "variables.a" + ")" * 900 + " }}", id="deep parentheses"),
        pytest.param("{{ variables.a" + " | label" * 60 + " }}", id="many filters"),
        pytest.param("{{" * 100_000, id="tags without end"),
        pytest.param("{{ variables.a }}" * 6_000, id="many tags"),
    ],
)
def test_whatever_is_not_the_language_is_refused_at_deployment(source: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        read_template(template(source))

    assert refused.value.code == "template"


def test_loops_and_what_they_make_are_bounded() -> None:
    nested = template("{% for a in variables.l %}{% for b in variables.l %}{% endfor %}{% endfor %}")
    long = template("{% for a in variables.l %}" + "x" * 1000 + "{% endfor %}")

    with pytest.raises(TemplateFault, match="turn more than"):
        render(nested, {"variables": {"l": [0] * 1000}})
    with pytest.raises(TemplateFault, match="characters"):
        render(long, {"variables": {"l": [0] * 15_000}})


@pytest.mark.parametrize(
    "source",
    [
        "{% if variables.amount > 100 %}x{% endif %}",
        "{{ variables.list | join(variables.number) }}",
        "{{ variables.nested | label }}",
    ],
)
def test_what_does_not_fit_the_data_is_a_fault_of_the_template(source: str) -> None:
    content = template(source)
    read_template(content)

    with pytest.raises(TemplateFault, match="does not fit the data") as refused:
        render(content, {"variables": {"amount": "50", "list": ["a", "b"], "number": 3, "nested": [1]}})

    assert isinstance(refused.value.__cause__, TypeError | AttributeError)


def test_conditions_may_stand_deep_in_one_another() -> None:
    source = "{% if variables.a %}" * 40 + "x" + "{% endif %}" * 40

    assert made(source, a=True) == "x"


def test_a_template_says_which_fields_it_names() -> None:
    found = read_template(
        template("{{ document.number }} {{ variables.facts.nature | label }}", "{% for r in variables.reasons %}{{ r.a }}{% endfor %}")
    )

    assert found.fields == ("document.number", "variables.facts.nature", "variables.reasons")
