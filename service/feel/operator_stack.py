"""Operators and operands waiting for one another: precedence without recursion, chains without nesting."""

from __future__ import annotations

from service.feel.tree import And, Arithmetic, Comparison, Node, Or, Position, Step

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
LEVELS = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 3), "+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
COMPARISON_LEVEL = 3


class _Chain:
    """Operands of one rank, collected before they become a node."""

    __slots__ = ("first", "level", "position", "steps")

    def __init__(self, level: int, first: Node, position: Position) -> None:
        self.level = level
        self.first = first
        self.position = position
        self.steps: list[Step] = []

    def node(self) -> Node:
        """The finished node."""
        if self.level > COMPARISON_LEVEL:
            return Arithmetic(self.first, tuple(self.steps), position=self.position)
        operands = (self.first, *(step.operand for step in self.steps))
        if self.level == LEVELS["or"]:
            return Or(operands, position=self.position)
        return And(operands, position=self.position)


def _finished(part: Node | _Chain) -> Node:
    return part.node() if isinstance(part, _Chain) else part


class OperatorStack:
    """Operands alternate with operators; those that bind tighter are combined first, equal ones from left to right."""

    def __init__(self, first: Node) -> None:
        self._operands: list[Node | _Chain] = [first]
        self._operators: list[tuple[str, Position]] = []

    def push(self, operator: str, position: Position, operand: Node) -> None:
        """Add `operator operand`; call `reduce` with the operator's level first."""
        self._operators.append((operator, position))
        self._operands.append(operand)

    def reduce(self, level: int) -> None:
        """Combine all operators that bind at least as tightly as `level`."""
        while self._operators and LEVELS[self._operators[-1][0]] >= level:
            operator, position = self._operators.pop()
            right = _finished(self._operands.pop())
            self._operands.append(self._combined(self._operands.pop(), operator, right, position))

    def pop(self) -> Node:
        """Take the last operand."""
        return _finished(self._operands.pop())

    def put(self, operand: Node) -> None:
        """Give an operand back in place of the one taken."""
        self._operands.append(operand)

    @staticmethod
    def _combined(left: Node | _Chain, operator: str, right: Node, position: Position) -> Node | _Chain:
        level = LEVELS[operator]
        if level == COMPARISON_LEVEL:
            return Comparison(operator, _finished(left), right, position=position)
        if not (isinstance(left, _Chain) and left.level == level):
            left = _Chain(level, _finished(left), position)
        left.steps.append(Step(operator, right, position=position))
        return left
