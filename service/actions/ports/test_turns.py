"""One turn at a time; a few wait, the next one is told at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from service.actions.ports.turns import Turns
from service.domain.errors import Unavailable


@contextmanager
def taken(turns: Turns, others: ThreadPoolExecutor) -> Iterator[Event]:
    """The turn is had in another thread until the end, or until the event is set."""
    begun, over = Event(), Event()

    def have_it() -> None:
        with turns.turn():
            begun.set()
            over.wait(20)

    had = others.submit(have_it)
    assert begun.wait(20)
    try:
        yield over
    finally:
        over.set()
        had.result(20)


def test_beyond_those_who_may_wait_one_is_told_at_once() -> None:
    turns, came = Turns(waiting=2, wait_s=3_600), list[int]()

    def come(number: int) -> None:
        with turns.turn():
            came.append(number)

    with ThreadPoolExecutor(4) as others, taken(turns, others) as over:
        waiting = [others.submit(come, number) for number in range(2)]
        while turns._places._value:  # both have come
            time.sleep(0.001)
        with pytest.raises(Unavailable) as refused:
            come(9)
        assert refused.value.code == "documents-busy"
        assert came == []
        over.set()
        for one in waiting:
            one.result(20)
        come(3)

    assert sorted(came) == [0, 1, 3]


def test_one_who_waited_too_long_is_told_and_leaves_the_place_to_others() -> None:
    turns = Turns(waiting=1, wait_s=0.01)

    with ThreadPoolExecutor(1) as others, taken(turns, others):
        for _ in range(3):
            with pytest.raises(Unavailable, match=r"0\.01 seconds"), turns.turn():
                raise AssertionError("it is somebody else's turn")

    with turns.turn(), pytest.raises(Unavailable), turns.turn():
        raise AssertionError("it is taken")


def test_a_turn_that_failed_is_over() -> None:
    turns = Turns(waiting=0)
    for _ in range(2):
        with pytest.raises(RuntimeError), turns.turn():
            raise RuntimeError
