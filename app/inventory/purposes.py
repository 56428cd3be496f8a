"""What documents post for: each purpose's name, where it is usually found in a chart, and who posts there."""

from __future__ import annotations

from typing import Literal, NamedTuple

from app.kernel.errors import MalformedInput
from app.kernel.text import Message, message

Purpose = Literal[
    "stock",
    "revenue",
    "cost",
    "receivable",
    "advance_received",
    "payable",
    "advance_paid",
    "accrued_purchase",
    "output_vat",
    "input_vat",
    "stock_gain_pending",
    "stock_loss_pending",
    "other_in",
    "other_out",
    "cash_discount_granted",
    "cash_discount_taken",
    "purchase_expense",
    "rounding",
]


class PurposeFacts(NamedTuple):
    """A purpose: its name, the parts of a chart that usually play it (the first one the book has), and its users."""

    name: Message
    roles: tuple[str, ...]
    used_by: Message
    by_category: bool = False
    by_group: bool = False


PURPOSES: dict[Purpose, PurposeFacts] = {
    "stock": PurposeFacts(
        message("存货"), ("merchandise",), message("入库记借方，出库记贷方；退回记红字。"), by_category=True
    ),
    "revenue": PurposeFacts(
        message("销售收入"),
        ("main_revenue",),
        message("销售发票记贷方；退货记红字。"),
        by_category=True,
        by_group=True,
    ),
    "cost": PurposeFacts(
        message("销售成本"),
        ("main_cost",),
        message("发货记借方（全月一次加权的在月末）；成本差额也记在这里。"),
        by_category=True,
        by_group=True,
    ),
    "receivable": PurposeFacts(
        message("应收账款"), ("receivable",), message("销售发票记借方，收款记贷方。"), by_group=True
    ),
    "advance_received": PurposeFacts(
        message("预收账款"),
        ("advance_received", "receivable"),
        message("预收款记贷方，核销记借方。"),
        by_group=True,
    ),
    "payable": PurposeFacts(message("应付账款"), ("payable",), message("采购发票记贷方，付款记借方。"), by_group=True),
    "advance_paid": PurposeFacts(
        message("预付账款"), ("advance_paid", "payable"), message("预付款记借方，核销记贷方。"), by_group=True
    ),
    "accrued_purchase": PurposeFacts(
        message("暂估应付账款"),
        ("accrued_purchase", "payable"),
        message("采购入库按估价记贷方，发票到后红字冲回。"),
        by_group=True,
    ),
    "output_vat": PurposeFacts(
        message("销项税额"), ("output_vat", "vat", "taxes_payable"), message("销售发票记贷方。")
    ),
    "input_vat": PurposeFacts(message("进项税额"), ("input_vat", "vat", "taxes_payable"), message("采购发票记借方。")),
    "stock_gain_pending": PurposeFacts(
        message("盘盈待处理"), ("pending_stock", "pending"), message("盘盈记贷方，查明后转出。"), by_category=True
    ),
    "stock_loss_pending": PurposeFacts(
        message("盘亏待处理"), ("pending_stock", "pending"), message("盘亏记借方，查明后转出。"), by_category=True
    ),
    "other_in": PurposeFacts(
        message("其他入库的对方科目"),
        ("other_income_rest", "other_income", "non_operating_income"),
        message("其他入库没有另选科目时记贷方。"),
        by_category=True,
    ),
    "other_out": PurposeFacts(
        message("其他出库的对方科目"),
        ("administration_rest", "administration"),
        message("其他出库没有另选科目时记借方。"),
        by_category=True,
    ),
    "cash_discount_granted": PurposeFacts(
        message("给客户的现金折扣"),
        ("cash_discount", "finance_rest", "finance_cost"),
        message("收款时少收的部分记借方。"),
        by_group=True,
    ),
    "cash_discount_taken": PurposeFacts(
        message("供应商给的现金折扣"),
        ("cash_discount", "finance_rest", "finance_cost"),
        message("付款时少付的部分记贷方。"),
        by_group=True,
    ),
    "purchase_expense": PurposeFacts(
        message("采购费用"),
        ("administration_rest", "administration"),
        message("采购发票上的服务和费用记借方。"),
        by_category=True,
        by_group=True,
    ),
    "rounding": PurposeFacts(message("尾差"), ("finance_rest", "finance_cost"), message("收付款抹零的差额记在这里。")),
}


def read_purpose(text: str) -> Purpose:
    """Read a purpose. Raises `MalformedInput`."""
    for purpose in PURPOSES:
        if purpose == text:
            return purpose
    raise MalformedInput("purpose_unknown", message("没有“{purpose}”这个入账用途。", purpose=text))
