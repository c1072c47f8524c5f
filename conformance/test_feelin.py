"""service.feel against feelin: generated expressions, and the differences that docs/feelin-differences.md lists."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.feelin.differences import DIFFERENCES, known
from conformance.feelin.disagreement import REFUSED, Disagreement, Engines
from conformance.feelin.expressions import Phrase, cells, chains, generated, phrases, readings
from conformance.feelin.node import NodeProcess, need_packages
from conformance.feelin.templates import CELLS, TEMPLATES, VARIABLES
from conformance.feelin.wire import Tagged, same, shown

DOCUMENT = Path(__file__).parents[1] / "docs" / "feelin-differences.md"
_CODE = r"`((?:[^`])+)`"
_KNOWN_ROW = re.compile(rf"\| ([a-z-]+) \| {_CODE}(?: ← {_CODE})? \| {_CODE} \| {_CODE} \| (10\.[\d.]+) \| (.+) \|")
_OTHER_ROW = re.compile(rf"\| {_CODE} \| {_CODE} \| {_CODE} \| (10\.[\d.]+) \| (.+) \|")
_TESTED = [(kind, name) for kind in CELLS for name in (*VARIABLES[kind], "nothing")]
_CELLS = st.sampled_from(_TESTED).flatmap(lambda tested: st.tuples(cells(tested[0]), st.just(tested[1])))

KNOWN_ROWS = [match.groups() for line in DOCUMENT.read_text("utf-8").splitlines() if (match := _KNOWN_ROW.fullmatch(line))]
OTHER_ROWS = [match.groups() for line in DOCUMENT.read_text("utf-8").splitlines() if (match := _OTHER_ROW.fullmatch(line))]


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    need_packages()
    with NodeProcess("oracle.mjs") as node:
        yield Engines(node)


def unexplained(engines: Engines, phrase: Phrase, tested: str | None = None) -> Disagreement | None:
    found = engines.disagreement(phrase, tested)
    return None if found is None or known(found) else found


@generated
@given(st.sampled_from(sorted(TEMPLATES)).flatmap(phrases))
def test_expressions(engines: Engines, phrase: Phrase) -> None:
    assert unexplained(engines, phrase) is None


@generated
@given(_CELLS)
def test_unary_tests(engines: Engines, cell: tuple[Phrase, str]) -> None:
    phrase, tested = cell

    assert unexplained(engines, phrase, tested) is None


@generated
@given(chains)
def test_precedence(engines: Engines, chain: Phrase) -> None:
    assert engines.disagreement(chain) is None


@pytest.mark.parametrize(("name", "text", "tested", "ours", "theirs", "section", "reason"), KNOWN_ROWS)
def test_a_listed_difference_is_as_listed_and_recognised(
    engines: Engines, name: str, text: str, tested: str | None, ours: str, theirs: str, section: str, reason: str
) -> None:
    text = text.replace(r"\|", "|")

    assert (shown(engines.ours(text, tested)[0]), shown(engines.theirs(text, tested))) == (ours, theirs)
    found = [engines.disagreement(phrase, tested) for phrase in readings(text, tested is not None)]
    assert name in {difference.name for each in found if each is not None and (difference := known(each)) is not None}


@pytest.mark.parametrize(("text", "ours", "theirs", "section", "reason"), OTHER_ROWS)
def test_another_listed_difference_is_as_listed(engines: Engines, text: str, ours: str, theirs: str, section: str, reason: str) -> None:
    said = engines.ours(text)[0], engines.theirs(text)

    assert (shown(said[0]), shown(said[1])) == (ours, theirs)
    assert not same(*said) or ours != theirs


def test_every_difference_that_is_recognised_is_listed() -> None:
    rows = sum(line.startswith("| ") for line in DOCUMENT.read_text("utf-8").splitlines()) - 4

    assert {row[0] for row in KNOWN_ROWS} == {difference.name for difference in DIFFERENCES}
    assert len(KNOWN_ROWS) + len(OTHER_ROWS) == rows


def corrupted(value: Tagged) -> list[Tagged]:
    """Wrong values in place of a right one."""
    others: dict[str, Tagged] = {
        "boolean": ["boolean", value[-1] is False],
        "number": ["number", "123"],
        "string": ["string", "wrong"],
        "list": ["list", [["number", "987"]]],
    }
    return [["null"], others.get(value[0], ["number", "123"])]


@pytest.mark.parametrize(("testing", "excused"), [(False, 0.06), (True, 0.25)])
def test_a_wrong_value_of_ours_is_seldom_taken_for_a_known_difference(engines: Engines, testing: bool, excused: float) -> None:
    seen: list[bool] = []
    one_level = st.sampled_from(sorted(TEMPLATES)).flatmap(lambda kind: phrases(kind, depth=1)).map(lambda phrase: (phrase, None))

    @settings(max_examples=400, derandomize=True, deadline=None, database=None)
    @given(_CELLS if testing else one_level)
    def corrupt(asked: tuple[Phrase, str | None]) -> None:
        phrase, tested = asked
        if engines.disagreement(phrase, tested) is None:
            found = engines.answers(phrase, tested)
            if found.operands and found.ours[0] not in ("null", REFUSED, "function"):
                seen.extend(known(replace(found, ours=wrong)) is None for wrong in corrupted(found.ours))

    corrupt()
    assert len(seen) > 200
    assert seen.count(False) < excused * len(seen)
