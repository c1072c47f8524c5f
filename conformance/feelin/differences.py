"""Where feelin is known to deviate, told apart as narrowly as the values allow; docs/feelin-differences.md says why."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from conformance.feelin.disagreement import REFUSED, Disagreement
from conformance.feelin.traits import (
    asked,
    beyond_floats,
    cannot_be_told,
    compared_by_reference,
    fraction_of_a_second,
    has_duration,
    has_fractional_position,
    inverted,
    is_negative,
    is_short,
    mixed_zones,
    of_text_or_time,
    ordered_as_texts,
    ranges_or_names_with_blanks,
    selects_more,
    short_list,
    types_of,
    undefined_on_moments,
    unordered,
    without_null_and_false,
    zone_of_a_time,
    zones_of,
)


@dataclass(frozen=True)
class Difference:
    """One deviation: the templates it shows in, the types of both answers, and what else must hold."""

    name: str
    templates: str
    ours: str | None = None
    theirs: str | None = None
    """Tags as a regular expression; of feelin's refusal the message."""
    when: Callable[[Disagreement], bool] | None = None
    fault: str | None = None
    """A warning of ours there must be."""

    def recognises(self, found: Disagreement) -> bool:
        """Whether this is it."""
        theirs = found.theirs[1] if found.theirs[0] == REFUSED else found.theirs[0]
        return (
            re.fullmatch(self.templates, found.template) is not None
            and (self.ours is None or re.fullmatch(self.ours, found.ours[0]) is not None)
            and (self.theirs is None or re.match(self.theirs, theirs) is not None)
            and (self.fault is None or any(re.fullmatch(self.fault, fault) for fault in found.faults))
            and (self.when is None or self.when(found))
        )


_DURATION = ".* duration"
_ORDER = r".*([<>]| between | in |\.\.).*|(before|after|overlaps|includes)\(.*"
_POSITIONS = r"(substring|sublist|remove|insert before|list replace)\(.*"
_MISSING = r"(overlaps before|overlaps after|finishes|finished by|during|starts|started by|coincides)\(.*"

