"""The chain shows every change, gap and truncation."""

from dataclasses import replace
from decimal import Decimal

import pytest

from service.domain.audit import GENESIS, AuditChain, AuditEvent, verify_stream


def chain_of(count: int) -> tuple[AuditChain, list[AuditEvent]]:
    chain = AuditChain("case-1")
    return chain, [chain.append(1_000 + n, "zhang", "task.completed", {"n": Decimal(n), "文": "字"}) for n in range(count)]


def test_a_chain_as_written_holds() -> None:
    chain, events = chain_of(5)

    assert events[0].previous == GENESIS
    assert [event.previous for event in events[1:]] == [event.hash for event in events[:-1]]
    assert verify_stream("case-1", events, chain.seq, chain.head) is None
    assert verify_stream("empty", [], 0, GENESIS) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": 999},
        {"actor": "li"},
        {"kind": "task.claimed"},
        {"payload": {"n": Decimal("2.0"), "文": "字"}},
        {"previous": GENESIS},
        {"hash": "f" * 64},
    ],
)
def test_a_changed_event_is_named(change: dict[str, object]) -> None:
    chain, events = chain_of(5)
    events[2] = replace(events[2], **change)  # type: ignore[arg-type]

    broken = verify_stream("case-1", events, chain.seq, chain.head)

    assert broken is not None
    assert (broken.seq, broken.reason) == (3, "altered")


def test_a_removed_event_is_named() -> None:
    chain, events = chain_of(5)
    del events[2]

    broken = verify_stream("case-1", events, chain.seq, chain.head)

    assert broken is not None
    assert (broken.seq, broken.reason) == (3, "missing")


def test_a_truncated_end_is_named() -> None:
    chain, events = chain_of(5)

    broken = verify_stream("case-1", events[:3], chain.seq, chain.head)

    assert broken is not None
    assert (broken.seq, broken.reason) == (4, "truncated")


def test_a_rewritten_end_does_not_fit_the_head() -> None:
    chain, events = chain_of(5)
    other, rewritten = chain_of(4)
    rewritten.append(other.append(5_000, "li", "task.completed", {}))

    broken = verify_stream("case-1", rewritten, chain.seq, chain.head)

    assert broken is not None
    assert (broken.seq, broken.reason) == (5, "head-mismatch")
    assert events[-1].hash != rewritten[-1].hash


def test_events_of_another_stream_do_not_fit() -> None:
    chain, events = chain_of(2)

    broken = verify_stream("case-2", events, chain.seq, chain.head)

    assert broken is not None
    assert broken.reason == "altered"
