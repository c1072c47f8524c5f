"""Rewrites XPath/XML Schema regular expressions into the syntax of RE2."""

from __future__ import annotations

import re

from service.feel.code_points import EVERYTHING, Ranges, class_body, class_ranges, subtract, union
from service.feel.errors import Fault
from service.feel.unicode_blocks import BLOCKS

# XML 1.0 (fifth edition), productions 4 and 4a: what `\i` and `\c` stand for.
_INITIAL: Ranges = (
    *((0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D)),
    *((0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF)),
    *((0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
)
_FURTHER: Ranges = ((0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))

# A set is a body of Unicode categories, or its code points; False marks a complement.
_Set = Ranges | str
_ESCAPES: dict[str, tuple[bool, _Set]] = {
    "i": (True, _INITIAL),
    "c": (True, union((_INITIAL, _FURTHER))),
    "d": (True, r"\p{Nd}"),
    "s": (True, ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))),
    "w": (False, r"\p{P}\p{Z}\p{C}"),
}
_CATEGORIES = frozenset(
    [
        *("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi"),
        *("Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co"),
    ]
)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_PLAIN_ESCAPES = frozenset("\\|.?*+(){}-[]^$/")
_QUANTITY = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}")
_BACK_REFERENCE = re.compile(r"[1-9][0-9]*")
_MOST_REPETITIONS = 1000
# What a match costs grows with the square of its groups.
_MOST_GROUPS = 100


def _fault(message: str) -> Fault:
    return Fault("INVALID_PATTERN", message)


def _ranges(positive: bool, found: _Set) -> Ranges:
    ranges = class_ranges(found) if isinstance(found, str) else found
    return ranges if positive else subtract(EVERYTHING, ranges)


def _body(positive: bool, found: _Set) -> str:
    if positive and isinstance(found, str):
        return found
    return class_body(_ranges(positive, found))


def strip_free_spacing(pattern: str) -> str:
    """Flag `x`: white space outside character classes does not count."""
    kept: list[str] = []
    inside = 0
    escaped = False
    for sign in pattern:
        if not escaped:
            inside += {"[": 1, "]": -1}.get(sign, 0)
        escaped = sign == "\\" and not escaped
        if inside or sign not in " \t\n\r":
            kept.append(sign)
    return "".join(kept)


