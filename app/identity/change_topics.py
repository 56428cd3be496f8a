"""What a row of the log of changes touches, in the words windows subscribe by, and who may read its name: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.contract.together import EditedKind, TopicName
from app.identity.actor import Actor


@dataclass(frozen=True, slots=True)
class Touched:
    """What changes of one kind of object touch; one of `rights` lets a person read which object it was."""

    topics: frozenset[TopicName]
    rights: tuple[str, ...] = ()


def _touched(*topics: TopicName, rights: tuple[str, ...] = ()) -> Touched:
    return Touched(frozenset(topics), rights)


TOPICS: Mapping[str, Touched] = {
    "account": _touched("accounts", "auxiliaries", rights=("ledger:account:view",)),
    "api_token": _touched("users", rights=("identity:token:view",)),
    "asset": _touched("assets", rights=("ledger:asset:view",)),
    "attachment": _touched("vouchers", rights=("ledger:attachment:view",)),
    "auxiliary": _touched("auxiliaries", rights=("ledger:auxiliary:view",)),
    "book": _touched("book"),
    "book_move": _touched("book"),
    "book_setting": _touched("book"),
    "closing_parameters": _touched("periods", rights=("ledger:closing:view",)),
    "closing_step": _touched("periods", "vouchers", "balances", rights=("ledger:closing:view",)),
    "contact": _touched("contacts", "auxiliaries", rights=("contacts:contact:view",)),
    "contact_group": _touched("contacts", rights=("contacts:contact:view",)),
    "department": _touched("users", "auxiliaries", rights=("identity:department:view",)),
    "document": _touched("documents", "stock", rights=("orders:sales:view",)),
    "document_print": _touched("book"),
    "exchange_rate": _touched("rates", rights=("ledger:rate:view",)),
    "import": _touched(
        *("accounts", "auxiliaries", "vouchers", "balances", "periods", "rates", "assets", "contacts", "items"),
        rights=("ledger:voucher:view",),
    ),
    "item": _touched("items", "auxiliaries", rights=("inventory:item:view",)),
    "item_category": _touched("items", rights=("inventory:item:view",)),
    "month_costing": _touched("stock", "vouchers", "balances", "periods", rights=("inventory:stock:view",)),
    "opening": _touched("accounts", "auxiliaries", "balances", rights=("ledger:opening:view",)),
    "payment": _touched("payments", "documents", rights=("orders:payment:view",)),
    "period": _touched("periods", "vouchers", "balances", rights=("ledger:period:view",)),
    "posting_rule": _touched("stock", rights=("inventory:rule:view",)),
    "price_list": _touched("items", rights=("inventory:price:view",)),
    "reclassification": _touched("book", rights=("reports:statement:view",)),
    "role": _touched("users", rights=("identity:role:view",)),
    "settlement": _touched("payments", "documents", rights=("orders:settlement:view",)),
    "statement_definition": _touched("book", rights=("reports:statement:view",)),
    "stock_document": _touched("stock", rights=("inventory:document:view",)),
    "stock_settings": _touched("stock", "book", rights=("inventory:stock:view",)),
    "user": _touched("users", rights=("identity:user:view",)),
    "voucher": _touched("vouchers", "balances", rights=("ledger:voucher:view",)),
    "voucher_template": _touched("vouchers", rights=("ledger:template:view",)),
    "warehouse": _touched("items", rights=("inventory:warehouse:view",)),
}

LEFT_OUT = frozenset({"backup", "login", "request", "session"})
"""Written into the log, but nothing of the book changes: logins, refusals, backups."""

PURCHASE_KINDS = frozenset(
    {"purchase_order", "goods_receipt", "purchase_return", "purchase_invoice", "purchase_credit"}
)
"""Documents of purchases, which a right of their own shows; a test compares them with the kinds that there are."""

_EDITED_RIGHTS: Mapping[EditedKind, tuple[str, ...]] = {
    "voucher": ("ledger:voucher:view",),
    "document": ("orders:sales:view", "orders:purchase:view"),
    "stock_document": ("inventory:document:view",),
    "payment": ("orders:payment:view",),
    "contact": ("contacts:contact:view",),
    "item": ("inventory:item:view",),
    "account": ("ledger:account:view",),
    "asset": ("ledger:asset:view",),
}
_WHOLE_LOG = "identity:audit:view"


def may_read(actor: Actor, action: str, object_type: str) -> bool:
    """Tell whether a person may know which object a change touched: whether he may view such objects, or the log."""
    rights = TOPICS[object_type].rights
    if object_type == "document" and action.split(":")[1:2] and action.split(":")[1] in PURCHASE_KINDS:
        rights = ("orders:purchase:view",)
    return not rights or actor.may(_WHOLE_LOG) or any(actor.may(right) for right in rights)


def may_know_edited(actor: Actor, kind: EditedKind) -> bool:
    """Tell whether a person may know which object of a kind somebody is changing."""
    return any(actor.may(right) for right in _EDITED_RIGHTS[kind])
