"""When a recusal bars a person, and who decides it."""

from dataclasses import replace

import pytest

from service.domain.errors import Conflict, Forbidden
from service.domain.recusal import (
    DECLARED,
    GROUNDS,
    LIFTED,
    ORDERED,
    REFUSED,
    STATES,
    WITNESS,
    Recusal,
    Recused,
    recusal_of,
    require_can_be_decided,
)
from service.domain.subject import Named

ONE = Recusal("r1", "zhang", "K-1", None, None, WITNESS, None, False, DECLARED, "2026-03-01", "2026-03-31", 0, "zhang")


@pytest.mark.parametrize(
    ("state", "day", "bars"),
    [
        (DECLARED, "2026-02-28", False),
        (DECLARED, "2026-03-01", True),
        (ORDERED, "2026-03-31", True),
        (ORDERED, "2026-04-01", False),
        (REFUSED, "2026-03-15", False),
        (LIFTED, "2026-03-15", False),
    ],
)
def test_a_recusal_bars_while_it_is_declared_or_ordered_from_its_first_to_its_last_day(state: str, day: str, bars: bool) -> None:
    assert replace(ONE, state=state).in_force(day) is bars
    assert replace(ONE, state=state, ends_on=None).in_force("2030-01-01") is (state in (DECLARED, ORDERED))


@pytest.mark.parametrize(
    ("about", "named", "expected"),
    [
        (("K-1", None, None), ("K-1", "M-1"), True),
        (("K-1", None, None), ("K-2", "M-1"), False),
        (("K-1", "M-1", None), ("K-1", "M-1"), True),
        (("K-1", "M-1", None), ("K-1", None), False),
        ((None, "M-1", None), (None, "M-1"), True),
        ((None, None, "case"), (None, None), True),
        ((None, None, "other"), ("K-1", "M-1"), False),
    ],
)
def test_a_recusal_is_about_all_that_it_names(
    about: tuple[str | None, str | None, str | None], named: tuple[str | None, str | None], expected: bool
) -> None:
    subject, matter, instance = about
    one = replace(ONE, subject_id=subject, matter_id=matter, process_instance_id=instance)

    assert one.is_about("case", Named(*named)) is expected


def test_of_several_the_ordered_one_is_named() -> None:
    ordered = replace(ONE, id="r2", state=ORDERED)
    others = replace(ONE, id="r0", user_id="li", state=ORDERED)

    assert recusal_of("zhang", [ONE, others, ordered], "2026-03-10") == ordered
    assert recusal_of("wang", [ONE, others, ordered], "2026-03-10") is None
    assert recusal_of("zhang", [replace(ONE, state=LIFTED)], "2026-03-10") is None


def test_the_refusal_names_ground_and_law() -> None:
    refused = Recused(ONE)

    assert refused.code == "recused"
    assert GROUNDS[WITNESS].name in refused.message
    assert "政务处分法 §47" in refused.message


def test_the_heads_recusal_is_the_superiors_to_decide() -> None:
    assert (ONE.decider, replace(ONE, of_head=True).decider) == ("HEAD", "SUPERIOR")


@pytest.mark.parametrize("decision", [ORDERED, REFUSED, LIFTED])
@pytest.mark.parametrize("state", STATES)
def test_a_decision_follows_on_one_state_only(decision: str, state: str) -> None:
    recusal = replace(ONE, state=state)
    if (state, decision) in ((DECLARED, ORDERED), (DECLARED, REFUSED), (ORDERED, LIFTED)):
        require_can_be_decided(recusal, decision, "head")
        with pytest.raises(Forbidden, match="政务处分法 §48") as own:
            require_can_be_decided(recusal, decision, "zhang")
        assert own.value.code == "own-recusal"
    else:
        with pytest.raises(Conflict) as refused:
            require_can_be_decided(recusal, decision, "head")
        assert refused.value.code == "recusal-decided"
