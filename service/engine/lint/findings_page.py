"""docs/findings.md, written from the catalogue of finding codes: `python -m service.engine.lint.findings_page` writes it anew."""

from pathlib import Path

from service.domain.finding_codes import SECTIONS, FindingCode

_INTRODUCTION = """# Findings

Made from `service/domain/finding_codes.py` by `python -m service.engine.lint.findings_page`; do not edit.

`rongjiu lint PATH…`, `POST /deployments?dryRun=true` and a deployment tell the same findings of the same files, all at once:
file, element id, line, code, message, how to mend it, and `docs`, the place on this page. An **error** refuses the deployment,
a **warning** is recorded and shown. Only the service knows what is deployed already: `lint` judges the files as a deployment to
an empty service would. Findings on decision tables are listed in `service/dmn/README.md`.

**Soundness** is decided level by level (the process, each sub-process). A level whose splits and joins pair up as blocks is
sound. Of any other, all states of its tokens are looked at, up to 5 000; beyond that, and with complex gateways, the finding is
`soundness-undecided`. Data are not looked at: an exclusive choice may go any way. What is stuck whatever is chosen, even if
several ways of an exclusive choice were taken, is the error `never-completes`; a join that waits because alternatives lead to
it is the warning `deadlock`, also when every run stops there: BPMN says what such a diagram does, and it does that here. An
instance that nothing can move on any more has an incident of the kind `stalled` at that element, until somebody moves or ends it.
"""


def findings_page() -> str:
    """The page: a table per part, an anchor per code."""
    parts = [_INTRODUCTION]
    for title, entries in SECTIONS.items():
        parts.append(f"\n## {title}\n\n| code | | what it means | how to mend it | from |\n|---|---|---|---|---|\n")
        parts += [_row(entry) for entry in entries]
    return "".join(parts)


def _row(entry: FindingCode) -> str:
    source = f"BPMN 2.0.2 {entry.source}" if entry.source.startswith("§") else entry.source
    meaning, hint = (text.replace("<", "&lt;").replace("|", "\\|") for text in (entry.meaning, entry.hint))
    return f'| <a id="{entry.code}"></a>`{entry.code}` | {entry.severity} | {meaning} | {hint} | {source} |\n'


if __name__ == "__main__":
    (Path(__file__).parents[3] / "docs" / "findings.md").write_text(findings_page(), "utf-8")
