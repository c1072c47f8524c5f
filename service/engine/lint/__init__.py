"""Judging a diagram before anything runs: everything that is wrong with it at once, each with element id, line and hint."""

from lxml import etree

from service.engine.findings import Report
from service.engine.lint.data_rules import check_data
from service.engine.lint.document import Document
from service.engine.lint.element_rules import check_elements, check_message_flows
from service.engine.lint.event_rules import check_boundaries, check_events, check_links
from service.engine.lint.process import lint
from service.engine.lint.property_rules import check_properties
from service.engine.lint.references import check_references
from service.engine.lint.schema import check_schema

__all__ = ["lint", "lint_file"]


def lint_file(root: etree._Element, report: Report) -> None:
    """Judge a file by what stands in its XML: its form, its references, and what BPMN 2.0.2 says of events, elements and data."""
    document = Document(root)
    for check in (
        check_schema,
        check_references,
        check_events,
        check_boundaries,
        check_links,
        check_elements,
        check_message_flows,
        check_data,
        check_properties,
    ):
        check(document, report)