DIFFERENCES = (
    Difference(
        "numbers-beyond-floats", r".*", "number|null", "number", lambda found: beyond_floats(found.theirs) and not has_duration(found)
    ),
    Difference("duration-scaling", r"-\$\w+|\$\w+ [*/] \$\w+", f"number|{_DURATION}", "null|number", has_duration),
    Difference("undefined-arithmetic", r"\$\w+ [-+*/] \$\w+", "null", None, undefined_on_moments),
    Difference("date-plus-time-of-day", r"\$\w+ [-+] \$\w+", "date", "date and time"),
    Difference("wall-clock-difference", r"\$\w+ - \$\w+", _DURATION, _DURATION, lambda found: bool(zones_of(found) - {""})),
    Difference("local-against-zoned", _ORDER + r"|\$\w+ - \$\w+", "null", None, mixed_zones),
    Difference("months-keep-days", r"years and months duration\(.*", _DURATION, _DURATION),
    Difference(
        "aggregates-of-numbers-only",
        r"(min|max|sum|mean|median)\(.*",
        None,
        "null",
        lambda found: bool(types_of(found) - {"number", "list"}),
    ),
    Difference("positions-out-of-bounds", _POSITIONS, "null", "string|list", None, "OUT_OF_BOUNDS"),
    Difference("fractional-positions", _POSITIONS + r"|(date|time)\(.*", None, None, has_fractional_position),
    Difference("functions-not-implemented", _MISSING, "boolean", "null|Error: not implemented"),
    Difference("null-endpoints", r".*\.\..*", "null", None, lambda found: ["null"] in asked(found), "INVALID_TYPE"),
    Difference("conditions-not-boolean", r"if .*|sort\(.*|list replace\(.*function.*", None, None, None, "INVALID_TYPE|NOT_COMPARABLE"),
    Difference("conditions-not-boolean", r"(some|every) .*", "null", "boolean"),
    Difference("conditions-not-boolean", r".*\[.*\].*", "list|null", None, selects_more, "INVALID_TYPE|NOT_COMPARABLE"),
    Difference("order-across-types", _ORDER, "null", "boolean", unordered),
    Difference(
        "order-across-types", r"(not\()?\$\w+\)?", "null", "boolean", lambda found: "range" in {value[0] for value in found.operands}
    ),
    Difference("tests-two-valued", r".*", "null", "boolean", cannot_be_told),
    Difference(
        "boolean-cells",
        r"(not\()?\$\w+(, .*)?\)?",
        "boolean|null",
        "boolean",
        lambda found: found.tested is not None and found.tested[0] == "boolean" and "boolean" in {value[0] for value in found.operands},
    ),
    Difference(
        "equality-by-reference",
        r"(list contains|index of)\(.*|\$\w+ in \$\w+|\[\$\w+, \$\w+\]|(not\()?\$\w+\)?",
        None,
        None,
        compared_by_reference,
    ),
    Difference("unbounded-ranges", r"(before|after|overlaps)\(.*", "boolean", "boolean", lambda found: ["null"] in asked(found)),
    Difference("descending-range", r".*(\.\.| between |\$range|\$dayrange).*", "boolean|list", "boolean|list", inverted),
    Difference(
        "short-lists-unwrapped",
        r"(\$\w+|\?) (=|!=|in) .*|is\(.*|(not\()?\$\w+\)?|(union|distinct values)\(.*",
        None,
        "boolean|list",
        short_list,
    ),
    Difference("short-lists-unwrapped", r"\$\w+ (=|!=) \$\w+", "boolean", "null", lambda found: any(map(is_short, found.operands))),
    Difference(
        "lists-among-numbers",
        r"(mode|min|max|sum|mean)\(\$number, .*",
        "null",
        None,
        lambda found: "list" in {value[0] for value in found.operands},
    ),
    Difference(
        "hours-of-clock-changes",
        r"\$\w+ [-+] \$\w+",
        "date and time",
        "date and time",
        lambda found: any("@" in zone for zone in zones_of(found)),
    ),
    Difference("iteration-over-one", r"(for|some|every) .*", "list|boolean", "null"),
    Difference("ranges-without-order", r".*", None, "Error: unsupported range: "),
    Difference("ranges-not-iterated", r".*", None, "Error: unsupported range operation|RangeError: endless iteration"),
    Difference(
        "ranges-not-iterated",
        r"(for|some|every) .*",
        "null",
        "list",
        lambda found: any("." in value[1] for value in asked(found) if value[0] == "number"),
    ),
    Difference("nested-keys", r"context put\(\$context, \[.*"),
    Difference("null-in-a-list-of-lists", r"concatenate\(.*", "null", "list", lambda found: ["null"] in found.operands),
    Difference("text-of-values", r"string\(.*", "string", "string", ranges_or_names_with_blanks),
    Difference("null-filtered", r".*\[.*\].*", "list", "null"),
    Difference("filters-lose-null", r".*\[.*\]", "list", "list", without_null_and_false),
    Difference(
        "union-of-one",
        r"union\(.*",
        "list",
        "TypeError: list is not iterable|list",
        lambda found: any(value[0] != "list" for value in found.operands),
    ),
    Difference("between-null", r".* between .*", "boolean", "null", lambda found: ["null"] in found.operands),
    Difference("offsets-with-fractions", r"time\(.*\$span\)", "null", "time", lambda found: int(found.operands[-1][1]) % 10**9 != 0),
    Difference("zone-without-date", r"\$\w+ (-|=|!=|<|<=|>|>=|in|between) .*|is\(.*", "null", None, zone_of_a_time),
    Difference("in-null", r".* in \$\w+", "boolean", "null", lambda found: found.operands[-1] == ["null"]),
    Difference("list-of-null", r"list contains\(\?.*", "null", "boolean", lambda found: found.tested == ["null"]),
    Difference("lists-in-paths", r".*\.[a-z ]+", "list", "list", lambda found: any(item[0] == "list" for item in found.ours[1])),
    Difference(
        "fractions-in-equality",
        r".*(=| in ).*|is\(.*|(list contains|index of|union|distinct values)\(.*|(not\()?\$\w+.*",
        "boolean|list",
        "boolean|list",
        fraction_of_a_second,
    ),
    Difference("null-as-length", r"(sublist|substring)\(.*", "list|string", "list|string", lambda found: found.operands[-1] == ["null"]),
    Difference(
        "nested-dates-not-parsed",
        r".*",
        None,
        "syntax",
        lambda found: re.search(r"date and time\(.*(date|time)\(.*\)", found.text) is not None,
    ),
    Difference("one-is-no-list", r"\$\w+\[(true|\$\w+)\]", "list", None, lambda found: found.operands[0][0] != "list"),
    Difference("median-and-mode-by-text", r"(mode|median)\(.*", "list|number", "list|number", ordered_as_texts),
    Difference("years-of-six-digits", r"date\(.*", "date", "date", lambda found: found.theirs[1].startswith("-00")),
    Difference("number-of-blank", r"number\(\$string.*", "null", "number", lambda found: not found.operands[0][1].strip()),
    Difference("duration-scaling", r"for i .* return i \* j", "list", "list", has_duration),
    Difference("seconds-lose-fractions", r"time\(.*1\.5\)", "time", "time"),
    Difference("lenient-texts", r"(time|date)\(.*", "null", "time|date", of_text_or_time),
    Difference("offset-is-no-zone", r"\$\w+\.timezone", "null", "string"),
    Difference("no-range-type", r".* instance of range<number>", "boolean", "syntax"),
    Difference("conversions-of-converted", r"(date and time|time|date|duration)\(.*", f"date and time|time|date|{_DURATION}", "null"),
    Difference(
        "conversions-of-converted", r"date and time\(.*", "null", "date and time", lambda found: found.operands[-1][0] == "date and time"
    ),
    Difference("is-across-types", r"is\(.*", "boolean", "null"),
    Difference(
        "positions-from-the-end",
        r"(remove|insert before|list replace)\(.*",
        "list",
        "list",
        lambda found: any(is_negative(value) for value in found.operands),
    ),
    Difference(
        "surrogates-counted",
        r"substring\(.*",
        "string",
        "string",
        lambda found: any(value[0] == "string" and max(value[1], default="") > "\uffff" for value in found.operands),
    ),
)


def known(found: Disagreement) -> Difference | None:
    """The deviation this is, None for a new one."""
    return next((difference for difference in DIFFERENCES if difference.recognises(found)), None)
