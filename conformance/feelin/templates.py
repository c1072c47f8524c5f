"""What FEEL can say, as templates by the type of the value: `$type` stands for an operand of that type.

`$type{name:type}` is an operand in which a further variable is in scope. Types: number, string, boolean, date, time,
moment (date and time), period (years and months), span (days and time), context, numbers, strings, dates, list (of
anything), range (of numbers), dayrange (of dates), null, any.
"""

from collections.abc import Mapping


def _several(text: str) -> Mapping[str, tuple[str, ...]]:
    """Templates parted by ` ; ` or a new line, under the types that stand alone on a line before them."""
    found: dict[str, tuple[str, ...]] = {}
    kind = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line[:-1].isalpha() and line.endswith(":"):
            kind = line[:-1]
            found[kind] = ()
        else:
            found[kind] += tuple(line.split(" ; "))
    return found


VARIABLES: Mapping[str, Mapping[str, str]] = {
    "number": {"n": "7", "half": "-2.5", "zero": "0", "Monthly Salary": "4000", "profit-loss": "12"},
    "string": {"word": '"Straße"', "text": '"one, two, one"', "blank": '""', "smile": '"a😀b"'},
    "boolean": {"yes": "true", "no": "false"},
    "date": {"day": '@"2024-02-29"', "due day": '@"2026-11-21"'},
    "time": {"clock": '@"10:30:00"', "zulu": '@"23:00:00Z"'},
    "moment": {"moment": '@"2024-02-29T23:30:00"', "instant": '@"2024-03-01T00:30:00+01:00"'},
    "period": {"period": '@"P1Y2M"', "back": '@"-P3M"'},
    "span": {"span": '@"P1DT2H"', "shift": '@"-PT90M"'},
    "numbers": {"numbers": "[3, 1, 2, 3]", "none": "[]", "one": "[5]"},
    "strings": {"words": '["b", "a", "c"]'},
    "dates": {"days": '[@"2024-01-31", @"2023-12-31"]'},
    "list": {"mixed": '[1, "a", null, true, [2]]', "people": '[{name: "Ann", age: 41}, {name: "Bo", age: 12}, {name: "Cy", age: null}]'},
    "context": {"person": '{name: "Ann", age: 41, "home town": {zip: "1010"}}', "bare": "{}"},
    "null": {"nothing": "null"},
}
"""Variables of every expression, by type, as FEEL."""

LITERALS: Mapping[str, tuple[str, ...]] = _several(
    r"""
    number:
        0 ; 1 ; 2 ; 3 ; 10 ; 0.5 ; 1.25 ; 100 ; (-1) ; (-3) ; (-0.5) ; 12.5 ; 1000000
    string:
        "a" ; "b" ; "" ; "one" ; "abc" ; "A b" ; "ä" ; "😀" ; "12" ; "\n" ; "\u0041" ; "2024-02-29" ; "PT1H"
    boolean:
        true ; false
    date:
        @"2024-02-29" ; date("2023-12-31") ; date(2024, 1, 31) ; @"1999-01-01" ; date("2026-12-28")
    time:
        @"00:00:00" ; time("23:59:59") ; time(10, 30, 0) ; @"10:30:00.25" ; @"12:00:00Z" ; @"12:00:00+02:00"
        @"12:00:00@Asia/Shanghai"
    moment:
        @"2024-02-29T10:30:00" ; date and time("2023-12-31T23:59:59") ; @"2024-06-01T12:00:00Z" ; @"2024-06-01T14:00:00+02:00"
        @"2024-06-01T14:00:00@Europe/Paris" ; @"2024-06-01T20:00:00@Asia/Shanghai" ; @"2024-06-01T14:00:00.5"
    period:
        @"P1Y" ; duration("P2M") ; @"-P1Y1M" ; @"P0M" ; @"P25M"
    span:
        @"PT1H" ; duration("P1D") ; @"-PT30M" ; @"PT0S" ; @"P1DT12H" ; @"PT1.5S" ; @"PT36H"
    numbers:
        [] ; [1] ; [1, 2, 3] ; [3, -1, 0.5] ; [2, 2, 1] ; [10, 9, 8] ; [1, null]
    strings:
        [] ; ["a"] ; ["a", "b", "a"] ; ["x", null]
    dates:
        [@"2024-02-29"] ; [@"2024-02-29", @"2023-12-31"]
    list:
        [] ; [null] ; [1, "a", true] ; [[1, 2], [3, [4]]] ; [{a: 1}, {a: 2}] ; [1, 1.0, 2] ; [true, false] ; [true, null]
    context:
        {} ; {a: 1} ; {a: 1, b: "x"} ; {a: null} ; {a: 2, c: a + 1} ; {"a b": 1}
    range:
        [1..5] ; (1..5) ; [5..9] ; ]2..6[ ; [3..3] ; (5..7] ; [0..10)
    dayrange:
        [@"2024-01-01"..@"2024-12-31"] ; (@"2023-01-01"..@"2024-02-29")
    null:
        null
    """
)

