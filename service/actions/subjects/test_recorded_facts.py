"""Declarations of facts across cases: what is refused, and the question that a key makes of them."""

from datetime import datetime
from decimal import Decimal

import pytest

from service.actions.deadlines.time_limits import ZONE
from service.actions.subjects.recorded_facts import fault_of_fact, key_parts, question_of, targets_of
from service.domain.json_values import Json
from service.domain.recorded_fact import RecordedQuestion

LETTERS: dict[str, Json] = {
    "of": "activities",
    "elements": ["siyang_clue_triage/inquire", "ask"],
    "same": "subjectId",
    "months": Decimal(12),
    "basis": "rule",
    "source": "S1",
}
TOLERATED: dict[str, Json] = {
    "of": "instances",
    "where": {"decision.outcome": ["EXEMPT", "REDUCE"], "urgent": True},
    "processes": ["*_tolerance", "east_case"],
    "same": ["subjectId", "advice.reasonRule"],
    "months": Decimal(36),
    "at": "decision.decidedOn",
    "values": {"outcome": "decision.outcome"},
    "basis": "default",
}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


@pytest.mark.parametrize("entry", [LETTERS, TOLERATED, {"of": "instances", "same": "unitId", "through": "unit", "basis": "law"}])
def test_a_declaration_that_can_be_asked(entry: Json) -> None:
    assert fault_of_fact(entry) is None


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("letters", "a mapping"),
        (LETTERS | {"of": "tasks"}, "instances or activities"),
        (LETTERS | {"of": ["instances"]}, "instances or activities"),
        (LETTERS | {"month": 12}, "no 'month'"),
        (LETTERS | {"basis": "hearsay"}, "basis"),
        (LETTERS | {"same": "a..b"}, "same"),
        (TOLERATED | {"supersededBy": ["a", "b"]}, "supersededBy"),
        (LETTERS | {"same": "a.b.c.d.e"}, "same"),
        (LETTERS | {"same": []}, "same"),
        ({key: value for key, value in LETTERS.items() if key != "same"}, "same"),
        (LETTERS | {"through": "branch"}, "through"),
        (LETTERS | {"state": "open"}, "state of activities"),
        (TOLERATED | {"state": "active"}, "state of instances"),
        (LETTERS | {"elements": []}, "elements"),
        ({key: value for key, value in LETTERS.items() if key != "elements"}, "need elements"),
        (TOLERATED | {"elements": ["ask"]}, "belongs to activities"),
        (LETTERS | {"at": "startedAt"}, "belong to instances"),
        (LETTERS | {"processes": ["hubei_tolerance"]}, "belong to instances"),
        (TOLERATED | {"processes": "hubei_tolerance"}, "list of ids"),
        (TOLERATED | {"processes": ["hubei_tolerance", "hubei_*"]}, "named in full"),
        (LETTERS | {"months": Decimal("1.5")}, "months"),
        (LETTERS | {"months": 0}, "months"),
        (LETTERS | {"months": True}, "months"),
        (LETTERS | {"calendarYear": True}, "exclude"),
        (TOLERATED | {"calendarYear": False, "months": None}, "calendarYear"),
        (TOLERATED | {"at": 3}, "at must"),
        (TOLERATED | {"where": {"decision.outcome": None}}, "where"),
        (TOLERATED | {"where": None}, "where"),
        (TOLERATED | {"values": ["decision.outcome"]}, "values"),
        (TOLERATED | {"ownCase": True}, "belongs to activities"),
        (LETTERS | {"ownCase": False}, "ownCase must"),
    ],
)
def test_a_declaration_that_cannot_be_asked_is_told_why(entry: Json, fault: str) -> None:
    assert fault in str(fault_of_fact(entry))


def test_a_window_of_months_begins_the_day_after_the_same_day() -> None:
    question = question_of(LETTERS, ("K1",), at("2026-11-21T10:00"), "asking")

    assert question == RecordedQuestion(
        of="activities",
        same=(("subjectId", "K1"),),
        elements=(("siyang_clue_triage", "inquire"), (None, "ask")),
        state="completed",
        since=at("2025-11-22T00:00"),
        asking="asking",
    )


def test_what_was_done_in_the_case_that_asks_counts_where_that_is_declared() -> None:
    entry = LETTERS | {"ownCase": True}

    assert fault_of_fact(entry) is None
    assert question_of(entry, ("K1",), at("2026-11-21T10:00"), "asking").asking is None


@pytest.mark.parametrize(
    ("months", "today", "first"),
    [(1, "2026-03-31", "2026-03-01"), (12, "2024-02-29", "2023-03-01"), (36, "2026-01-01", "2023-01-02")],
)
def test_months_of_different_lengths(months: int, today: str, first: str) -> None:
    assert question_of(LETTERS | {"months": months}, ("K1",), at(f"{today}T00:30")).since == at(f"{first}T00:00")


def test_what_was_superseded_is_left_out_by_the_path_that_names_it() -> None:
    assert question_of(TOLERATED | {"supersededBy": "supersedes"}, ("K1", "E3"), at("2026-01-01T00:30")).superseded_by == "supersedes"
    assert question_of(TOLERATED, ("K1", "E3"), at("2026-01-01T00:30")).superseded_by is None


def test_a_calendar_year_begins_in_january_in_our_time_zone() -> None:
    entry = {key: value for key, value in TOLERATED.items() if key != "months"} | {"calendarYear": True}

    question = question_of(entry, ("K1", "E3"), at("2026-01-01T00:30"))

    assert question.since == at("2026-01-01T00:00")
    assert question.where == (("decision.outcome", ("EXEMPT", "REDUCE")), ("urgent", (True,)))
    assert question.same == (("subjectId", "K1"), ("advice.reasonRule", "E3"))


def test_what_a_fact_names_in_full() -> None:
    assert targets_of(LETTERS) == [("siyang_clue_triage", "inquire")]
    assert targets_of(TOLERATED) == [("east_case", None)]


@pytest.mark.parametrize(
    ("entry", "key", "parts"),
    [
        (LETTERS, "K1", ("K1",)),
        (LETTERS, None, (None,)),
        (LETTERS, ["K1"], ("K1",)),
        (LETTERS, ["K1", "K2"], None),
        (LETTERS, {"id": "K1"}, None),
        (TOLERATED, ["K1", None], ("K1", None)),
        (TOLERATED, None, (None, None)),
        (TOLERATED, "K1", None),
        (LETTERS | {"through": "unit"}, Decimal(1), None),
    ],
)
def test_the_parts_of_a_key(entry: dict[str, Json], key: Json, parts: tuple[Json, ...] | None) -> None:
    assert key_parts(entry, key) == parts
