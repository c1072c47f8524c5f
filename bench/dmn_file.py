"""DMN files with one decision table, written for measuring."""

from collections.abc import Sequence
from xml.sax.saxutils import escape


def dmn_file(inputs: Sequence[tuple[str, str]], rules: Sequence[Sequence[str]], policy: str = "FIRST") -> bytes:
    """`inputs` are names with types; each rule is its input cells and the number it yields. The decision is `fee`, its output `amount`."""
    data = "".join(
        f'<inputData id="d_{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>' for name, kind in inputs
    )
    needs = "".join(f'<informationRequirement><requiredInput href="#d_{name}"/></informationRequirement>' for name, _ in inputs)
    columns = "".join(
        f'<input id="i_{name}"><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>' for name, kind in inputs
    )
    rows = "".join(
        f'<rule id="r{number}"><description>Fees Act, section {number}</description>'
        + "".join(f'<inputEntry id="r{number}_{column}"><text>{escape(cell)}</text></inputEntry>' for column, cell in enumerate(cells))
        + f'<outputEntry id="r{number}_fee"><text>{fee}</text></outputEntry></rule>'
        for number, (*cells, fee) in enumerate(rules, 1)
    )
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="bench" namespace="urn:bench">{data}'
        f'<decision id="fee" name="fee">{needs}<decisionTable id="fees" hitPolicy="{policy}">{columns}'
        f'<output id="o" name="amount" typeRef="number"/>{rows}</decisionTable></decision></definitions>'
    ).encode()
