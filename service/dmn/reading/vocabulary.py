"""Which DMN element may stand in which, so that nothing a file says in DMN's own words is passed over in silence.

After the XML schemas of DMN 1.1 to 1.5. Elements of other namespaces, extension elements and the diagram are not looked into.
"""

from __future__ import annotations

import functools

import lxml.etree as etree

from service.dmn.findings import Findings
from service.dmn.reading.document import dmn_name, local, place_of

EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
)

_EVERYWHERE = ("description", "extensionElements")
_INVOCABLE = ("variable", "knowledgeRequirement", "authorityRequirement")
_TYPE = ("typeRef",)
_LITERAL = ("text", "importedValues", *_TYPE)
_TESTS = ("text", *_TYPE)
_ITEM = ("typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem")
_FUNCTION = ("formalParameter", *_TYPE)

_WITHIN: dict[str, tuple[str, ...]] = {
    "definitions": (
        "import",
        "itemDefinition",
        "inputData",
        "decision",
        "businessKnowledgeModel",
        "decisionService",
        "knowledgeSource",
        "artifact",
        "textAnnotation",
        "association",
        "group",
        "elementCollection",
        "businessContextElement",
        "performanceIndicator",
        "organizationUnit",
        "organisationUnit",
        "DMNDI",
    ),
    "itemDefinition": _ITEM,
    "itemComponent": _ITEM,
    "functionItem": ("parameters",),
    "allowedValues": _TESTS,
    "typeConstraint": _TESTS,
    "parameters": _TYPE,
    "inputData": ("variable",),
    "variable": _TYPE,
    "decision": (
        "question",
        "allowedAnswers",
        "informationRequirement",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        *_INVOCABLE,
    ),
    "informationRequirement": ("requiredDecision", "requiredInput"),
    "knowledgeRequirement": ("requiredKnowledge",),
    "authorityRequirement": ("requiredDecision", "requiredInput", "requiredAuthority"),
    "businessKnowledgeModel": ("encapsulatedLogic", *_INVOCABLE),
    "decisionService": ("variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"),
    "knowledgeSource": ("authorityRequirement", "type", "owner"),
    "performanceIndicator": ("impactingDecision",),
    "organizationUnit": ("decisionMade", "decisionOwned"),
    "organisationUnit": ("decisionMade", "decisionOwned"),
    "elementCollection": ("drgElement",),
    "textAnnotation": ("text",),
    "association": ("sourceRef", "targetRef"),
    "literalExpression": _LITERAL,
    "importedValues": ("importedElement",),
    "decisionTable": ("input", "output", "annotation", "rule", *_TYPE),
    "input": ("inputExpression", "inputValues"),
    "inputExpression": _LITERAL,
    "inputValues": _TESTS,
    "output": ("outputValues", "defaultOutputEntry", *_TYPE),
    "outputValues": _TESTS,
    "defaultOutputEntry": _LITERAL,
    "rule": ("inputEntry", "outputEntry", "annotationEntry"),
    "inputEntry": _TESTS,
    "outputEntry": _LITERAL,
    "annotationEntry": ("text",),
    "context": ("contextEntry", *_TYPE),
    "contextEntry": ("variable",),
    "invocation": ("binding", *_TYPE),
    "binding": ("parameter",),
    "parameter": _TYPE,
    "list": _TYPE,
    "relation": ("column", "row", *_TYPE),
    "column": _TYPE,
    "functionDefinition": _FUNCTION,
    "encapsulatedLogic": _FUNCTION,
    "formalParameter": _TYPE,
    "conditional": ("if", "then", "else", *_TYPE),
    "filter": ("in", "match", *_TYPE),
    "for": ("in", "return", *_TYPE),
    "some": ("in", "satisfies", *_TYPE),
    "every": ("in", "satisfies", *_TYPE),
    "in": _TYPE,
}
# Elements that hold one expression, and those that hold any number.
_ONE = ("decision", "contextEntry", "invocation", "binding", "functionDefinition", "encapsulatedLogic")
_PARTS = ("if", "then", "else", "in", "match", "return", "satisfies")
_MANY = ("list", "row")


@functools.cache
def _known_in(name: str) -> frozenset[str]:
    """What may stand in an element that is known itself."""
    expressions = EXPRESSIONS if name in _ONE or name in _PARTS or name in _MANY else ()
    return frozenset((*_EVERYWHERE, *_WITHIN.get(name, ()), *expressions))


def check_elements(root: etree._Element, findings: Findings) -> None:
    """Report every DMN element that stands where the reader does not know it, and every second expression where one belongs."""
    pending = [(root, local(root))]
    while pending:
        parent, name = pending.pop()
        known = _known_in(name)
        expressions = 0
        for element in parent:
            found = dmn_name(element)
            if found is None:
                continue
            if found not in known:
                findings.error(place_of(element), "unknown-element", f"unknown element {found} in {name}")
                continue
            expressions += found in EXPRESSIONS
            if expressions > 1 and found in EXPRESSIONS and name not in _MANY:
                findings.error(place_of(element), "several-expressions", f"{name} holds a second expression, {found}")
            if len(element) and found not in ("extensionElements", "DMNDI"):
                pending.append((element, found))
