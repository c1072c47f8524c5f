"""Both engines asked the same, and the smallest part of an expression about which they disagree."""

from dataclasses import dataclass

from conformance.feelin.expressions import Phrase
from conformance.feelin.node import NodeProcess
from conformance.feelin.templates import VARIABLES
from conformance.feelin.wire import Tagged, for_node, same, tagged
from service.feel import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests

REFUSED = "refused"
"""The tag of an answer that is no value: a text that is not understood, or an exception."""

CONTEXT = {
    name: compile_expression(text).evaluate(strict=True).value for variables in VARIABLES.values() for name, text in variables.items()
}
_FOR_NODE = for_node(CONTEXT)


@dataclass(frozen=True)
class Disagreement:
    """What was asked and what both said; `operands` are the values of the closed operands, on which both agree."""

    template: str
    text: str
    operands: tuple[Tagged, ...]
    ours: Tagged
    theirs: Tagged
    faults: frozenset[str]
    """The kinds of warnings we gave."""
    tested: Tagged | None = None
    """The value unary tests were asked about."""


def agree(ours: Tagged, theirs: Tagged) -> bool:
    """Whether both have the same value, or none: feelin throws where FEEL has null and a warning."""
    if ours[0] == REFUSED or theirs[0] == REFUSED:
        return {ours[0], theirs[0]} <= {REFUSED, "null"} and (ours == theirs or "syntax" not in (ours[-1], theirs[-1]))
    return same(ours, theirs)


class Engines:
    """service.feel and feelin over the same variables."""

    def __init__(self, node: NodeProcess) -> None:
        self._node = node

    def ours(self, text: str, tested: str | None = None) -> tuple[Tagged, frozenset[str]]:
        """Our value of an expression, or of unary tests of the variable `tested`, and the kinds of our warnings."""
        try:
            if tested is None:
                result = compile_expression(text, CONTEXT).evaluate(CONTEXT)
            else:
                result = compile_unary_tests(text, CONTEXT).evaluate(CONTEXT[tested], CONTEXT)
        except FeelError as error:
            return [REFUSED, "syntax" if isinstance(error, FeelSyntaxError) else str(error)], frozenset()
        return tagged(result.value), frozenset(warning.kind for warning in result.warnings)

    def theirs(self, text: str, tested: str | None = None) -> Tagged:
        """feelin's value of the same."""
        question = {"kind": "expression" if tested is None else "unaryTests", "text": text, "context": _FOR_NODE}
        if tested is not None:
            question["input"] = for_node(CONTEXT[tested])
        answer = self._node.ask(question)
        return [REFUSED, answer[REFUSED]] if REFUSED in answer else list(answer["value"])

    def answers(self, phrase: Phrase, tested: str | None = None) -> Disagreement:
        """What both say of a phrase, the same or not."""
        ours, faults = self.ours(phrase.text, tested)
        operands = tuple(self.ours(part.text)[0] for part in phrase.closed())
        value = None if tested is None else tagged(CONTEXT[tested])
        return Disagreement(phrase.template, phrase.text, operands, ours, self.theirs(phrase.text, tested), faults, value)

    def disagreement(self, phrase: Phrase, tested: str | None = None) -> Disagreement | None:
        """The smallest closed part with different values, None when the whole has the same value."""
        if agree(self.ours(phrase.text, tested)[0], self.theirs(phrase.text, tested)):
            return None
        parts = (self.disagreement(part) for part in phrase.closed())
        return next((found for found in parts if found is not None), None) or self.answers(phrase, tested)
