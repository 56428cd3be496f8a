"""One error shape for every failure: `{"error", "code", "fields", "details"}`, and the one table of statuses."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from app.http.caller import is_window
from app.http.encoding import json_response
from app.http.language import render
from app.kernel.errors import Category, TooManyRequests, ZhangfangError
from app.kernel.text import Message, message

logger = logging.getLogger(__name__)

STATUS: dict[Category, int] = {
    Category.MALFORMED: 400,
    Category.UNAUTHENTICATED: 401,
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.TOO_LARGE: 413,
    Category.BROKEN_RULE: 422,
    Category.TOO_MANY: 429,
    Category.UNAVAILABLE: 503,
}
RETRY_AFTER_S = 5

_PROTOCOL: dict[int, tuple[str, Message]] = {
    400: ("malformed_request", message("请求无法读懂。")),
    404: ("no_such_path", message("没有这个地址。")),
    405: ("method_not_allowed", message("这个地址不接受这种请求。")),
    413: ("body_too_large", message("提交的内容太大。")),
    415: ("json_required", message("请以 application/json 提交。")),
}


def error_response(error: ZhangfangError) -> Response:
    """Return an error the program raised on purpose, in the one shape and the caller's language.

    Only the window on this computer is told where files and databases are; everybody else their names.
    """
    status = STATUS[error.category]
    response = json_response(
        {
            "error": render(fit_to_tell(error.message)),
            "code": error.code,
            "fields": {path: render(fit_to_tell(sentence)) for path, sentence in error.fields.items()},
            "details": error.details,
        },
        status,
    )
    if status == 503 or error.message.whereabouts():
        logger.warning("answered %d %s to %s %s", status, error.logged, request.method, request.path)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    elif isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.details.get("retry_after_s", RETRY_AFTER_S))
    elif status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="zhangfang"'
    g.error_code = error.code
    return response


def fit_to_tell(sentence: Message) -> Message:
    """Return a sentence as the caller may read it: only the window is on the same computer as what it names."""
    return sentence if is_window() else sentence.for_strangers()


def protocol_sentence(status: int) -> tuple[str, Message]:
    """Return code and sentence for a request refused before any route saw it."""
    return _PROTOCOL.get(status, ("refused", message("请求被拒绝。")))


def _protocol_error(error: HTTPException) -> BaseResponse:
    status = error.code or 400
    if status < 400:  # a redirect, not a failure
        return error.get_response()
    code, sentence = protocol_sentence(status)
    response = json_response({"error": render(sentence), "code": code, "fields": {}, "details": {}}, status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    g.error_code = code
    return response


def _bug(error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    sentence = message("程序出错了，这次操作没有完成。详情已写入日志。")
    g.error_code = "internal_error"
    return json_response({"error": render(sentence), "code": "internal_error", "fields": {}, "details": {}}, 500)


def register_error_handlers(app: Flask) -> None:
    """Give the application its three handlers; routes and services hold no try/except for the wire."""
    app.register_error_handler(ZhangfangError, error_response)
    app.register_error_handler(HTTPException, _protocol_error)
    app.register_error_handler(Exception, _bug)