_COMPARISONS = tuple(
    template
    for kind in ("number", "string", "date", "time", "moment", "period", "span")
    for template in (
        *(f"${kind} {operator} ${kind}" for operator in ("=", "!=", "<", "<=", ">", ">=")),
        f"${kind} between ${kind} and ${kind}",
        f"${kind} in [${kind}..${kind}]",
        f"${kind} in (${kind}, > ${kind})",
        f"${kind} in (<= ${kind})",
    )
)
_RANGE_FUNCTIONS = tuple(
    f"{name}({left}, {right})"
    for name, pairs in {
        "before": (("$number", "$range"), ("$range", "$number"), ("$range", "$range"), ("$number", "$number"), ("$date", "$dayrange")),
        "after": (("$number", "$range"), ("$range", "$number"), ("$range", "$range"), ("$date", "$date")),
        "meets": (("$range", "$range"),),
        "met by": (("$range", "$range"),),
        "overlaps": (("$range", "$range"),),
        "overlaps before": (("$range", "$range"),),
        "overlaps after": (("$range", "$range"),),
        "finishes": (("$number", "$range"), ("$range", "$range")),
        "finished by": (("$range", "$number"), ("$range", "$range")),
        "includes": (("$range", "$number"), ("$range", "$range"), ("$dayrange", "$date")),
        "during": (("$number", "$range"), ("$range", "$range")),
        "starts": (("$number", "$range"), ("$range", "$range")),
        "started by": (("$range", "$number"), ("$range", "$range")),
        "coincides": (("$number", "$number"), ("$range", "$range")),
    }.items()
    for left, right in pairs
)
_TYPES = _several(
    """
    types:
        number ; string ; boolean ; date ; time ; date and time ; years and months duration ; days and time duration ; Any
        list<number> ; list<string> ; list<Any> ; context<a: number> ; context<a: number, b: string> ; range<number>
        function<number> -> number
    """
)["types"]

