"""The first storage tables: settings of the book, long work, uploads, answered requests."""

from __future__ import annotations

from app.storage.migrate import create_index, create_table, foreign_key

STEPS = (
    create_table(
        "book_setting",
        {"name": "{text:100} NOT NULL PRIMARY KEY", "value": "{long} NOT NULL"},
    ),
    create_table(
        "job",
        {
            "id": "{id}",
            "kind": "{text:40} NOT NULL",
            "actor_id": "{int} NOT NULL",
            "state": "{text:10} NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled'))",
            "done": "{int} NOT NULL DEFAULT 0",
            "total": "{int} NOT NULL DEFAULT 0",
            "message": "{long} NOT NULL",
            "result": "{long}",
            "error": "{long}",
            "cancel_requested": "{int} NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1))",
            "process": "{text:200} NOT NULL",
            "created_at": "{int} NOT NULL",
            "started_at": "{int}",
            "finished_at": "{int}",
            "heartbeat_at": "{int} NOT NULL",
        },
    ),
    create_index("job_by_state", "job", ["state"]),
    create_table(
        "upload",
        {
            "id": "{text:64} NOT NULL PRIMARY KEY",
            "actor_id": "{int} NOT NULL",
            "name": "{text:255} NOT NULL",
            "size": "{int} NOT NULL CHECK (size >= 0)",
            "sha256": "{text:64} NOT NULL",
            "state": "{text:10} NOT NULL CHECK (state IN ('open', 'complete'))",
            "created_at": "{int} NOT NULL",
            "expires_at": "{int} NOT NULL",
        },
    ),
    create_index("upload_by_expiry", "upload", ["expires_at"]),
    create_table(
        "upload_part",
        {
            "upload_id": "{text:64} NOT NULL",
            "number": "{int} NOT NULL CHECK (number >= 0)",
            "size": "{int} NOT NULL",
            "data": "{blob} NOT NULL",
        },
        ["PRIMARY KEY (upload_id, number)", foreign_key("upload_id", "upload")],
    ),
    create_table(
        "request",
        {
            "id": "{text:36} NOT NULL PRIMARY KEY",
            "body_hash": "{text:64} NOT NULL",
            "status": "{int} NOT NULL",
            "answer": "{long} NOT NULL",
            "created_at": "{int} NOT NULL",
        },
    ),
    create_index("request_by_time", "request", ["created_at"]),
)
