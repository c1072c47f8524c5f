"""Attachments and documents (文书) of a case."""
