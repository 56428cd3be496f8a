"""Where an object that the log names is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract.identity import AuditRow
from app.kernel.period import format_period
from app.ui.navigation import (
    OpenAccount,
    OpenClosing,
    OpenCollection,
    OpenContact,
    OpenPayment,
    OpenPurchase,
    OpenSale,
    OpenStockDocument,
    OpenVoucher,
    ShowPage,
    Target,
    document_target,
)
from app.ui.page import PageContext

_RIGHTS: Mapping[type[Target], str] = {
    OpenVoucher: "ledger:voucher:view",
    OpenContact: "contacts:contact:view",
    OpenAccount: "ledger:account:view",
    OpenClosing: "ledger:closing:view",
    OpenStockDocument: "inventory:document:view",
    OpenSale: "orders:sales:view",
    OpenPurchase: "orders:purchase:view",
    OpenCollection: "orders:payment:view",
    OpenPayment: "orders:payment:view",
}

_PAGES: Mapping[str, tuple[str, str]] = {
    "voucher_template": ("templates", "ledger:template:view"),
    "auxiliary": ("accounts", "ledger:account:view"),
    "opening": ("opening", "ledger:opening:view"),
    "exchange_rate": ("rates", "ledger:rate:view"),
    "asset": ("assets", "ledger:asset:view"),
    "statement_definition": ("statements", "reports:statement:view"),
    "contact_group": ("contacts", "contacts:contact:view"),
    "item": ("items", "inventory:item:view"),
    "item_category": ("items", "inventory:item:view"),
    "price_list": ("price-lists", "inventory:price:view"),
    "warehouse": ("warehouses", "inventory:warehouse:view"),
    "posting_rule": ("posting-rules", "inventory:rule:view"),
    "backup": ("backup", "book:backup:add"),
    "user": ("users", "identity:user:view"),
    "role": ("roles", "identity:role:view"),
    "department": ("departments", "identity:department:view"),
    "api_token": ("tokens", ""),
    "session": ("sessions", ""),
    "login": ("logins", "identity:login:view"),
}
"""The page of a kind of object that has no address of its own, and the right to see it."""


def target_of(row: AuditRow, context: PageContext) -> Target | None:
    """Return where the object of a row is shown, None where it is gone, has no page, or may not be seen."""
    if row.action.endswith(":remove"):
        return None
    if row.object_type in _PAGES:
        key, right = _PAGES[row.object_type]
        return ShowPage(key) if not right or context.may(right) else None
    target = _own_target(row)
    return target if target is not None and context.may(_RIGHTS[type(target)]) else None


def _own_target(row: AuditRow) -> Target | None:
    if row.object_type in {"period", "closing_step"}:
        month = row.object_id.partition(":")[0]
        return OpenClosing(format_period(int(month)) if month.isdigit() and len(month) == 6 else month)
    if row.object_type == "account":
        code = _field(row, "code")
        return OpenAccount(code) if isinstance(code, str) else None
    if not (row.object_id.isascii() and row.object_id.isdigit()):
        return None
    number = int(row.object_id)
    if row.object_type == "document":
        parts = row.action.split(":")
        return document_target(parts[1], number) if len(parts) == 3 else None
    if row.object_type == "payment":
        return document_target(str(_field(row, "kind") or ""), number)
    by_number = {"voucher": OpenVoucher, "contact": OpenContact, "stock_document": OpenStockDocument}
    made = by_number.get(row.object_type)
    return made(number) if made is not None else None


def _field(row: AuditRow, name: str) -> Any:
    for version in (row.after, row.before):
        if isinstance(version, Mapping) and version.get(name):
            return version[name]
    return None
