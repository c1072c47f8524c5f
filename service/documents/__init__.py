"""Files as such: what a file is by its content, and .docx documents made from templates. Knows no other room."""

from service.documents.environment import TemplateFault
from service.documents.file_types import MEDIA_TYPES, FileRefused, FileType, file_type, fits_name
from service.documents.package import PackageRefused
from service.documents.pdf import PdfFailed, PdfNotInstalled, to_pdf
from service.documents.template import ROOTS, FieldsMissing, Template, read_template, render

__all__ = [
    "MEDIA_TYPES",
    "ROOTS",
    "FieldsMissing",
    "FileRefused",
    "FileType",
    "PackageRefused",
    "PdfFailed",
    "PdfNotInstalled",
    "Template",
    "TemplateFault",
    "file_type",
    "fits_name",
    "read_template",
    "render",
    "to_pdf",
]
