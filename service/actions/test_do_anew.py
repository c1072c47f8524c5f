"""How often what was overtaken is done again."""

import pytest

from service.actions.do_anew import ATTEMPTS, until_not_overtaken
from service.domain.errors import Conflict, Overtaken


@pytest.mark.parametrize("overtaken", [0, 1, ATTEMPTS - 1])
def test_it_is_done_anew_until_nobody_overtakes_it(overtaken: int) -> None:
    errors: list[Exception] = [Overtaken() for _ in range(overtaken)]
    begun = []

    def attempt() -> str:
        begun.append(1)
        if errors:
            raise errors.pop()
        return "done"

    assert (until_not_overtaken(attempt), len(begun)) == ("done", overtaken + 1)


@pytest.mark.parametrize(("error", "attempts"), [(Overtaken(), ATTEMPTS), (Conflict("another conflict", "stale"), 1)])
def test_at_last_the_caller_is_told_and_other_conflicts_at_once(error: Conflict, attempts: int) -> None:
    begun = []

    def attempt() -> None:
        begun.append(1)
        raise error

    with pytest.raises(Conflict) as raised:
        until_not_overtaken(attempt)
    assert (raised.value, raised.value.code, len(begun)) == (error, "stale", attempts)
