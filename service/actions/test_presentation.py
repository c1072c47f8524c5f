"""Values as the API shows them."""

import pytest

from service.actions.presentation import timestamp


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_795_150_800_007, "2026-11-20T05:00:00.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-56_014_036_231_000, "0194-12-26T09:29:29.000Z"),
    ],
)
def test_a_moment_is_told_with_four_digits_of_its_year(milliseconds: int, text: str) -> None:
    assert timestamp(milliseconds) == text
