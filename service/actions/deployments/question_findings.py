"""Facts that an outcome is decided by and no list of missing facts asks for: unknown they would count as not so, silently."""

from collections.abc import Iterator

from service.dmn import Model, Unasked, unasked
from service.domain.errors import Finding

_ASKING = ("_missing_facts", "_missing_rows", "_missing")
"""How the ids end of decisions that list what is not known (docs/changing-a-table.md)."""
_SHOWN = frozenset({"missing", "sixAspects", "unknownLists", "precedents", "threeDistinctions"})
"""What common_outcome_of and common_s2_test_of are handed to be shown or, `missing`, to be asked for; by the rest they decide."""
_MOST_NAMED = 3


def question_findings(file_name: str, model: Model) -> Iterator[Finding]:
    """Warnings: a person may want it so, and the evaluation does what the tables say."""
    for found in unasked(model, lambda decision: decision.endswith(_ASKING), _SHOWN):
        yield Finding(file_name, found.element_id, found.line or None, "fact-not-asked-for", _message(found), "warning")


def _message(found: Unasked) -> str:
    fact, asking = ".".join(found.path), " or ".join(found.asking)
    column = f" (column {found.column})" if found.column else ""
    return f"{_reader(found)} {fact}{column}, which no row of {asking} asks for: unknown it would count as not so in {found.outcome}"


def _reader(found: Unasked) -> str:
    if not found.rules:
        return f"{found.reader} needs"
    more = "" if len(found.rules) <= _MOST_NAMED else f" and {len(found.rules) - _MOST_NAMED} more"
    named = f"{', '.join(found.rules[:_MOST_NAMED])}{more} of {found.reader}"
    return f"the rule {named} needs" if len(found.rules) == 1 else f"the rules {named} need"
