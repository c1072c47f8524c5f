"""Numbers of GB/T 2260 are read by pairs, never by digits: the 0 of 50 or 10 is no emptiness."""

import pytest

from service.domain.divisions import lies_in


@pytest.mark.parametrize(
    ("code", "above", "lies"),
    [
        ("420300", "420000", True),  # 十堰 in 湖北
        ("429004", "420000", True),  # 仙桃, a county straight below 湖北
        ("420381", "420300", True),  # 丹江口 in 十堰
        ("420381", "420000", True),
        ("500105", "500000", True),  # a district of 重庆, no prefecture between
        ("510100", "500000", False),  # 成都 is not in 重庆
        ("431002", "431000", True),  # 北湖 in 郴州
        ("431102", "431000", False),  # 零陵 is 永州's
        ("420000", "420300", False),
        ("420300", "420300", False),  # not in itself
        ("321323", "321300", True),
        ("321323", "321322", False),  # a county has nothing in it
    ],
)
def test_a_place_lies_in_the_one_whose_pairs_it_begins_with(code: str, above: str, lies: bool) -> None:
    assert lies_in(code, above) is lies