class _Translator:
    def __init__(self, pattern: str, dot_matches_all: bool) -> None:
        self.pattern = pattern
        self.dot_matches_all = dot_matches_all
        self.index = 0
        self._groups = 0

    def _peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.index)

    def _next(self) -> str:
        if self.index >= len(self.pattern):
            raise _fault("the regular expression ends too early")
        self.index += 1
        return self.pattern[self.index - 1]

    def whole(self) -> str:
        parts: list[str] = []
        while self.index < len(self.pattern):
            sign = self._next()
            if sign == "\\":
                parts.append(self._escape())
            elif sign == "[":
                parts.append(self._class_text())
            elif sign == "{":
                parts.append(self._quantity())
            elif sign == "(":
                parts.append(self._group())
            elif sign == "." and not self.dot_matches_all:
                parts.append(r"[^\n\r]")
            else:
                parts.append(sign)
        return "".join(parts)

    def _group(self) -> str:
        if self._peek("?"):
            if not self._peek("?:"):
                raise _fault("only '(?:' groups exist in XPath regular expressions")
        else:
            self._groups += 1
        if self._groups > _MOST_GROUPS:
            raise _fault(f"the regular expression has more than {_MOST_GROUPS} groups")
        return "("

    def _quantity(self) -> str:
        match = _QUANTITY.match(self.pattern, self.index - 1)
        if match is None:
            raise _fault(f"'{{' at position {self.index} begins no quantity; as a character it is written \\{{")
        if max(int(match[1]), int(match[3] or 0)) > _MOST_REPETITIONS:
            raise _fault(f"the quantity {match[0]} exceeds {_MOST_REPETITIONS}")
        self.index = match.end()
        return match[0]

    def _escape(self) -> str:
        found = self._escaped_set()
        if found is not None:
            positive, members = found
            return f"[{'' if positive else '^'}{_body(True, members)}]"
        return f"\\x{{{ord(self._escaped_character()):X}}}"

    def _escaped_set(self) -> tuple[bool, _Set] | None:
        """The set an escape stands for, None when it stands for a character; the backslash is read."""
        sign = self.pattern[self.index : self.index + 1]
        if sign in ("p", "P"):
            self.index += 1
            return sign == "p", self._property(sign)
        known = _ESCAPES.get(sign.lower())
        if known is None:
            return None
        self.index += 1
        positive, members = known
        return positive is sign.islower(), members

    def _escaped_character(self) -> str:
        start = self.index
        reference = _BACK_REFERENCE.match(self.pattern, start)
        if reference:
            raise _fault(f"the back reference \\{reference[0][:9]} at position {start} is not supported")
        sign = self._next()
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign not in _PLAIN_ESCAPES:
            raise _fault(f"the escape \\{sign} at position {start} is unknown")
        return sign

    def _property(self, sign: str) -> _Set:
        end = self.pattern.find("}", self.index)
        if not self._peek("{") or end < 0:
            raise _fault(f"\\{sign} needs a property in braces")
        name = self.pattern[self.index + 1 : end]
        self.index = end + 1
        if name in _CATEGORIES:
            return f"\\p{{{name}}}"
        if name.startswith("Is") and name[2:] in BLOCKS:
            return (BLOCKS[name[2:]],)
        raise _fault(f"{name[:40]!r} is neither a Unicode category nor a block")

    def _class_text(self) -> str:
        """A character class after its `[`."""
        negated, members, subtracted = self._class()
        if subtracted is None:
            return f"[{'^' if negated else ''}{''.join(_body(*member) for member in members)}]"
        remaining = subtract(self._class_ranges(negated, members, None), subtracted)
        if not remaining:
            raise _fault("a character class is empty after its subtraction")
        return f"[{class_body(remaining)}]"

    @staticmethod
    def _class_ranges(negated: bool, members: list[tuple[bool, _Set]], subtracted: Ranges | None) -> Ranges:
        ranges = union(_ranges(*member) for member in members)
        ranges = subtract(EVERYTHING, ranges) if negated else ranges
        return subtract(ranges, subtracted) if subtracted is not None else ranges

    def _class(self) -> tuple[bool, list[tuple[bool, _Set]], Ranges | None]:
        """Whether it is negated, its members, and what is subtracted (`[a-z-[aeiou]]`)."""
        negated = self._peek("^")
        self.index += negated
        members: list[tuple[bool, _Set]] = []
        while not self._peek("]"):
            if members and self._peek("-["):
                self.index += 2
                subtracted = self._class_ranges(*self._class())
                if not self._peek("]"):
                    raise _fault("a subtraction must stand at the end of its class")
                self.index += 1
                return negated, members, subtracted
            members.append(self._member())
        if not members:
            raise _fault("a character class is empty")
        self.index += 1
        return negated, members, None

    def _member(self) -> tuple[bool, _Set]:
        if self._peek("\\"):
            self.index += 1
            found = self._escaped_set()
            if found is not None:
                return found
            low = self._escaped_character()
        else:
            low = self._class_character()
        if not self._peek("-") or self._peek("-]") or self._peek("-["):
            return True, ((ord(low), ord(low)),)
        self.index += 1
        if self._peek("\\"):
            self.index += 1
            high = self._escaped_character()
        else:
            high = self._class_character()
        if low > high:
            raise _fault(f"the range {low}-{high} is empty")
        return True, ((ord(low), ord(high)),)

    def _class_character(self) -> str:
        sign = self._next()
        if sign == "[":
            raise _fault(f"'[' at position {self.index} stands inside a character class; as a character it is written \\[")
        return sign


def translate(pattern: str, dot_matches_all: bool = False) -> str:
    """The RE2 form of an XPath regular expression; `Fault` for what has none."""
    return _Translator(pattern, dot_matches_all).whole()
