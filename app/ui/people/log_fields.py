"""What the fields of logged objects are called, and how their values read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from app.ui.language import tr
from app.ui.presence.others import joined

UNTOLD = frozenset({"id", "version", "permission_version", "pinyin", "faults", "warnings", "request_id", "modified_ns"})
"""Fields that only the program reads; they differ with every change."""
_SAID_OTHERWISE = frozenset({"line", "side", "unvalued", "is_cash", "own_amounts", "base_quantity"})
"""Fields of a line that follow from its place and its other fields."""
_NOTHING = frozenset({"0", "0.00"})
_STATES = frozenset({"state"})


def field_name(name: str) -> str:
    """Return what a field is called; one without a name of its own keeps its code."""
    for names in (_common(), _ledger(), _trade(), _people(), _stock()):
        if name in names:
            return names[name]
    return name


def _common() -> dict[str, str]:
    return {
        "name": tr("名称"),
        "code": tr("编码"),
        "number": tr("编号"),
        "date": tr("日期"),
        "state": tr("状态"),
        "kind": tr("种类"),
        "category": tr("类别"),
        "category_id": tr("类别"),
        "note": tr("备注"),
        "active": tr("在用"),
        "unit": tr("单位"),
        "quantity": tr("数量"),
        "amount": tr("金额"),
        "lines": tr("明细"),
        "reason": tr("原因"),
        "description": tr("说明"),
        "maker": tr("制单人"),
        "parent_id": tr("上级"),
        "parent_code": tr("上级"),
        "specification": tr("规格"),
        "size": tr("大小"),
        "file": tr("文件"),
        "path": tr("文件"),
        "vouchers": tr("凭证"),
        "made_at": tr("时间"),
        "sha256": tr("校验值"),
        "head": tr("凭证链"),
        "proof": tr("核验"),
        "proved_at": tr("核验时间"),
    }


def _ledger() -> dict[str, str]:
    return {
        "period": tr("期间"),
        "word": tr("凭证字"),
        "summary": tr("摘要"),
        "entries": tr("分录"),
        "account_code": tr("科目"),
        "account_name": tr("科目名称"),
        "debit": tr("借方"),
        "credit": tr("贷方"),
        "debit_total": tr("借方合计"),
        "credit_total": tr("贷方合计"),
        "capital": tr("大写金额"),
        "aux": tr("辅助核算"),
        "auxiliaries": tr("辅助核算"),
        "currency": tr("外币"),
        "rate": tr("汇率"),
        "foreign_amount": tr("外币金额"),
        "unit_price": tr("单价"),
        "cash_flow_line": tr("现金流量"),
        "attachment": tr("附件文件"),
        "attachment_count": tr("附件张数"),
        "reviewer": tr("审核人"),
        "poster": tr("记账人"),
        "cashier": tr("出纳"),
        "origin": tr("来源"),
        "name_zh": tr("中文名称"),
        "name_en": tr("英文名称"),
        "normal_side": tr("余额方向"),
        "has_quantity": tr("数量核算"),
        "is_cash": tr("现金科目"),
        "original_value": tr("原值"),
        "residual_value": tr("残值"),
        "life_months": tr("使用月数"),
        "accumulated": tr("累计折旧"),
        "method": tr("折旧方法"),
        "acquired_on": tr("取得日期"),
        "in_use_on": tr("启用日期"),
        "disposed_on": tr("处置的日期"),
        "changed_by": tr("修改人"),
        "changed_at": tr("修改时间"),
    }


def _trade() -> dict[str, str]:
    return {
        "contact": tr("往来单位"),
        "contact_id": tr("往来单位编号"),
        "reference": tr("对方单号"),
        "due_date": tr("到期日"),
        "person": tr("经办人"),
        "net": tr("不含税金额"),
        "tax": tr("税额"),
        "gross": tr("价税合计"),
        "settled": tr("已结算"),
        "discount": tr("折扣"),
        "discount_percent": tr("折扣率"),
        "tax_rate": tr("增值税率"),
        "prices_include_tax": tr("含税价"),
        "allocations": tr("核销明细"),
        "tax_number": tr("税号"),
        "address": tr("地址"),
        "phone": tr("电话"),
        "bank_name": tr("开户银行"),
        "bank_account": tr("银行账号"),
        "terms_days": tr("账期（天）"),
        "credit_limit": tr("信用额度"),
        "group": tr("分组"),
        "group_id": tr("分组"),
        "price_list_id": tr("价格表"),
        "merged_into": tr("合并到"),
    }


def _people() -> dict[str, str]:
    return {
        "age": tr("年龄"),
        "email": tr("邮箱"),
        "login_name": tr("登录名"),
        "has_password": tr("有密码"),
        "must_change_password": tr("下次登录时必须修改"),
        "is_owner": tr("账簿所有者"),
        "department_id": tr("部门"),
        "roles": tr("角色"),
        "permissions": tr("权限"),
        "users": tr("人数"),
        "scope": tr("权限"),
        "user_name": tr("姓名"),
        "user_id": tr("用户编号"),
        "password": tr("密码"),
        "created_at": tr("建立时间"),
        "last_used_at": tr("上次使用"),
        "expires_at": tr("到期时间"),
        "revoked_at": tr("作废时间"),
    }


def _stock() -> dict[str, str]:
    return {
        "item_code": tr("商品编码"),
        "item_name": tr("商品"),
        "item_id": tr("商品编号"),
        "barcode": tr("条码"),
        "costing": tr("计价方法"),
        "units": tr("其他单位"),
        "sales_price": tr("销售单价"),
        "purchase_price": tr("采购价"),
        "reorder_level": tr("最低库存"),
        "warehouse": tr("仓库"),
        "warehouse_id": tr("仓库"),
        "to_warehouse": tr("调入仓库"),
        "to_warehouse_id": tr("调入仓库"),
        "lot": tr("批次"),
        "expiry": tr("有效期"),
        "cost": tr("成本"),
        "base_quantity": tr("基本单位数量"),
        "allow_negative": tr("允许负库存"),
        "post_vouchers": tr("自动生成凭证"),
    }


def value_text(name: str, value: Any) -> str:
    """Return a value as people read it; what has parts is written with the names of its fields."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, int) and name.endswith("_at"):
        return moment_text(value)
    if isinstance(value, str):
        return _state_name(value) if name in _STATES else value
    if isinstance(value, dict):
        return "  ".join(_parts(value))
    if isinstance(value, list):
        return joined([value_text("", one) for one in value])
    return str(value)


