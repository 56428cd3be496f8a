"""Every field of everything that is written into the log of changes has a name people read."""

from __future__ import annotations

import ast
import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from app.contract import assets, closing, contacts, identity, inventory, ledger, orders, statements, stock, voucher_work
from app.contract.document_printing import DocumentPrintSettings
from app.contract.log_words import KIND_NAMES
from app.contract.rates import ExchangeRate
from app.identity.audit import SECRET_FIELDS
from app.storage.backup import BackupResult
from app.storage.kept_backups import Kept
from app.storage.upgrade.file import Upgraded
from app.ui.people.log_field_names import field_name
from app.ui.people.log_fields import UNTOLD

APP = Path(__file__).parents[3] / "app"
LOGGED: dict[str, tuple[Any, ...]] = {
    "voucher": (ledger.Voucher,),
    "voucher_template": (voucher_work.Template,),
    "attachment": (voucher_work.Attachment,),
    "account": (ledger.Account,),
    "auxiliary": (ledger.Auxiliary,),
    "opening": (ledger.Opening,),
    "exchange_rate": (ExchangeRate,),
    "asset": (assets.Asset,),
    "period": (ledger.PeriodState,),
    "closing_parameters": (closing.ClosingParameters,),
    "statement_definition": (statements.StatementDefinition,),
    "reclassification": (statements.Reclassification,),
    "document": (orders.Document,),
    "payment": (orders.Payment,),
    "settlement": (orders.Settlement,),
    "contact": (contacts.Contact,),
    "contact_group": (contacts.ContactGroup,),
    "item": (inventory.Item,),
    "item_category": (inventory.ItemCategory,),
    "price_list": (inventory.PriceList,),
    "warehouse": (inventory.Warehouse,),
    "stock_document": (stock.StockDocument,),
    "stock_settings": (stock.StockSettings,),
    "posting_rule": (stock.PostingRule,),
    "backup": (BackupResult, Kept),
    "book": (Upgraded,),
    "book_setting": (voucher_work.VoucherSettings,),
    "document_print": (DocumentPrintSettings,),
    "user": (identity.User,),
    "role": (identity.Role,),
    "department": (identity.Department,),
    "api_token": (identity.ApiToken,),
}
"""What is logged of each kind as a whole."""
IN_PARTS = {"closing_step", "month_costing", "import", "book_move", "session", "login", "request"}
"""Kinds of which only what is written out beside `audit.record` is logged, or nothing."""


def fields_of(kind: Any, seen: set[Any]) -> Iterator[str]:
    """Yield the fields of a contract or a record, and of all that is in it."""
    if kind in seen:
        return
    seen.add(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield name
            yield from fields_of(field.annotation, seen)
    elif dataclasses.is_dataclass(kind) and str(getattr(kind, "__module__", "")).startswith("app."):
        yield from (field.name for field in dataclasses.fields(kind))
    for part in typing.get_args(kind):
        if not isinstance(part, str):
            yield from fields_of(part, seen)


def written_out(tree: ast.Module) -> Iterator[str]:
    """Yield the fields of what functions put together for `audit.record` themselves."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        calls = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"
        ]
        given = [word.value for call in calls for word in call.keywords if word.arg in {"before", "after"}]
        names = {node.id for value in given for node in ast.walk(value) if isinstance(node, ast.Name)}
        given += [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(ast.unparse(target) in names for target in node.targets)
        ]
        for value in given:
            for part in ast.walk(value):
                if isinstance(part, ast.Dict):
                    yield from (str(key.value) for key in part.keys if isinstance(key, ast.Constant))


def all_fields() -> set[str]:
    told = {name for kinds in LOGGED.values() for kind in kinds for name in fields_of(kind, set())}
    for path in APP.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "audit.record(" in text:
            told.update(written_out(ast.parse(text)))
    return told - UNTOLD - (SECRET_FIELDS - {"password"})


def test_every_kind_of_logged_object_is_looked_at() -> None:
    assert LOGGED.keys() | IN_PARTS == KIND_NAMES.keys()


def test_every_logged_field_has_a_name() -> None:
    """In Chinese; that each of these sentences has its English holds for all sentences."""
    fields = all_fields()
    assert {"removed", "entries", "by_date", "folder"} <= fields  # contracts, and what is written out
    assert len(fields) > 200
    assert sorted(name for name in fields if field_name(name) == name) == []
