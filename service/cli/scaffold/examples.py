"""The cases of the copy: the source's, told to be copied, with what the copied tables answer where these now answer otherwise."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from service.cli.scaffold.naming import Naming
from service.domain.json_values import Json

Evaluate = Callable[[str, Mapping[str, Json]], Mapping[str, Json] | None]
"""What a decision of the copy answers, as a mapping of outputs; None when it has no such decision."""
OF_FORCE, OF_RULES = {"force", "basis"}, {"rule", "alert"}
"""Members of an answer that say on what it rests, which nobody knows of the new place; and which rule of a shared table gave it."""


@dataclass(frozen=True)
class Copied:
    """What the cases are of: the decisions, and the variables that hold what one answered: of the place's own tables, and of a shared one
    (`same_rules`: as it answers the source).
    """

    naming: Naming
    evaluate: Evaluate
    answers: Collection[str]
    advice: Collection[str]
    same_rules: bool


def examples_of(document: Mapping[str, Json], copied: Copied) -> dict[str, Json]:
    """The cases of a file (its keys renamed already)."""
    made = dict(document)
    decisions, cases = document.get("decisions"), document.get("cases")
    if isinstance(decisions, list):
        made["decisions"] = [_decision(entry, copied.naming, copied.evaluate) if isinstance(entry, dict) else entry for entry in decisions]
    if isinstance(cases, list):
        made["cases"] = [_case(entry, copied) if isinstance(entry, dict) else entry for entry in cases]
    return made


def _source(entry: Mapping[str, Json], naming: Naming, told: str = "") -> str:
    source = entry.get("source")
    words = "; ".join(map(str, source)) if isinstance(source, list) else str(source or "")
    return naming.of_source(words) + told


def _decision(entry: Mapping[str, Json], naming: Naming, evaluate: Evaluate) -> dict[str, Json]:
    expected = entry.get("expect")
    made: dict[str, Json] = {**entry, "source": _source(entry, naming)}
    variables = entry.get("variables") or {"facts": entry.get("facts") or {}}
    if not isinstance(expected, dict) or not isinstance(variables, dict):
        return made
    given = evaluate(str(entry.get("decision")), variables)
    if given is None:
        return made
    now = {name: value if name == "reasons" or name not in given else given[name] for name, value in expected.items()}
    if now != expected:
        made["source"] = _source(entry, naming, f"；按{naming.new_name}的代号 {naming.new_code} 重新算出")
        made["expect"] = now
    return made


def _case(entry: Mapping[str, Json], copied: Copied) -> dict[str, Json]:
    made: dict[str, Json] = {**entry, "source": _source(entry, copied.naming)}
    start, expected = entry.get("start"), entry.get("expect")
    if isinstance(start, dict) and not str(start.get("message", copied.naming.new)).startswith(copied.naming.new):
        # Processes of other places start with that message as well.
        made["start"] = {**start, "jurisdiction": start.get("jurisdiction") or copied.naming.new}
    variables = expected.get("variables") if isinstance(expected, dict) else None
    if isinstance(expected, dict) and isinstance(variables, dict):
        kept = {name: value for name, value in variables.items() if copied.same_rules or name not in copied.advice}
        made["expect"] = {**expected, "variables": {name: _less(name, value, copied) for name, value in kept.items()}}
    return made


def _less(name: str, value: Json, copied: Copied) -> Json:
    """An answer without its force and basis; that of a shared table without its rule as well, which changes with the place."""
    if not isinstance(value, dict) or name not in copied.answers:
        return value
    left_out = OF_FORCE | OF_RULES if name in copied.advice else OF_FORCE
    return {member: inner for member, inner in value.items() if member not in left_out}
