"""Rewrites XPath/XML Schema regular expressions into the syntax of RE2."""

from __future__ import annotations

from service.feel.code_points import class_body, class_ranges, subtract
from service.feel.errors import Fault

_INITIAL = r"\p{L}_:"
_NAME = r"\p{L}\p{Nd}\p{M}\-._:\x{B7}"
_OUTSIDE = {"i": f"[{_INITIAL}]", "I": f"[^{_INITIAL}]", "c": f"[{_NAME}]", "C": f"[^{_NAME}]"}
_CLASSES = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
}
_INSIDE = {"i": _INITIAL, "c": _NAME, "d": r"\p{Nd}", "D": r"\P{Nd}", "s": r" \t\n\r", "W": r"\p{P}\p{Z}\p{C}"}
_NEGATED_INSIDE = {"I": _INITIAL, "C": _NAME, "S": r" \t\n\r", "w": r"\p{P}\p{Z}\p{C}"}
# The Unicode blocks that appear in practice; a block is a range of code points (Unicode 15, Blocks.txt).
_BLOCKS = {
    "BasicLatin": (0x0, 0x7F),
    "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F),
    "IPAExtensions": (0x250, 0x2AF),
    "Greek": (0x370, 0x3FF),
    "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F),
    "Thai": (0xE00, 0xE7F),
    "HangulJamo": (0x1100, 0x11FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "BoxDrawing": (0x2500, 0x257F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUseArea": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
_PLAIN_ESCAPES = frozenset("nrt\\|.?*+(){}-[]^$/")


def _fault(message: str) -> Fault:
    return Fault("INVALID_PATTERN", message)


def _complement(body: str) -> str:
    return class_body(class_ranges(f"[^{body}]"))


def _subtract(body: str, negated: bool, subtracted: str) -> str:
    remaining = subtract(class_ranges(f"[{'^' if negated else ''}{body}]"), class_ranges(subtracted))
    if not remaining:
        raise _fault("a character class is empty after its subtraction")
    return f"[{class_body(remaining)}]"


def strip_free_spacing(pattern: str) -> str:
    """Flag `x`: white space outside character classes does not count."""
    kept: list[str] = []
    inside = 0
    index = 0
    while index < len(pattern):
        sign = pattern[index]
        escaped = bool(kept) and kept[-1] == "\\" and not (len(kept) > 1 and kept[-2] == "\\")
        if not escaped:
            inside += {"[": 1, "]": -1}.get(sign, 0)
        if inside or sign not in " \t\n\r":
            kept.append(sign)
        index += 1
    return "".join(kept)


class _Translator:
    def __init__(self, pattern: str, dot_matches_all: bool) -> None:
        self.pattern = pattern
        self.dot_matches_all = dot_matches_all
        self.index = 0

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
                parts.append(self._class())
            elif sign == "(" and self._peek("?") and not self._peek("?:"):
                raise _fault("only '(?:' groups exist in XPath regular expressions")
            elif sign == "." and not self.dot_matches_all:
                parts.append(r"[^\n\r]")
            else:
                parts.append(sign)
        return "".join(parts)

    def _escape(self) -> str:
        sign = self._next()
        if sign.isdigit():
            raise _fault(f"the back reference \\{sign} is not supported")
        if sign in _OUTSIDE:
            return _OUTSIDE[sign]
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in "pP":
            positive, body = self._property(sign)
            return f"[{body}]" if positive else f"[^{body}]"
        if sign not in _PLAIN_ESCAPES:
            raise _fault(f"the escape \\{sign} is unknown")
        return sign if sign == "/" else "\\" + sign

    def _property(self, sign: str) -> tuple[bool, str]:
        end = self.pattern.find("}", self.index)
        if not self._peek("{") or end < 0:
            raise _fault(f"\\{sign} needs a property in braces")
        name = self.pattern[self.index + 1 : end]
        self.index = end + 1
        if not name.startswith("Is"):
            return True, f"\\{sign}{{{name}}}"
        block = _BLOCKS.get(name[2:])
        if block is None:
            raise _fault(f"the Unicode block {name[2:]!r} is unknown")
        return sign == "p", f"\\x{{{block[0]:X}}}-\\x{{{block[1]:X}}}"

    def _class(self) -> str:
        """A character class, with subtraction `[a-z-[aeiou]]` rewritten by negation of a union."""
        negated = self._peek("^")
        if negated:
            self.index += 1
        positive: list[str] = []
        subtracted: str | None = None
        first = True
        while first or not self._peek("]"):
            first = False
            if self._peek("-["):
                self.index += 2
                subtracted = self._class()
                if not self._peek("]"):
                    raise _fault("a subtraction must stand at the end of its class")
                break
            positive.append(self._class_member())
        self._next()
        body = "".join(positive)
        if subtracted is None:
            return f"[{'^' if negated else ''}{body}]"
        return _subtract(body, negated, subtracted)

    def _class_member(self) -> str:
        sign = self._next()
        if sign != "\\":
            return "\\[" if sign == "[" else sign
        sign = self._next()
        if sign.isdigit():
            raise _fault(f"the back reference \\{sign} is not supported")
        if sign in _INSIDE:
            return _INSIDE[sign]
        if sign in _NEGATED_INSIDE:
            return _complement(_NEGATED_INSIDE[sign])
        if sign in "pP":
            positive, body = self._property(sign)
            return body if positive else _complement(body)
        if sign not in _PLAIN_ESCAPES:
            raise _fault(f"the escape \\{sign} is unknown")
        return sign if sign == "/" else "\\" + sign


def translate(pattern: str, dot_matches_all: bool = False) -> str:
    """The RE2 form of an XPath regular expression; `Fault` for what has none."""
    return _Translator(pattern, dot_matches_all).whole()
