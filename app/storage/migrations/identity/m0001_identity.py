"""People, rights, sessions, tokens and the log. Migrations never change once they have landed."""

from __future__ import annotations

from app.storage.migrate import create_index, create_table, foreign_key

FLAG = "{int} NOT NULL DEFAULT %d CHECK (%s IN (0, 1))"

STEPS = (
    create_table(
        "department",
        {
            "id": "{id}",
            "parent_id": "{int}",
            "parent_key": "{int} NOT NULL",
            "name": "{text:60} NOT NULL",
            "code": "{text:40} NOT NULL DEFAULT ''",
            "active": FLAG % (1, "active"),
            "version": "{int} NOT NULL DEFAULT 1",
        },
        ["UNIQUE (parent_key, name)", foreign_key("parent_id", "department")],
    ),
    create_table(
        "user",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL",
            "name_key": "{text:120} UNIQUE",
            "age": "{int} CHECK (age BETWEEN 0 AND 150)",
            "email": "{text:200}",
            "login_name": "{text:60}",
            "login_key": "{text:120} UNIQUE",
            "password_hash": "{text:255}",
            "must_change_password": FLAG % (0, "must_change_password"),
            "active": FLAG % (1, "active"),
            "is_owner": FLAG % (0, "is_owner"),
            "department_id": "{int}",
            "version": "{int} NOT NULL DEFAULT 1",
            "permission_version": "{int} NOT NULL DEFAULT 1",
            "created_at": "{int} NOT NULL",
            "updated_at": "{int} NOT NULL",
        },
        [foreign_key("department_id", "department")],
    ),
    create_table(
        "permission",
        {
            "code": "{text:100} NOT NULL PRIMARY KEY",
            "name": "{text:120} NOT NULL",
            "slice_name": "{text:40} NOT NULL",
            "active": FLAG % (1, "active"),
        },
    ),
    create_table(
        "role",
        {
            "id": "{id}",
            "name": "{text:60} NOT NULL",
            "name_key": "{text:120} NOT NULL UNIQUE",
            "description": "{text:200} NOT NULL DEFAULT ''",
            "version": "{int} NOT NULL DEFAULT 1",
        },
    ),
    create_table(
        "role_permission",
        {"role_id": "{int} NOT NULL", "permission_code": "{text:100} NOT NULL"},
        [
            "PRIMARY KEY (role_id, permission_code)",
            foreign_key("role_id", "role"),
            foreign_key("permission_code", "permission", "code"),
        ],
    ),
    create_table(
        "user_role",
        {"user_id": "{int} NOT NULL", "role_id": "{int} NOT NULL"},
        ["PRIMARY KEY (user_id, role_id)", foreign_key("user_id", "user"), foreign_key("role_id", "role")],
    ),
    create_table(
        "session",
        {
            "id": "{id}",
            "token_hash": "{text:64} NOT NULL UNIQUE",
            "user_id": "{int} NOT NULL",
            "created_at": "{int} NOT NULL",
            "last_seen_at": "{int} NOT NULL",
            "expires_at": "{int} NOT NULL",
            "address": "{text:60} NOT NULL DEFAULT ''",
            "program": "{text:200} NOT NULL DEFAULT ''",
        },
        [foreign_key("user_id", "user")],
    ),
    create_index("session_user", "session", ["user_id"]),
    create_table(
        "api_token",
        {
            "id": "{id}",
            "token_hash": "{text:64} NOT NULL UNIQUE",
            "user_id": "{int} NOT NULL",
            "name": "{text:100} NOT NULL",
            "scope": "{long}",
            "created_at": "{int} NOT NULL",
            "created_by": "{int} NOT NULL",
            "last_used_at": "{int}",
            "expires_at": "{int}",
            "revoked_at": "{int}",
        },
        [foreign_key("user_id", "user"), foreign_key("created_by", "user")],
    ),
    create_index("api_token_user", "api_token", ["user_id"]),
    create_table(
        "login_attempt",
        {
            "id": "{id}",
            "login_key": "{text:120} NOT NULL",
            "user_id": "{int}",
            "at": "{int} NOT NULL",
            "address": "{text:60} NOT NULL DEFAULT ''",
            "outcome": "{text:16} NOT NULL",
        },
        [foreign_key("user_id", "user")],
    ),
    create_index("login_attempt_name", "login_attempt", ["login_key", "id"]),
    create_table(
        "audit_log",
        {
            "id": "{id}",
            "at": "{int} NOT NULL",
            "user_id": "{int}",
            "user_name": "{text:60} NOT NULL",
            "action": "{text:100} NOT NULL",
            "object_type": "{text:60} NOT NULL",
            "object_id": "{text:100} NOT NULL",
            "before_value": "{long}",
            "after_value": "{long}",
            "result": "{text:100} NOT NULL",
            "duration_ms": "{int}",
            "address": "{text:60} NOT NULL DEFAULT ''",
        },
    ),
    create_index("audit_log_user", "audit_log", ["user_id", "id"]),
    create_index("audit_log_object", "audit_log", ["object_type", "object_id", "id"]),
    create_index("audit_log_at", "audit_log", ["at"]),
)
