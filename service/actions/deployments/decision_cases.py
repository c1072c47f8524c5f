"""The section `decisions` of a `*.cases.yaml`: examples of a decision by itself (docs/cases-format.md)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from service.actions.yaml_values import YamlFault, read_yaml
from service.domain.json_values import Json

MEMBERS = ("name", "source", "decision", "facts", "variables", "expect")


@dataclass(frozen=True, slots=True)
class DecisionCase:
    """One evaluation of a decision: facts in, outputs expected."""

    name: str
    source: str
    decision: str
    variables: Mapping[str, Json]
    expect: Mapping[str, Json]


class CaseFault(Exception):
    """What is wrong with the examples, in words."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def read_decision_cases(content: bytes) -> tuple[DecisionCase, ...]:
    """The decision examples of a cases file. Raises CaseFault."""
    try:
        document = read_yaml(content)
    except YamlFault as fault:
        raise CaseFault(fault.message if fault.line is None else f"{fault.message} (line {fault.line})") from None
    if not isinstance(document, dict):
        raise CaseFault("a cases file is a mapping")
    return decision_cases(document)


def decision_cases(document: Mapping[str, Json]) -> tuple[DecisionCase, ...]:
    """The decision examples of a cases file already read. Raises CaseFault."""
    entries = document.get("decisions") or []
    if not isinstance(entries, list):
        raise CaseFault("decisions is a list of mappings")
    return tuple(_case(entry) for entry in entries)


def source_text(entry: Mapping[str, Json]) -> str:
    """The source of an example, given as text or as a list of texts."""
    source = entry.get("source")
    return "; ".join(str(part) for part in source) if isinstance(source, list) else str(source or "")


def require_known(entry: Mapping[str, Json], known: Collection[str], what: str) -> None:
    """Refuse a misspelt member, which would silently not count. Raises CaseFault."""
    unknown = [name for name in entry if name not in known]
    if unknown:
        raise CaseFault(f"{what} has no member {', '.join(map(repr, unknown))}; known are {', '.join(known)}")


def _case(entry: Json) -> DecisionCase:
    if not isinstance(entry, dict):
        raise CaseFault("decisions is a list of mappings")
    if "decision" not in entry:
        raise CaseFault("a decision case names its decision")
    require_known(entry, MEMBERS, f"{entry.get('name', entry['decision'])}: a decision case")
    variables = _mapping(entry, "variables") or {"facts": dict(_mapping(entry, "facts"))}
    name = str(entry.get("name", entry["decision"]))
    return DecisionCase(name, source_text(entry), str(entry["decision"]), variables, _mapping(entry, "expect"))


def _mapping(entry: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = entry.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CaseFault(f"{entry.get('name', key)}: {key} is a mapping")
    return value
