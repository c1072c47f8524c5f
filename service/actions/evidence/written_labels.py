"""What a form's `valuesExpression` writes out of labels: the words of options that depend on the case."""

from collections.abc import Iterator, Mapping

from service.domain.json_values import Json
from service.feel import FeelLimitError, FeelSyntaxError
from service.feel.parser import parse_expression
from service.feel.tree import ContextLiteral, Literal, walk


def written_labels(component: Mapping[str, Json]) -> Iterator[tuple[object, str]]:
    """Value and label of every option written out as `{label: "…", value: …}`, whether this case offers it or not; in no order.

    A document tells what was chosen when it was chosen: the options of now may not have it any more, so nothing is evaluated.
    """
    expression = component.get("valuesExpression")
    if not isinstance(expression, str):
        return
    try:
        tree = parse_expression(expression.removeprefix("="))
    except (FeelSyntaxError, FeelLimitError):
        return  # A deployed form has none; one of an older version keeps its codes.
    for node in walk(tree):
        if isinstance(node, ContextLiteral):
            written = {entry.name: entry.value.value for entry in node.entries if isinstance(entry.value, Literal)}
            label = written.get("label")
            if isinstance(label, str) and "value" in written:
                yield written["value"], label
