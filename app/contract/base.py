"""The base of every shape on the wire, and the shapes all slices share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AmountText = Annotated[str, StringConstraints(max_length=40)]
"""A decimal string such as "1234.50"; the service reads it with the digits of its currency."""
PeriodText = Annotated[str, StringConstraints(max_length=10)]
"""A month such as "2026-06"."""
DateText = Annotated[str, StringConstraints(max_length=12)]
"""A date such as "2026-06-30"."""
RequestId = Annotated[str, StringConstraints(min_length=36, max_length=36)]
"""A UUID made by the client before sending, kept while it retries."""

_schemas: dict[tuple[type, str], dict[str, Any]] = {}


class Contract(BaseModel):
    """Base of all shapes: strict types, unknown fields refused on input."""

    # built when first used: of 400 shapes a start needs a few, and building them all would double its time
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the JSON schema, made once per shape: the router asks for it on every request."""
        key = (cls, repr((args, sorted(kwargs.items(), key=lambda item: item[0]))))
        if key not in _schemas:
            _schemas[key] = super().model_json_schema(*args, **kwargs)
        return _schemas[key]


class QueryContract(Contract):
    """Base of query strings: everything arrives as text, so numbers and switches are read from text."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True, defer_build=True)


class PageQuery(QueryContract):
    """What every list takes: where to go on, and how many rows."""

    cursor: str = Field("", max_length=400, description="`next` of the page before")
    limit: int = Field(100, ge=1, le=1000)


class Change(Contract):
    """Base of bodies that change something: the version the client has seen, for guarantee 7."""

    version: int | None = Field(None, description="the version the change is based on; a stale one answers 409")
    request_id: RequestId | None = None


class VersionQuery(QueryContract):
    """The version of what is to be taken away; a stale one answers 409."""

    version: int | None = Field(None)


class ErrorBody(Contract):
    """The one error shape: a sentence in the caller's language, a stable code, sentences by field."""

    error: str
    code: str
    fields: dict[str, str] = Field(default_factory=dict)
    details: dict[str, Any] = Field(default_factory=dict)
