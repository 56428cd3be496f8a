"""Requests that waitress itself refuses get the one error shape, too."""

from __future__ import annotations

from typing import Any

import orjson
from waitress.channel import HTTPChannel  # type: ignore[import-untyped]
from waitress.task import ErrorTask  # type: ignore[import-untyped]
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.http.errors import protocol_sentence
from app.resources import catalogue


class ShapedRefusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that never reached the application: a body too large, a request line that is none."""

    def execute(self) -> None:
        """Write the answer and close the connection, whose rest cannot be read any more."""
        status = int(self.request.error.code)
        code, sentence = protocol_sentence(status)
        accepted = parse_accept_header(self.request.headers.get("ACCEPT_LANGUAGE"), LanguageAccept)
        english = accepted.best_match(["zh", "en"], default="zh") == "en"
        text = sentence.render(catalogue("en")) if english else str(sentence)
        body = orjson.dumps({"error": text, "code": code, "fields": {}, "details": {}})
        self.status = f"{status} {self.request.error.reason}"
        self.response_headers.extend([("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class ShapedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose refusals have the one shape."""

    error_task_class = ShapedRefusal


def shape_refusals(server: Any) -> None:
    """Let a waitress server refuse in the one error shape from now on."""
    server.channel_class = ShapedChannel
