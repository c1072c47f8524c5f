"""Outputs that are, or are computed from, what is not known, and contexts that may be null as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable

from service.dmn import Model
from service.dmn.prospects import OpenInput, Prospects, prospects

Read = Callable[[str], Model]

_SPAN = """<itemDefinition name="tSpan"><itemComponent name="from"><typeRef>date</typeRef></itemComponent>
<itemComponent name="long"><typeRef>boolean</typeRef></itemComponent></itemDefinition>
<inputData id="span" name="span"><variable name="span" typeRef="tSpan"/></inputData>
<decision id="d" name="d"><informationRequirement><requiredInput href="#span"/></informationRequirement>
<literalExpression><text>{}</text></literalExpression></decision>"""


def _open(answer: Prospects, *path: str) -> OpenInput:
    return next(found for found in answer.open_inputs if found.path == path)


def test_a_context_that_may_be_null_counts_where_that_makes_a_difference(read: Read) -> None:
    answer = prospects(read(_SPAN.format("if span = null then 1 else if span.long = null and span.from = null then 2 else 3")), "d", {})

    assert answer.complete
    assert [row["d"] for row in (row for outcome in answer.outcomes for row in outcome.rows)] == [3, 2, 1]
    whole = {part.test: part.outcomes for part in _open(answer, "span").distinctions}
    assert whole == {"null": (2,), "not(null)": (0, 1)}
    assert {part.test: part.outcomes for part in _open(answer, "span", "long").distinctions} == {"null": (0, 1, 2), "not(null)": (0,)}


def test_a_context_that_may_be_null_is_not_asked_for_where_its_entries_tell(read: Read) -> None:
    answer = prospects(read(_SPAN.format("if span = null then null else get value(span, &quot;long&quot;)")), "d", {})

    assert answer.complete
    assert [found.path for found in answer.open_inputs] == [("span", "long")]
    assert answer.irrelevant == (("span", "from"),)


def test_what_is_computed_from_a_date_says_from_which(read: Read) -> None:
    text = "{months: 6, begin: span.from, end: span.from + duration(&quot;P6M&quot;)}"
    answer = prospects(read(_SPAN.replace("{}", text)), "d", {})

    assert not answer.complete
    assert answer.reasons == ("an output is computed from span.from",)
    given = next(outcome for outcome in answer.record()["outcomes"] if outcome["open"])
    assert (given["outputs"]["months"], given["open"]) == (6, ["begin", "end"])
    assert given["origins"] == [
        {"row": 0, "output": "begin", "paths": [["span", "from"]], "test": "not(null)"},
        {"row": 0, "output": "end", "paths": [["span", "from"]], "test": None},
    ]
    assert not prospects(read(_SPAN.format("span.from")), "d", {"span": {"long": True}}).settled


def test_a_list_of_many_possible_rows_is_left_open_at_once(read: Read) -> None:
    names = [f"x{number}" for number in range(30)]
    data = "".join(f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="boolean"/></inputData>' for name in names)
    needs = "".join(f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>' for name in names)
    lists = ", ".join(f"if {name} then [&quot;{name}&quot;] else []" for name in names)
    source = f'{data}<decision id="d" name="d">{needs}<literalExpression><text>concatenate({lists})</text></literalExpression></decision>'
    started = time.process_time()

    answer = prospects(read(source), "d", {})

    assert time.process_time() - started < 2
    assert (answer.complete, answer.reasons) == (False, ("more than 200 outcomes are possible",))
    assert len(answer.open_inputs) == 30
