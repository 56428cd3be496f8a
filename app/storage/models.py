"""The tables of storage: the book's settings, jobs, uploads, and the answers to requests that may be repeated."""

from __future__ import annotations

import peewee

from app.storage.model import SliceModel


class BookSetting(SliceModel):
    """A setting that belongs to the book and travels with it; `value` is JSON."""

    name = peewee.CharField(100, primary_key=True)
    value = peewee.TextField()

    class Meta:
        """Where the table is."""

        slice = "storage"
        table_name = "book_setting"


class JobRow(SliceModel):
    """Long work; `message` and `error` are JSON of a message, `result` is JSON, times are UTC in ms."""

    id = peewee.BigAutoField()
    kind = peewee.CharField(40)
    actor_id = peewee.BigIntegerField()
    state = peewee.CharField(10, index=True)
    done = peewee.BigIntegerField(default=0)
    total = peewee.BigIntegerField(default=0)
    message = peewee.TextField()
    result = peewee.TextField(null=True)
    error = peewee.TextField(null=True)
    cancel_requested = peewee.BigIntegerField(default=0)
    process = peewee.CharField(200)
    created_at = peewee.BigIntegerField()
    started_at = peewee.BigIntegerField(null=True)
    finished_at = peewee.BigIntegerField(null=True)
    heartbeat_at = peewee.BigIntegerField()

    class Meta:
        """Where the table is."""

        slice = "storage"
        table_name = "job"


class UploadRow(SliceModel):
    """A file that comes up in parts; its hash is checked when it is complete."""

    id = peewee.CharField(64, primary_key=True)
    actor_id = peewee.BigIntegerField()
    name = peewee.CharField(255)
    size = peewee.BigIntegerField()
    sha256 = peewee.CharField(64)
    state = peewee.CharField(10)
    created_at = peewee.BigIntegerField()
    expires_at = peewee.BigIntegerField(index=True)

    class Meta:
        """Where the table is."""

        slice = "storage"
        table_name = "upload"


class UploadPart(SliceModel):
    """One part of an uploaded file, numbered from 0."""

    upload_id = peewee.CharField(64)
    number = peewee.BigIntegerField()
    size = peewee.BigIntegerField()
    data = peewee.BlobField()

    class Meta:
        """Where the table is."""

        slice = "storage"
        table_name = "upload_part"
        primary_key = peewee.CompositeKey("upload_id", "number")


class RequestRow(SliceModel):
    """The answer to a change that carried a `request_id`, kept so that a repetition gets the same answer."""

    id = peewee.CharField(36, primary_key=True)
    body_hash = peewee.CharField(64)
    status = peewee.BigIntegerField()
    answer = peewee.TextField()
    created_at = peewee.BigIntegerField(index=True)

    class Meta:
        """Where the table is."""

        slice = "storage"
        table_name = "request"
