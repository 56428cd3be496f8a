"""Several people on one book: who has it open and is changing what; attempts to log in are counted by address, too."""

from __future__ import annotations

from app.storage.migrate import create_index, create_table

STEPS = (
    create_table(
        "presence",
        {
            "desk": "{text:36} NOT NULL PRIMARY KEY",
            "user_id": "{int} NOT NULL",
            "user_name": "{text:60} NOT NULL",
            "editing": "{long} NOT NULL",
            "seen_at": "{int} NOT NULL",
        },
    ),
    create_index("presence_by_time", "presence", ["seen_at"]),
    create_index("login_attempt_by_address", "login_attempt", ["address", "id"]),
)
