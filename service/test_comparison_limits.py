"""Comparing decisions looks at a bounded number of places; where there are more, it says so instead of leaving some out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.actions.decisions.compare_decisions import CompareDecisions, compare_decisions
from service.actions.decisions.given_facts import GivenFacts
from service.actions.deployments.deploy import Deploy, deploy
from service.actions.ports import Services
from service.domain.errors import Invalid
from service.engine import SpiffEngine
from service.moved_clock import ADMIN, Clock, fresh_store

PLACES = {"above": None, "one": "above", "two": "above", "beside": None}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with fresh_store(tmp_path) as store:
        services = Services(store, SpiffEngine(), Clock())
        for place, parent in PLACES.items():
            text = f"id: {place}\nname: {place}\nparent: {parent or 'null'}\n"
            deploy(services, ADMIN, Deploy(place, place, (("jurisdiction.yaml", text.encode()),)))
        yield services


def refusal(services: Services, *places: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        compare_decisions(services, ADMIN, CompareDecisions(GivenFacts({}, {}), jurisdictions=places))
    return [(error.pointer, error.code) for error in refused.value.errors]


@pytest.mark.parametrize("places", [(), ("above",), ("beside", "above")], ids=["every place", "one and those below", "among several"])
def test_more_places_than_are_looked_at_are_refused(services: Services, monkeypatch: pytest.MonkeyPatch, places: tuple[str, ...]) -> None:
    monkeypatch.setattr("service.actions.decisions.compare_decisions.MAX_PLACES", 2)

    assert refusal(services, *places) == [("/jurisdictions", "too-many")]


def test_as_many_places_as_are_looked_at_are_compared(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.actions.decisions.compare_decisions.MAX_PLACES", 3)

    found = compare_decisions(services, ADMIN, CompareDecisions(GivenFacts({}, {}), jurisdictions=("above",)))

    assert [one["decisionKey"] for one in found.decisions] == ["above_outcome", "one_outcome", "two_outcome"]
