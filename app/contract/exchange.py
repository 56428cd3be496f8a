"""Files in and out on the wire: what an export is asked for."""

from __future__ import annotations

from pydantic import Field

from app.contract.base import Contract, RequestId


class ExportRequest(Contract):
    """Export of the whole book into one file: `csv-book` (a zip), `beancount`, `hledger`, `xlsx` or `json`."""

    format: str = Field(max_length=40)
    request_id: RequestId | None = None
