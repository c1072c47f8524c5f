"""What a disagreement is about: the kinds of values that take part, and how the two answers part."""

import re
from collections.abc import Iterator
from decimal import Decimal

from conformance.feelin.disagreement import Disagreement
from conformance.feelin.wire import Tagged, same

DURATIONS = {"years and months duration", "days and time duration"}
_UNORDERED = {"boolean", "context", "function", "null"}
_REFERENCES = {"date", "time", "date and time", "list", "context", "range", *DURATIONS}
_ZONE = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d|@.+)$")


def within(value: Tagged) -> Iterator[Tagged]:
    """A value and all it holds."""
    yield value
    match value[0]:
        case "list":
            for item in value[1]:
                yield from within(item)
        case "context":
            for _, item in value[1]:
                yield from within(item)
        case "range":
            yield from within(value[1][0])
            yield from within(value[1][1])


def asked(found: Disagreement) -> list[Tagged]:
    """The operands and what is tested, with all they hold."""
    tops = [*found.operands, *([] if found.tested is None else [found.tested])]
    return [value for top in tops for value in within(top)]


def types_of(found: Disagreement) -> set[str]:
    return {value[0] for value in asked(found)}


def zones_of(found: Disagreement) -> set[str]:
    """The offsets and zones that take part, "" of a local time."""
    times = [value[1] for value in asked(found) if value[0] in ("time", "date and time")]
    return {match[1] if (match := _ZONE.search(text)) else "" for text in times}


def beyond_floats(value: Tagged) -> bool:
    return any(part[0] == "number" and part[1] in ("NaN", "Infinity", "-Infinity") for part in within(value))


def has_duration(found: Disagreement) -> bool:
    return bool(types_of(found) & DURATIONS)


def mixed_zones(found: Disagreement) -> bool:
    """A local time beside one with a zone; a date counts as UTC where it is subtracted."""
    zones = zones_of(found) | ({"Z"} if "date" in types_of(found) and " - " in found.template else set())
    return "" in zones and len(zones) > 1


def undefined_on_moments(found: Disagreement) -> bool:
    """Arithmetic that the standard does not define: on unlike kinds, or on times and months."""
    tags = types_of(found)
    return (
        beyond_floats(found.theirs)
        or tags == {"time", "years and months duration"}
        or tags == {"time", "date"}
        or tags == {"time", "date and time"}
    )


def unordered(found: Disagreement) -> bool:
    """Values of different types, or of one that has no order."""
    tags = types_of(found)
    tops = (
        {value[0] for value in (*found.operands, found.tested or ["null"])} if re.search(r"[<>]| between |\.\.", found.template) else set()
    )
    return len(tags - {"list", "range"}) > 1 or bool(tags & _UNORDERED) or bool(tops & {"list", "range"})


def cannot_be_told(found: Disagreement) -> bool:
    """feelin says false, or true of the negation, where a null or another type was tested."""
    if found.tested is None or found.theirs[1] is not found.template.startswith("not("):
        return False
    unlike = found.tested[0] not in {value[0] for value in found.operands}
    return found.tested == ["null"] or unlike or bool(found.faults & {"NOT_COMPARABLE", "INVALID_TYPE"})


def selects_more(found: Disagreement) -> bool:
    return found.ours[0] == "null" or found.theirs[0] != "list" or len(found.theirs[1]) > len(found.ours[1])


def without_null_and_false(found: Disagreement) -> bool:
    kept = [item for item in found.ours[1] if item not in (["null"], ["boolean", False])]
    return len(kept) < len(found.ours[1]) and same(["list", kept], found.theirs)


def of_text_or_time(found: Disagreement) -> bool:
    tags = {value[0] for value in found.operands}
    return "string" in tags or ("$number" in found.template and bool(tags & {"date", "time", "date and time"}))


def zone_of_a_time(found: Disagreement) -> bool:
    times = [value for value in asked(found) if value[0] == "time"]
    return len(times) > 1 and any("@" in value[1] for value in times)


def is_negative(value: Tagged) -> bool:
    return value[0] == "number" and Decimal(value[1]) < 0


def _before(left: Tagged, right: Tagged) -> bool:
    if left[0] in {"number", *DURATIONS}:
        return Decimal(left[1]) < Decimal(right[1])
    return str(left[1]) < str(right[1])


def inverted(found: Disagreement) -> bool:
    """A range whose end lies before its start, of numbers, durations, texts or local moments."""
    ends = [value[1][:2] for value in asked(found) if value[0] == "range"] + [found.operands[-2:]]
    ordered = [pair for pair in ends if len(pair) == 2 and pair[0][0] == pair[1][0] and pair[0][0] not in _UNORDERED]
    return any(_before(high, low) for low, high in ordered) or (bool(ordered) and bool(zones_of(found) - {""}))


def is_short(value: Tagged) -> bool:
    return value[0] == "list" and len(value[1]) < 2


def short_list(found: Disagreement) -> bool:
    if found.ours[0] == "list":
        return len(found.theirs[1]) < len(found.ours[1]) and any(map(is_short, found.ours[1]))
    tops = (*found.operands, found.tested or ["null"])
    return any(map(is_short, tops)) and any(value[0] != "list" for value in tops)


def compared_by_reference(found: Disagreement) -> bool:
    """feelin finds fewer equals where values are objects of JavaScript."""
    sought = found.operands[-1] if found.tested is None else found.tested
    listed = found.tested is None or found.template.startswith("[") or "list" in {value[0] for value in found.operands}
    if found.ours[0] == "list":
        return sought[0] in _REFERENCES and len(found.theirs[1]) < len(found.ours[1])
    positive = not found.template.startswith("not(")
    return listed and sought[0] in _REFERENCES and found.ours == ["boolean", positive] and found.theirs == ["boolean", not positive]


def ranges_or_names_with_blanks(found: Disagreement) -> bool:
    names = [name for value in asked(found) if value[0] == "context" for name, _ in value[1]]
    return "range" in types_of(found) or any(not re.fullmatch(r"\w+", name, re.ASCII) for name in names)


def ordered_as_texts(found: Disagreement) -> bool:
    """Numbers whose texts have another order, or (of `mode`) the same numbers in another order."""
    if found.ours[0] == found.theirs[0] == "list":
        ours, theirs = (sorted(answer[1], key=lambda item: Decimal(item[1])) for answer in (found.ours, found.theirs))
        return same(["list", ours], ["list", theirs])
    numbers = [value[1] for value in asked(found) if value[0] == "number"]
    return sorted(numbers) != sorted(numbers, key=Decimal)


def fraction_of_a_second(found: Disagreement) -> bool:
    return any(value[0] in ("time", "date and time") and re.search(r":\d\d\.\d", value[1]) for value in asked(found))


def has_fractional_position(found: Disagreement) -> bool:
    return any(value[0] == "number" and Decimal(value[1]) % 1 != 0 for value in found.operands)
