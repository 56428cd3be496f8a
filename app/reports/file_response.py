"""A report's file as an answer over HTTP."""

from __future__ import annotations

from flask import Response

FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def file_response(name: str, kind: str, content: bytes) -> Response:
    """Return a `csv`, `xlsx` or `pdf` file, to be saved under a report's name in plain letters."""
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(content, content_type=FILE_TYPES[kind], headers={"Content-Disposition": disposition})
