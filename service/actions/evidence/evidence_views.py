"""Questions about the files of an instance: one attachment or document, its bytes, and whether all of them are what they were."""

from collections.abc import Iterator, Mapping
from typing import Literal

from service.actions import views
from service.actions.evidence.contents import fault_of, stored_bytes
from service.actions.ports import Services
from service.documents import PdfFailed, PdfNotInstalled, to_pdf
from service.domain.access import require_may, require_may_see_removed
from service.domain.definition import KIND_DOCUMENT
from service.domain.errors import NotFound, NotSupported, Unavailable
from service.domain.evidence import Attachment, Document
from service.domain.json_values import Json
from service.domain.principal import Principal

BATCH = 200
Noun = Literal["attachments", "documents"]


def one_of_instance(services: Services, principal: Principal, what: Noun, instance_id: str, identifier: str) -> Mapping[str, Json]:
    """The attachment or document as the API shows it; NotFound when the instance has none of that id."""
    found = views.one(services, principal, what, identifier)
    if found["processInstanceId"] != instance_id:
        raise NotFound(what.removesuffix("s"), identifier)
    return found


def attachment_content(
    services: Services, principal: Principal, instance_id: str, attachment_id: str
) -> tuple[Attachment, Iterator[bytes]]:
    """The attachment and its bytes. One that was removed is given to administrators only (Forbidden)."""
    require_may(principal, "read")
    with services.store.read(snapshot=False) as questions:
        found = questions.attachment(attachment_id)
    if found is None or found.process_instance_id != instance_id:
        raise NotFound("attachment", attachment_id)
    if found.removed_at is not None:
        require_may_see_removed(principal)
    return found, stored_bytes(services, found.digest)


def document_content(services: Services, principal: Principal, instance_id: str, document_id: str) -> tuple[Document, Iterator[bytes]]:
    """The document and its bytes (.docx)."""
    require_may(principal, "read")
    with services.store.read(snapshot=False) as questions:
        found = questions.document(document_id)
    if found is None or found.process_instance_id != instance_id:
        raise NotFound("document", document_id)
    return found, stored_bytes(services, found.digest)


def document_pdf(services: Services, principal: Principal, instance_id: str, document_id: str) -> tuple[Document, bytes]:
    """The document and a PDF of it, made now. Raises NotSupported where LibreOffice is not installed, Unavailable when it fails."""
    found, pieces = document_content(services, principal, instance_id, document_id)
    try:
        return found, to_pdf(pieces)
    except PdfNotInstalled:
        message = "LibreOffice (soffice) is not installed beside the service; the document itself is its `content` (.docx)"
        raise NotSupported(message, "pdf-not-installed") from None
    except PdfFailed as failed:
        raise Unavailable(str(failed), "pdf-failed") from failed


def template_content(services: Services, principal: Principal, template_id: str) -> tuple[str, bytes]:
    """File name and bytes of a template, byte for byte as it was deployed."""
    require_may(principal, "read")
    key, _, version = template_id.rpartition(":")
    with services.store.read() as questions:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        definition = questions.definition_version(KIND_DOCUMENT, key, number)
        resource = None if definition is None else questions.resource(definition.resource_id)
    if resource is None:
        raise NotFound("document template", template_id)
    return resource.file_name, resource.content


def content_faults(services: Services, only: str | None = None) -> tuple[int, list[tuple[str | None, str]]]:
    """How many stored files were recomputed, and (process instance id, in words) of what does not hold.

    With `only` the records of that instance alone are compared with its audit trail.
    """
    with services.store.read() as questions:
        faults: list[tuple[str | None, str]] = list(questions.unlike_records(only))
    if only is not None:
        return 0, faults
    seen, after = 0, ""
    while True:
        with services.store.read(snapshot=False) as questions:
            batch = questions.contents(after, BATCH)
        for kept in batch:
            seen, after = seen + 1, kept.digest
            fault = fault_of(services, kept)
            if fault is not None:
                faults.append((None, fault))
        if len(batch) < BATCH:
            return seen, faults