_WRITTEN: Mapping[str, tuple[str, ...]] = _several(
    r"""
    number:
        $number + $number ; $number - $number ; $number * $number ; $number / $number ; $number ** 2 ; 2 ** $number ; -$number
        abs($number) ; floor($number) ; ceiling($number) ; floor($number, 1) ; ceiling($number, 1) ; decimal($number, 1)
        round up($number, 1) ; round down($number, 1) ; round half up($number, 1) ; round half down($number, 1)
        round up($number, 0) ; round half up($number, 0) ; round half down($number, 0) ; decimal($number, 0)
        modulo($number, $number) ; sqrt($number) ; log($number) ; exp(half) ; string length($string) ; count($list)
        count($numbers) ; sum($numbers) ; min($numbers) ; max($numbers) ; mean($numbers) ; median($numbers) ; product($numbers)
        stddev($numbers) ; min($number, $number) ; max($number, $number, $number) ; sum($number, $number) ; mean($number, $number)
        number("1,234.5", ",", ".") ; number("1 234,5", " ", ",") ; number($string, null, ".") ; number($string)
        number(from: "12.5", grouping separator: null, decimal separator: ".") ; $date.year ; $date.month ; $date.day
        $date.weekday ; $moment.hour ; $moment.minute ; $moment.second ; $time.hour ; $time.second ; $span.days ; $span.hours
        $span.minutes ; $span.seconds ; $period.years ; $period.months ; $span / $span ; $period / $period ; day of year($date)
        week of year($date) ; day of year($moment) ; $numbers[$number] ; $numbers[1] ; $numbers[-1] ; $context.a
        if $boolean then $number else $number ; person.age ; people.age[1] ; people[1].age
        (function(x, y) $number{x:number})($number, $number) ; {x: $number, y: x + 1}.y
        (function(x) $number{x:number})(x: $number) ; $any + $any ; $any - $any ; $any * $any ; $any / $any ; -$any ; sum($any)
        count($any)
    string:
        $string + $string ; substring($string, $number) ; substring($string, $number, $number) ; substring($string, 2, 2)
        substring($string, -2) ; upper case($string) ; lower case($string) ; substring before($string, $string)
        substring after($string, $string) ; replace($string, "o", "0") ; replace($string, "(o)(n)", "$2$1")
        replace($string, "[a-c]+", "#", "i") ; string($number) ; string($boolean) ; string($date) ; string($time) ; string($moment)
        string($span) ; string($period) ; string($list) ; string($context) ; string($string) ; string join($strings)
        string join($strings, $string) ; day of week($date) ; month of year($date) ; day of week($moment)
        if $boolean then $string else $string ; $strings[$number] ; person.name ; person.home town.zip ; people[$number].name
        $moment.timezone ; $any + $any ; upper case($any) ; string($any) ; if $any then $string else $string
    boolean:
        $boolean and $boolean ; $boolean or $boolean ; not($boolean) ; $any and $any ; $any or $any ; not($any) ; $any = $any
        $any != $any ; $any < $any ; $any >= $any ; $any between $any and $any ; $any in $any ; $any in ($any, $any)
        $any in [$any..$any] ; $number in $range ; $number in $numbers ; $number in ($range, $range) ; $date in $dayrange
        contains($string, $string) ; starts with($string, $string) ; ends with($string, $string) ; matches($string, "^[a-z]+$$")
        matches($string, "O", "i") ; matches($string, "^.$$") ; list contains($list, $any) ; list contains($numbers, $number)
        all($list) ; any($list) ; all($boolean, $boolean) ; any($boolean, $any) ; even($number) ; odd($number) ; is($any, $any)
        is($time, $time) ; is($moment, $moment) ; is($date, $date) ; some i in $numbers satisfies $boolean{i:number}
        every i in $numbers satisfies $boolean{i:number} ; every i in $list satisfies i != null
        some i in $numbers, j in $numbers satisfies i < j ; every i in $strings satisfies $boolean{i:string} ; $list = $list
        $context = $context ; $numbers = $numbers ; $range = $range ; $context != $context ; if $boolean then $boolean else $boolean
    date:
        $date + $period ; $date - $period ; $period + $date ; date($moment) ; date($date) ; date($string) ; date($number, 1, 31)
        $dates[$number] ; date and time($date, $time) ; if $boolean then $date else $date ; $date + $span ; $date - $span
        $moment.date ; date(year: 2024, month: 2, day: $number)
    time:
        $time + $span ; $time - $span ; time($moment) ; time($time) ; time($string) ; time($number, 0, 0) ; time(10, 30, 0, $span)
        $span + $time ; time(10, $number, 1.5) ; time($date) ; $moment.time
    moment:
        $moment + $span ; $moment - $span ; $moment + $period ; $moment - $period ; date and time($date, $time)
        date and time($moment, $time) ; date and time($string) ; $span + $moment
    period:
        years and months duration($date, $date) ; years and months duration($moment, $moment) ; $period + $period
        $period - $period ; -$period ; $period * $number ; $period / $number ; abs($period) ; duration($string) ; $number * $period
    span:
        $date - $date ; $moment - $moment ; $time - $time ; $span + $span ; $span - $span ; -$span ; $span * $number
        $span / $number ; abs($span) ; $number * $span ; $moment - $date ; $time.time offset ; $moment.time offset
        sum([$span, $span]) ; min($span, $span)
    numbers:
        for i in $numbers return $number{i:number} ; for i in 1..3 return $number{i:number} ; for i in 3..1 return i
        for i in $numbers, j in [1, 2] return i * j ; for i in 1..4 return if i = 1 then 1 else partial[-1] * i
        for i in $numbers return count(partial) ; for i in $number..2 return i ; $numbers[item > $number]
        $numbers[$boolean{item:number}] ; $numbers[item = null] ; sort($numbers, function(a, b) a < b)
        sort($numbers, function(a, b) a > b) ; sublist($numbers, $number) ; sublist($numbers, 1, 2) ; sublist($numbers, -2, $number)
        append($numbers, $number) ; concatenate($numbers, $numbers) ; insert before($numbers, $number, $number)
        remove($numbers, $number) ; remove($numbers, 1) ; reverse($numbers) ; index of($numbers, $number)
        union($numbers, $numbers) ; distinct values($numbers) ; mode($numbers) ; list replace($numbers, 1, $number)
        list replace($numbers, $number, 9) ; list replace($numbers, function(item, newItem) item < newItem, 5) ; people.age
        [$number, $number] ; people[age > $number].age ; for i in $range return i ; $numbers[item in $range]
        mode($number, $number, $number)
    strings:
        split($string, ", ") ; split($string, "[ab]") ; for s in $strings return $string{s:string}
        sort($strings, function(a, b) a < b) ; [$string, $string] ; $strings[item != $string] ; distinct values($strings)
        people.name ; people[name = $string].name
    dates:
        [$date, $date] ; $dates[item < $date] ; sort($dates, function(a, b) a < b) ; for d in $dates return $date{d:date}
        $dates.year
    list:
        flatten($list) ; get entries($context) ; distinct values($list) ; union($list, $list) ; $list[$number] ; reverse($list)
        index of($list, $any) ; append($list, $any) ; concatenate($list, $list) ; [$any, $any] ; people[age > $number] ; $list[$any]
        for x in $list return x ; $list[item = $any] ; [$list, $list] ; insert before($list, 1, $any) ; list replace($list, 1, $any)
        for x in $any return x ; $any[1] ; $any[true] ; sublist($list, $number, $number)
    context:
        {a: $any, b: $any} ; context put($context, "a", $any) ; context put($context, ["a", "b"], $any)
        context merge([$context, $context]) ; context([{key: "a", value: $any}])
        context([{key: $string, value: $number}, {key: "z", value: 1}]) ; get value($context, "a") ; {a: $number, b: [a]}
        people[$number] ; context merge($context) ; get value($context, $string) ; {a: {b: $any}, c: a.b}
    range:
        [$number..$number] ; ($number..$number) ; [$number..$number)
    dayrange:
        [$date..$date]
    """
)
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    **_WRITTEN,
    "boolean": (*_WRITTEN["boolean"], *_COMPARISONS, *_RANGE_FUNCTIONS, *(f"$any instance of {name}" for name in _TYPES)),
}

