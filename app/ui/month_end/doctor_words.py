"""The doctor's words in the window's language, and the page a finding leads to."""

from __future__ import annotations

from app.contract.doctor import DoctorPlace, Severity
from app.ui.language import tr
from app.ui.navigation import (
    OpenAccount,
    OpenEntries,
    OpenStatement,
    OpenVoucher,
    OpenVoucherList,
    ShowPage,
    Target,
)


def severity_name(severity: Severity) -> str:
    """Return how bad a finding is."""
    names = {"error": tr("错误"), "warning": tr("提醒"), "hint": tr("提示")}
    return names[severity]


def check_name(check: str) -> str:
    """Return what a check looks at; checks of the full verification keep their code."""
    names = {
        "number_gap": tr("断号"),
        "unposted_in_closed_month": tr("已结账月份未记账"),
        "missing_reviewer": tr("缺审核或记账人"),
        "faulty_draft": tr("草稿不完整"),
        "cash_flow_missing": tr("缺现金流量项目"),
        "self_reviewed": tr("自己审核"),
        "documents_missing": tr("缺附件"),
        "opening_unbalanced": tr("期初不平"),
        "profit_not_carried": tr("损益未结转"),
        "not_nil": tr("应无余额"),
        "cash_below_zero": tr("现金或银行为负"),
        "trial_balance": tr("试算不平"),
        "parent_balance": tr("上级科目有余额"),
        "sub_ledger": tr("明细与总账不符"),
        "value_without_quantity": tr("无数量有金额"),
        "quantity_without_value": tr("有数量无金额"),
        "negative_stock": tr("库存为负"),
        "inactive_with_balance": tr("停用仍有余额"),
        "wrong_side": tr("余额方向异常"),
        "statement": tr("报表勾稽不符"),
        "statement_details": tr("其中项大于总数"),
        "asset_ledger": tr("资产卡片与总账不符"),
        "ageing": tr("账龄与余额不符"),
        "stock_ledger": tr("库存与总账不符"),
        "open_documents": tr("单据与往来不符"),
        "settled_sum": tr("核销合计不符"),
    }
    return names.get(check, check)


def target_of(place: DoctorPlace) -> Target | None:
    """Return where a finding leads, or None."""
    if place.kind == "voucher" and place.voucher_id is not None:
        return OpenVoucher(place.voucher_id)
    if place.kind == "vouchers":
        return OpenVoucherList(place.from_period, place.to_period)
    if place.kind == "entries":
        return OpenEntries(place.account_code, place.from_period, place.to_period, aux=place.aux)
    if place.kind == "account":
        return OpenAccount(place.account_code)
    if place.kind == "statement":
        line = int(place.line) if place.line.isdigit() else None
        return OpenStatement(place.statement, place.from_period, place.to_period, line)
    return ShowPage(place.page) if place.page else None