def is_told(name: str, fields: Mapping[str, Any]) -> bool:
    """Tell whether a field is shown beside the others of its object: of a thing and its number, the thing is."""
    return name not in UNTOLD and not (name.endswith("_id") and name.removesuffix("_id") in fields)


def _parts(line: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a line says, field by field, without those that say nothing."""
    for name, value in line.items():
        if is_told(name, line) and name not in _SAID_OTHERWISE and value is not False:
            text = value_text(name, value)
            if text and text not in _NOTHING and not (name.endswith("_id") and f"{name[:-3]}_code" in line):
                yield f"{field_name(name)} {text}"


def moment_text(at_ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a moment in the time of this computer."""
    try:
        moment = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC).astimezone()
    except (ValueError, OverflowError, OSError):
        return str(at_ms)
    return moment.strftime(form)


def minute_text(at_ms: int | None) -> str:
    """Return a moment to the minute; nothing for none."""
    return "" if at_ms is None else moment_text(at_ms, "%Y-%m-%d %H:%M")


def _state_name(state: str) -> str:
    names = {
        "draft": tr("草稿"),
        "reviewed": tr("已审核"),
        "posted": tr("已记账"),
        "void": tr("作废"),
        "open": tr("未结"),
        "closed": tr("已结账"),
        "done": tr("已完成"),
        "cancelled": tr("已冲销"),
        "disposed": tr("已处置"),
        "in_use": tr("在用"),
    }
    return names.get(state, state)
