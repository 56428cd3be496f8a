"""What stands beside the program in its load measurement: a bare Flask route with one INSERT, nothing else.

`gunicorn "benchmarks.bare_insert:application()"`; where the database is comes from the same variables.
"""

from __future__ import annotations

import os
import threading

import pymysql
from flask import Flask, request

from app.storage.address import parse_address

TABLE = "CREATE TABLE IF NOT EXISTS bare (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200) NOT NULL)"


def application() -> Flask:
    """Return an application with one route that inserts one row and commits."""
    address = parse_address(os.environ["ZHANGFANG_BOOK"], os.environ.get("ZHANGFANG_DB_PASSWORD"))
    app = Flask("bare")
    local = threading.local()

    def connection() -> pymysql.Connection[pymysql.cursors.Cursor]:
        if not hasattr(local, "connection"):
            local.connection = pymysql.connect(
                host=address.host,
                port=address.port,
                user=address.user,
                password=(address.password or "").encode(),
                database=address.database,
                charset="utf8mb4",
                autocommit=True,
            )
        found: pymysql.Connection[pymysql.cursors.Cursor] = local.connection
        return found

    with connection().cursor() as cursor:
        cursor.execute(TABLE)

    @app.get("/api/health")
    def health() -> str:
        return "{}"

    @app.post("/insert")
    def insert() -> dict[str, int]:
        with connection().cursor() as cursor:
            cursor.execute("INSERT INTO bare (text) VALUES (%s)", (request.get_json()["text"],))
            return {"id": int(cursor.lastrowid)}

    return app
