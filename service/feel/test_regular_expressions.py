"""XPath regular expressions (10.3.4.3, XPath functions 5.6, XML Schema 1.1 part 2 appendix G) on RE2."""

from __future__ import annotations

import pytest

from service.feel import compile_expression


def _matches(text: str, pattern: str, flags: str = "") -> bool | None:
    value: bool | None = compile_expression("matches(t, p, f)").evaluate({"t": text, "p": pattern, "f": flags}).value
    return value


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        # subtraction
        ("[a-z-[aeiou]]", "bz", "ae1"),
        ("[^a-z-[0-9]]", "A-", "b5"),
        (r"[\d-[5]]", "4٣", "5a"),
        (r"[\w-[a-f-[c]]]", "cxé", "ab "),
        (r"[\p{L}-[\p{Lu}]]", "aé", "AÉ1"),
        (r"[\p{IsBasicLatin}-[^a-z]]", "az", "A1é"),
        (r"[\i-[:]]", "a_", ":1"),
        # names of XML: productions 4 and 4a
        (r"\i", "a_:é中", "1-. ·"),
        (r"\I", "1- ", "a_"),
        (r"\c", "a1-._:·", " ,"),
        (r"\C", " ,", "a1"),
        (r"[\i]", "a_", "1"),
        (r"[\I]", "1", "a"),
        (r"[^\c]", " ", "a"),
        # categories and blocks
        (r"\p{Lu}", "AÉ", "aé"),
        (r"\P{Lu}", "aé", "AÉ"),
        (r"[\P{L}x]", "1x", "ay"),
        (r"\p{Sc}", "¥€", "a"),
        (r"\p{IsCJKUnifiedIdeographs}", "容纠", "あa"),
        (r"\p{IsHiragana}", "あ", "容"),
        (r"\p{IsTamil}", "அ", "a"),
        (r"\P{IsGreek}", "a", "α"),
        (r"[\P{IsGreek}]", "a", "α"),
        (r"\p{IsCJKUnifiedIdeographsExtensionB}", "𠀀", "容"),
        (r"\p{IsEmoticons}", "😀", "a"),
        # other escapes and classes
        (r"\d", "5٣", "a"),
        (r"\D", "a", "5"),
        (r"\s", " \t\n\r", "\u00a0a"),
        (r"\S", "a\u00a0", " "),
        (r"[\S]", "a", " "),
        (r"\w", "aé1$", "_- "),
        (r"\W", "_- ", "a"),
        (r"[\W]", "_", "a"),
        (r"[\[\]\^\-\\]", "[]^-\\", "a"),
        ("[+--]", "+,-", "*."),
        ("[a-]", "a-", "b"),
        ("[a^]", "a^", "b"),
        (".", "a容😀", "\n\r"),
        (r"\.", ".", "a"),
        (r"\n|\t", "\n\t", "nt"),
    ],
)
def test_character_class(pattern: str, hits: str, misses: str) -> None:
    assert [sign for sign in hits if _matches(sign, f"^{pattern}$") is not True] == []
    assert [sign for sign in misses if _matches(sign, f"^{pattern}$") is True] == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"(a)\1", r"back reference \1 at position 4"),
        (r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", r"back reference \10 at position 31"),
        (r"[\1]", r"back reference \1 at position 2"),
        ("a{,2}", "'{' at position 2"),
        ("a{x}", "'{' at position 2"),
        ("a{1001}", "{1001} exceeds 1000"),
        ("[]", "empty"),
        ("[a", "too early"),
        ("[a-z-[aeiou]x]", "at the end of its class"),
        ("[[:alpha:]]", r"written \["),
        ("[z-a]", "z-a is empty"),
        ("[a-[a]]", "empty after its subtraction"),
        (r"\b", r"escape \b at position 1"),
        (r"\p{Nope}", "'Nope' is neither"),
        (r"\p{Greek}", "'Greek' is neither"),
        (r"\pL", "needs a property"),
        ("(?i)a", "only '(?:'"),
        ("(?=a)", "only '(?:'"),
        ("(", "not a regular expression"),
        ("(" * 101 + ")" * 101, "more than 100 groups"),
        ("a**", "not a regular expression"),
        ("\\", "too early"),
    ],
)
def test_what_is_refused_is_named(pattern: str, message: str) -> None:
    result = compile_expression('matches("a", p)').evaluate({"p": pattern})

    assert result.value is None
    assert [warning.kind for warning in result.warnings] == ["INVALID_PATTERN"]
    assert message in result.warnings[0].message


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "expected"),
    [
        ("HELLO", "hello", "i", True),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "a.b", "", False),
        ("a\nb", "^b$", "m", True),
        ("a\nb", "^b$", "", False),
        ("a\n", "a$", "", False),
        ("abc", "A B\tC", "ix", True),
        ("a c", "a[ ]c", "x", True),
        ("hello world", r"hello\ sworld", "x", True),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("A[B", "a[b", "qi", True),
        ("a", "a", "z", None),
        ("aaa", "^a{2,3}$", "", True),
        ("a{", r"a\{", "", True),
    ],
)
def test_flags(text: str, pattern: str, flags: str, expected: bool | None) -> None:
    assert _matches(text, pattern, flags) is expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("a", "(a)", "$12")', "a2"),
        (r'replace("abc", "b", "\$")', "a$c"),
        ('replace("a", "a", "$")', None),
        ('replace("a.b", ".", "$0", "q")', "a$0b"),
        ('replace("AbC", "[a-c]", "x", "i")', "xxx"),
        ('string(split("a1b22c", "[0-9]+"))', '["a", "b", "c"]'),
        ('string(split(",a,", ","))', '["", "a", ""]'),
        ('split("a", "(")', None),
    ],
)
def test_replace_and_split(call: str, expected: str | None) -> None:
    assert compile_expression(call).evaluate().value == expected
