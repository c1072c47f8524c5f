"""Shapes of deployments, process definitions, decision definitions and jurisdictions."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from service.api.schemas.model import EXAMPLE_ID, EXAMPLE_TIME, AnswerModel, AnyJson, Timestamp, shown

DEFINITION: dict[str, Any] = {
    "id": "hubei_tolerance:1",
    "key": "hubei_tolerance",
    "version": 1,
    "name": "湖北省容错纠错程序",
    "jurisdiction": "hubei",
    "deploymentId": EXAMPLE_ID,
    "fileName": "hubei_tolerance.bpmn",
    "deployedAt": EXAMPLE_TIME,
}
DECISION_DEFINITION: dict[str, Any] = {
    "id": "hubei_outcome:1",
    "key": "hubei_outcome",
    "version": 1,
    "name": "湖北省容错处理",
    "type": "decision",
    "inputs": ["facts"],
    "outputs": ["outcome"],
    "jurisdiction": "hubei",
    "deploymentId": EXAMPLE_ID,
    "fileName": "hubei_tolerance.dmn",
    "deployedAt": EXAMPLE_TIME,
}
RESOURCE: dict[str, Any] = {
    "fileName": "hubei_tolerance.bpmn",
    "kind": "process",
    "definitions": [{"id": "hubei_tolerance:1", "key": "hubei_tolerance", "version": 1}],
    "unchanged": False,
}
IMPORTED: dict[str, Any] = {
    "namespace": "https://rongjiu/dmn/hubei",
    "fileName": "hubei_common.dmn",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "jurisdiction": "hubei",
    "deploymentId": EXAMPLE_ID,
}
WARNING: dict[str, Any] = {
    "file": "a.bpmn",
    "elementId": "Task_1",
    "line": 12,
    "code": "binding-latest",
    "message": "the newest version is used, even in running cases",
    "severity": "warning",
    "column": None,
    "hint": "Drop the binding to keep its law.",
    "docs": "findings.md#binding-latest",
}
DEPLOYMENT: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "name": "湖北 2026-03",
    "jurisdiction": "hubei",
    "deployedAt": EXAMPLE_TIME,
    "deployedBy": "key:admin",
    "resources": [RESOURCE],
    "warnings": [WARNING],
}
JURISDICTION: dict[str, Any] = {
    "id": "xianning",
    "name": "咸宁市",
    "path": "hubei/xianning",
    "parent": "hubei",
    "document": {"id": "xianning", "name": "咸宁市", "parent": "hubei", "code": "421200", "documents": [], "contradictions": []},
}


class DeployedDefinition(AnswerModel):
    """One definition of a deployed file."""

    model_config = shown({"id": "hubei_tolerance:1", "key": "hubei_tolerance", "version": 1})

    id: str
    key: str
    version: int


class ImportedFile(AnswerModel):
    """The file that an import of a decision file means: from now on, whatever is deployed later."""

    model_config = shown(IMPORTED)

    namespace: str
    file_name: str
    digest: str = Field(description="SHA-256 of the file, in hex.")
    jurisdiction: str | None = Field(description="Whose deployment the file came with.")
    deployment_id: str | None = Field(
        description="The earlier deployment that the file came with; null for a file that is new in this one."
    )


class DeployedResource(AnswerModel):
    """One file of a deployment."""

    model_config = shown(RESOURCE)

    file_name: str
    kind: str = Field(description="process, decision, form, cases or jurisdiction.")
    definitions: list[DeployedDefinition]
    unchanged: bool = Field(description="True when the same bytes are the latest version already: no new version was made.")
    imports: list[ImportedFile] | None = Field(None, description="Of a decision file that imports others: which files are meant.")


class Warning(AnswerModel):  # noqa: A001
    """Something in a deployed file that deserves a look; it did not stop the deployment."""

    model_config = shown(WARNING)

    file: str
    element_id: str | None
    line: int | None
    code: str
    message: str
    severity: Literal["warning"]
    column: int | None = Field(default=None, description="The column inside the expression that is meant, from 1.")
    hint: str | None = Field(default=None, description="How to mend it.")
    docs: str | None = Field(default=None, description="The place in the documents that tells of its code.")


class Deployment(AnswerModel):
    """Files that went in together."""

    model_config = shown(DEPLOYMENT)

    id: str | None = Field(description="Null for a dry run.")
    name: str
    jurisdiction: str | None
    deployed_at: Timestamp
    deployed_by: str
    resources: list[DeployedResource]
    warnings: list[Warning]


class DeploymentRow(AnswerModel):
    """One deployment in the list."""

    model_config = shown(DEPLOYMENT) | ConfigDict(extra="allow")

    id: str
    name: str
    jurisdiction: str | None
    deployed_at: Timestamp
    deployed_by: str


class DeploymentPage(AnswerModel):
    """One page of deployments."""

    model_config = shown({"items": [], "nextCursor": None})

    items: list[DeploymentRow]
    next_cursor: str | None


class Definition(AnswerModel):
    """One version of a process or decision. It never changes."""

    model_config = shown(DEFINITION) | ConfigDict(extra="allow")

    id: str
    key: str
    version: int
    name: str | None
    jurisdiction: str | None
    deployment_id: str
    deployed_at: Timestamp


class StartForm(AnswerModel):
    """The form that a start is held to, and the values its fields start with."""

    model_config = shown(
        {
            "formKey": "application",
            "version": 1,
            "schema": {"type": "default", "id": "application", "components": [{"type": "textfield", "key": "subjectId"}]},
            "data": {},
            "startElementId": "start",
        }
    )

    form_key: str
    version: int
    form_schema: dict[str, AnyJson] = Field(alias="schema", description="form-js JSON schema.")
    data: dict[str, AnyJson]
    start_element_id: str


class DefinitionPage(AnswerModel):
    """One page of definitions."""

    model_config = shown({"items": [DEFINITION], "nextCursor": None})

    items: list[Definition]
    next_cursor: str | None


class DecisionDefinition(Definition):
    """One version of a decision, or of a decision service. It never changes."""

    model_config = shown(DECISION_DEFINITION) | ConfigDict(extra="allow")

    type: Literal["decision", "decisionService"] = Field(
        description="A decision service gives the values of several decisions at once, its inputs may be decisions (DMN 1.5, 6.3.9)."
    )


class DecisionDefinitionPage(AnswerModel):
    """One page of decision definitions."""

    model_config = shown({"items": [DECISION_DEFINITION], "nextCursor": None})

    items: list[DecisionDefinition]
    next_cursor: str | None


class Jurisdiction(AnswerModel):
    """A place whose procedures run here."""

    model_config = shown(JURISDICTION) | ConfigDict(extra="allow")

    id: str
    name: str
    path: str = Field(description="Ids from the root, joined by “/”.")
    parent: str | None
    document: dict[str, Any] = Field(
        description="The deployed jurisdiction.yaml as JSON, with its documents, its lists and how much of them is known, and where "
        "sources contradict one another; empty when none was deployed."
    )


class JurisdictionPage(AnswerModel):
    """One page of jurisdictions."""

    model_config = shown({"items": [JURISDICTION], "nextCursor": None})

    items: list[Jurisdiction]
    next_cursor: str | None
