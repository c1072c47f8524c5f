"""Small decision tables of made-up places, written out as files."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:policy:{key}">'


@dataclass(frozen=True)
class Policy:
    """One table over the closed type `facts`: `facts` are (name, type), `rules` (id, basis, a test per fact, the outcome)."""

    key: str
    facts: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, str, Sequence[str], str]]

    def file(self) -> tuple[str, bytes]:
        """File name and content."""
        components = "".join(f'<itemComponent name="{name}"><typeRef>{kind}</typeRef></itemComponent>' for name, kind in self.facts)
        inputs = "".join(
            f'<input id="in_{name}"><inputExpression typeRef="{kind}"><text>facts.{name}</text></inputExpression></input>'
            for name, kind in self.facts
        )
        rules = "".join(
            f'<rule id="{rule}"><description>{basis}</description>'
            + "".join(f"<inputEntry><text>{escaped(test)}</text></inputEntry>" for test in tests)
            + f"<outputEntry><text>{escaped(outcome)}</text></outputEntry></rule>"
            for rule, basis, tests, outcome in self.rules
        )
        text = (
            f'{HEAD.format(key=self.key)}<itemDefinition name="tFacts">{components}</itemDefinition>'
            '<inputData id="facts" name="facts"><variable name="facts" typeRef="tFacts"/></inputData>'
            f'<decision id="{self.key}" name="{self.key}">'
            '<informationRequirement><requiredInput href="#facts"/></informationRequirement>'
            f'<decisionTable id="t_{self.key}" hitPolicy="FIRST">{inputs}'
            f'<output id="o_{self.key}" name="outcome" typeRef="string"/>{rules}</decisionTable></decision></definitions>'
        )
        return f"{self.key}.dmn", text.encode()


def escaped(text: str) -> str:
    """FEEL inside XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
