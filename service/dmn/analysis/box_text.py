"""Sets of values as unary tests a designer may paste into a cell."""

from __future__ import annotations

from collections.abc import Iterator

from service.dmn.analysis.lines import Key, Line
from service.dmn.analysis.regions import Mask, Partition, ValueClass, bits
from service.feel.temporal import NANOS


def cell_text(partition: Partition, mask: Mask, domain: Mask) -> str:
    """The values of `mask`, a part of `domain`, as the text of a cell; `-` for all of it.

    Where `domain` leaves null out, the text may or may not include it.
    """
    if mask == domain:
        return "-"
    null_counts = bool(domain & partition.null)
    values = mask & ~partition.null
    null = ["null"] if mask & partition.null else []
    everything = domain & ~partition.null
    if values == everything:
        return "not(null)"
    missing = _listed(partition, everything & ~values)
    listed = _listed(partition, values)
    if missing is not None and (_has_intervals(partition, values) or (listed is not None and len(missing) * 2 < len(listed))):
        return f"not({', '.join([*missing, *(['null'] if null_counts and not null else [])])})"
    if listed is None or _has_intervals(partition, everything):
        return ", ".join([*null, *_intervals(partition, values, everything)])
    return ", ".join([*null, *listed])


def _has_intervals(partition: Partition, mask: Mask) -> bool:
    return any(not found.single for found in _classes(partition, mask))


def _classes(partition: Partition, mask: Mask) -> Iterator[ValueClass]:
    for index in bits(mask):
        found = partition.classes[index]
        if found is not None:
            yield found


def _listed(partition: Partition, mask: Mask) -> list[str] | None:
    """The values as literals; None when they cannot be listed, as intervals and times, of which equality sees seconds only."""
    found = list(_classes(partition, mask))
    if any(not value.single or value.line.blurred for value in found) or len(partition.lines) > 1:
        return None
    return [value.line.text(value.low) for value in found]


def _intervals(partition: Partition, mask: Mask, domain: Mask) -> Iterator[str]:
    """Runs of neighbours; classes outside the domain between them do not part them."""
    starts = frozenset(partition.starts)
    run: list[ValueClass] = []
    last = max(bits(domain), default=-1)
    for index in range(last + 2):
        belongs = bool(mask >> index & 1)
        if run and (index in starts or (not belongs and domain >> index & 1) or index > last):
            yield _interval(run[0], run[-1])
            run = []
        found = partition.classes[index] if belongs else None
        if found is not None:
            run.append(found)


def _interval(first: ValueClass, last: ValueClass) -> str:
    line, low, high = first.line, first.low, last.high
    if first is last and first.single and not line.blurred:
        return line.text(low)
    if low is None and high is None and line.bounds is not None:
        return f"[{line.text(line.bounds[0])}..{line.text(line.bounds[1])}]"
    if line.finite is not None:
        return ", ".join(line.text(key) for key in line.finite)
    only = _only_value(line, first, last)
    if only is not None:
        return line.text(only)
    if low is None:
        return f"{'<=' if last.single else '<'} {line.text(high)}"
    if high is None:
        return f"{'>=' if first.single else '>'} {line.text(low)}"
    return f"{'[' if first.single else '('}{line.text(low)}..{line.text(high)}{']' if last.single else ')'}"


def _only_value(line: Line, first: ValueClass, last: ValueClass) -> Key | None:
    """The key of the only value the interval has as a test for equality sees it, if there is such a one."""
    if line.bounds is None or first.low is None or last.high is None:
        return None
    low = first.low if first.single else first.low + 1
    high = last.high if last.single else last.high - 1
    if line.blurred:
        return low if low % NANOS == 0 and high - low == NANOS - 1 else None
    return low if low == high else None
