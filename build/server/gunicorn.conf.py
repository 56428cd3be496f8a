"""gunicorn's settings for a served book: `gunicorn -c build/server/gunicorn.conf.py "app.web.wsgi:application()"`.

What the book is, and who stands before the server, the environment says (docs/serving.md). The variables read here:
ZHANGFANG_LISTEN (default 127.0.0.1:5000; `unix:/run/…` too), ZHANGFANG_WORKERS, ZHANGFANG_THREADS.
"""

from __future__ import annotations

import os
from typing import Any

from app.web import gunicorn_parts

bind = os.environ.get("ZHANGFANG_LISTEN", "127.0.0.1:5000")
workers = gunicorn_parts.count_from("ZHANGFANG_WORKERS", 2)
threads = gunicorn_parts.count_from("ZHANGFANG_THREADS", 8)
worker_class = gunicorn_parts.worker_class()
logger_class = gunicorn_parts.logger_class()

# a connection to a database must not be shared by two processes, so each worker opens the book after the fork
preload_app = False
# gunicorn's own door for commands: nothing here needs it
control_socket_disable = True

# a thread that computes a long report keeps no worker from answering gunicorn: only a worker that hangs is replaced
timeout = 60
# asked to stop, a worker answers what it was asked, makes a last backup and lets go of the book; then it is killed
graceful_timeout = 45
# longer than nginx keeps its connections to us, so that it never writes into one we are closing
keepalive = 75

# the application limits bodies by itself (9 MB, refused in its own words); these are for the head
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 16384

# gunicorn believes nobody: ZHANGFANG_TRUSTED_PROXIES says whose X-Forwarded-* counts, and our own code reads them
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
proxy_protocol = False


def on_starting(server: Any) -> None:
    """Keep a stop that comes while a worker is being started from being lost, and let a refusal end it in order.

    What all workers need is imported once. So new code takes a restart, not a reload.
    """
    gunicorn_parts.keep_signals_while_forking()
    gunicorn_parts.end_for_one_reason(server)
    gunicorn_parts.import_before_forking()


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the book in this worker: jobs end, a backup is kept, the write-ahead log is folded, the lock freed."""
    site = getattr(worker, "wsgi", None)
    if site is not None:
        site.close()
