"""The page of the vocabulary has every fact and value with its meaning in both languages, in the words that the forms use."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.pages.fact_words import ENGLISH, TYPES, VALUES
from service.pages.vocabulary import PAGE, facts_in, types_in, vocabulary_of

ROOT = Path(__file__).parents[2]
FACTS = {fact.name: fact for fact in facts_in(ROOT)}


def choices(component: Any) -> Iterator[tuple[str, str, str]]:
    """(fact, value, label) of all choices of a form."""
    if isinstance(component, dict):
        key = component.get("key")
        if isinstance(key, str) and key.startswith("facts."):
            yield from ((key.removeprefix("facts."), choice["value"], choice["label"]) for choice in component.get("values", []))
        yield from (found for inner in component.values() for found in choices(inner))
    elif isinstance(component, list):
        yield from (found for inner in component for found in choices(inner))


def test_every_fact_and_value_has_its_words_and_there_are_no_others() -> None:
    assert len(FACTS) > 80
    assert ENGLISH.keys() == FACTS.keys()
    assert {name: set(words) for name, words in VALUES.items()} == {name: set(fact.values) for name, fact in FACTS.items() if fact.values}
    assert {name: set(words) for name, words in TYPES.items()} == {name: set(values) for name, values in types_in(ROOT).items()}
    assert all(fact.meaning for fact in FACTS.values())


def test_the_page_shows_them() -> None:
    page = vocabulary_of(ROOT)[PAGE]
    for name, fact in FACTS.items():
        assert f"| `{name}` | {fact.meaning} | {ENGLISH[name]} | `{fact.type}`" in page
    assert "`PROCEDURAL_FLAW` 程序瑕疵 flaw of procedure" in page
    assert "| `organsInvolved` | 涉及机关数 | number of organs involved | `number` `>= 0` |" in page


def test_the_words_are_those_of_the_forms() -> None:
    forms = [json.loads(path.read_bytes()) for path in sorted((ROOT / "bpmn" / "common").glob("*.form"))]
    shown = {found for form in forms for found in choices(form) if found[0] in VALUES}
    assert len(shown) > 50
    assert [
        found for found in sorted(shown) if VALUES[found[0]][found[1]][0] != found[2] and found[0] not in ("riskFiling", "untrue")
    ] == []


def test_a_tree_without_a_vocabulary_has_no_page(tmp_path: Path) -> None:
    assert vocabulary_of(tmp_path) == {}
