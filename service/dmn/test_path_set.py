"""What touches what."""

import pytest

from service.dmn import PathSet


@pytest.mark.parametrize(
    ("path", "touched"),
    [(("a",), True), (("a", "b"), True), (("a", "b", "c"), True), (("a", "x"), False), (("c", "d"), True), (("d",), False)],
)
def test_a_path_touches_itself_its_parts_and_what_contains_it(path: tuple[str, ...], touched: bool) -> None:
    assert PathSet([("a", "b"), ("c",)]).touches(path) is touched


def test_nothing_touches_nothing_and_the_empty_path_is_everything() -> None:
    assert not PathSet().touches(())
    assert PathSet([("a",)]).touches(())
    assert PathSet([()]).touches(("a",))