BODIES: Mapping[str, tuple[str, ...]] = _several(
    """
    number:
        $number + $number ; $number - $number ; $number * 2 ; -$number ; if $boolean then $number else $number ; string length($string)
    string:
        $string + $string ; upper case($string) ; string($number) ; string join([$string, $string], "-")
    boolean:
        $number < $number ; $number = $number ; $number != $number ; $string = $string ; $boolean and $boolean ; $boolean or $boolean
        not($boolean) ; contains($string, $string) ; $number in [$number..10]
    date:
        $date + @"P1M" ; $date - @"P1Y"
    """
)
"""What may be said of local variables: nothing in which feelin is known to differ, since such a part cannot be asked about alone."""

_OF_ONE_TYPE = _several(
    """
    cells:
        $it ; < $it ; <= $it ; > $it ; >= $it ; [$it..$it] ; ($it..$it) ; ]$it..$it[ ; $it, $it ; not($it) ; not($it, > $it)
        ? = $it ; ? != $it ; ? < $it or ? > $it ; - ; null ; not(null) ; $any ; ? in ($any) ; < $it, [$it..$it] ; $list ; $boolean
        ? = null ; [$it, $it] ; not($any)
    """
)["cells"]

CELLS: Mapping[str, tuple[str, ...]] = {
    **{
        kind: tuple(template.replace("$it", f"${kind}") for template in _OF_ONE_TYPE)
        for kind in ("number", "string", "boolean", "date", "time", "moment", "period", "span")
    },
    "list": ("list contains(?, $any)", "count(?) > $number", "$list", "some i in ? satisfies i = $any", "not($list)", "? = $list"),
    "context": ("?.a = $any", "$context", "? != $context"),
}
"""Unary tests by the type of the value tested."""
