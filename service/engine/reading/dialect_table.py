"""The page about the dialect, docs/dialect.md: `python -m service.engine.reading.dialect_table` writes it anew."""

from collections.abc import Iterable
from pathlib import Path

from service.engine.language.diagram_functions import DIAGRAM_FUNCTIONS
from service.engine.language.juel import EXECUTION_MEMBERS
from service.engine.language.juel_words import METHODS
from service.engine.reading.camunda_words import ATTRIBUTES, ELEMENTS, Word
from service.engine.reading.normalise import HARMLESS_ATTRIBUTES, SAME_ATTRIBUTES, SAME_ELEMENTS

PAGE = "python -m service.engine.reading.dialect_table"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


_HEAD = f"""# The dialect of diagrams

Diagrams are BPMN 2.0 with the extensions of Camunda 7 (`http://camunda.org/schema/1.0/bpmn`, under any prefix). Every attribute and
extension element is judged when a file is deployed: **applied** as in Camunda 7, **without effect** (a warning says so), or **refused**
with the element's id and line. A word that Camunda 7 does not have, or not on that element, is refused too. Which BPMN elements run
stands in the [map of the engine room](../service/engine/README.md).

This page is made from the tables of the code (`{PAGE}`); a test fails when it is not theirs.
"""

_EXPRESSIONS = """## Expressions

`${…}` (or `#{…}`) is JUEL, text that begins with `=` is FEEL, anything else is fixed text; a condition or script with the language
`feel` is FEEL as a whole. All of it is compiled when the diagram is deployed: an unknown function or method, a wrong number of arguments
or a slip of syntax is a finding with element id, line, and line and column inside the expression. Nothing is ever run as Java, Python or
a script.

JUEL has: variables, `a.b`, `a['b']`, `list[0]` (from 0), `== != < > <= >=` and `eq ne lt gt le ge`, `&& || !` and `and or not`,
`+ - * / %` and `div mod`, `empty x`, `c ? a : b`, texts in either quotes, numbers, `true false null`. As in Camunda a variable that does
not exist fails the evaluation, and the step becomes an incident naming it; `execution.getVariable('x')` gives null instead. In FEEL it
is null. A conditional event takes a variable that does not exist for "not yet". Numbers are exact decimals; values of different types
are not turned into one another: what would need it fails by name instead of guessing.
"""

_MESSAGES = """
In a message's throw or end event, and at a send task with a message, the inputs are also the payload; without a mapping all variables in
sight are sent.
"""

_OTHERS = f"""## Words of Activiti and Flowable

Their namespaces are read as Camunda's where the word means the same: the attributes {_listed(SAME_ATTRIBUTES)}
and the elements {_listed(SAME_ELEMENTS)}.
Without effect, with a warning: {_listed(HARMLESS_ATTRIBUTES)}. Everything else of theirs is refused by
name, and so are the words of Camunda 8 (Zeebe), jBPM and SpiffWorkflow. What other modeling tools add for themselves has no effect; the
first place of each is told.
"""

_FEEL = """
FEEL has all its own functions besides (DMN 1.5, chapter 10.3.4), `now()` and `today()` with the moment of the step among them.
"""


def dialect_page() -> str:
    """The whole page."""
    return "\n".join(
        [
            _HEAD,
            "## Attributes\n",
            *_words(ATTRIBUTES),
            "\n## Extension elements\n",
            *_words(ELEMENTS),
            _MESSAGES,
            _OTHERS,
            _EXPRESSIONS,
            "### Functions\n",
            "| function | in | gives |",
            "|---|---|---|",
            *(
                f"| `{one.signature}` | {'JUEL, FEEL' if one.feel or one.name == 'now' else 'JUEL'} | {one.meaning} |"
                for one in DIAGRAM_FUNCTIONS.values()
            ),
            _FEEL,
            "### Methods\n",
            f"In JUEL only. `execution` has {EXECUTION_MEMBERS}.\n",
            "| method | of | gives |",
            "|---|---|---|",
            *(f"| `{method.signature}` | {method.of} | {method.meaning} |" for method in METHODS.values()),
            "",
        ]
    )


def _words(words: Iterable[Word]) -> list[str]:
    rows = [
        f"| `{word.name}` | {', '.join(sorted(word.on)) or 'any'} | {word.effect} | {word.note} |"
        for word in sorted(words, key=lambda one: (one.name.lower(), sorted(one.on)))
    ]
    return ["| word | on | is | what it does, or why not |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    (Path(__file__).parents[3] / "docs" / "dialect.md").write_text(dialect_page(), "utf-8")
