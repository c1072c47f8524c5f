"""The analysis of decision files, for a person at a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any


def report_lines(analysis: Mapping[str, Any]) -> Iterator[str]:
    """The lines to print for an analysis as the API shows it: per file and table what was found, then the sums."""
    for file in analysis["files"]:
        yield str(file["fileName"])
        of_tables = {_identity(finding) for table in file["tables"] for finding in table["findings"]}
        yield from (f"  {_finding_line(finding)}" for finding in file["findings"] if _identity(finding) not in of_tables)
        for table in file["tables"]:
            yield f"  {_table_line(table)}"
            yield from (f"    {_finding_line(finding)}" for finding in table["findings"])
    yield f"{len(analysis['files'])} file(s), {analysis['errors']} error(s), {analysis['warnings']} warning(s)"


def _identity(finding: Mapping[str, Any]) -> tuple[Any, ...]:
    return finding["elementId"], finding["line"], finding["code"], finding["message"]


def _table_line(table: Mapping[str, Any]) -> str:
    rules = "1 rule" if table["ruleCount"] == 1 else f"{table['ruleCount']} rules"
    policy = " ".join(filter(None, (table["hitPolicy"], table["aggregation"])))
    covered = {True: "complete", False: "not complete", None: "not decided whether complete"}[table["complete"]]
    return f"{table['line']}: table of {table['name']} ({policy}, {rules}): {covered}"


def _finding_line(finding: Mapping[str, Any]) -> str:
    line = "" if finding["line"] is None else f"{finding['line']}: "
    element = "" if finding["elementId"] is None else f"<{finding['elementId']}> "
    return f"{line}{element}{finding['severity']}: {finding['message']} [{finding['code']}]"
