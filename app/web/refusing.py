"""What is refused or answered before any application sees it gets the one error shape, too; a server stops politely."""

from __future__ import annotations

import threading
from typing import Any

import orjson
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask  # type: ignore[import-untyped]
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.http.errors import protocol_sentence
from app.kernel.text import Message
from app.resources import catalogue
from app.web.probes import PROBES

QUIET_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))


def shaped_body(code: str, sentence: Message, accept_language: str | None) -> bytes:
    """Return a refusal in the one error shape and the caller's language, where no application is there to make it."""
    accepted = parse_accept_header(accept_language, LanguageAccept)
    english = accepted.best_match(["zh", "en"], default="zh") == "en"
    text = sentence.render(catalogue("en")) if english else str(sentence)
    return orjson.dumps({"error": text, "code": code, "fields": {}, "details": {}})


class ShapedRefusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that never reached the application: a body too large, a request line that is none."""

    def execute(self) -> None:
        """Write the answer and close the connection, whose rest cannot be read any more."""
        status = int(self.request.error.code)
        code, sentence = protocol_sentence(status)
        body = shaped_body(code, sentence, self.request.headers.get("ACCEPT_LANGUAGE"))
        self.status = f"{status} {self.request.error.reason}"
        self.response_headers.extend(
            [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *QUIET_HEADERS]
        )
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class PoliteTask(WSGITask):  # type: ignore[misc]
    """An answer that says so when it is the last one on its connection, because the server stops."""

    def build_response_header(self) -> bytes:
        """Return the head of the answer."""
        if self.channel.server.stopping.is_set():
            self.set_close_on_finish()
        head: bytes = super().build_response_header()
        return head


class ShapedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose refusals have the one shape."""

    error_task_class = ShapedRefusal
    task_class = PoliteTask


def shape_refusals(server: Any) -> None:
    """Let a waitress server refuse in the one error shape from now on, and close its connections when it stops."""
    server.stopping = threading.Event()
    server.channel_class = ShapedChannel


def spare_threads_for_probes(server: Any) -> list[ThreadedTaskDispatcher]:
    """Let each probe be answered by a thread of its own, also while all others wait for a database that hangs.

    Returns what runs these threads, to be shut down with the server.
    """
    lanes = {path: ThreadedTaskDispatcher() for path in PROBES}
    for lane in lanes.values():
        lane.set_thread_count(1)
    usual = server.add_task

    def add_task(channel: Any) -> None:
        requests = channel.requests
        lane = lanes.get(getattr(requests[0], "path", "")) if requests else None
        if lane is None:
            usual(channel)
        else:
            lane.add_task(channel)

    server.add_task = add_task
    return list(lanes.values())
