"""What a contract does not take, as the sentence the server would have answered with, naming the field."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from app.kernel.errors import MalformedInput
from app.kernel.text import Message, message

FIELD_NAMES = {
    "account_code": message("科目"),
    "address": message("地址"),
    "age": message("年龄"),
    "amount": message("金额"),
    "attachment_count": message("附件"),
    "aux": message("辅助核算"),
    "cash_flow_line": message("现金流量"),
    "code": message("编码"),
    "credit": message("贷方金额"),
    "currency": message("币种"),
    "date": message("日期"),
    "debit": message("借方金额"),
    "email": message("邮箱"),
    "entries": message("分录"),
    "foreign_amount": message("原币金额"),
    "ids": message("选中的凭证"),
    "kind": message("辅助核算"),
    "login_name": message("登录名"),
    "name": message("名称"),
    "name_en": message("英文名称"),
    "name_zh": message("中文名称"),
    "new_password": message("新密码"),
    "number": message("凭证号"),
    "password": message("密码"),
    "path": message("路径"),
    "q": message("查找的文字"),
    "quantity": message("数量"),
    "rate": message("汇率"),
    "roles": message("角色"),
    "rows": message("行数"),
    "summary": message("摘要"),
    "unit": message("单位"),
    "unit_price": message("单价"),
    "word": message("凭证字"),
}
"""What people call the fields they type into; others go by their name on the wire."""


def refusal_of(error: ValidationError) -> MalformedInput:
    """Return what pydantic found as a refusal: a sentence for each field under its path, the first one in front."""
    found = error.errors(include_url=False, include_context=True, include_input=False)
    fields = {
        ".".join(str(part) for part in item["loc"]): _sentence(item["loc"], item["type"], item.get("ctx", {}))
        for item in found
    }
    first = next(iter(fields.values()), message("填写的内容有误，请检查后再试。"))
    return MalformedInput("fields_malformed", first, fields=fields)


def as_refusal(error: BaseException) -> BaseException:
    """Return an error as it is, or as a refusal when a contract raised it."""
    return refusal_of(error) if isinstance(error, ValidationError) else error


def _sentence(location: tuple[int | str, ...], kind: str, context: dict[str, Any]) -> Message:
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    field: object = FIELD_NAMES.get(key, key)
    if kind in {"string_too_long", "too_long"}:
        limit = context["max_length"]
        return (
            message("“{field}”最多 {limit} 个字，请写短些。", field=field, limit=limit)
            if kind == "string_too_long"
            else message("“{field}”最多 {limit} 项。", field=field, limit=limit)
        )
    if kind == "string_too_short":
        return message("“{field}”至少 {limit} 个字。", field=field, limit=context["min_length"])
    if kind == "greater_than_equal":
        return message("“{field}”不能小于 {limit}。", field=field, limit=context["ge"])
    if kind == "less_than_equal":
        return message("“{field}”不能大于 {limit}。", field=field, limit=context["le"])
    return message("“{field}”的写法不对，请检查后再试。", field=field)
