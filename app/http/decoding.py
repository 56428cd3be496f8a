"""Reading what came in: JSON bodies and query strings into contract models, faults into field sentences.

Input is never repeated in an answer: a mistyped password must not come back or reach a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson
from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from app.contract.base import Change
from app.kernel.errors import MalformedInput
from app.kernel.text import Message, message

MAX_JSON_BYTES = 8 << 20
MAX_PART_BYTES = 4 << 20
RAW_TYPE = "application/octet-stream"
_LONG_NUMBER = re.compile(rb"\d{19,}")
_MAX_NAME = 60
_INT64 = range(-(2**63), 2**63)


def read_body(model: type[BaseModel]) -> Any:
    """Return the request's JSON body as `model`. An absent body reads as `{}`.

    Raises `MalformedInput` with a sentence for each field, and 415/413 for other types or sizes.
    """
    data = _read_bytes(MAX_JSON_BYTES)
    if data and not request.is_json:
        raise UnsupportedMediaType
    try:
        value = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError as error:
        raise MalformedInput("json_malformed", message("提交的内容不是 JSON（UTF-8）。")) from error
    if _LONG_NUMBER.search(data):
        _refuse_huge_integers(value)
    return _validate(model, value)


def read_raw_body(max_bytes: int) -> bytes:
    """Return a body of plain bytes (`application/octet-stream`), at most `max_bytes`."""
    if request.mimetype != RAW_TYPE:
        raise UnsupportedMediaType
    return _read_bytes(max_bytes)


def read_query(model: type[BaseModel]) -> Any:
    """Return the query string as `model`; a key given several times counts once, the first."""
    values = request.args.to_dict()
    if any(len(text) > 18 and text.lstrip("+-").isdigit() for text in values.values()):
        parsed = _validate(model, values)
        _refuse_huge_integers(parsed.__dict__)
        return parsed
    return _validate(model, values)


def _read_bytes(max_bytes: int) -> bytes:
    length = request.content_length
    if length is not None and length > max_bytes:
        raise RequestEntityTooLarge
    try:
        data = request.get_data(cache=True)
    except HTTPException:
        raise
    except Exception as error:  # the caller left, or his chunks are none: each server has errors of its own for it
        raise ClientDisconnected from error
    if len(data) > max_bytes:
        raise RequestEntityTooLarge
    return data


def _validate(model: type[BaseModel], value: Any) -> Any:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise malformed(error) from None


def malformed(error: ValidationError) -> MalformedInput:
    """Return what pydantic found as one refusal with a sentence for each field, without any of the input."""
    found = error.errors(include_url=False, include_context=True, include_input=False)
    fields = {_path(item["loc"]): _sentence(item["type"], item.get("ctx", {})) for item in found}
    fields.pop("", None)
    if found and all(item["type"] == "missing" for item in found):
        return MalformedInput("fields_missing", message("缺少必要的字段"), fields=fields)
    return MalformedInput("fields_malformed", message("提交的内容有误，请看标出的各项。"), fields=fields)


def _path(location: Iterable[int | str]) -> str:
    return ".".join(str(part)[:_MAX_NAME] for part in location)


_SENTENCES: dict[str, Message] = {
    "missing": message("缺少这一项。"),
    "extra_forbidden": message("不认识这一项。"),
    "string_type": message("这里应是文字。"),
    "int_type": message("这里应是整数。"),
    "int_parsing": message("这里应是整数。"),
    "int_from_float": message("这里应是整数。"),
    "bool_type": message("这里应是 true 或 false。"),
    "bool_parsing": message("这里应是 true 或 false。"),
    "list_type": message("这里应是一个列表。"),
    "model_type": message("这里应是一个对象。"),
    "model_attributes_type": message("这里应是一个对象。"),
    "dict_type": message("这里应是一个对象。"),
}


def _sentence(kind: str, context: dict[str, Any]) -> Message:
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "string_too_long":
        return message("最多 {limit} 个字。", limit=context["max_length"])
    if kind == "string_too_short":
        return message("至少 {limit} 个字。", limit=context["min_length"])
    if kind == "too_long":
        return message("最多 {limit} 项。", limit=context["max_length"])
    if kind == "greater_than_equal":
        return message("不能小于 {limit}。", limit=context["ge"])
    if kind == "less_than_equal":
        return message("不能大于 {limit}。", limit=context["le"])
    if kind == "literal_error":
        return message("只能是 {choices} 之一。", choices=str(context["expected"]).replace(" or ", ", "))
    return message("写法不对。")


def _refuse_huge_integers(value: Any) -> None:
    """Refuse numbers the databases cannot hold, wherever they stand; strings of digits are left to the services."""
    if isinstance(value, int) and value not in _INT64:
        raise MalformedInput("number_too_large", message("有一个数太大了。"))
    if isinstance(value, dict):
        for item in value.values():
            _refuse_huge_integers(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_huge_integers(item)


def require_version(body: object) -> None:
    """Raise `MalformedInput` for a change that does not say which version it is based on: it could overwrite others."""
    if isinstance(body, Change) and body.version is None:
        sentence = message("请带上 version：这次改动所依据的版本。")
        raise MalformedInput("version_missing", sentence, fields={"version": sentence})
