"""Well-formed FEEL drawn by hypothesis from `templates`, as trees whose parts can be asked about by themselves."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

from conformance.feelin.templates import BODIES, CELLS, LITERALS, TEMPLATES, VARIABLES

_HOLE = re.compile(r"\$([a-z]+)(?:\{(\w+):(\w+)\})?")
_NAMES = {name for variables in VARIABLES.values() for name in variables}
_CLOSED = re.compile(r"\w+|[a-z ]*[a-z]\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|\{[^{}]*\}|@?\"[^\"]*\"")
_TYPES = tuple(LITERALS)
_DEPTH = 3
_DISTURBANCE = 12
"""One operand in so many has any type at all, often null."""


_HUNTING = "RONGJIU_ORACLE_EXAMPLES"
generated = settings(
    max_examples=int(os.environ.get(_HUNTING, "450")), derandomize=_HUNTING not in os.environ, deadline=None, database=None
)
"""The same examples every time, as many as CI can afford; the variable asks for so many new ones."""


@dataclass(frozen=True)
class Phrase:
    """An expression, the template it was made from and the operands that filled it."""

    template: str
    text: str
    operands: tuple["Phrase", ...] = ()
    local: bool = False
    """Whether it may hold variables that its surroundings bring into scope."""

    def closed(self) -> Iterator["Phrase"]:
        """The largest parts that mean something by themselves, from left to right."""
        for operand in self.operands:
            if operand.local:
                yield from operand.closed()
            else:
                yield operand


def _bracketed(text: str) -> str:
    return text if text in _NAMES or _CLOSED.fullmatch(text) else f"({text})"


@st.composite
def _leaves(draw: st.DrawFn, kind: str, scope: Mapping[str, str]) -> Phrase:
    names = [name for name, its in scope.items() if its == kind]
    choices = [*names * 3, *VARIABLES.get(kind, ()), *LITERALS[kind]]
    name = draw(st.sampled_from(choices))
    return Phrase(f"a {kind}", name, local=bool(scope))


@st.composite
def phrases(draw: st.DrawFn, kind: str, scope: Mapping[str, str] | None = None, depth: int = _DEPTH) -> Phrase:
    """An expression meant to have a value of this type, over `VARIABLES` and the local ones of `scope`."""
    scope = scope or {}
    if kind == "any" or draw(st.integers(1, _DISTURBANCE)) == _DISTURBANCE:
        kind = "null" if scope else draw(st.sampled_from(_TYPES))
    templates = (BODIES if scope else TEMPLATES).get(kind, ())
    if depth == 0 or not templates or draw(st.integers(0, 9)) < 2:
        return draw(_leaves(kind, scope))
    return draw(filled(draw(st.sampled_from(templates)), scope, depth))


@st.composite
def filled(draw: st.DrawFn, template: str, scope: Mapping[str, str], depth: int) -> Phrase:
    """A template with its operands drawn."""
    operands: list[Phrase] = []

    def operand(hole: re.Match[str]) -> str:
        kind, name, its = hole.groups()
        inner = scope if name is None else {**scope, name: its}
        operands.append(draw(phrases(kind, inner, max(0, depth - draw(st.integers(1, 2))))))
        return _bracketed(operands[-1].text)

    text = _HOLE.sub(operand, template.replace("$$", "\0")).replace("\0", "$")
    return Phrase(template, text, tuple(operands), local=bool(scope))


@st.composite
def cells(draw: st.DrawFn, kind: str) -> Phrase:
    """Unary tests meant for a value of this type."""
    return draw(filled(draw(st.sampled_from(CELLS[kind])), {}, 1))


_TERMS = (*LITERALS["number"], "n", "Monthly Salary", "profit-loss", "-2", "person.age", "half ** 2", "-3 ** 2", "2 ** 3 ** 2", "2 ** -1")
_SUMS = st.lists(st.tuples(st.sampled_from(("+", "-", "*", "/")), st.sampled_from(_TERMS)), min_size=1, max_size=4).map(
    lambda steps: " ".join(part for step in steps for part in step).partition(" ")[2]
)
_COMPARED = st.tuples(_SUMS, st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), _SUMS).map(" ".join) | st.sampled_from(
    ("yes", "no", "null")
)
chains = st.lists(st.tuples(st.sampled_from(("and", "or")), _COMPARED), min_size=1, max_size=4).map(
    lambda steps: Phrase("chain", " ".join(part for step in steps for part in step).partition(" ")[2])
)
"""Operands and operators in a row without brackets: what binds how strongly."""


def readings(text: str, tested: bool = False) -> Iterator[Phrase]:
    """The phrases of one template with plain operands that have this text."""
    sources = CELLS if tested else TEMPLATES
    for template in dict.fromkeys(template for templates in sources.values() for template in templates):
        parts = _HOLE.split(template.replace("$$", "\0"))
        # A split leaves a text and three groups of its hole by turns.
        pattern = "(.+?)".join(re.escape(part.replace("\0", "$")) for part in parts[::4])
        match = re.fullmatch(pattern, text)
        if match is not None:
            local = [name is not None for name in parts[2::4]]
            yield Phrase(
                template, text, tuple(Phrase("", operand, (), inner) for operand, inner in zip(match.groups(), local, strict=True))
            )
